"""Changes: what revises results, all of them in one transaction; posted at once or pending."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

import orjson
import sqlalchemy as sa

from api.books import schema
from api.books.glances import Glance
from api.books.periods import Statement, statement_row
from api.books.results import Result, row_of
from api.books.tallies import packed
from api.ledger.tally import Tally
from collector.wire.reading import parse_stamp

T = TypeVar("T")

POSTED, PENDING, REJECTED, SUPERSEDED = "posted", "pending", "rejected", "superseded"
PUBLICATION = "factor-publication"
"""The reason that always waits (rule 19)."""
FACTOR = "factor"
"""A factor that was put right, or a mill's own that was added."""
_MANY = 500


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One result that a change makes: from which revision, from how much to how much.

    Masses are told where more than prices changes. What waits is the same change whatever it weighs
    by then: another mass is another correction, which takes its place.
    """

    batch: str
    view: str
    from_revision: int | None
    kgco2e_from: str | None
    kgco2e_to: str
    kg_from: str | None = field(default=None, compare=False)
    kg_to: str | None = field(default=None, compare=False)

    @property
    def difference(self) -> str | None:
        """How much more it is, with its sign; None where there was nothing before."""
        if self.kgco2e_from is None:
            return None
        return f"{Decimal(self.kgco2e_to) - Decimal(self.kgco2e_from):+f}"


@dataclass(frozen=True, slots=True)
class Change:
    """What revises results.

    Attributes:
        state: ``posted``, ``pending``, ``rejected`` or ``superseded`` (by a later pending one).
        reason: ``late-data``, ``factor``, ``correction``, ``plant``, ``rules``; several by comma.
        detail: What exactly.
        asked: Factors published later are not used.
        lines: The results that it makes.
        made: When it was made.
        decided: When a person decided,
        decided_by: who,
        why: and why.
        id: Its number.
    """

    state: str
    reason: str
    detail: dict[str, Any]
    asked: str
    lines: tuple[ChangeLine, ...]
    made: str = ""
    decided: str | None = None
    decided_by: str | None = None
    why: str | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Posting:
    """Everything that one transaction writes.

    It is asked for in this order, page by page while it is written: what a change makes of a
    hundred thousand batches need not stand in memory.
    """

    change: Change
    results: Iterable[Result]
    glances: Iterable[Glance]
    tallies: Iterable[tuple[int, Tally]]
    statements: Iterable[Statement]
    settled: Iterable[str]


class Changes:
    """The changes."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def last_stamp(self) -> datetime | None:
        """When the last change was made."""
        with self._engine.connect() as db:
            made = db.execute(sa.select(sa.func.max(schema.results.c.computed))).scalar()
        return parse_stamp(made) if made else None

    def post(self, posting: Posting) -> int:
        """Write a change that is made at once, and every result of it, in one transaction."""
        with self._engine.begin() as db:
            number = _insert(db, posting.change)
            _write(db, posting, number)
        return number

    def decide(self, number: int, posting: Posting | None, change: Change) -> None:
        """Write a person's decision about a pending change, and its results where it is posted."""
        table = schema.changes
        with self._engine.begin() as db:
            db.execute(
                table.update()
                .where(table.c.id == number, table.c.state == PENDING)
                .values(
                    state=change.state,
                    decided=change.decided,
                    decided_by=change.decided_by,
                    why=change.why,
                )
            )
            if posting is not None:
                _write(db, posting, number)

    def pend(self, change: Change, settled: Iterable[str], instead_of: Sequence[int]) -> int:
        """Keep a change that waits for a person; it takes the place of earlier ones."""
        table = schema.changes
        with self._engine.begin() as db:
            number = _insert(db, change)
            if instead_of:
                db.execute(
                    table.update().where(table.c.id.in_(instead_of)).values(state=SUPERSEDED)
                )
            _settle(db, settled)
        return number

    def find(self, number: int) -> Change | None:
        """A change by its number."""
        return next(iter(self._select(schema.changes.c.id == number)), None)

    def pending(self) -> list[Change]:
        """Changes that wait for a person, the oldest first."""
        return self._select(schema.changes.c.state == PENDING)

    def how_many_pend(self) -> int:
        """How many changes wait for a person."""
        query = sa.select(sa.func.count()).where(schema.changes.c.state == PENDING)
        with self._engine.connect() as db:
            return db.execute(query).scalar_one()

    def publications(self) -> list[Change]:
        """Changes that newer factors would make: those that wait and those that were rejected."""
        table = schema.changes
        return self._select(
            sa.and_(table.c.reason == PUBLICATION, table.c.state.in_([PENDING, REJECTED]))
        )

    def of(self, batch: str) -> list[Change]:
        """Changes that made a batch's results, the oldest first; with its own lines only."""
        table = schema.change_lines
        mine = sa.select(table.c.change).where(table.c.batch == batch)
        return self._select(
            sa.and_(schema.changes.c.id.in_(mine), schema.changes.c.state == POSTED), batch
        )

    def _select(self, where: sa.ColumnElement[bool], batch: str | None = None) -> list[Change]:
        head, body = schema.changes, schema.change_lines
        query = sa.select(
            head.c.state, head.c.reason, head.c.detail, head.c.asked, head.c.made,
            head.c.decided, head.c.decided_by, head.c.why, head.c.id,
        ).where(where).order_by(head.c.id)  # fmt: skip
        found = []
        with self._engine.connect() as db:
            for state, reason, detail, asked, *rest in db.execute(query).all():
                lines = (
                    sa.select(
                        body.c.batch, body.c.view, body.c.from_revision, body.c.kgco2e_from,
                        body.c.kgco2e_to, body.c.kg_from, body.c.kg_to,
                    )
                    .where(body.c.change == rest[-1])
                    .order_by(body.c.batch, body.c.view)
                )  # fmt: skip
                if batch is not None:
                    lines = lines.where(body.c.batch == batch)
                own = tuple(ChangeLine(*row) for row in db.execute(lines))
                found.append(Change(state, reason, orjson.loads(detail), asked, own, *rest))
        return found


def _insert(db: sa.Connection, change: Change) -> int:
    made = db.execute(
        schema.changes.insert().values(
            made=change.made,
            state=change.state,
            reason=change.reason,
            detail=orjson.dumps(change.detail).decode(),
            asked=change.asked,
            decided=change.decided,
            decided_by=change.decided_by,
            why=change.why,
        )
    )
    number = int((made.inserted_primary_key or (0,))[0])
    rows = (
        {
            "change": number,
            "batch": line.batch,
            "view": line.view,
            "from_revision": line.from_revision,
            "kgco2e_from": line.kgco2e_from,
            "kgco2e_to": line.kgco2e_to,
            "kg_from": line.kg_from,
            "kg_to": line.kg_to,
        }
        for line in change.lines
    )
    _insert_many(db, schema.change_lines, rows)
    return number


def _write(db: sa.Connection, posting: Posting, number: int) -> None:
    _insert_many(
        db, schema.results, (row_of(result) | {"change": number} for result in posting.results)
    )
    _insert_many(db, schema.glances, (one._asdict() for one in posting.glances))
    _insert_many(
        db,
        schema.tallies,
        (
            {"batch": tally.batch, "number": at, "form": packed(tally)}
            for at, tally in posting.tallies
        ),
    )
    _insert_many(db, schema.statements, (statement_row(one) for one in posting.statements))
    _settle(db, posting.settled)


def _settle(db: sa.Connection, settled: Iterable[str]) -> None:
    for some in _pages(settled):
        db.execute(schema.waiting.delete().where(schema.waiting.c.batch.in_(some)))


def _insert_many(db: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    for some in _pages(rows):
        db.execute(table.insert(), some)


def _pages(found: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(found)
    while some := list(islice(rest, _MANY)):
        yield some
