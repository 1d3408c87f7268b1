"""Batches and their footprints."""

import time
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal
from urllib.parse import quote

import orjson
from fastapi import Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.assemble import Edition, digest, footprint_body
from api.books.batches import BatchEntry
from api.books.glances import Glance, glance
from api.books.results import Result
from api.books.spans import BatchSpan, Search
from api.explain import explain_body
from api.ledger.tally import Tally
from api.listing import Place, listed, place
from api.pricing import Priced
from api.quick import quick
from api.routes import room
from api.routes.forms import BatchName, BatchText, Instant, run_body, unknown_batch
from api.routes.paging import After, Paged, point_to_next
from api.routes.paging import place as place_of
from api.service import Reader, Service, The, Writer
from api.shapes import answers
from api.shapes.batches import Batch, BatchPage, EnteredBatch
from api.shapes.explain import Explanation
from api.shapes.footprint import Footprint, Revisions
from collector.wire.reading import instant, parse_stamp, stamp, unix_ms

router = room("batches")

_GRAM = Decimal("0.001")
_MOST_REVISIONS = 10**6
_PATIENCE_S = 1.0
View = Literal["footprint", "inventory"]
Method = Literal["location", "market"]
Potentials = Literal["ar4", "ar5", "ar6"]


class BatchIn(BaseModel):
    """A batch as a person or an ERP enters it."""

    model_config = ConfigDict(extra="forbid")

    id: BatchText
    article: str = Field("", max_length=80, description="Article or product (品名)")
    colour: str = Field("", max_length=80, description="Colour (颜色)")
    order: str = Field("", max_length=80, description="The customer's order (订单号)")
    accepted_kg: str | None = Field(
        None, max_length=32, description="Accepted mass, a decimal [kg]"
    )


async def search(  # noqa: PLR0913 - each is a parameter of the request
    q: Annotated[
        str, Query(max_length=80, description="A part of its id, article, colour or order")
    ] = "",
    article: Annotated[str, Query(max_length=80, description="A part of its article")] = "",
    colour: Annotated[str, Query(max_length=80, description="A part of its colour")] = "",
    order: Annotated[str, Query(max_length=80, description="A part of its order")] = "",
    machine: Annotated[str, Query(max_length=64, description="One that it was on")] = "",
    start: Annotated[Instant | None, Query(alias="from", description="It ran after")] = None,
    end: Annotated[Instant | None, Query(alias="to", description="It ran before")] = None,
) -> Search:
    """What a caller looks for."""
    return Search(q, machine, start, end, article, colour, order)


@router.get("/batches", summary="Batches, the newest first", responses=answers(BatchPage))
@quick
def batches(
    the: The,
    _: Reader,
    request: Request,
    response: Response,
    sought: Annotated[Search, Depends(search)],
    limit: Annotated[int, Query(ge=1, le=500, description="Most batches of a page")] = 50,
    after: After = None,
) -> dict[str, Any]:
    """A page of batches; the next one is in the ``Link`` header.

    ``q`` is a part of the batch's id (缸号), article, colour or order; ``from`` and ``to`` are when
    it ran.
    """
    spans = listed(
        the.books,
        limit + 1,
        _cursor(after) if after else None,
        sought,
    )
    if len(spans) > limit:
        point_to_next(request, response, place(spans[limit - 1]))
    page = spans[:limit]
    names = [span.id for span in page]
    entries = the.books.batches.every(names)
    seen = _seen(the, names, the.books.glances.of(names))
    return {"batches": [_summary(the, span, entries.get(span.id), seen[span.id]) for span in page]}


@router.post(
    "/batches",
    status_code=201,
    summary="Enter a batch",
    operation_id="enter_batch",
    responses=answers(EnteredBatch, 201),
)
def enter(the: The, key: Writer, batch: BatchIn, response: Response) -> dict[str, Any]:
    """Enter a batch's article, colour, order and accepted mass; the same again changes nothing."""
    if batch.accepted_kg is not None:
        _mass(batch.accepted_kg)
    entry = BatchEntry(batch.id, batch.article, batch.accepted_kg, batch.colour, batch.order)
    if not the.bookkeeper.enter_batch(entry, key.name):
        how = f"POST /api/v1/batches/{batch.id}/corrections with a reason"
        said = f"Batch {batch.id!r} is entered already with other values; {how}"
        raise HTTPException(409, said)
    response.headers["Location"] = f"/api/v1/batches/{quote(batch.id)}"
    return batch.model_dump()


@router.get("/batches/{name}", summary="One batch", responses=answers(Batch))
@quick
def batch(the: The, _: Reader, name: BatchName) -> Response:
    """What was entered of a batch, and its runs; its ETag is what a correction may depend on."""
    return Response(batch_bytes(the, name), media_type="application/json")


@router.get(
    "/batches/{name}/footprint", summary="What a batch carries", responses=answers(Footprint)
)
@quick
def footprint(  # noqa: PLR0913 - each is a parameter of the request
    the: The,
    _: Reader,
    name: BatchName,
    view: View = "footprint",
    revision: Annotated[int | None, Query(ge=1, le=_MOST_REVISIONS)] = None,
    as_of: Instant | None = None,
    method: Method = "location",
    gwp: Potentials = "ar6",
) -> Response:
    """The last revision, the one asked for, or, while none is final, the state so far.

    A stored revision comes back byte for byte. By another method, or with other warming
    potentials, its kept amounts are priced anew.
    """
    past = revision is not None or as_of is not None
    if as_of is not None:
        the.revisions.as_of(as_of)
    stored = None
    if past or not the.bookkeeper.is_open(name):
        stored = the.books.results.find(name, view, revision=revision, as_of=as_of)
    if past and stored is None:
        raise HTTPException(404, f"Batch {name!r} has no such revision.")
    if (method, gwp) == ("location", "ar6") and stored is not None:
        return Response(stored.text, media_type="application/json")
    if stored is None:
        body = _now(the, name, Priced(view, the.now(), method, gwp))
    else:
        body = _anew(the, stored, Priced(view, parse_stamp(_asked(stored)), method, gwp))
    return Response(orjson.dumps(body), media_type="application/json")


@router.get(
    "/batches/{name}/revisions",
    summary="How a batch's footprint changed, and why",
    responses=answers(Revisions),
)
def revisions(
    the: The, _: Reader, name: BatchName, paged: Paged, view: View = "footprint"
) -> dict[str, Any]:
    """Every revision of a batch, with its reason, its difference, and what it was made with."""
    found = the.books.results.revisions(name, view)
    if not found:
        raise HTTPException(404, f"Batch {name!r} has no revision yet.")
    return {"batch": name, "view": view, "revisions": paged.of(_history(found), _revision)}


@router.get(
    "/batches/{name}/explain",
    summary="Where each number comes from",
    responses=answers(Explanation),
)
def explain(
    the: The,
    _: Reader,
    name: BatchName,
    view: View = "footprint",
    lang: Literal["en", "zh"] = "en",
) -> dict[str, Any]:
    """The derivation, from kilograms back to register readings."""
    stored = the.books.results.find(name, view)
    asked = parse_stamp(_asked(stored)) if stored else the.now()
    found = the.reporter.derive(name)
    if found is None:
        raise unknown_batch(name)
    body = _priced(the, found.tally, Priced(view, asked), "so-far")
    body |= {"revision": stored.revision} if stored else {}
    history = _history(the.books.results.revisions(name, view))
    told = explain_body(found, found.tally.lines, body, history, lang)
    if stored is None:
        return told
    told["agrees_with_revision"] = digest(body) == stored.digest
    return told


def batch_bytes(the: Service, name: str) -> bytes:
    """What was entered of a batch, and its runs, as it is given out; 404 where there is none."""
    entry, runs = the.books.batches.entered(name), the.books.runs.stated(batch=name)
    if entry is None and not runs and not the.books.genealogy.relatives([name]):
        raise unknown_batch(name)
    entry = entry or BatchEntry(name, "", None)
    return orjson.dumps(asdict(entry) | {"runs": [run_body(one) for one in runs]})


def _revision(told: dict[str, Any]) -> int:
    return int(told["revision"])


def _now(the: Service, name: str, how: Priced) -> dict[str, Any]:
    found = the.reporter.derive(name)
    if found is None:
        raise unknown_batch(name)
    return _priced(the, found.tally, how, "so-far")


def _anew(the: Service, stored: Result, how: Priced) -> dict[str, Any]:
    """The amounts of a stored result, priced in another way."""
    tally = the.books.tallies.find(stored.batch, stored.tally or 0)
    if tally is None:
        raise HTTPException(404, f"The amounts of {stored.batch!r} were not kept at that time.")
    body = _priced(the, tally, how, "priced-anew")
    return body | {"revision": stored.revision}


def _priced(the: Service, tally: Tally, how: Priced, reason: str) -> dict[str, Any]:
    edition = Edition(0, stamp(the.now()), reason)
    return footprint_body(the.reporter.pricer.price(tally, how), edition)


def _asked(stored: Result) -> str:
    return stored.asked or stored.computed


def _history(found: list[Result]) -> list[dict[str, Any]]:
    told = []
    before: Decimal | None = None
    for one in found:
        total = Decimal(one.kgco2e or 0)
        told.append(
            {
                "revision": one.revision,
                "computed_at": one.computed,
                "reason": one.reason,
                "kgco2e": one.kgco2e,
                "difference": None if before is None else f"{total - before:+f}",
                "change": "" if before is None else f" ({total - before:+f})",
                "factors": one.factors,
                "plant": one.plant,
                "rules": one.rules,
                "software": one.software,
                "position": one.position,
                "priced_as_of": one.asked,
            }
        )
        before = total
    return told


def _seen(the: Service, names: list[str], kept: dict[str, Glance]) -> dict[str, Glance | None]:
    """What batches carry; of many that are not final those left are computed at the next look."""
    patient_until = time.monotonic() + _PATIENCE_S
    found: dict[str, Glance | None] = {}
    for name in names:
        if name in kept and not the.bookkeeper.is_open(name):
            found[name] = kept[name]
            continue
        patient = time.monotonic() < patient_until
        body = (the.bookkeeper.so_far if patient else the.bookkeeper.known_so_far)(name)
        found[name] = glance(body) if body else None
    return found


def _summary(
    the: Service, span: BatchSpan, entry: BatchEntry | None, seen: Glance | None
) -> dict[str, Any]:
    """A line of the list."""
    return {
        "id": span.id,
        "article": entry.article if entry else "",
        "colour": entry.colour if entry else "",
        "order": entry.order if entry else "",
        "machines": list(span.machines),
        "start": stamp(span.start),
        "end": None if span.going_on else stamp(span.end),
        "accepted_kg": seen.accepted_kg if seen else None,
        "status": seen.status if seen else "provisional",
        "kgco2e": seen.kgco2e if seen else None,
        "kgco2e_per_kg": seen.kgco2e_per_kg if seen else None,
        "problems": seen.problems if seen else 0,
        "became": the.books.genealogy.became(span.id),
    }


def _cursor(token: str) -> Place:
    try:
        start, name = place_of(token, list)
        unix_ms(instant(int(start)))
        return int(start), str(name)
    except (ValueError, TypeError, OverflowError) as fault:
        raise HTTPException(422, f"after={token!r} is no place in this list") from fault


def _mass(text: str) -> Decimal:
    try:
        mass = Decimal(text)
    except InvalidOperation:
        mass = Decimal(0)
    if not mass.is_finite() or not _GRAM <= mass < 10**7:
        raise HTTPException(422, f"accepted_kg={text!r} is no mass from a gram to 10,000 t")
    return mass
