"""Machines as they are now, and the readings of their points."""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from api.floor import Floor
from api.routes.forms import Instant, known_machine
from api.service import Reader, The
from collector.wire.reading import stamp

router = APIRouter(tags=["machines"])


def floor(request: Request) -> Floor:
    """The floor of this application."""
    return cast("Floor", request.app.state.floor)


TheFloor = Annotated[Floor, Depends(floor)]


@router.get("/machines", summary="Every machine as it is now")
def machines(_: Reader, now: TheFloor, request: Request) -> Response:
    """State, batch, step, gauges, what it draws, and what the batch carries beside a golden one.

    ``per_hour`` is what the gauges come to if nothing changes for an hour, priced as the newest
    final batches were; money where the site says what it pays. ``golden`` is the reference.
    """
    said = now.all()
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if packed else None
    body = said.packed if packed else said.plain
    return Response(body, headers=headers, media_type="application/json")


@router.get("/machines/{name}/live", summary="One machine as it is now")
def live(the: The, _: Reader, now: TheFloor, name: str) -> dict[str, Any]:
    """The same as its entry in ``/machines``."""
    machine = known_machine(the.reporter.plants[-1], name)
    return {"now": stamp(the.now())} | now.machine(machine)


@router.get("/points/{ref}/readings", summary="Readings of a point")
def readings(
    the: The,
    _: Reader,
    ref: str,
    start: Annotated[Instant, Query(alias="from")],
    end: Annotated[Instant, Query(alias="to")],
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> dict[str, Any]:
    """Values by time; evenly thinned where there are more than `limit`."""
    device, _dot, name = ref.partition(".")
    birth = the.journal.newest_birth(device)
    point = birth.point(name) if birth else None
    if point is None:
        raise HTTPException(404, f"There is no point {ref!r}; a point is device.point.")
    if start >= end:
        raise HTTPException(422, f"from {start.isoformat()} does not come before to")
    samples = the.journal.samples(device, name, start, end)
    every = -(-len(samples) // limit) or 1
    return {
        "point": ref,
        "unit": point.unit,
        "readings": [
            {"at": stamp(one.at), "value": one.value, "quality": one.quality}
            for one in samples[::every]
        ],
    }
