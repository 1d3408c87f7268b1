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
from datetime import timedelta

import orjson
from fastapi import HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials
from starlette.concurrency import run_in_threadpool

from api.books import Books
from api.books.kept_answers import Write
from api.service import bearer, reader, service

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


async def once(request: Request) -> None:
    """Lets a write with a key through once; raises `Answered` where it was answered before."""
    key = request.headers.get(HEADER)
    if key is None or request.method == "GET":
        return
    if not _KEY.fullmatch(key):
        raise HTTPException(422, f"{HEADER}: {key!r} is not 1 to 128 characters of ASCII")
    given = await bearer(request)
    body = await request.body()
    request.state.ticket = await run_in_threadpool(_begun, request, given, key, body)


def _begun(
    request: Request, given: HTTPAuthorizationCredentials | None, key: str, body: bytes
) -> Ticket:
    the, who = service(request), reader(request, given)
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    write = Write(who.name, who.role, key, hashlib.sha256(asked).hexdigest())
    now = the.now()
    known = the.books.kept_answers.begin(write, now, now - KEPT_FOR)
    if known is None:
        return Ticket(the.books, write)
    if known.request != write.request:
        raise HTTPException(422, f"{HEADER}: {key!r} was another request's, at {known.begun}")
    if known.status is None:
        raise HTTPException(
            409,
            f"{HEADER}: {key!r} was begun at {known.begun} and is under way, or its end was not"
            " seen. Look whether it was entered; if it was not, send it with another key.",
        )
    headers = {**orjson.loads(known.headers), "Idempotency-Replayed": "true"}
    raise Answered(Response(known.body, known.status, headers))
