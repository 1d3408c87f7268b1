"""Machines as they are now, and the readings of their points."""

from datetime import datetime, timedelta
from typing import Annotated, Any, cast

import orjson
from fastapi import Depends, HTTPException, Query, Request, Response

from api.calendar import Span
from api.floor import Floor
from api.routes import room
from api.routes.forms import Period, known_machine, run_body
from api.routes.paging import After, Paged, place, point_to_next
from api.service import Reader, Service, The
from api.shapes import answers
from api.shapes.machines import Curve, LiveMachine, Machines, Marks, Readings
from collector.wire.birth import Point
from collector.wire.reading import EPOCH, instant, stamp, unix_ms
from gateway.intervals import Sample

router = room("machines")

_STEPS_WITHIN = timedelta(days=3)
_MOST = 10_000
_AT_ONCE = timedelta(days=1)


def floor(request: Request) -> Floor:
    """The floor of this application."""
    return cast("Floor", request.app.state.floor)


TheFloor = Annotated[Floor, Depends(floor)]


@router.get("/machines", summary="Every machine as it is now", responses=answers(Machines))
def machines(_: Reader, now: TheFloor, request: Request, paged: Paged) -> Any:
    """State, batch, step, gauges, what it draws, and what the batch carries beside a golden one.

    ``per_hour`` is what the gauges come to if nothing changes for an hour, priced as the newest
    final batches were; money where the site says what it pays. ``golden`` is the reference.
    """
    said = now.all()
    if paged.asked:
        told = orjson.loads(said.plain)
        places = paged.of(range(len(told["machines"])), lambda place: place)
        return told | {"machines": [told["machines"][place] for place in places]}
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if packed else None
    body = said.packed if packed else said.plain
    return Response(body, headers=headers, media_type="application/json")


@router.get(
    "/machines/{name}/live", summary="One machine as it is now", responses=answers(LiveMachine)
)
def live(the: The, _: Reader, now: TheFloor, name: str) -> dict[str, Any]:
    """The same as its entry in ``/machines``."""
    machine = known_machine(the.reporter.plants[-1], name)
    return {"now": stamp(the.now())} | now.machine(machine, now.rates())


@router.get("/points/{ref}/readings", summary="Readings of a point", responses=answers(Readings))
def readings(  # noqa: PLR0913 - each is a parameter of the request or of its answer
    the: The,
    _: Reader,
    request: Request,
    response: Response,
    ref: str,
    asked: Period,
    limit: Annotated[int, Query(ge=1, le=_MOST, description="Most readings of a page")] = 1000,
    every_s: Annotated[int | None, Query(ge=1, le=10**8, description="Length of stretches")] = None,
    *,
    thin: Annotated[bool, Query(description="False for all of them, page by page")] = True,
    after: After = None,
) -> dict[str, Any]:
    """Values by time; where there are more than `limit`, each ``every``-th up to the newest.

    Without `thin` all of them, and the next page is in the ``Link`` header.

    With `every_s`, the last good number of each stretch of so many seconds, stamped with its
    beginning; stretches are counted from 1970. A time-series store answers it where one may.
    """
    device, _dot, name = ref.partition(".")
    point = _point(the, ref)[0]
    if every_s is not None:
        found = _thinned(the, ref, asked, timedelta(seconds=every_s))
        return {"point": ref, "unit": point.unit, "readings": found}
    if not thin:
        every, samples = 1, _page_of(the, ref, asked, limit + 1, after)
        if len(samples) > limit:
            point_to_next(request, response, unix_ms(samples[limit - 1].at))
        samples = samples[:limit]
    else:
        samples = the.journal.samples(device, name, *asked)
        every = -(-len(samples) // limit) or 1
    return {
        "point": ref,
        "unit": point.unit,
        "every": every,
        "readings": [
            {"at": stamp(one.at), "value": one.value, "quality": one.quality}
            for one in samples[::-every][::-1]  # the newest is always among them
        ],
    }


def _page_of(the: Service, ref: str, period: Span, most: int, after: str | None) -> list[Sample]:
    """The first readings of a period, or those after a place; no more of it is read than needed."""
    device, _, point = ref.partition(".")
    start, end = period
    if after is not None:
        start = instant(min(max(unix_ms(start), place(after, int) + 1), unix_ms(end)))
    found: list[Sample] = []
    length = _AT_ONCE
    while start < end and len(found) < most:
        until = min(end, start + length)
        found += the.journal.samples(device, point, start, until)
        start, length = until, _AT_ONCE if found else 2 * length
    return found[:most]


def _thinned(
    the: Service, ref: str, period: tuple[datetime, datetime], every: timedelta
) -> list[dict[str, Any]]:
    """The last good number of each stretch that touches a period."""
    start, end = period
    device, _, point = ref.partition(".")
    first, last = start - (start - EPOCH) % every, end + (EPOCH - end) % every
    if (last - first) // every > _MOST:
        raise HTTPException(422, f"every_s={every.total_seconds():g}: more than {_MOST} stretches")
    found = the.series.thinned(device, point, first, last, every)
    return [{"at": stamp(at), "value": value, "quality": "good"} for at, value in found]


@router.get(
    "/points/{ref}/curve",
    summary="A point's lowest and highest values over a time",
    responses=answers(Curve),
)
def curve(
    the: The,
    _: Reader,
    ref: str,
    asked: Period,
    most: Annotated[int, Query(ge=2, le=4000, description="Stretches at most")] = 800,
) -> dict[str, Any]:
    """Stretches of one length, ``[begins, lowest, highest]`` in ms since 1970; none is thinned.

    ``complete`` is false while days that nobody looked at before are gone through.
    """
    point, every_ms = _point(the, ref)
    start, end = asked
    shape = the.outline.shape(ref, start, end, most)
    return {
        "point": ref,
        "unit": point.unit,
        "from": stamp(start),
        "to": stamp(end),
        "step_ms": shape.step_ms,
        "every_ms": every_ms,
        "complete": shape.complete,
        "stretches": shape.stretches,
    }


@router.get(
    "/machines/{name}/marks",
    summary="Which batches and steps a machine did, and when",
    responses=answers(Marks),
)
def marks(
    the: The,
    _: Reader,
    name: str,
    asked: Period,
) -> dict[str, Any]:
    """Runs that touch a time; its steps as well where it is no longer than three days."""
    machine = known_machine(the.reporter.plants[-1], name)
    start, end = asked
    runs = the.books.runs.stated(machine=name, touching=start)
    return {
        "runs": [run_body(one) for one in runs if one.run.start < end],
        "steps": _steps(the, machine.step, start, end) if machine.step else [],
    }


def _steps(the: Service, ref: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    if end - start > _STEPS_WITHIN:
        return []
    device, _, name = ref.partition(".")
    birth = the.journal.newest_birth(device)
    point = birth.point(name) if birth else None
    before = the.journal.last_at_or_before(device, name, start)
    found: list[dict[str, Any]] = []
    for one in [*([before] if before else []), *the.journal.samples(device, name, start, end)]:
        if one.value is None or (found and found[-1]["value"] == one.value):
            continue
        label = point.labels.get(str(one.value), "") if point else ""
        found.append({"at": stamp(max(one.at, start)), "value": one.value, "label": label})
    return found


def _point(the: Service, ref: str) -> tuple[Point, int]:
    """A point and how often it is read [ms]; 404 where there is none."""
    device, _, name = ref.partition(".")
    birth = the.journal.newest_birth(device)
    point = birth.point(name) if birth else None
    if birth is None or point is None:
        raise HTTPException(404, f"There is no point {ref!r}; a point is device.point.")
    return point, birth.every_ms
