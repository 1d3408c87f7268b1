"""The audit log."""

from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import Query, Response

from api.books.audit import Entry, Sought
from api.routes import room
from api.routes.forms import Instant
from api.service import Auditor, The
from api.shapes import answers
from api.shapes.people import Audit
from collector.wire.reading import stamp

router = room("audit")

_MOST = 2**31 - 1


@router.get(
    "/audit",
    summary="Who changed what, from where, before and after, and why",
    responses=answers(Audit),
)
def audit(  # noqa: PLR0913 - each is a parameter of the request
    the: The,
    _: Auditor,
    response: Response,
    who: Annotated[str, Query(max_length=64, description="The whole name")] = "",
    subject: Annotated[str, Query(max_length=200, description="A part of what it is about")] = "",
    start: Annotated[Instant | None, Query(alias="from")] = None,
    end: Annotated[Instant | None, Query(alias="to")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=1, le=_MOST, description="From the Link header")] = None,
) -> dict[str, Any]:
    """Every change that anybody made, the newest first; nothing is ever taken out."""
    found = the.books.audit.newest(Sought(who, subject, start, end), limit + 1, before)
    if len(found) > limit:
        asked = {"who": who, "subject": subject, "from": start and start.isoformat()}
        asked |= {"to": end and end.isoformat()}
        said = {name: text for name, text in asked.items() if text}
        query = urlencode(said | {"limit": str(limit), "before": str(found[limit - 1].number)})
        response.headers["Link"] = f'</api/v1/audit?{query}>; rel="next"'
    return {"now": stamp(the.now()), "entries": [_body(one) for one in found[:limit]]}


def _body(one: Entry) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": one.at,
        "who": one.who,
        "role": one.role,
        "means": one.means,
        "address": one.address,
        "act": one.act,
        "subject": one.subject,
        "before": None if one.before is None else orjson.loads(one.before),
        "after": None if one.after is None else orjson.loads(one.after),
        "why": one.why,
    }
