"""The balance of a period: where every meter's amount went, and what the supplies came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from api.assemble import plain, problem_body
from api.calendar import spans
from api.flows import Priced, few_batches, flows
from api.ledger import networks
from api.ledger.accounts import Posting
from api.ledger.attribute import attribute
from api.ledger.cuts import by_slot
from api.ledger.factors import Catalogue, Price, Question, price
from api.ledger.gauges import Gauges
from api.ledger.heat import Header, kwh
from api.ledger.lines import emissions_of
from api.ledger.plant import Plant, Supply
from api.ledger.pools import Window
from api.ledger.solar import SOLAR
from api.ledger.supplies import beneath, nodes
from api.ledger.suspects import suspects
from api.plant import in_force
from api.report import Reporter
from collector.wire.reading import stamp
from gateway.intervals import Measured

_BATCHES = 40
"""Batches that stand by themselves among the flows; the others stand together."""
_Accounts = dict[str, dict[str, Decimal]]


@dataclass(frozen=True, slots=True)
class _Period:
    """A period's plant, and what its counters and gauges showed."""

    plant: Plant
    measured: Mapping[str, Measured]
    gauges: Gauges
    start: datetime
    now: datetime


def balance_body(
    reporter: Reporter, catalogue: Catalogue, start: datetime, end: datetime, now: datetime
) -> dict[str, Any]:
    """Meter → accounts for every meter of the plant; `difference` is 0 or the ledger is wrong."""
    plant = in_force(reporter.plants, start)
    shift = reporter.shifts.around(plant, start, end)
    measured = reporter.meters.measure(plant, plant.carrier_of(), shift.every_run(), start, end)
    gauges = reporter.meters.gauges(plant, start, end)
    whole = {
        name: [Window(a, b, closed=False) for a, b in found if start <= a and b <= end]
        for name, found in spans(plant, start, end).items()
    }
    found = attribute(plant, shift, whole, measured, gauges)
    accounts = _accounts_of(plant, measured, found.postings)
    carriers = plant.carrier_of()
    period = _Period(plant, measured, gauges, start, now)
    units = {meter: one.counter.unit for meter, one in measured.items()}
    bands = few_batches(flows(plant, found, units, _pricing(period, catalogue)), _BATCHES)
    shown = {meter: by_slot(one) for meter, one in measured.items()}
    problems = [*found.problems, *suspects(plant, shown)]
    return {
        "from": stamp(start),
        "to": stamp(end),
        "meters": [
            _meter(one, carriers[meter], accounts.get(meter, {})) for meter, one in measured.items()
        ],
        "supplies": [
            _supply(period, supply, catalogue, accounts)
            for supply in plant.supplies
            if any(meter in measured for meter in supply.meters)
        ],
        "flows": [
            band._asdict()
            | {
                "amount": plain(flow.amount),
                "kgco2e": None if flow.kgco2e is None else plain(flow.kgco2e),
                "meters": sorted(flow.meters),
            }
            for band, flow in bands.items()
        ],
        "problems": [problem_body(problem) for problem in problems],
    }


def _pricing(period: _Period, catalogue: Catalogue) -> Priced:
    """What an amount of a supply's carrier emits, by the life cycle, as of now."""
    question = Question("footprint", "location", period.plant.place, period.start, period.now)
    known: dict[tuple[str, str], Price] = {}

    def priced(carrier: str, unit: str, amount: Decimal) -> Decimal | None:
        if (carrier, unit) not in known:
            rows, gwp = catalogue.factors, catalogue.gwp
            known[carrier, unit] = price(carrier, unit, rows, gwp, question)[0]
        emitted = emissions_of(amount, known[carrier, unit])
        return sum((one.kgco2e for one in emitted), Decimal(0)) if emitted else None

    return priced


def _accounts_of(
    plant: Plant, measured: Mapping[str, Measured], postings: Sequence[Posting]
) -> _Accounts:
    """Amount by meter and kind of account; mains with those of the meters behind them."""
    posted: _Accounts = {}
    grid: _Accounts = {}
    solar: dict[str, Decimal] = {}
    for one in postings:
        if one.carrier == SOLAR:
            _add(solar, one.account.kind, one.amount)
        else:
            _add(grid.setdefault(one.meter, {}), one.account.kind, one.amount)
        if one.rule != "exported":
            _add(posted.setdefault(one.meter, {}), one.account.kind, one.amount)
    own = {meter: dict(accounts) for meter, accounts in posted.items()}
    tree = nodes(plant)
    for node in tree:
        mains = [meter for meter in node.mains if meter in measured]
        # A main shows the accounts of the meters behind it, beside its own remainder; what came
        # from the roof did not come through a supply's.
        through = grid if node.top else posted
        for meter in mains:
            own[meter] = dict(through.get(meter, {}))
        for meter in beneath(tree, node) if mains else ():
            for kind, amount in through.get(meter, {}).items():
                _add(own[mains[0]], kind, amount)
    _add_outputs(plant, measured, own)
    _add_suns(plant, measured, own, solar)
    return own


def _add(to: dict[str, Decimal], kind: str, amount: Decimal) -> None:
    to[kind] = to.get(kind, Decimal(0)) + amount


def _add_outputs(plant: Plant, measured: Mapping[str, Measured], accounts: _Accounts) -> None:
    """Utilities' output meters: what consumers' meters show of it, and the loss on the way."""
    for carrier in networks.carriers(plant):
        outputs = [one.output for one in networks.makers(plant, [carrier]) if one.output]
        outputs = [meter for meter in outputs if meter in measured]
        if len(outputs) != 1 or networks.bought(plant, carrier):
            for meter in outputs:  # of several nobody can say whose output was lost
                accounts[meter] = {"network": _total(measured[meter])}
            continue
        made = _total(measured[outputs[0]])
        taken = sum(
            (
                _total(measured[meter])
                for meter, own in plant.carrier_of().items()
                if own == carrier and meter in measured and meter not in outputs
            ),
            Decimal(0),
        )
        accounts[outputs[0]] = {"consumers": taken, "distribution-loss": made - taken}


def _add_suns(
    plant: Plant,
    measured: Mapping[str, Measured],
    accounts: _Accounts,
    solar: Mapping[str, Decimal],
) -> None:
    """Generation meters, filled one after the other with what was made of their power."""
    left = {kind: amount for kind, amount in sorted(solar.items()) if amount}
    for supply in plant.supplies:
        if supply.export_meter in measured:
            sent = _total(measured[supply.export_meter or ""])
            accounts[supply.export_meter or ""] = {"exported": sent}
        for meter in supply.meters if supply.source == "solar" else ():
            held = accounts.get(meter, {}).get("held", Decimal(0))
            room = _total(measured[meter]) - held if meter in measured else Decimal(0)
            accounts[meter] = {"held": held} if held else {}
            for kind in list(left):
                part = min(left[kind], room)
                _add(accounts[meter], kind, part)
                left[kind] -= part
                room -= part


def _meter(one: Measured, carrier: str, accounts: dict[str, Decimal]) -> dict[str, Any]:
    register, posted = _total(one), sum(accounts.values(), Decimal(0))
    return {
        "meter": one.counter.ref,
        "carrier": carrier,
        "unit": one.counter.unit,
        "start": plain(one.marks[0].total),
        "end": plain(one.marks[-1].total),
        "register": plain(register),
        "posted": plain(posted),
        "difference": plain(register - posted),
        "accounts": _accounts(accounts),
    }


def _supply(
    period: _Period, supply: Supply, catalogue: Catalogue, accounts: _Accounts
) -> dict[str, Any]:
    mains = [period.measured[meter] for meter in supply.meters if meter in period.measured]
    unit = mains[0].counter.unit
    amount = sum((_total(one) for one in mains), Decimal(0))
    carrier = SOLAR if supply.source == "solar" else supply.carrier
    heat = networks.terms(period.plant, supply.carrier).heat
    if heat is not None:
        header = Header(heat, period.gauges)
        unit, amount = "kWh", sum((_heat(header, one) for one in mains), Decimal(0))
    question = Question("footprint", "location", period.plant.place, period.start, period.now)
    cost, _ = price(carrier, unit, catalogue.factors, catalogue.gwp, question)
    emitted = sum((one.kgco2e for one in emissions_of(amount, cost)), Decimal(0))
    merged: dict[str, Decimal] = {}
    for one in mains:
        for kind, part in accounts.get(one.counter.ref, {}).items():
            _add(merged, kind, part)
    return {
        "supply": supply.id,
        "carrier": carrier,
        "unit": unit,
        "amount": plain(amount),
        "kgco2e": plain(emitted) if cost.parts else None,
        "to": _accounts(merged),
    }


def _heat(header: Header, one: Measured) -> Decimal:
    whole = (header.weigh(one.counter.ref, piece.start, piece.amount) for piece in one.slices)
    return kwh(sum(whole, Decimal(0)))


def _accounts(accounts: dict[str, Decimal]) -> list[dict[str, str]]:
    return [{"account": kind, "amount": plain(amount)} for kind, amount in sorted(accounts.items())]


def _total(one: Measured) -> Decimal:
    return sum((piece.counted for piece in one.slices), Decimal(0))
