"""The audit log: who changed what, from where, before and after, and why. Append-only.

The books write it themselves (`api.books.noting`); here is what it says and how it is read.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from api.books import schema
from api.rights import Who
from collector.wire.reading import stamp

_SUBJECT = 200


@dataclass(slots=True)
class Act:
    """What somebody is doing: a request, or a command at the box.

    Attributes:
        who: Who.
        at: When.
        why: Why, where what he enters has no place for it.
    """

    who: Who
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log."""

    number: int
    at: str
    who: str
    role: str
    means: str
    address: str
    act: str
    subject: str
    before: str | None
    after: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Sought:
    """Which lines somebody looks for; what is left out is any."""

    who: str = ""
    subject: str = ""
    start: datetime | None = None
    end: datetime | None = None


_acting: ContextVar[Act | None] = ContextVar("acting", default=None)
_ENTRY = tuple(schema.audit.c[name] for name in Entry.__slots__)


def begin(act: Act) -> None:
    """What this task changes from now on is this act's."""
    _acting.set(act)


def under_way() -> Act | None:
    """The act that is under way; None while nobody but the server itself does anything."""
    return _acting.get()


def because(why: str) -> None:
    """Why the act that is under way is done."""
    act = _acting.get()
    if act is not None:
        act.why = why


@contextmanager
def acting(act: Act) -> Iterator[None]:
    """What is changed meanwhile is this act's."""
    token = _acting.set(act)
    try:
        yield
    finally:
        _acting.reset(token)


class Audit:
    """The log; there is no way to change a line of it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def tell(self, act: Act, did: str, subject: str, after: Mapping[str, Any]) -> None:
        """Keep what somebody did that is not in the books, such as a certificate."""
        with self._engine.begin() as db:
            write(db, act, [Line(did, subject, None, after)])

    def newest(self, sought: Sought, limit: int, before: int | None = None) -> list[Entry]:
        """So many lines, the newest first; of those below a number, where one is given."""
        table = schema.audit
        query = sa.select(*_ENTRY)
        if sought.who:
            query = query.where(table.c.who == sought.who)
        if sought.subject:
            query = query.where(table.c.subject.contains(sought.subject, autoescape=True))
        if sought.start is not None:
            query = query.where(table.c.at >= stamp(sought.start))
        if sought.end is not None:
            query = query.where(table.c.at < stamp(sought.end))
        if before is not None:
            query = query.where(table.c.number < before)
        with self._engine.connect() as db:
            rows = db.execute(query.order_by(table.c.number.desc()).limit(limit))
            return [Entry(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Line:
    """What was done to one thing."""

    act: str
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    why: str = ""


def write(db: sa.Connection, act: Act, lines: list[Line]) -> None:
    """Keep lines in the transaction that is under way."""
    who = act.who
    rows = [
        {
            "at": stamp(act.at),
            "who": who.name,
            "role": who.role,
            "means": who.means,
            "address": who.address,
            "act": line.act,
            "subject": line.subject[:_SUBJECT],
            "before": _text(line.before),
            "after": _text(line.after),
            "why": line.why or act.why,
        }
        for line in lines
    ]
    db.execute(schema.audit.insert(), rows)


def _text(row: Mapping[str, Any] | None) -> str | None:
    return None if row is None else orjson.dumps(row).decode()
