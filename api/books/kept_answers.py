"""Answers to writes that have a name of their own, so that what is sent again is done once."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from api.books import schema
from collector.wire.reading import stamp


@dataclass(frozen=True, slots=True)
class Write:
    """A write.

    Attributes:
        means: By what he is known who writes: a key, a person.
        key: How he names it.
        request: SHA-256 of what is to be done.
    """

    means: str
    key: str
    request: str


@dataclass(frozen=True, slots=True)
class Known:
    """A write that was begun before.

    Attributes:
        request: SHA-256 of what was to be done.
        begun: When.
        status: How it was answered; None where its end was not seen.
        headers: Of the answer, as JSON.
        body: Of the answer.
    """

    request: str
    begun: str
    status: int | None
    headers: str
    body: bytes


class KeptAnswers:
    """The writes of the last day that have a name."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def begin(self, write: Write, now: datetime, forgotten_before: datetime) -> Known | None:
        """Begin a write; how it went where it was begun before. Those of long ago are forgotten."""
        table = schema.kept_answers
        old = table.delete().where(table.c.begun < stamp(forgotten_before))
        row = {
            "means": write.means,
            "key": write.key,
            "request": write.request,
            "begun": stamp(now),
            "headers": "{}",
            "body": b"",
        }
        try:
            with self._engine.begin() as db:
                db.execute(old)
                db.execute(table.insert().values(row))
        except sa.exc.IntegrityError:
            return self._known(write)
        return None

    def keep(self, write: Write, status: int, headers: str, body: bytes) -> None:
        """Keep how it was answered."""
        row = {"status": status, "headers": headers, "body": body}
        with self._engine.begin() as db:
            db.execute(schema.kept_answers.update().where(*_named(write)).values(row))

    def forget(self, write: Write) -> None:
        """It changed nothing: it may be tried again."""
        with self._engine.begin() as db:
            db.execute(schema.kept_answers.delete().where(*_named(write)))

    def _known(self, write: Write) -> Known | None:
        table = schema.kept_answers
        columns = (table.c[name] for name in ("request", "begun", "status", "headers", "body"))
        with self._engine.connect() as db:
            row = db.execute(sa.select(*columns).where(*_named(write))).first()
        return Known(*row) if row else None


def _named(write: Write) -> tuple[sa.ColumnElement[bool], ...]:
    table = schema.kept_answers
    return table.c.means == write.means, table.c.key == write.key
