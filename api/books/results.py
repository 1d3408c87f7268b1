"""Results: footprints as they were computed; revisions, never edited."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from api.books import schema
from collector.wire.reading import stamp, unix_ms


@dataclass(frozen=True, slots=True)
class Result:
    """A stored footprint of a batch: a revision, never edited."""

    batch: str
    view: str
    revision: int
    computed: str
    reason: str
    digest: str
    body: str


class Results:
    """The stored footprints."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, result: Result, scope: tuple[datetime, datetime]) -> None:
        """Keep a revision for ever."""
        row = {
            "batch": result.batch,
            "view": result.view,
            "revision": result.revision,
            "computed": result.computed,
            "reason": result.reason,
            "scope_start_ms": unix_ms(scope[0]),
            "scope_end_ms": unix_ms(scope[1]),
            "digest": result.digest,
            "body": result.body,
        }
        with self._engine.begin() as db:
            db.execute(schema.results.insert().values(row))

    def find(
        self,
        batch: str,
        view: str,
        *,
        revision: int | None = None,
        as_of: datetime | None = None,
    ) -> Result | None:
        """A revision of a batch's footprint: that one, the last at an instant, or the last."""
        table = schema.results
        columns = (table.c.batch, table.c.view, table.c.revision, table.c.computed,
                   table.c.reason, table.c.digest, table.c.body)  # fmt: skip
        query = sa.select(*columns).where(table.c.batch == batch, table.c.view == view)
        if revision is not None:
            query = query.where(table.c.revision == revision)
        if as_of is not None:
            query = query.where(table.c.computed <= stamp(as_of))
        with self._engine.connect() as db:
            row = db.execute(query.order_by(table.c.revision.desc()).limit(1)).first()
        return Result(*row) if row else None

    def touched(self, start: datetime, end: datetime) -> list[str]:
        """Batches with a stored result whose scope overlaps ``[start, end)``."""
        table = schema.results
        query = sa.select(table.c.batch).distinct().where(
            table.c.scope_end_ms > unix_ms(start), table.c.scope_start_ms < unix_ms(end)
        )  # fmt: skip
        with self._engine.connect() as db:
            return [row[0] for row in db.execute(query)]
