"""Entries: what named people decided; append-only rows with who, when, why and evidence."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from api.books import schema
from api.books.marks import wait
from collector.wire.reading import instant, stamp, unix_ms


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided.

    Attributes:
        kind: ``swap`` (a meter was changed or reset), ``counted`` (what one counted where its
            register broke), ``emission`` (rule 16), ``genealogy`` (rule 21), ``exemption`` (what
            something without a factor may come to), ``improvement`` (what was done to save), or
            what is said with `api.books.said`: ``batch``, ``material``, ``bill`` …
        subject: The meter, or the batch (empty for the site); whatever names what it is about.
        at: When it happened at the mill.
        body: What was decided.
        by: Who.
        why: Why.
        evidence: What proves it: a name and a hash, or words.
        entered: When it was entered.
        id: Its number; later entries about the same thing come after earlier ones.
    """

    kind: str
    subject: str
    at: datetime
    body: dict[str, Any]
    by: str
    why: str
    evidence: str
    entered: str = ""
    id: int = 0


class Entries:
    """The entries; there is no way to change one, only to enter another."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(
        self, entry: Decision, now: datetime, waiting: Collection[str], reasons: frozenset[str]
    ) -> Decision:
        """Enter a decision, and whom it makes wait, and why, in one transaction."""
        with self._engine.begin() as db:
            wait(db, waiting, reasons)
            db.execute(schema.entries.insert().values(row_of(entry, now)))
        return self.of(entry.kind, entry.subject)[-1]

    def of(self, kind: str, subject: str | None = None) -> list[Decision]:
        """Entries of a kind (about one thing), in the order in which they were entered."""
        table = schema.entries
        query = sa.select(
            table.c.kind, table.c.subject, table.c.at_ms, table.c.body, table.c.entered_by,
            table.c.why, table.c.evidence, table.c.entered, table.c.id,
        ).where(table.c.kind == kind)  # fmt: skip
        if subject is not None:
            query = query.where(table.c.subject == subject)
        with self._engine.connect() as db:
            rows = db.execute(query.order_by(table.c.id)).all()
        return [
            Decision(kind, about, instant(at), orjson.loads(body), *rest)
            for kind, about, at, body, *rest in rows
        ]


def row_of(entry: Decision, now: datetime) -> dict[str, Any]:
    """A decision as the books hold it."""
    return {
        "kind": entry.kind,
        "subject": entry.subject,
        "at_ms": unix_ms(entry.at),
        "body": orjson.dumps(entry.body).decode(),
        "entered": stamp(now),
        "entered_by": entry.by,
        "why": entry.why,
        "evidence": entry.evidence,
    }
