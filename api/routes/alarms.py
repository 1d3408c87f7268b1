"""Alarms: what is wrong now, what it costs, and who has seen it."""

from typing import Annotated, Any

from fastapi import HTTPException, Path, Query, Request, Response

from api.alarms.course import Alarm
from api.routes import room
from api.service import Reader, The, Writer
from api.shapes import answers
from api.shapes.alarms import Alarm as AlarmShape
from api.shapes.alarms import Alarms
from api.telling import alarm_body
from collector.wire.reading import stamp

router = room("alarms")

_MOST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=_MOST)]


@router.get(
    "/alarms",
    summary="Alarms: those that are not over, or all, the newest first",
    responses=answers(Alarms),
)
def alarms(
    the: The,
    _: Reader,
    request: Request,
    response: Response,
    *,
    over: Annotated[bool, Query(description="Those that are over as well")] = False,
    limit: Annotated[int, Query(ge=1, le=500, description="Most alarms of a page")] = 500,
    before: Annotated[int | None, Query(ge=1, le=_MOST, description="From the Link header")] = None,
) -> dict[str, Any]:
    """What each costs is as of the last look, some seconds ago; of one that is over, at its end."""
    if over:
        newest = the.books.alarms.newest(limit + 1, before)
    else:
        newest = [one for one in the.watch.opened()[::-1] if before is None or one.id < before]
    if len(newest) > limit:
        url = request.url.include_query_params(before=newest[limit - 1].id)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    found = [the.watch.now_of(one) if over else one for one in newest[:limit]]
    return {"now": stamp(the.now()), "alarms": [_body(one) for one in found]}


@router.get("/alarms/{number}", summary="One alarm", responses=answers(AlarmShape))
def alarm(the: The, _: Reader, number: Number) -> dict[str, Any]:
    """The alarm and all that happened to it."""
    found = the.watch.find(number)
    if found is None:
        raise HTTPException(404, f"There is no alarm {number}.")
    return _body(found)


@router.post(
    "/alarms/{number}/acknowledge",
    summary="Somebody has seen it",
    operation_id="acknowledge_alarm",
    responses=answers(AlarmShape),
)
def acknowledge(the: The, key: Writer, number: Number) -> dict[str, Any]:
    """It is not escalated any more. Who was first stays; one that is over is left as it is."""
    found = the.watch.acknowledge(number, key.name)
    if found is not None:
        return _body(found)
    if the.watch.find(number) is None:
        raise HTTPException(404, f"There is no alarm {number}.")
    raise HTTPException(409, f"Alarm {number} is over already.")


def _body(alarm: Alarm) -> dict[str, Any]:
    events = [
        {"number": one.number, "kind": one.kind, "at": stamp(one.at), "by": one.by}
        for one in alarm.events
    ]
    return alarm_body(alarm) | {"events": events}
