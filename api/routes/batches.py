"""Batches and their footprints."""

import base64
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal
from urllib.parse import quote

import orjson
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.assemble import footprint_body
from api.books.batches import BatchEntry
from api.books.runs import BatchSpan
from api.explain import explain_body
from api.report import Report
from api.routes.forms import BatchName, BatchText, Instant, run_body, unknown_batch
from api.service import Reader, Service, The, Writer
from collector.wire.reading import instant, stamp, unix_ms

router = APIRouter(tags=["batches"])

_GRAM = Decimal("0.001")
_MOST_REVISIONS = 10**6
View = Literal["footprint", "inventory"]


class BatchIn(BaseModel):
    """A batch as a person or an ERP enters it."""

    model_config = ConfigDict(extra="forbid")

    id: BatchText
    article: str = Field("", max_length=80, description="Article or product")
    accepted_kg: str | None = Field(
        None, max_length=32, description="Accepted mass, a decimal [kg]"
    )


@router.get("/batches", summary="Batches, the newest first")
def batches(
    the: The,
    _: Reader,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[str | None, Query(description="From the Link header")] = None,
) -> dict[str, Any]:
    """A page of batches; the next one is in the ``Link`` header."""
    spans = the.books.runs.spans(limit + 1, _cursor(after) if after else None)
    if len(spans) > limit:
        last = spans[limit - 1]
        key = orjson.dumps([int(last.start.timestamp() * 1000), last.id])
        token = base64.urlsafe_b64encode(key).decode().rstrip("=")
        response.headers["Link"] = f'</api/v1/batches?limit={limit}&after={token}>; rel="next"'
    return {"batches": [_summary(the, span) for span in spans[:limit]]}


@router.post("/batches", status_code=201, summary="Enter a batch")
def enter(the: The, key: Writer, batch: BatchIn, response: Response) -> dict[str, Any]:
    """Enter a batch's article and accepted mass; the same again changes nothing."""
    if batch.accepted_kg is not None:
        _mass(batch.accepted_kg)
    entry = BatchEntry(batch.id, batch.article, batch.accepted_kg)
    if not the.books.batches.enter(entry, key.name, the.now()):
        raise HTTPException(409, f"Batch {batch.id!r} is entered already with other values.")
    the.bookkeeper.corrected(batch.id)
    response.headers["Location"] = f"/api/v1/batches/{quote(batch.id)}"
    return batch.model_dump()


@router.get("/batches/{name}", summary="One batch")
def batch(the: The, _: Reader, name: BatchName) -> dict[str, Any]:
    """What was entered of a batch, and its runs."""
    entry, runs = the.books.batches.entered(name), the.books.runs.stated(batch=name)
    if entry is None and not runs and not the.books.genealogy.relatives([name]):
        raise unknown_batch(name)
    return {
        "id": name,
        "article": entry.article if entry else "",
        "accepted_kg": entry.accepted_kg if entry else None,
        "runs": [run_body(one) for one in runs],
    }


@router.get("/batches/{name}/footprint", summary="What a batch carries")
def footprint(
    the: The,
    _: Reader,
    name: BatchName,
    view: View = "footprint",
    revision: Annotated[int | None, Query(ge=1, le=_MOST_REVISIONS)] = None,
    as_of: Instant | None = None,
) -> Response:
    """The last revision, the one asked for, or, while none is final, the state so far.

    A stored revision comes back byte for byte.
    """
    past = revision is not None or as_of is not None
    if past or not the.bookkeeper.is_open(name):
        stored = the.books.results.find(name, view, revision=revision, as_of=as_of)
        if stored is not None:
            return Response(stored.body, media_type="application/json")
    if past:
        raise HTTPException(404, f"Batch {name!r} has no such revision.")
    return Response(orjson.dumps(_now(the, name, view)[1]), media_type="application/json")


@router.get("/batches/{name}/explain", summary="Where each number comes from")
def explain(the: The, _: Reader, name: BatchName, view: View = "footprint") -> dict[str, Any]:
    """The derivation, from kilograms back to register readings."""
    report, body = _now(the, name, view)
    stored = the.books.results.find(name, view)
    if stored is not None:
        body["revision"] = stored.revision
    return explain_body(report, body)


def _now(the: Service, name: str, view: str) -> tuple[Report, dict[str, Any]]:
    report = the.reporter.report(name, view, the.now())
    if report is None:
        raise unknown_batch(name)
    computed = stamp(the.now())
    return report, footprint_body(report, revision=0, computed=computed, reason="so-far")


def _summary(the: Service, span: BatchSpan) -> dict[str, Any]:
    stored = None
    if not the.bookkeeper.is_open(span.id):
        stored = the.books.results.find(span.id, "footprint")
    body = orjson.loads(stored.body) if stored else the.bookkeeper.so_far(span.id)
    total = body["total"] if body else None
    return {
        "id": span.id,
        "machines": list(span.machines),
        "start": stamp(span.start),
        "end": None if span.going_on else stamp(span.end),
        "accepted_kg": body["accepted_kg"] if body else None,
        "status": body["status"] if body else "provisional",
        "kgco2e": total["kgco2e"] if total else None,
        "kgco2e_per_kg": total["kgco2e_per_kg"] if total else None,
        "problems": len(body["problems"]) if body else 0,
    }


def _cursor(text: str) -> tuple[int, str]:
    try:
        start, name = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        unix_ms(instant(int(start)))
        return int(start), str(name)
    except (ValueError, TypeError, OverflowError) as fault:
        raise HTTPException(422, f"after={text!r} is no place in this list") from fault


def _mass(text: str) -> Decimal:
    try:
        mass = Decimal(text)
    except InvalidOperation:
        mass = Decimal(0)
    if not mass.is_finite() or not _GRAM <= mass < 10**7:
        raise HTTPException(422, f"accepted_kg={text!r} is no mass from a gram to 10,000 t")
    return mass
