"""Closing: months that are closed, their totals, and what waits for a person afterwards."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from fastapi import HTTPException, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.assemble import plain
from api.books.changes import FACTOR, PENDING, PUBLICATION, Change
from api.books.periods import Closed
from api.ledger.genealogy import article_per_kg
from api.routes import room
from api.routes.forms import Instant, Number
from api.routes.paging import Paged
from api.second_eyes import waits
from api.service import Accountant, Reader, Service, The
from api.shapes import answers
from api.shapes.balance import (
    ClosedMonth,
    FactorChanges,
    MonthStanding,
    Periods,
    Restatement,
    Restatements,
    Totals,
)
from api.shapes.reviews import may_wait
from collector.wire.reading import stamp

router = room("closing")

_LONGEST_WHY = 2000
_ZERO = Decimal(0)
_PER_KG = Decimal("1e-6")
Month = Annotated[str, Path(pattern=r"^\d{4}-\d{2}$", description="2026-03")]


class Why(BaseModel):
    """What a named person says with a decision."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field(min_length=2, max_length=_LONGEST_WHY, description="The reason, in words")


@router.get("/periods", summary="Months that are closed, and by whom", responses=answers(Periods))
def periods(the: The, _: Reader, paged: Paged) -> dict[str, Any]:
    """Every closed month, the last one first."""
    every = the.books.periods.closed().values()
    closed = paged.of(every, lambda one: one.month, newest_first=True)
    return {"periods": [_closed(one) for one in closed]}


@router.get("/periods/{month}", summary="How a month stands", responses=answers(MonthStanding))
def period(the: The, _: Reader, month: Month) -> dict[str, Any]:
    """What is final of it, what still waits, its totals as they were kept, and who closed it."""
    found = the.periods.standing(month, open_batches=the.bookkeeper.open_batches())
    seen = the.books.glances.of(sorted(found.final))
    masses = {name: one.accepted_kg for name, one in seen.items()}
    weighed = sum((Decimal(kg or 0) for kg in masses.values()), _ZERO)
    emitted, accepted, per_kg = article_per_kg([(found.kgco2e, weighed)])
    return {
        "month": month,
        "from": stamp(found.start),
        "to": stamp(found.end),
        "over": found.end <= the.now(),
        "closed": _closed(found.closed) if found.closed else None,
        "final": len(found.final),
        "unfinished": found.unfinished,
        "unweighed": [name for name, kg in masses.items() if kg is None],
        "kgco2e": plain(emitted),
        "accepted_kg": plain(accepted),
        "kgco2e_per_kg": None if per_kg is None else plain(per_kg.quantize(_PER_KG)),
        "kept": [
            {
                "revision": one.revision,
                "computed_at": one.computed,
                "reason": one.reason,
                "kgco2e": plain(one.kgco2e),
                "digest": one.digest,
            }
            for one in reversed(found.kept)
        ],
        "waiting": found.waiting,
    }


@router.post(
    "/periods/{month}/close",
    status_code=201,
    summary="Close a month",
    operation_id="close_month",
    responses=answers(ClosedMonth, 201),
)
def close(the: The, key: Accountant, month: Month, body: Why) -> dict[str, Any]:
    """Afterwards nothing in it changes unless a named person posts it."""
    closed = the.periods.close(
        month,
        by=key.name,
        why=body.why,
        open_batches=the.bookkeeper.open_batches(),
        now=the.now(),
    )
    return {"month": closed.month, "closed_at": closed.closed, "closed_by": closed.closed_by}


@router.get(
    "/periods/{month}/totals",
    summary="The totals of a month as they were kept",
    responses=answers(Totals),
)
def totals(
    the: The,
    _: Reader,
    month: Month,
    revision: Annotated[int | None, Query(ge=1)] = None,
    as_of: Instant | None = None,
) -> Response:
    """Balance of all meters, supplies, and the batches that ended in it; byte for byte."""
    if as_of is not None:
        the.revisions.as_of(as_of)
    found = the.books.periods.statement(month, revision=revision, as_of=as_of)
    if found is None:
        raise HTTPException(404, f"No such totals of {month} are kept.")
    return Response(found.body, media_type="application/json")


@router.get("/restatements", summary="What waits for a person", responses=answers(Restatements))
def restatements(the: The, _: Reader, paged: Paged) -> dict[str, Any]:
    """Changes of closed months and newer factors: each batch from how much to how much."""
    found = paged.of(the.books.changes.pending(), lambda one: one.id)
    return {"restatements": [_body(change) for change in found]}


def _kind(the: Service, said: Mapping[str, Any]) -> str:
    """Whether newer factors are what is posted, or what somebody corrected and what came late."""
    change = the.books.changes.find(said["number"])
    return "factors" if change and change.reason in (PUBLICATION, FACTOR) else "corrections"


@router.post(
    "/restatements/{number}/post",
    summary="Post a restatement",
    operation_id="post_restatement",
    responses=may_wait(Restatement),
)
@waits(_kind, "decide")
def post(the: The, key: Accountant, number: Number, body: Why) -> dict[str, Any]:
    """All batches of it get their new revision, in one transaction."""
    return _body(the.revisions.decide(number, post=True, by=key.name, why=body.why))


@router.post(
    "/restatements/{number}/reject",
    summary="Reject a restatement",
    operation_id="reject_restatement",
    responses=answers(Restatement),
)
def reject(the: The, key: Accountant, number: Number, body: Why) -> dict[str, Any]:
    """Everything stays as it is, and the decision is kept."""
    return _body(the.revisions.decide(number, post=False, by=key.name, why=body.why))


@router.get(
    "/factors/changes",
    summary="Which batches newer factors touch, and by how much",
    responses=answers(FactorChanges),
)
def factor_changes(the: The, _: Reader, paged: Paged) -> dict[str, Any]:
    """Newer publications wait in a restatement; nothing is priced by them unasked."""
    waits = [one for one in the.books.changes.pending() if one.reason == PUBLICATION]
    return {
        "factors": the.catalogue.digest,
        "changes": [_body(change) for change in paged.of(waits, lambda one: one.id)],
    }


def _closed(one: Closed) -> dict[str, Any]:
    return {
        "month": one.month,
        "closed_at": one.closed,
        "closed_by": one.closed_by,
        "why": one.why,
    }


def _body(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "state": change.state,
        "made_at": change.made,
        "reason": change.reason,
        "detail": change.detail,
        "decided_at": change.decided,
        "decided_by": change.decided_by,
        "why": change.why,
        "pending": change.state == PENDING,
        "batches": [
            {
                "batch": line.batch,
                "view": line.view,
                "from_revision": line.from_revision,
                "kgco2e_from": line.kgco2e_from,
                "kgco2e_to": line.kgco2e_to,
                "difference": line.difference,
                "accepted_kg_from": line.kg_from,
                "accepted_kg_to": line.kg_to,
                "kgco2e_per_kg_from": _per_kg(line.kgco2e_from, line.kg_from),
                "kgco2e_per_kg_to": _per_kg(line.kgco2e_to, line.kg_to),
            }
            for line in change.lines
        ],
    }


def _per_kg(kgco2e: str | None, kg: str | None) -> str | None:
    """What a kilogram carries; None where either is not known. [kgCO2e/kg]"""
    if kgco2e is None or kg is None or not Decimal(kg):
        return None
    return plain((Decimal(kgco2e) / Decimal(kg)).quantize(_PER_KG))
