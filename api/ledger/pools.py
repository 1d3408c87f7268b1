"""Pools: what a network took in over a window, and who took how much of what came out."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from api.ledger import effluent, networks
from api.ledger.accounts import Account, Posting
from api.ledger.cuts import slot_start
from api.ledger.gauges import Gauges
from api.ledger.heat import Header, kwh
from api.ledger.plant import Plant, Utility
from api.ledger.pollutants import COD_DISCHARGED
from collector.wire.problem import Problem
from gateway.intervals import Measured, Slice

CONDENSATE = "condensate"
"""A credit to whoever returns it, and no energy that anyone takes."""

_PERMISSIBLE = Decimal("0.02")
"""Part by which consumers' meters may show more than was made: two meters of class 1."""


@dataclass(frozen=True, slots=True)
class Window:
    """A balancing window, and whether every meter of it has reported past its end."""

    start: datetime
    end: datetime
    closed: bool


class Source(NamedTuple):
    """Where an input of a network comes from."""

    utility: str
    meter: str
    carrier: str
    unit: str


class Portion(NamedTuple):
    """An amount and its parts by quality."""

    amount: Decimal = Decimal(0)
    measured: Decimal = Decimal(0)
    interpolated: Decimal = Decimal(0)
    estimated: Decimal = Decimal(0)

    def plus(self, other: "Posting | Portion") -> "Portion":
        """With another one."""
        return Portion(
            self.amount + other.amount,
            self.measured + other.measured,
            self.interpolated + other.interpolated,
            self.estimated + other.estimated,
        )


@dataclass(slots=True)
class Pool:
    """A network over a window.

    Attributes:
        carrier: What flows in it.
        inputs: What came in from outside the set of networks.
        taken: What final accounts took, in the network's own measure.
        drawn: What makers of the other networks took of it.
        made: What came out, as its meters show; None where one is missing.
    """

    carrier: str
    inputs: dict[Source, Portion] = field(default_factory=dict)
    taken: dict[Account, Decimal] = field(default_factory=dict)
    drawn: dict[str, Decimal] = field(default_factory=dict)
    made: Decimal | None = None

    @property
    def used(self) -> Decimal:
        """All that meters of takers show."""
        return sum(self.taken.values(), sum(self.drawn.values(), Decimal(0)))

    @property
    def useful(self) -> Fraction:
        """The part of what was made that reached a meter."""
        if self.made is None or self.made <= self.used:
            return Fraction(1)
        return Fraction(self.used) / Fraction(self.made)


@dataclass(frozen=True, slots=True)
class Flows:
    """What is known of a period: who took what, what counters and gauges showed."""

    plant: Plant
    postings: Sequence[Posting]
    measured: Mapping[str, Measured]
    gauges: Gauges


def fill(
    flows: Flows, names: Sequence[str], window: Window, own: Sequence[Posting]
) -> tuple[dict[str, Pool], list[Problem]]:
    """The pools of a set of networks over a window.

    Args:
        flows: The period.
        names: Carriers of the set.
        window: The window.
        own: Postings inside the window.
    """
    pools = {name: Pool(name) for name in names}
    problems: list[Problem] = []
    for name, pool in pools.items():
        weigh, found = _weigher(flows, name, own)
        problems += found
        _take(flows.plant, pool, own, weigh)
        _buy(flows.plant, pool, own, weigh)
        made, found = _made(flows, pool, window, weigh)
        pool.made = made
        problems += found
    for utility in networks.makers(flows.plant, names):
        _feed(utility, pools, own)
        if utility.treatment:
            problems += _emit(flows, utility, pools[utility.makes], window)
    return pools, problems


def inside(slices: Sequence[Slice], window: Window) -> Sequence[Slice]:
    """Slices inside a window, of slices that adjoin: a month has thousands of both."""
    first = bisect_left(slices, window.start, key=lambda one: one.start)
    return slices[first : bisect_right(slices, window.end, first, key=lambda one: one.end)]


def _take(plant: Plant, pool: Pool, own: Sequence[Posting], weigh: "_Weighing") -> None:
    makes = {utility.id: utility.makes for utility in plant.utilities}
    buyers = {supply.id for supply in networks.bought(plant, pool.carrier)}
    credit: dict[Account, Decimal] = {}
    for one in own:
        if weigh.header and one.carrier == CONDENSATE:
            back = weigh.header.returned(one.amount)
            credit[one.account] = credit.get(one.account, Decimal(0)) + back
        if one.carrier != pool.carrier or not one.amount:
            continue
        amount = weigh.of(one.meter, one.start, one.amount)
        if one.account.kind != "utility":
            pool.taken[one.account] = pool.taken.get(one.account, Decimal(0)) + amount
        elif one.account.name not in buyers:
            by = makes[one.account.name]
            pool.drawn[by] = pool.drawn.get(by, Decimal(0)) + amount
    for account, back in credit.items():
        if account in pool.taken:
            pool.taken[account] = max(Decimal(0), pool.taken[account] - back)
    pool.taken = {account: amount for account, amount in pool.taken.items() if amount}


def _buy(plant: Plant, pool: Pool, own: Sequence[Posting], weigh: "_Weighing") -> None:
    """What a supply brings into the network; of steam that is weighed by heat, its heat."""
    names = {supply.id for supply in networks.bought(plant, pool.carrier)}
    came: dict[Source, Portion] = {}
    for one in own:
        if one.rule == "bought" and one.account.name in names:
            unit = "kWh" if weigh.header else ""
            source = Source(one.account.name, one.meter, one.carrier, unit)
            portion = Portion(
                *(weigh.of(one.meter, one.start, number) for number in Portion().plus(one))
            )
            came[source] = came.get(source, Portion()).plus(portion)
    for source, portion in came.items():
        pool.inputs[source] = Portion(*map(kwh, portion)) if weigh.header else portion


def _feed(utility: Utility, pools: Mapping[str, Pool], own: Sequence[Posting]) -> None:
    """What a utility used of carriers that come from outside the set."""
    pool = pools[utility.makes]
    for one in own:
        shared = one.account.kind == "unmetered" and one.rule == "unmetered-share"
        if one.account.kind != "utility" and not shared:
            continue
        if one.account.name == utility.id and not one.account.run and one.carrier not in pools:
            source = Source(utility.id, one.meter, one.carrier, "")
            pool.inputs[source] = pool.inputs.get(source, Portion()).plus(one)


def _emit(flows: Flows, utility: Utility, pool: Pool, window: Window) -> list[Problem]:
    """The loads that an effluent plant's methane and nitrous oxide come from."""
    treatment = utility.treatment
    if treatment is None or utility.output is None or utility.output not in flows.measured:
        return [Problem("effluent-load-missing", utility.id, None, {"load": "volume"})]
    slices = inside(flows.measured[utility.output].slices, window)
    cod, left, nitrogen = effluent.loads(treatment, slices, flows.gauges)
    if left:
        source = Source(utility.id, treatment.cod_out or "", COD_DISCHARGED, "kg")
        pool.inputs[source] = Portion(left, left)
    problems = []
    for name, amount, carrier, gauge in (
        ("COD", cod, effluent.cod_carrier(treatment.kind), treatment.cod_in),
        ("N", nitrogen, effluent.nitrogen_carrier(treatment.kind), treatment.nitrogen_in),
    ):
        if amount is None:
            values = {"load": name}
            problems.append(Problem("effluent-load-missing", utility.id, window.start, values))
        elif amount:
            source = Source(utility.id, gauge or "", carrier, "kg")
            pool.inputs[source] = Portion(amount, amount)
    return problems


@dataclass(frozen=True, slots=True)
class _Weighing:
    """How a network weighs what is taken: as its meters count, by heat, or by load."""

    header: Header | None = None
    by_load: Mapping[tuple[str, datetime], Decimal] | None = None

    def of(self, meter: str, at: datetime, amount: Decimal) -> Decimal:
        """What an amount of a counter weighs in the network, at an instant."""
        if self.header is not None:
            return self.header.weigh(meter, at, amount)
        return amount * self.by_load[meter, slot_start(at)] if self.by_load else amount


def _weigher(flows: Flows, carrier: str, own: Sequence[Posting]) -> tuple[_Weighing, list[Problem]]:
    heat = networks.terms(flows.plant, carrier).heat
    if heat is not None:
        header = Header(heat, flows.gauges)
        slots = {slot_start(one.start) for one in own if one.carrier == carrier and one.amount}
        silent = sorted(slot for slot in slots if header.unknown(slot))
        values = {"carrier": carrier, "slots": str(len(silent))}
        where = heat.pressure or heat.temperature or carrier
        problems = [Problem("header-silent", where, silent[0], values)] if silent else []
        return _Weighing(header), problems
    treatments = [one.treatment for one in networks.makers(flows.plant, [carrier]) if one.treatment]
    given = [one for one in own if one.carrier == carrier and one.amount]
    by_load = effluent.given_loads(treatments, given, flows.gauges) if treatments else None
    return _Weighing(by_load=by_load), []


def _made(
    flows: Flows, pool: Pool, window: Window, weigh: _Weighing
) -> tuple[Decimal | None, list[Problem]]:
    """What came out of the makers and in by supplies, in the network's measure."""
    outputs = [utility.output for utility in networks.makers(flows.plant, [pool.carrier])]
    mains = [m for one in networks.bought(flows.plant, pool.carrier) for m in one.meters]
    counted = [*outputs, *mains]
    if not counted or any(meter not in flows.measured for meter in counted):
        return None, []
    if weigh.by_load is not None:  # in grams of COD no volume that is lost can be told
        return None, []
    made = sum(
        (
            weigh.of(meter or "", piece.start, piece.amount)
            for meter in counted
            for piece in inside(flows.measured[meter or ""].slices, window)
        ),
        Decimal(0),
    )
    if not window.closed or pool.used <= made * (1 + _PERMISSIBLE):
        return made, []
    values = {"carrier": pool.carrier, "made": f"{made:f}", "taken": f"{pool.used:f}"}
    return made, [Problem("more-taken-than-made", pool.carrier, window.start, values)]
