"""People: who may sign in, and the one-time codes by which they set their passwords."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from api.books import schema
from api.books.keys import digest_of
from collector.wire.reading import stamp

CODE_HOLDS = timedelta(hours=24)
_CODE_BYTES = 10


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in.

    Attributes:
        id: His number.
        name: As it stands beside what he enters.
        role: Whose rights he has.
        until: From when on he has none any more; None where that has no end.
        password: As Argon2id's own form has it; None until he set one.
        made: Since when he is known.
        made_by: Who said so.
        removed: Since when he may not come any more.
    """

    id: int
    name: str
    role: str
    until: str | None
    password: str | None
    made: str
    made_by: str
    removed: str | None

    def may_come(self, now: datetime) -> bool:
        """Whether he is let in."""
        return self.removed is None and (self.until is None or stamp(now) < self.until)


_PERSON = tuple(schema.people.c[name] for name in Person.__slots__)


class People:
    """The people. One who is removed stays: what he entered has his name."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def all(self) -> list[Person]:
        """Everybody who ever was, by name."""
        with self._engine.connect() as db:
            query = sa.select(*_PERSON).order_by(schema.people.c.name)
            return [Person(*row) for row in db.execute(query)]

    def find(self, number: int) -> Person | None:
        """A person by his number."""
        return self._one(schema.people.c.id == number)

    def named(self, name: str) -> Person | None:
        """A person by his name."""
        return self._one(schema.people.c.name == name)

    def add(self, name: str, role: str, until: datetime | None, by: str, now: datetime) -> Person:
        """Make somebody known; he cannot come before he set a password with a code."""
        row = {
            "name": name,
            "role": role,
            "until": stamp(until) if until else None,
            "made": stamp(now),
            "made_by": by,
        }
        with self._engine.begin() as db:
            made = db.execute(schema.people.insert().values(row))
            number = int((made.inserted_primary_key or (0,))[0])
        return Person(number, name, role, row["until"], None, stamp(now), by, None)

    def change(self, number: int, role: str, until: datetime | None) -> None:
        """Give somebody another role, or another end."""
        with self._engine.begin() as db:
            _set(db, number, role=role, until=stamp(until) if until else None)

    def remove(self, number: int, now: datetime) -> None:
        """Let somebody in no more; his sessions and codes end with it."""
        with self._engine.begin() as db:
            _set(db, number, removed=stamp(now))
            _end(db, number, now)

    def set_password(self, number: int, password: str, now: datetime) -> None:
        """Keep a new password's hash; his sessions and codes end with it."""
        with self._engine.begin() as db:
            _set(db, number, password=password)
            _end(db, number, now)

    def code(self, number: int, now: datetime) -> str:
        """A one-time code by which somebody sets a password; only its hash is kept."""
        text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
        text = "-".join(text[first : first + 4] for first in range(0, len(text), 4))
        row = {
            "digest": digest_of(text),
            "person": number,
            "made": stamp(now),
            "until": stamp(now + CODE_HOLDS),
        }
        with self._engine.begin() as db:
            _spend(db, number, now)
            db.execute(schema.codes.insert().values(row))
        return text

    def of_code(self, text: str, now: datetime) -> Person | None:
        """Whose code this is; None where it is nobody's, was used, or is over."""
        table = schema.codes
        query = sa.select(table.c.person).where(
            table.c.digest == _digest(text),
            table.c.used.is_(None),
            table.c.until > stamp(now),
        )
        with self._engine.connect() as db:
            number = db.execute(query).scalar()
        return None if number is None else self.find(number)

    def use_code(self, text: str, now: datetime) -> bool:
        """Spend a code; False where somebody else just did."""
        table = schema.codes
        unused = sa.and_(table.c.digest == _digest(text), table.c.used.is_(None))
        with self._engine.begin() as db:
            return db.execute(table.update().where(unused).values(used=stamp(now))).rowcount == 1

    def _one(self, where: sa.ColumnElement[bool]) -> Person | None:
        with self._engine.connect() as db:
            row = db.execute(sa.select(*_PERSON).where(where)).first()
        return Person(*row) if row else None


def _digest(code: str) -> str:
    """Of a code as somebody types it."""
    return digest_of(code.strip().upper())


def _set(db: sa.Connection, number: int, **values: str | None) -> None:
    table = schema.people
    db.execute(table.update().where(table.c.id == number).values(values))


def _end(db: sa.Connection, number: int, now: datetime) -> None:
    """Whatever lets somebody in ends: sessions, and codes that nobody used."""
    table = schema.sessions
    theirs = sa.and_(table.c.person == number, table.c.ended.is_(None))
    _spend(db, number, now)
    db.execute(table.update().where(theirs).values(ended=stamp(now)))


def _spend(db: sa.Connection, number: int, now: datetime) -> None:
    """The codes of a person that nobody used are good no more."""
    table = schema.codes
    unused = sa.and_(table.c.person == number, table.c.used.is_(None))
    db.execute(table.update().where(unused).values(used=stamp(now)))
