"""Where to save, over the last days."""

import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import orjson
from fastapi import Depends, Query, Request

from api.assemble import plain
from api.books.spans import Search
from api.floor import Floor
from api.ledger.plant import Plant
from api.rates import Rate, rates
from api.routes import room
from api.routes.machines import floor
from api.savings import (
    Final,
    Saving,
    above_golden,
    counted,
    idling,
    pauses,
    ranked,
    rework,
)
from api.service import Reader, Service, The
from api.shapes import answers
from api.shapes.entries import Savings
from api.tariff import CENT
from collector.wire.reading import stamp

router = room("savings")

_MOST = 3000  # batches that are looked at
_LEAST_PAUSE = timedelta(minutes=30)
_GRAM = Decimal("0.001")
_KEPT_S = 120.0
_ELECTRICITY = "electricity"
_one_at_a_time = threading.Lock()


@router.get(
    "/savings",
    summary="What was spent for nothing, the costliest first",
    responses=answers(Savings),
)
def savings(
    the: The,
    _: Reader,
    request: Request,
    now: Annotated[Floor, Depends(floor)],
    days: Annotated[int, Query(ge=1, le=31, description="How far back")] = 7,
) -> dict[str, Any]:
    """Idling, batches above golden, rework, own solar sent out, utilities while nothing ran.

    Each with amounts, kgCO2e, money where the site says its prices, and what proves it.
    """
    kept: dict[int, tuple[float, dict[str, Any]]] = request.app.state.savings
    with _one_at_a_time:  # who asks meanwhile is told what the first one finds
        at, body = kept.get(days, (0.0, {}))
        if not body or time.monotonic() - at > _KEPT_S:
            body = _look(the, now, days)
            kept[days] = (time.monotonic(), body)
    return body


def _look(the: Service, now: Floor, days: int) -> dict[str, Any]:
    end = the.now()
    start = end - timedelta(days=days)
    finals = _finals(the, start, end)
    known = rates((body for _, body in finals), the.tariff) or now.rates()
    the.sight.goldens.look(end)
    goldens = the.sight.goldens.references
    plant = the.reporter.plants[-1]
    found = [
        *idling(finals, the.tariff),
        *above_golden(finals, goldens, the.tariff),
        *rework(finals, the.tariff),
        *_exported(the, plant, known, (start, end)),
        *_while_nothing_ran(the, plant, known, (start, end)),
    ]
    return {
        "from": stamp(start),
        "to": stamp(end),
        "currency": the.tariff.currency or None,
        "batches": len(finals),
        "savings": [_body(one) for one in ranked(found)],
    }


def _finals(the: Service, start: datetime, end: datetime) -> list[Final]:
    found: list[Final] = []
    for span in the.books.runs.spans(_MOST, None, Search(start=start, end=end)):
        stored = the.books.results.find(span.id, "footprint")
        if stored is not None:
            entered = the.books.batches.entered(span.id)
            found.append((entered.article if entered else "", orjson.loads(stored.text)))
    return found


def _exported(
    the: Service, plant: Plant, known: Mapping[str, Rate], period: tuple[datetime, datetime]
) -> list[Saving]:
    """Own solar that was sent out, at what a kilowatt-hour of the mill's electricity is worth."""
    rate = known.get(_ELECTRICITY)
    found = []
    for supply in plant.supplies:
        if supply.export_meter and rate is not None:
            amount = the.sight.counted(supply.export_meter, *period)
            worth = (_ELECTRICITY, rate)
            found.append(counted("solar-exported", supply.id, supply.export_meter, amount, worth))
    return found


def _while_nothing_ran(
    the: Service, plant: Plant, known: Mapping[str, Rate], period: tuple[datetime, datetime]
) -> list[Saving]:
    """What utilities used in the pauses of the whole mill, of half an hour or longer."""
    start, end = period
    runs = [(run.start, end if run.going_on else run.end) for run in
            the.books.runs.between(start, end)]  # fmt: skip
    free = [(a, b) for a, b in pauses(runs, start, end) if b - a >= _LEAST_PAUSE]
    found = []
    for utility in plant.utilities:
        for carrier, meter in utility.uses:
            rate = known.get(carrier)
            if rate is None:
                continue
            amount = sum((the.sight.counted(meter, a, b) for a, b in free), Decimal(0))
            found.append(counted("nothing-ran", utility.id, meter, amount, (carrier, rate)))
    return found


def _body(one: Saving) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "where": one.where,
        "amounts": [
            {"carrier": carrier, "unit": unit, "amount": plain(amount)}
            for (carrier, unit), amount in sorted(one.amounts.items())
        ],
        "kgco2e": plain(one.kgco2e.quantize(_GRAM)),
        "money": None if one.money is None else plain(one.money.quantize(CENT)),
        "evidence": [
            {"of": name, "kgco2e": plain(kgco2e.quantize(_GRAM))} for name, kgco2e in one.shown()
        ],
        "among": len(one.evidence),
    }
