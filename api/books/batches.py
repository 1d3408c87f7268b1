"""Batches: what people and other systems said of them, every word kept, the last one counting."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.books import schema
from api.books.entries import Decision
from api.books.marks import CORRECTED
from api.books.pages import in_pages
from api.books.said import Awaiting, enter, standing
from collector.wire.reading import stamp

KIND = "batch"


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """What is said of a batch; `accepted_kg` is a decimal or None."""

    id: str
    article: str
    accepted_kg: str | None
    colour: str = ""
    order: str = ""

    def word(self, by: str, now: datetime, why: str = "", evidence: str = "") -> Decision:
        """The same as an entry."""
        body = {"article": self.article, "accepted_kg": self.accepted_kg}
        body |= {"colour": self.colour, "order": self.order}
        return Decision(KIND, self.id, now, body, by, why, evidence)


_ENTERED = sa.select(
    *(schema.batches.c[name] for name in ("id", "article", "accepted_kg", "colour", "order_no"))
).where(schema.batches.c.id.in_(sa.bindparam("names", expanding=True)))
"""Asked with every page of batches, so it is put together once."""


class Batches:
    """The batches as they are said to be now, and every word that was said of them."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def enter(self, entry: BatchEntry, by: str, now: datetime, waiting: Collection[str]) -> bool:
        """Enter a batch, and whom that corrects; False where it stands there with other values."""
        old = self.entered(entry.id)
        if old is not None:
            return old == entry
        self.say([entry.word(by, now)], now, waiting)
        return True

    def say(self, words: Sequence[Decision], now: datetime, waiting: Collection[str]) -> None:
        """Keep words for ever, the batches as they follow from them, and who waits; or nothing."""
        about = [one.subject for one in words if one.kind == KIND]
        with self._engine.begin() as db:
            enter(db, words, now, Awaiting(waiting, CORRECTED))
            _restate(db, about)

    def take_back(
        self, word: Decision, about: Collection[str], now: datetime, waiting: Collection[str]
    ) -> None:
        """Keep that words were taken back: the batches that they were about are as before them."""
        with self._engine.begin() as db:
            enter(db, [word], now, Awaiting(waiting, CORRECTED))
            _restate(db, about)

    def entered(self, name: str) -> BatchEntry | None:
        """What is said of a batch."""
        return self.every([name]).get(name)

    def every(self, names: Iterable[str]) -> dict[str, BatchEntry]:
        """What is said of each of these batches, where anything is."""
        found: dict[str, BatchEntry] = {}
        with self._engine.connect() as db:
            for some in in_pages(names):
                rows = db.execute(_ENTERED, {"names": some}).all()
                found.update((row.id, BatchEntry(*row)) for row in rows)
        return found

    def kg(self, batches: Collection[str]) -> dict[str, str]:
        """The mass that was entered of batches, where any was. [kg]"""
        found = self.every(batches)
        return {name: one.accepted_kg for name, one in found.items() if one.accepted_kg is not None}

    def names(self) -> set[str]:
        """Every batch that anybody entered."""
        with self._engine.connect() as db:
            return {row[0] for row in db.execute(sa.select(schema.batches.c.id))}

    def planned(self, since: datetime) -> set[str]:
        """Batches entered since an instant that have not run yet."""
        table, runs = schema.batches, schema.runs
        ran = sa.exists().where(runs.c.batch == table.c.id)
        query = sa.select(table.c.id).where(table.c.entered >= stamp(since), ~ran)
        with self._engine.connect() as db:
            return {row[0] for row in db.execute(query)}

    def how_many_by_article(self) -> dict[str, int]:
        """Every article that batches were entered with, and how many were."""
        table = schema.batches
        query = (
            sa.select(table.c.article, sa.func.count())
            .where(table.c.article != "")
            .group_by(table.c.article)
            .order_by(table.c.article)
        )
        with self._engine.connect() as db:
            return {row[0]: row[1] for row in db.execute(query)}

    def of_article(self, article: str) -> list[str]:
        """Batches of an article."""
        table = schema.batches
        query = sa.select(table.c.id).where(table.c.article == article).order_by(table.c.entered)
        with self._engine.connect() as db:
            return [row[0] for row in db.execute(query)]


def untold(db: sa.Connection) -> Iterator[str]:
    """Batches that are not in the books as their words make them: edited past them."""
    table, first, entries = schema.batches, schema.first_batches, schema.entries
    every = sa.union(
        sa.select(table.c.id),
        sa.select(first.c.id),
        sa.select(entries.c.subject).where(entries.c.kind == KIND),
    )
    for some in in_pages(sorted(db.execute(every).scalars())):
        made = _readable(db, some)
        kept = db.execute(sa.select(table).where(table.c.id.in_(some))).mappings()
        found = {str(row["id"]): dict(row) for row in kept}
        yield from (name for name in some if made.get(name) != found.get(name))


def _readable(db: sa.Connection, some: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Rows of batches by id, without those whose words nobody can read any more."""
    try:
        return {str(row["id"]): row for row in _made(db, some)}
    except ValueError:  # a word was edited; the others are told of all the same
        one_by_one = [] if len(some) == 1 else [_readable(db, [name]) for name in some]
        return {name: row for rows in one_by_one for name, row in rows.items()}


def _restate(db: sa.Connection, about: Collection[str]) -> None:
    """Batches as they follow from the first word of old and the last one since."""
    for some in in_pages(dict.fromkeys(about)):
        db.execute(schema.batches.delete().where(schema.batches.c.id.in_(some)))
        rows = _made(db, some)
        if rows:
            db.execute(schema.batches.insert(), rows)


def _made(db: sa.Connection, some: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of a few batches, of what is said of them."""
    first, words = schema.first_batches, standing(db, KIND, some)
    older = sa.select(first).where(first.c.id.in_([one for one in some if one not in words]))
    return [
        *(_row(words[name]) for name in some if name in words),
        *({**row, "colour": "", "order_no": ""} for row in db.execute(older).mappings()),
    ]


def _row(word: Decision) -> dict[str, Any]:
    said = word.body  # a table need not have every column
    return {
        "id": word.subject,
        "article": said.get("article", ""),
        "accepted_kg": said.get("accepted_kg"),
        "entered": word.entered,
        "entered_by": word.by,
        "colour": said.get("colour", ""),
        "order_no": said.get("order", ""),
    }
