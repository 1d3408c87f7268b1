"""Marks: how far the bookkeeper has come, and which batches wait for it."""

from collections.abc import Iterable

import sqlalchemy as sa

from api.books import schema


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

    def waiting(self) -> set[str]:
        """Batches about which something changed since their last final result."""
        with self._engine.connect() as db:
            return {row[0] for row in db.execute(sa.select(schema.waiting.c.batch))}

    def wait_for(self, batches: Iterable[str]) -> None:
        """Put batches that are not yet among those that wait there."""
        rows = [{"batch": batch} for batch in sorted(batches)]
        if rows:
            with self._engine.begin() as db:
                db.execute(schema.waiting.insert(), rows)

    def set_waiting(self, batch: str, *, waits: bool) -> None:
        """Put a batch among those that wait, or take it out."""
        table = schema.waiting
        with self._engine.begin() as db:
            db.execute(table.delete().where(table.c.batch == batch))
            if waits:
                db.execute(table.insert().values(batch=batch))
