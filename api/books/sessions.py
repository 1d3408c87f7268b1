"""Sessions: who is signed in. Only the hash of what a browser holds is kept."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from api.books import schema
from api.books.keys import digest_of
from api.books.people import Person
from collector.wire.reading import parse_stamp, stamp

LASTS = timedelta(hours=12)
"""A session is over after a shift, whatever happens in it,"""
IDLE = timedelta(hours=2)
"""and after so long without a request."""
_NOTED = timedelta(minutes=5)
"""That somebody is still there is written down no more often: the card of a box wears."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        person: Who.
        until: When it is over at the latest.
    """

    person: Person
    until: datetime


_OF_A_TEXT = (
    sa.select(
        schema.sessions.c.seen,
        schema.sessions.c.until,
        *(schema.people.c[name] for name in Person.__slots__),
    )
    .join(schema.people, schema.people.c.id == schema.sessions.c.person)
    .where(schema.sessions.c.digest == sa.bindparam("digest"), schema.sessions.c.ended.is_(None))
)
"""Asked with every request, so it is put together once."""


class Sessions:
    """The sessions."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def open(self, person: Person, address: str, now: datetime) -> str:
        """Begin one; the text, which is new each time, is returned once."""
        text = secrets.token_urlsafe(32)
        row = {
            "digest": digest_of(text),
            "person": person.id,
            "opened": stamp(now),
            "seen": stamp(now),
            "until": stamp(now + LASTS),
            "address": address,
        }
        with self._engine.begin() as db:
            db.execute(schema.sessions.insert().values(row))
        return text

    def find(self, text: str, now: datetime) -> Session | None:
        """The session of that text; None where it is over, or its person may come no more."""
        with self._engine.connect() as db:
            row = db.execute(_OF_A_TEXT, {"digest": digest_of(text)}).first()
        if row is None:
            return None
        seen, until, person = parse_stamp(row[0]), parse_stamp(row[1]), Person(*row[2:])
        if now >= min(until, seen + IDLE) or not person.may_come(now):
            return None
        if now >= seen + _NOTED:
            self._set(text, seen=stamp(now))
        return Session(person, until)

    def end(self, text: str, now: datetime) -> None:
        """End one, for ever."""
        self._set(text, ended=stamp(now))

    def _set(self, text: str, **values: str) -> None:
        table = schema.sessions
        where = sa.and_(table.c.digest == digest_of(text), table.c.ended.is_(None))
        with self._engine.begin() as db:
            db.execute(table.update().where(where).values(values))
