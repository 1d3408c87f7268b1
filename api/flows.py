"""Flows of a period: from supplies through utilities into processes and batches. Pure.

Bands carry an amount in their carrier's unit and what it emits. A made carrier's band carries what
making it emitted, so kilograms that enter a utility leave it again, and what does not is shown as
not yet shared: its window is open, or nobody took anything.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from api.ledger import networks
from api.ledger.accounts import Account, Charge, Posting
from api.ledger.attribute import Attribution
from api.ledger.plant import Plant
from api.ledger.pools import CONDENSATE
from api.ledger.solar import SOLAR

_GRAM = Decimal("0.001")
_LOSS, _OPEN = "loss:", "open:"
Priced = Callable[[str, str, Decimal], Decimal | None]
"""What an amount of a supply's carrier emits, by carrier and unit; None without a factor."""


class Band(NamedTuple):
    """What joins two nodes.

    Attributes:
        start: ``supply:grid``, ``utility:boiler-1`` or ``process:dyeing``.
        end: ``utility:…``, ``process:…``, ``batch:…``, or one of ``standby:``, ``overhead:``,
            ``unmetered:``, ``exported:``, ``held:``, ``loss:`` and ``open:``.
        carrier: What flows.
        unit: Its stored unit.
    """

    start: str
    end: str
    carrier: str
    unit: str


@dataclass(slots=True)
class Flow:
    """How much. Amounts of a chain's carriers are never added; kilograms are.

    Attributes:
        amount: In the band's unit.
        kgco2e: What it emits; None where no factor prices it.
        meters: Counters that saw it, or what it was made from.
    """

    amount: Decimal = Decimal(0)
    kgco2e: Decimal | None = None
    meters: set[str] = field(default_factory=set)

    def add(self, amount: Decimal, kgco2e: Decimal | None, meters: Iterable[str] = ()) -> None:
        """With more of it."""
        self.amount += amount
        self.meters.update(meters)
        if kgco2e is not None:
            self.kgco2e = (self.kgco2e or Decimal(0)) + kgco2e


Flows = dict[Band, Flow]


def flows(plant: Plant, found: Attribution, units: Mapping[str, str], priced: Priced) -> Flows:
    """The bands of a period.

    Args:
        plant: The plant that holds for it.
        found: Who carries what.
        units: Stored unit by meter.
        priced: Emissions of a supply's carrier.
    """
    bands: Flows = {}
    made = {name: _maker(plant, name) for name in networks.carriers(plant)}
    for one in found.postings:
        if one.carrier == CONDENSATE or not one.amount or one.rule == "bought":
            continue
        start = made.get(one.carrier) or _supply(plant, one.carrier)
        unit = units.get(one.meter, "")
        kgco2e = None if one.carrier in made else priced(one.carrier, unit, one.amount)
        _post(bands, one, start, (unit, kgco2e))
    for charge in found.charges:
        _pass_on(bands, charge, made, units, priced)
    _add_rest(bands, plant)
    return {band: flow for band, flow in bands.items() if flow.amount or flow.kgco2e}


def _post(bands: Flows, one: Posting, start: str, worth: tuple[str, Decimal | None]) -> None:
    unit, kgco2e = worth
    fed = one.rule == "unmetered-share" and one.account.run is None
    for first, end in _chain(start, Account("utility", one.account.name) if fed else one.account):
        _at(bands, Band(first, end, one.carrier, unit)).add(one.amount, kgco2e, [one.meter])


def _pass_on(
    bands: Flows, one: Charge, made: Mapping[str, str], units: Mapping[str, str], priced: Priced
) -> None:
    """Kilograms of a utility's input, to who took what came out."""
    kgco2e = priced(one.carrier, one.unit or units.get(one.meter, ""), one.amount)
    if kgco2e is None:
        return
    maker, fed = made.get(one.makes, ""), f"utility:{one.utility}"
    if fed != maker and maker.startswith("utility:"):
        _at(bands, Band(fed, maker, one.makes, "")).add(Decimal(0), kgco2e, [one.meter])
    lost = one.rule == "distribution-loss"
    unit = next((band.unit for band in bands if band.carrier == one.makes and band.unit), "")
    chain = [(maker or fed, _LOSS)] if lost else _chain(maker or fed, one.account)
    for first, end in chain:
        _at(bands, Band(first, end, one.makes, unit)).add(Decimal(0), kgco2e, [one.meter])


def _chain(start: str, account: Account) -> Iterator[tuple[str, str]]:
    """The bands that a posting runs through: a batch's by way of its process."""
    if account.run is not None and account.kind in ("run", "unmetered"):
        process = f"process:{account.run.process}"
        yield start, process
        yield process, f"batch:{account.run.batch}"
    else:
        yield start, f"utility:{account.name}" if account.kind == "utility" else f"{account.kind}:"


def _add_rest(bands: Flows, plant: Plant) -> None:
    """What went into a utility and did not come out again."""
    for utility in plant.utilities:
        node = f"utility:{utility.id}"
        into = _kgco2e(flow for band, flow in bands.items() if band.end == node)
        out = _kgco2e(flow for band, flow in bands.items() if band.start == node)
        if into - out > _GRAM:
            unit = next((band.unit for band in bands if band.carrier == utility.makes), "")
            _at(bands, Band(node, _OPEN, utility.makes, unit)).add(Decimal(0), into - out)


def _kgco2e(found: Iterable[Flow]) -> Decimal:
    return sum((flow.kgco2e or Decimal(0) for flow in found), Decimal(0))


def _at(bands: Flows, band: Band) -> Flow:
    return bands.setdefault(band, Flow())


def _maker(plant: Plant, carrier: str) -> str:
    """Who makes a network's carrier; where nobody of the mill does, the supply that brings it."""
    made = networks.makers(plant, [carrier])
    if made:
        return f"utility:{made[0].id}"
    return _supply(plant, carrier)


def _supply(plant: Plant, carrier: str) -> str:
    """The supply that a carrier comes from; several of one carrier side by side are one node."""
    solar = carrier == SOLAR
    names = [
        one.id
        for one in plant.supplies
        if (one.source == "solar") == solar and (solar or one.carrier == carrier)
    ]
    return f"supply:{' + '.join(names) or carrier}"


def few_batches(bands: Flows, most: int) -> Flows:
    """The same with the batches that carry least taken together, as ``batch:`` and their number.

    Args:
        bands: Of a period; a month of a mill has hundreds of batches.
        most: How many batches stay by themselves.
    """
    carried: dict[str, Decimal] = {}
    for band, flow in bands.items():
        if band.end.startswith("batch:"):
            carried[band.end] = carried.get(band.end, Decimal(0)) + (flow.kgco2e or Decimal(0))
    ranked = sorted(carried, key=lambda node: (-carried[node], node))
    rest = set(ranked[most:])
    found: Flows = {}
    for band, flow in bands.items():
        end = f"batches:{len(rest)}" if band.end in rest else band.end
        _at(found, band._replace(end=end)).add(flow.amount, flow.kgco2e, flow.meters)
    return found
