"""Utilities (rule 12): a network's inputs over a window go to those who took what flows in it."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from api.ledger import networks
from api.ledger.accounts import Account, Charge, Posting, posting
from api.ledger.exact import QUANTUM, split
from api.ledger.plant import Plant, Utility
from api.ledger.pools import Flows, Pool, Portion, Source, Window, fill
from collector.wire.problem import Problem
from gateway.intervals import Measured

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class WindowBalance:
    """What a network took in, gave out and lost over a window.

    Attributes:
        utility: Who makes its carrier.
        makes: The carrier.
        window: When.
        inputs: Amount by input meter.
        output: What came out, as its meters show; None where one is missing.
        taken: What the consumers' meters show.
    """

    utility: str
    makes: str
    window: Window
    inputs: Mapping[str, Decimal]
    output: Decimal | None
    taken: Decimal

    @property
    def lost(self) -> Decimal:
        """Output that no consumer's meter shows; 0 where meters show more than was made."""
        return max(Decimal(0), (self.output or self.taken) - self.taken)


@dataclass(frozen=True, slots=True)
class _Exit:
    """One way out of a network: to those who take from it, or to overhead, by one rule."""

    makes: str
    rule: str
    accounts: Mapping[Account, Decimal]
    part: Fraction


@dataclass(slots=True)
class _Last:
    """The last closed window of a network: what came to its takers, and how much they took."""

    taken: Decimal = _NOTHING
    inputs: dict[Source, Decimal] = field(default_factory=dict)


def post_inputs(plant: Plant, measured: Mapping[str, Measured]) -> list[Posting]:
    """Meters of utilities, and of supplies that feed a network: they wait for the window's end."""
    uses = [
        (utility.id, meter, carrier, "utility-input")
        for utility in plant.utilities
        for carrier, meter in utility.uses
    ]
    uses += [
        (supply.id, meter, supply.carrier, "bought")
        for carrier in networks.carriers(plant)
        for supply in networks.bought(plant, carrier)
        for meter in supply.meters
    ]
    return [
        posting(meter, carrier, piece, Account("utility", name), rule)
        for name, meter, carrier, rule in uses
        if meter in measured
        for piece in measured[meter].slices
    ]


def charge(
    flows: Flows, windows: Mapping[str, Sequence[Window]]
) -> tuple[list[Charge], list[WindowBalance], list[Problem]]:
    """Share the inputs of every network among those who took what flows in it.

    Closed windows are shared exactly: input by input the shares add up to what its meter shows.
    In a window that is still open the last closed one's amounts per unit are used, which is
    provisional (rule 22).

    Args:
        flows: The period: its postings hold the inputs as well.
        windows: Balancing windows by utility; of a network without one, by its carrier.
    """
    charges: list[Charge] = []
    balances: list[WindowBalance] = []
    problems: list[Problem] = []
    for names in networks.joined(flows.plant):
        last: dict[str, _Last] = {}
        own = windows.get(networks.window_key(flows.plant, names), ())
        for window, within in _by_window(own, flows.postings):
            pools, found = fill(flows, names, window, within)
            problems += found
            balances += [_balance(flows.plant, pool, window) for pool in pools.values()]
            exact, found = _exactly(flows.plant, pools, window)
            problems += found
            provisional = set(last) if not window.closed else set()
            charges += [one for one in exact if one.makes not in provisional]
            for name in provisional:
                charges += _as_last(pools[name], last[name], window)
            if window.closed:
                last |= _remembered(pools, exact)
    return charges, balances, problems


def _by_window(
    windows: Sequence[Window], postings: Sequence[Posting]
) -> Iterator[tuple[Window, list[Posting]]]:
    """Windows in order of time, each with the postings inside it."""
    ordered = sorted(windows, key=lambda one: one.start)
    starts = [window.start for window in ordered]
    within: list[list[Posting]] = [[] for _ in ordered]
    for one in postings:
        place = bisect_right(starts, one.start) - 1
        if place >= 0 and one.end <= ordered[place].end:
            within[place].append(one)
    return zip(ordered, within, strict=True)


def _exits(
    plant: Plant, pools: Mapping[str, Pool]
) -> tuple[dict[str, list[_Exit]], dict[str, dict[str, Fraction]], set[str]]:
    """Ways out of each network, the part of each that goes round, and where all of it does."""
    passed: dict[str, dict[str, Fraction]] = {}
    exits: dict[str, list[_Exit]] = {}
    overhead = {Account("overhead", plant.site): Decimal(1)}
    for name, pool in pools.items():
        to_overhead = networks.terms(plant, name).losses == "overhead"
        useful = pool.useful
        used = Fraction(pool.used)
        kept = useful if to_overhead else Fraction(1)
        passed[name] = {to: Fraction(part) / used * kept for to, part in pool.drawn.items() if part}
        finally_taken = 1 - sum(passed[name].values()) - (1 - kept) if used else Fraction(0)
        exits[name] = []
        if finally_taken:
            share = finally_taken if to_overhead else finally_taken * useful
            exits[name].append(_Exit(name, "utility", pool.taken, share))
        lost = (1 - useful) if to_overhead else finally_taken * (1 - useful)
        if used and lost:
            bearers = overhead if to_overhead else pool.taken
            exits[name].append(_Exit(name, "distribution-loss", bearers, lost))
        if not used:
            exits[name].append(_Exit(name, "utility-standby", overhead, Fraction(1)))
    looped = networks.stuck(passed, [name for name, ways in exits.items() if ways])
    for name in looped:
        passed[name] = {}
        exits[name] = [_Exit(name, "utility-standby", overhead, Fraction(1))]
    return exits, passed, looped


def _exactly(
    plant: Plant, pools: Mapping[str, Pool], window: Window
) -> tuple[list[Charge], list[Problem]]:
    exits, passed, looped = _exits(plant, pools)
    comes_through = networks.visits(passed)
    charges = []
    for name, pool in pools.items():
        ways = [
            (one, comes_through[name][to] * one.part)
            for to, found in exits.items()
            for one in found
            if comes_through[name][to] and one.part
        ]
        for source, portion in pool.inputs.items():
            if portion.amount:
                charges += _shared(source, portion, ways, window)
    problems = [
        Problem("loop-feeds-itself", name, window.start, {"carrier": name})
        for name in sorted(looped)
        if window.closed
    ]
    return charges, problems


def _shared(
    source: Source, portion: Portion, ways: Sequence[tuple[_Exit, Fraction]], window: Window
) -> list[Charge]:
    """One input by all ways out: first to the ways, then to those at the end of each."""
    parts = _portions(portion, [weight for _, weight in ways])
    charges = []
    for (way, _), part in zip(ways, parts, strict=True):
        if not part.amount:
            continue
        shares = _portions(part, list(way.accounts.values()))
        charges += [
            _charge(source, way.makes, window, share, account, way.rule)
            for account, share in zip(way.accounts, shares, strict=True)
            if share.amount
        ]
    return charges


def _portions(whole: Portion, weights: Sequence[Decimal | Fraction]) -> list[Portion]:
    amounts = split(whole.amount, weights)
    if whole.measured == whole.amount:
        return [Portion(amount, amount) for amount in amounts]
    parts = [split(number, weights) for number in whole[1:]]
    return [Portion(*numbers) for numbers in zip(amounts, *parts, strict=True)]


def _remembered(pools: Mapping[str, Pool], exact: Sequence[Charge]) -> dict[str, _Last]:
    found = {
        name: _Last(sum(pool.taken.values(), _NOTHING))
        for name, pool in pools.items()
        if pool.taken
    }
    for one in exact:
        last = found.get(one.makes)
        if last is not None and one.account in pools[one.makes].taken:
            source = Source(one.utility, one.meter, one.carrier, one.unit)
            last.inputs[source] = last.inputs.get(source, _NOTHING) + one.amount
    return found


def _as_last(pool: Pool, last: _Last, window: Window) -> list[Charge]:
    found = []
    for source, whole in last.inputs.items():
        for account, taken in pool.taken.items():
            amount = (whole * taken / last.taken).quantize(QUANTUM)
            portion = Portion(amount, estimated=amount)
            rule = "utility-last-window"
            found.append(_charge(source, pool.carrier, window, portion, account, rule))
    return found


def _balance(plant: Plant, pool: Pool, window: Window) -> WindowBalance:
    inputs: dict[str, Decimal] = {}
    for source, portion in pool.inputs.items():
        inputs[source.meter] = inputs.get(source.meter, _NOTHING) + portion.amount
    makers: list[Utility] = list(networks.makers(plant, [pool.carrier]))
    name = ", ".join(one.id for one in makers) or pool.carrier
    return WindowBalance(name, pool.carrier, window, inputs, pool.made, pool.used)


def _charge(
    source: Source, makes: str, window: Window, share: Portion, account: Account, rule: str
) -> Charge:
    return Charge(
        source.utility,
        makes,
        window.start,
        window.end,
        source.meter,
        source.carrier,
        share.amount,
        account,
        rule,
        source.unit,
        share.measured,
        share.interpolated,
        share.estimated,
    )
