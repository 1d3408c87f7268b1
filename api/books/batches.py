"""Batches: what a person entered of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from api.books import schema
from api.books.marks import CORRECTED, wait
from api.books.pages import in_pages
from collector.wire.reading import stamp


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """What a person entered of a batch; `accepted_kg` is a decimal or None."""

    id: str
    article: str
    accepted_kg: str | None


class Batches:
    """The batches as entered."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def enter(self, entry: BatchEntry, by: str, now: datetime, waiting: Collection[str]) -> bool:
        """Enter a batch, and whom that corrects; False where it stands there with other values."""
        table = schema.batches
        with self._engine.begin() as db:
            old = db.execute(
                sa.select(table.c.article, table.c.accepted_kg).where(table.c.id == entry.id)
            ).first()
            if old is not None:
                return tuple(old) == (entry.article, entry.accepted_kg)
            wait(db, waiting, CORRECTED)
            db.execute(
                table.insert().values(
                    id=entry.id,
                    article=entry.article,
                    accepted_kg=entry.accepted_kg,
                    entered=stamp(now),
                    entered_by=by,
                )
            )
        return True

    def entered(self, name: str) -> BatchEntry | None:
        """What was entered of a batch."""
        table = schema.batches
        query = sa.select(table.c.id, table.c.article, table.c.accepted_kg).where(
            table.c.id == name
        )
        with self._engine.connect() as db:
            row = db.execute(query).first()
        return BatchEntry(*row) if row else None

    def articles(self, batches: Collection[str]) -> dict[str, str]:
        """The article that was entered of batches."""
        table = schema.batches
        found: dict[str, str] = {}
        with self._engine.connect() as db:
            for some in in_pages(batches):
                query = sa.select(table.c.id, table.c.article).where(table.c.id.in_(some))
                found.update((batch, article) for batch, article in db.execute(query))
        return found

    def kg(self, batches: Collection[str]) -> dict[str, str]:
        """The mass that was entered of batches, where any was. [kg]"""
        table = schema.batches
        found: dict[str, str] = {}
        with self._engine.connect() as db:
            for some in in_pages(batches):
                query = sa.select(table.c.id, table.c.accepted_kg)
                known = query.where(table.c.id.in_(some), table.c.accepted_kg.is_not(None))
                found.update((batch, kg) for batch, kg in db.execute(known))
        return found

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
