"""Marks: how far the bookkeeper has come, and which batches wait for it."""

from collections.abc import Iterable, Mapping

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

    def waiting(self) -> dict[str, frozenset[str]]:
        """Batches about which something changed since their last final result, and what."""
        table = schema.waiting
        with self._engine.connect() as db:
            rows = db.execute(sa.select(table.c.batch, table.c.reasons)).all()
        return {batch: frozenset(reasons.split(",")) for batch, reasons in rows}

    def wait(self, reasons: Mapping[str, frozenset[str]]) -> None:
        """Put batches among those that wait, each for its reasons."""
        table = schema.waiting
        rows = [{"batch": name, "reasons": ",".join(sorted(own))} for name, own in reasons.items()]
        if rows:
            with self._engine.begin() as db:
                db.execute(
                    table.delete().where(table.c.batch == sa.bindparam("name")),
                    [{"name": name} for name in reasons],
                )
                db.execute(table.insert(), rows)

    def done(self, batches: Iterable[str]) -> None:
        """Take batches out of those that wait."""
        table = schema.waiting
        with self._engine.begin() as db:
            for batch in batches:
                db.execute(table.delete().where(table.c.batch == batch))
