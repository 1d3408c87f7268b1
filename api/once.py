"""A write that is sent again is done once.

Who writes over a network that may break names his write by an ``Idempotency-Key``. Its answer is
kept for a day, also over a restart: the same key and request are answered with it, and the same
key with another request is refused. Of a write that was begun and whose end nobody saw, nobody can
say whether it was done: it is not done again, and the refusal says so.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from fastapi import HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool

from api.books import Books
from api.books.kept_answers import Known, Write

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(days=1)
_KEY = re.compile(r"[!-~]{1,128}")
_HANDED_ON = ("content-type", "location")


class Answered(Exception):
    """It was answered before; this is how."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True, slots=True)
class Ticket:
    """A write that is under way, by its name."""

    books: Books
    write: Write

    def settle(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Keep the answer of what was done; what was refused may be tried again."""
        if status < 300:
            own = {name: value for name, value in headers if name in _HANDED_ON}
            said = orjson.dumps(own).decode()
            self.books.kept_answers.keep(self.write, status, said, body)
        elif status < 500:
            self.books.kept_answers.forget(self.write)


async def once(request: Request, books: Books, means: str, now: datetime) -> None:
    """Lets a write that has a name through once.

    Args:
        request: The write.
        books: Where answers are kept.
        means: By what he is known who writes.
        now: The time.

    Raises:
        Answered: It was answered before.
        HTTPException: Its name is none, another write's, or one whose end nobody saw.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return
    if not _KEY.fullmatch(key):
        raise HTTPException(422, f"{HEADER}: {key!r} is not 1 to 128 characters of ASCII")
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    digest = hashlib.sha256(asked + await request.body()).hexdigest()
    write = Write(means, key, digest)
    known = await run_in_threadpool(books.kept_answers.begin, write, now, now - KEPT_FOR)
    if known is not None:
        raise _answered(write, known)
    request.state.ticket = Ticket(books, write)


def _answered(write: Write, known: Known) -> Answered | HTTPException:
    """How a write is answered that was begun before."""
    if known.request != write.request:
        said = f"{HEADER}: {write.key!r} was another request's, at {known.begun}"
        return HTTPException(422, said)
    if known.status is None:
        return HTTPException(
            409,
            f"{HEADER}: {write.key!r} was begun at {known.begun} and is under way, or its end was"
            " not seen. Look whether it was entered; if it was not, send it with another key.",
        )
    headers = {**orjson.loads(known.headers), "Idempotency-Replayed": "true"}
    return Answered(Response(known.body, known.status, headers))
