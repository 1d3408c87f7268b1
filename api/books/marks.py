"""Marks: how far the bookkeeper has come, and which batches wait for it."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from api.books import schema
from api.books.pages import in_pages

LATE, CORRECTED, RELATED = (frozenset([one]) for one in ("late-data", "correction", "genealogy"))
"""Why a batch waits: readings came, a person corrected something, or said who became whom."""


class Marks:
    """Kept positions and waiting batches."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def position(self, name: str) -> int:
        """A kept position; 0 where none is."""
        table = schema.marks
        with self._engine.connect() as db:
            row = db.execute(sa.select(table.c.position).where(table.c.name == name)).first()
        return int(row[0]) if row else 0

    def keep(self, name: str, position: int) -> None:
        """Keep a position."""
        table = schema.marks
        with self._engine.begin() as db:
            done = db.execute(table.update().where(table.c.name == name).values(position=position))
            if not done.rowcount:
                db.execute(table.insert().values(name=name, position=position))

    def waiting(self) -> dict[str, frozenset[str]]:
        """Batches about which something changed since their last final result, and what."""
        table = schema.waiting
        with self._engine.connect() as db:
            rows = db.execute(sa.select(table.c.batch, table.c.reasons)).all()
        return {batch: frozenset(reasons.split(",")) for batch, reasons in rows}

    def wait(self, batches: Collection[str], reasons: frozenset[str]) -> None:
        """Put batches among those that wait, for these reasons as well."""
        if batches:
            with self._engine.begin() as db:
                wait(db, batches, reasons)

    def done(self, batches: Iterable[str]) -> None:
        """Take batches out of those that wait."""
        table = schema.waiting
        with self._engine.begin() as db:
            for batch in batches:
                db.execute(table.delete().where(table.c.batch == batch))


def wait(db: sa.Connection, batches: Collection[str], reasons: frozenset[str]) -> None:
    """The same, in a transaction that writes more."""
    table = schema.waiting
    for some in in_pages(sorted(batches)):
        there = table.c.batch.in_(some)
        known = {
            row.batch: row.reasons.split(",") for row in db.execute(sa.select(table).where(there))
        }
        db.execute(table.delete().where(there))
        rows = [
            {"batch": name, "reasons": ",".join(sorted(reasons.union(known.get(name, ()))))}
            for name in some
        ]
        db.execute(table.insert(), rows)
