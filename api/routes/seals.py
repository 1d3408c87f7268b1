"""The seals, for whoever is to hold them: most of all the certifier."""

from datetime import date
from typing import Any

from fastapi import HTTPException, Response

from api.routes import room
from api.routes.paging import Paged
from api.service import Reader, The
from api.shapes import answers
from api.shapes.entries import Seal, Seals

router = room("evidence", prefix="/seals")


@router.get("", summary="Every seal, and the public key of the newest", responses=answers(Seals))
def seals(the: The, _: Reader, paged: Paged) -> dict[str, Any]:
    """Number, day and time of each, the newest first; ``key`` is null before the first one."""
    kept = the.books.seals
    last = kept.last()
    return {
        "site": the.reporter.plants[-1].site,
        "key": last.seal.key if last else None,
        "seals": [
            {"number": one.number, "day": one.day, "made": one.made}
            for one in paged.of(kept.entries(), lambda one: one.number, newest_first=True)
        ],
    }


@router.get("/{day}", summary="The seal of a day, as a file to keep", responses=answers(Seal))
def seal(the: The, _: Reader, day: date) -> Response:
    """The seal with its leaves and its signature; what `millprint verify --against` reads."""
    document = the.books.seals.of_day(day)
    if document is None:
        raise HTTPException(404, f"{day} has no seal.")
    return Response(document.text, media_type="application/json")
