"""The balance of a period: where every meter's amount went, and what the supplies came to."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from api.assemble import plain
from api.calendar import windows
from api.ledger.attribute import attribute
from api.ledger.factors import Catalogue, Question, price
from api.ledger.lines import emissions_of
from api.ledger.plant import Plant
from api.ledger.supplies import meters_behind
from api.ledger.utilities import Window
from api.plant import in_force
from api.report import Reporter
from collector.wire.reading import stamp
from gateway.intervals import Measured


def balance_body(
    reporter: Reporter, catalogue: Catalogue, start: datetime, end: datetime, now: datetime
) -> dict[str, Any]:
    """Meter → accounts for every meter of the plant; `difference` is 0 or the ledger is wrong."""
    plant = in_force(reporter.plants, start)
    shift = reporter.shifts.around(plant, start, end)
    measured = reporter.meters.measure(plant, plant.carrier_of(), shift.every_run(), start, end)
    spans: dict[str, list[Window]] = {
        utility.id: [
            Window(a, b, closed=False)
            for a, b in windows(utility.balance_over, plant.timezone, start, end)
            if start <= a and b <= end
        ]
        for utility in plant.utilities
    }
    found = attribute(plant, shift, spans, measured)
    accounts: dict[str, dict[str, Decimal]] = {}
    for posting in found.postings:
        own = accounts.setdefault(posting.meter, {})
        kind = posting.account.kind
        own[kind] = own.get(kind, Decimal(0)) + posting.amount
    _add_outputs(plant, measured, accounts)
    _add_mains(plant, accounts)
    carriers = plant.carrier_of()
    return {
        "from": stamp(start),
        "to": stamp(end),
        "meters": [
            _meter(one, carriers[meter], accounts.get(meter, {})) for meter, one in measured.items()
        ],
        "supplies": _supplies(plant, catalogue, measured, accounts, (start, now)),
    }


def _add_outputs(
    plant: Plant, measured: dict[str, Measured], accounts: dict[str, dict[str, Decimal]]
) -> None:
    """A utility's output meter: what consumers' meters show of it, and the loss on the way."""
    for utility in plant.utilities:
        if utility.output not in measured or len(plant.makers(utility.makes)) > 1:
            continue
        made = _total(measured[utility.output])
        taken = sum(
            (
                _total(measured[meter])
                for machine in plant.machines
                for carrier, meter in machine.meters
                if carrier == utility.makes and meter in measured
            ),
            Decimal(0),
        )
        accounts[utility.output] = {"consumers": taken, "distribution-loss": made - taken}


def _add_mains(plant: Plant, accounts: dict[str, dict[str, Decimal]]) -> None:
    """A main meter: the accounts of the meters behind it, beside its own remainder."""
    for supply in plant.supplies:
        main = supply.meters[0]
        if "unmetered" not in accounts.get(main, {}):
            continue
        for meter in meters_behind(plant, supply):
            for kind, amount in accounts.get(meter, {}).items():
                accounts[main][kind] = accounts[main].get(kind, Decimal(0)) + amount


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


def _supplies(
    plant: Plant,
    catalogue: Catalogue,
    measured: dict[str, Measured],
    accounts: dict[str, dict[str, Decimal]],
    about: tuple[datetime, datetime],
) -> list[dict[str, Any]]:
    found = []
    for supply in plant.supplies:
        mains = [measured[meter] for meter in supply.meters if meter in measured]
        if not mains:
            continue
        unit = mains[0].counter.unit
        question = Question("footprint", "location", f"{plant.region}-{plant.site}", *about)
        cost, _ = price(supply.carrier, unit, catalogue.factors, catalogue.gwp, question)
        amount = sum((_total(one) for one in mains), Decimal(0))
        emitted = sum((one.kgco2e for one in emissions_of(amount, cost)), Decimal(0))
        merged: dict[str, Decimal] = {}
        for one in mains:
            for kind, part in accounts.get(one.counter.ref, {}).items():
                merged[kind] = merged.get(kind, Decimal(0)) + part
        found.append(
            {
                "supply": supply.id,
                "carrier": supply.carrier,
                "unit": unit,
                "amount": plain(amount),
                "kgco2e": plain(emitted) if cost.parts else None,
                "to": _accounts(merged),
            }
        )
    return found


def _accounts(accounts: dict[str, Decimal]) -> list[dict[str, str]]:
    return [{"account": kind, "amount": plain(amount)} for kind, amount in sorted(accounts.items())]


def _total(one: Measured) -> Decimal:
    return sum((piece.amount for piece in one.slices), Decimal(0))
