"""What was said of batches, bills and the like: the last word on each that nobody took back.

Every word is an entry, for ever. An import is many words with one mark; taking it back is an entry
as well, and then the words before it count again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from api.books import schema
from api.books.entries import Decision, row_of
from api.books.marks import wait
from api.books.pages import in_pages
from collector.wire.reading import instant

IMPORT, UNDONE = "import", "undone"


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Who waits for what is entered, and why."""

    batches: Collection[str] = ()
    reasons: frozenset[str] = frozenset()


def mark_of(number: int) -> str:
    """How the words of an import are marked: that stands for their evidence."""
    return f"import {number}"


class Said:
    """The words and the imports that brought them."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def enter(self, words: Sequence[Decision], now: datetime, awaiting: Awaiting) -> None:
        """Enter words, and who waits for them, all in one transaction."""
        with self._engine.begin() as db:
            enter(db, words, now, awaiting)

    def standing(self, kind: str, subjects: Iterable[str] | None = None) -> dict[str, Decision]:
        """The last word of a kind on each subject that was not taken back."""
        with self._engine.connect() as db:
            return standing(db, kind, subjects)

    def by(self, number: int) -> list[Decision]:
        """The words that an import brought."""
        table = schema.entries
        with self._engine.connect() as db:
            return read(db, table.c.evidence == mark_of(number), table.c.kind != IMPORT)

    def entry(self, number: int) -> Decision | None:
        """An entry by its number."""
        with self._engine.connect() as db:
            found = read(db, schema.entries.c.id == number)
        return found[0] if found else None

    def taken_back(self) -> Mapping[str, Decision]:
        """What was taken back, and by which entry: ``import 12``, ``entry 345``."""
        with self._engine.connect() as db:
            return {one.subject: one for one in read(db, schema.entries.c.kind == UNDONE)}

    def imports(self) -> list[Decision]:
        """Every import, in their order."""
        with self._engine.connect() as db:
            return read(db, schema.entries.c.kind == IMPORT)

    def next_import(self) -> int:
        """The number of the next import; those of runs alone, of old, are counted with them."""
        table, kept = schema.run_entries, self.imports()
        with self._engine.connect() as db:
            last = db.execute(sa.select(sa.func.max(table.c.file))).scalar()
        return max([int(last or 0), *(int(one.subject) for one in kept)]) + 1


def enter(db: sa.Connection, words: Sequence[Decision], now: datetime, awaiting: Awaiting) -> None:
    """The same, in a transaction that writes more."""
    wait(db, awaiting.batches, awaiting.reasons)
    if words:
        db.execute(schema.entries.insert(), [row_of(one, now) for one in words])


def standing(
    db: sa.Connection, kind: str, subjects: Iterable[str] | None = None
) -> dict[str, Decision]:
    """The same, as a transaction sees it."""
    table = schema.entries
    back = {one.subject for one in read(db, table.c.kind == UNDONE)}
    pages: Iterable[Any] = [None] if subjects is None else in_pages(subjects)
    found: dict[str, Decision] = {}
    for some in pages:
        about = [] if some is None else [table.c.subject.in_(some)]
        for one in read(db, table.c.kind == kind, *about):
            if one.evidence not in back and f"entry {one.id}" not in back:
                found[one.subject] = one
    return found


def read(db: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Decision]:
    """Words of which this holds, in their order."""
    table = schema.entries
    query = sa.select(
        table.c.kind, table.c.subject, table.c.at_ms, table.c.body, table.c.entered_by,
        table.c.why, table.c.evidence, table.c.entered, table.c.id,
    ).where(*where)  # fmt: skip
    return [
        Decision(kind, about, instant(at), orjson.loads(body), *rest)
        for kind, about, at, body, *rest in db.execute(query.order_by(table.c.id))
    ]
