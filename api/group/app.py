"""The centre's application: what mills send, what readers ask, and one page."""

import hashlib
import hmac
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Any, TypeAlias, cast

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.staticfiles import StaticFiles
from pydantic import AwareDatetime
from starlette.concurrency import run_in_threadpool

from api import refusals
from api.envelope import NOTHING_TOLD, Envelope
from api.group.articles import GroupArticles
from api.group.configuration import GroupConfiguration, Mill
from api.group.intake import Intake
from api.group.store import Store
from collector.wire.reading import stamp

_PAGE = Path(__file__).parent / "page"
_PAGES = Path(__file__).parents[1] / "pages"
_MOST_OF_A_SEAL = 2_000_000_000
"""Rows of a first seal that holds ten years of a mill have about half of it. [B]"""
_IN_MEMORY = 1_000_000

_bearer = HTTPBearer(auto_error=False, description="A reader's key, or a mill's own")


@dataclass(frozen=True, slots=True)
class Centre:
    """Everything that answers a request.

    Attributes:
        mills: Mills by the hash of the key that they send with.
        readers: Hashes of the keys of readers.
        store: What is held.
        intake: Takes what mills send.
        articles: What it comes to.
        now: The clock.
        version: Of the program.
    """

    mills: Mapping[str, Mill]
    readers: frozenset[str]
    store: Store
    intake: Intake
    articles: GroupArticles
    now: Callable[[], datetime]
    version: str


def centre(
    settings: GroupConfiguration, store: Store, now: Callable[[], datetime], version: str
) -> Centre:
    """The centre over a database."""
    return Centre(
        mills={mill.push_key: mill for mill in settings.mills.values()},
        readers=frozenset(settings.readers.values()),
        store=store,
        intake=Intake(store, now),
        articles=GroupArticles(store, settings.mills.values()),
        now=now,
        version=version,
    )


def application(the: Centre, *, hsts_days: int = 0) -> FastAPI:
    """The FastAPI application around a centre."""
    app = FastAPI(
        title="millprint group",
        summary="What several mills' seals vouch for.",
        version=the.version,
        docs_url=None,
        redoc_url=None,
        telemetry=NOTHING_TOLD,
    )
    app.state.centre = the
    app.add_middleware(Envelope, hsts_days=hsts_days, most=_MOST_OF_A_SEAL)
    refusals.answered(app)
    root = "/api/v1/group"
    app.get(f"{root}/health", summary="That it answers; needs no key")(health)
    app.get(f"{root}/mills", summary="The mills, their articles and intensities")(mills)
    app.get(f"{root}/mills/{{mill}}/batches", summary="The batches of an article")(batches)
    app.get(f"{root}/mills/{{mill}}/seals", summary="The seals that are held of a mill")(seals)
    app.get(f"{root}/mills/{{mill}}/seals/{{number}}", summary="A seal, as a file")(seal)
    app.get(f"{root}/line", summary="To a mill: how far its seals have come")(line)
    app.post(f"{root}/seals", summary="From a mill: its next seal with its rows")(take)
    app.mount("/pages", StaticFiles(directory=_PAGES), name="pages")
    app.mount("/", StaticFiles(directory=_PAGE, html=True), name="page")
    return app


async def _centre(request: Request) -> Centre:
    return cast("Centre", request.app.state.centre)


The = Annotated[Centre, Depends(_centre)]
_Given = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def _reader(the: The, given: _Given) -> None:
    """That a reader asks; else 401."""
    if not any(hmac.compare_digest(_hash(given), one) for one in the.readers):
        raise HTTPException(401, "Send a reader's key: Authorization: Bearer mp_…")


async def _mill(the: The, given: _Given) -> Mill:
    """The mill that asks; else 401."""
    found = the.mills.get(_hash(given))
    if found is None:
        raise HTTPException(401, "This key is of no mill that stands in group.toml.")
    return found


def _hash(given: HTTPAuthorizationCredentials | None) -> str:
    text = given.credentials if given else ""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


Reader = Annotated[None, Depends(_reader)]
Sender = Annotated[Mill, Depends(_mill)]
From: TypeAlias = Annotated[AwareDatetime | None, Query(alias="from")]
To: TypeAlias = Annotated[AwareDatetime | None, Query()]


def health(the: The) -> dict[str, Any]:
    """That it answers, and what time it is there."""
    return {"status": "ok", "version": the.version, "now": stamp(the.now())}


def mills(the: The, _: Reader, start: From = None, to: To = None) -> dict[str, Any]:
    """Of batches that ended after ``from`` and not after ``to``; of all where nothing is said."""
    return {
        "now": stamp(the.now()),
        "mills": [the.articles.mill(name, (start, to)) for name in the.articles.mills],
    }


def batches(
    the: The, _: Reader, mill: str, article: str, start: From = None, to: To = None
) -> dict[str, Any]:
    """Each with the seal that vouches for it, and where the mill's own page of it is."""
    _known(the, mill)
    return {"batches": the.articles.batches(mill, article, (start, to))}


def seals(the: The, _: Reader, mill: str) -> dict[str, Any]:
    """Number, day, hash and when it came, the oldest first."""
    _known(the, mill)
    return {"mill": mill, "seals": [one._asdict() for one in the.store.seals(mill)]}


def seal(the: The, _: Reader, mill: str, number: int) -> Response:
    """As the mill made it: what ``millprint verify --against`` reads at the site."""
    _known(the, mill)
    document = the.store.document(mill, number)
    if document is None:
        raise HTTPException(404, f"No seal {number} of {mill} is held.")
    return Response(document.text, media_type="application/json")


def line(the: The, mill: Sender) -> dict[str, Any]:
    """Number and hash of the mill's last seal; 0 before the first."""
    last = the.store.last(mill.name)
    return {
        "mill": mill.name,
        "number": last.number if last else 0,
        "hash": last.digest if last else "",
    }


async def take(the: The, mill: Sender, request: Request) -> dict[str, Any]:
    """Its file, then a line for each row; kept whole, or refused with the reason."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
        # All of it is here before anything of it is looked at: a slow line holds nobody up.
        async for part in request.stream():
            await run_in_threadpool(body.write, part)
        body.seek(0)
        document = await run_in_threadpool(
            the.intake.take, mill, iter(cast("IO[bytes]", body).readline, b"")
        )
    return {"mill": mill.name, "number": document.seal.number, "hash": document.digest}


def _known(the: Centre, mill: str) -> None:
    if mill not in the.articles.mills:
        raise HTTPException(404, f"There is no mill {mill} in group.toml.")
