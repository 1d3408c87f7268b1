"""Results: footprints as they were computed; revisions, never edited."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from api.books import schema
from api.books.packing import unpacked
from api.books.pages import PAGE, in_pages
from collector.wire.reading import stamp, unix_ms


class Result(NamedTuple):
    """A stored footprint of a batch: a revision, never edited.

    Attributes:
        batch: Which.
        view: ``footprint`` or ``inventory``.
        revision: From 1.
        computed: When; all results of one change say the same.
        reason: ``first-final``, ``late-data``, ``correction``, ``factor``, ``plant``, ``rules``.
        digest: SHA-256 of what makes two results the same.
        body: The JSON that is given out, byte for byte, packed.
        scope_start_ms: Beginning of the period that it depends on.
        scope_end_ms: Its end.
        change: The change that made it.
        tally: Number of the batch's tally that was priced.
        ended_ms: End of its last run: the month of it is the batch's.
        kgco2e: Its total, a decimal.
        asked: Factors published later were not used.
        factors: SHA-256 of the factor set.
        plant: SHA-256 of the plant's snapshots.
        rules: Version of the rules.
        software: Version of the software.
        position: How far the journal was followed.
    """

    batch: str
    view: str
    revision: int
    computed: str
    reason: str
    digest: str
    body: bytes
    scope_start_ms: int
    scope_end_ms: int
    change: int | None = None
    tally: int | None = None
    ended_ms: int | None = None
    kgco2e: str | None = None
    asked: str | None = None
    factors: str | None = None
    plant: str | None = None
    rules: str | None = None
    software: str | None = None
    position: int | None = None

    @property
    def text(self) -> bytes:
        """The JSON that is given out."""
        return unpacked(self.body)


_COLUMNS = tuple(schema.results.c[name] for name in Result._fields)
_BARE = tuple(sa.literal(b"").label("body") if c.name == "body" else c for c in _COLUMNS)
_OF_A_BATCH = (
    sa.select(*_COLUMNS)
    .where(
        schema.results.c.batch == sa.bindparam("of"), schema.results.c.view == sa.bindparam("as")
    )
    .order_by(schema.results.c.revision.desc())
    .limit(1)
)
"""Asked more than anything else, so it is put together once."""


class Results:
    """The stored footprints."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def find(
        self,
        batch: str,
        view: str,
        *,
        revision: int | None = None,
        as_of: datetime | None = None,
    ) -> Result | None:
        """A revision of a batch's footprint: that one, the last at an instant, or the last."""
        query = _OF_A_BATCH
        if revision is not None:
            query = query.where(schema.results.c.revision == revision)
        if as_of is not None:
            query = query.where(schema.results.c.computed <= stamp(as_of))
        with self._engine.connect() as db:
            row = db.execute(query, {"of": batch, "as": view}).first()
        return Result(*row) if row else None

    def heads(self, batches: Sequence[str]) -> dict[str, dict[str, Result]]:
        """The last revision of each view of several batches; without bodies."""
        table = schema.results
        found: dict[str, dict[str, Result]] = {batch: {} for batch in batches}
        with self._engine.connect() as db:
            for some in in_pages(batches):
                query = sa.select(*_BARE).where(table.c.batch.in_(some))
                for row in db.execute(query.order_by(table.c.batch, table.c.revision)):
                    result = Result(*row)
                    found[result.batch][result.view] = result
        return found

    def batches(self) -> list[str]:
        """Every batch that has a result, in order."""
        query = sa.select(schema.results.c.batch).distinct().order_by(schema.results.c.batch)
        with self._engine.connect() as db:
            return [row[0] for row in db.execute(query)]

    def revisions(self, batch: str, view: str) -> list[Result]:
        """Every revision of a batch's footprint, the first one first; without bodies."""
        table = schema.results
        query = sa.select(*_BARE).where(table.c.batch == batch, table.c.view == view)
        with self._engine.connect() as db:
            return [Result(*row) for row in db.execute(query.order_by(table.c.revision))]

    def last_of_each(
        self, view: str, ended: tuple[datetime, datetime] | None = None
    ) -> Iterator[Result]:
        """The last revision of every batch (or of those that ended in a period); without bodies."""
        table = schema.results
        other = schema.results.alias()
        newest = (
            sa.select(sa.func.max(other.c.revision))
            .where(other.c.batch == table.c.batch, other.c.view == view)
            .scalar_subquery()
        )
        query = sa.select(*_BARE).where(table.c.view == view, table.c.revision == newest)
        if ended is not None:
            start, end = ended
            query = query.where(table.c.ended_ms > unix_ms(start), table.c.ended_ms <= unix_ms(end))
        last = ""
        while True:
            page = query.where(table.c.batch > last).order_by(table.c.batch).limit(PAGE)
            with self._engine.connect() as db:
                rows = [Result(*row) for row in db.execute(page)]
            yield from rows
            if len(rows) < PAGE:
                return
            last = rows[-1].batch

    def ended(
        self, view: str, period: tuple[datetime, datetime], batches: Sequence[str]
    ) -> Iterator[Result]:
        """The last revision of those of some batches that ended in a period; with bodies."""
        start, end = (unix_ms(at) for at in period)
        heads = self.heads(batches)
        for batch in batches:
            head = heads[batch].get(view)
            if head is not None and start < (head.ended_ms or 0) <= end:
                found = self.find(batch, view, revision=head.revision)
                if found is not None:
                    yield found

    def computed_since(self, at: datetime) -> list[str]:
        """Batches of which anything was computed at or after an instant."""
        table = schema.results
        query = sa.select(table.c.batch).distinct().where(table.c.computed >= stamp(at))
        with self._engine.connect() as db:
            return [row[0] for row in db.execute(query)]

    def newest(self, view: str, ended: datetime, limit: int, computed: str = "") -> list[Result]:
        """Results of the batches that ended last, with bodies; newest first.

        Args:
            view: Of which view.
            ended: Batches that ended after this.
            limit: At most so many.
            computed: Results that were computed after this.
        """
        table = schema.results
        query = sa.select(*_COLUMNS).where(
            table.c.view == view, table.c.ended_ms > unix_ms(ended), table.c.computed > computed
        )
        query = query.order_by(table.c.ended_ms.desc(), table.c.revision.desc()).limit(limit)
        with self._engine.connect() as db:
            return [Result(*row) for row in db.execute(query)]

    def touched(self, start: datetime, end: datetime) -> list[str]:
        """Batches with a stored result whose scope overlaps ``[start, end)``."""
        table = schema.results
        query = sa.select(table.c.batch).distinct().where(
            table.c.scope_end_ms > unix_ms(start), table.c.scope_start_ms < unix_ms(end)
        )  # fmt: skip
        with self._engine.connect() as db:
            return [row[0] for row in db.execute(query)]


def row_of(result: Result) -> dict[str, Any]:
    """A result as a row of its table."""
    return result._asdict()
