"""What waits for a second pair of eyes, where the mill wants four of them."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from api.books.reviews import WAITING, Review
from api.routes import room
from api.routes.closing import Why
from api.routes.forms import Number
from api.routes.paging import After, place, point_to_next
from api.second_eyes import decide
from api.service import Reader, Service, The, Writer
from api.shapes import answers
from api.shapes.reviews import Confirmed, Reviews
from api.shapes.reviews import Review as ReviewShape
from collector.wire.reading import stamp

router = room("people", prefix="/reviews")

_FACTORS = "imports.enter_factors"
_FACTOR_WORDS = (
    "id", "name_en", "name_zh", "carrier", "publisher", "document", "published", "evidence",
)  # fmt: skip
_BEYOND = 2**31 - 1
"""No number is higher."""


@router.get("", summary="What waits for a second person", responses=answers(Reviews))
def reviews(
    the: The,
    _: Reader,
    *,
    decided: Annotated[bool, Query(description="Those that were decided instead")] = False,
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=500, description="Most changes of a page")] = 100,
    after: After = None,
) -> dict[str, Any]:
    """The newest first; ``four_eyes`` says for which kinds of change the mill wants them."""
    last = None if after is None else min(max(place(after, int), 0), _BEYOND)
    found = the.books.reviews.newest(limit + 1, decided=decided, before=last)
    if len(found) > limit:
        point_to_next(request, response, found[limit - 1].number)
    return {
        "now": stamp(the.now()),
        "four_eyes": sorted(the.four_eyes),
        "reviews": [_body(the, one) for one in found[:limit]],
    }


@router.post(
    "/{number}/confirm",
    summary="Confirm a change",
    operation_id="confirm_review",
    responses=answers(Confirmed),
)
def confirm(the: The, who: Writer, number: Number, given: Why) -> dict[str, Any]:
    """It is made now, in the name of who asked for it; never by that person's own confirmation."""
    answer = decide(the, number, who, given.why, confirm=True)
    return _told(the, number) | {"answer": answer}


@router.post(
    "/{number}/refuse",
    summary="Refuse a change",
    operation_id="refuse_review",
    responses=answers(ReviewShape),
)
def refuse(the: The, who: Writer, number: Number, given: Why) -> dict[str, Any]:
    """Everything stays as it is, and what was asked is kept."""
    decide(the, number, who, given.why, confirm=False)
    return _told(the, number)


def _told(the: The, number: int) -> dict[str, Any]:
    review = the.books.reviews.find(number)
    return _body(the, review) if review else {}


def _body(the: Service, one: Review) -> dict[str, Any]:
    return {
        "number": one.number,
        "call": one.call,
        "subject": one.subject,
        "asked": one.asked,
        "asked_at": one.asked_at,
        "asked_by": one.asked_by,
        "state": one.state,
        "decided_at": one.decided_at,
        "decided_by": one.decided_by,
        "why": one.why,
        "factors": _factors(the, one) if one.call == _FACTORS and one.state == WAITING else [],
    }


def _factors(the: Service, one: Review) -> list[dict[str, Any]]:
    """The factors that somebody asks to enter, each beside what stands."""
    standing = the.bookkeeper.factors.standing()
    return [
        {name: row.get(name, "") for name in _FACTOR_WORDS}
        | {"unit": f"kg{row['gas']}/{row['unit']}", "value": row["value"]}
        | {"value_before": standing.get(row["id"], {}).get("value")}
        for row in one.asked["given"]["rows"]
    ]
