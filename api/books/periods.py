"""Periods: months that an accountant closed, and the totals of each as they were computed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

import orjson
import sqlalchemy as sa

from api.books import schema
from collector.wire.reading import stamp


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed month: by whom, when, and why."""

    month: str
    closed: str
    closed_by: str
    why: str


@dataclass(frozen=True, slots=True)
class Statement:
    """The totals of a month as they were computed: a revision, never edited."""

    month: str
    revision: int
    computed: str
    reason: str
    asked: str
    digest: str
    body: str

    @property
    def kgco2e(self) -> Decimal:
        """What its batches carry. [kgCO2e]"""
        return Decimal(orjson.loads(self.body)["batches_kgco2e"])


_STATEMENT = tuple(schema.statements.c)


class Periods:
    """The closed months, and the statements of all."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def close(self, closed: Closed, statement: Statement | None) -> None:
        """Close a month, and keep its totals where they are not kept yet."""
        row = asdict(closed)
        with self._engine.begin() as db:
            db.execute(schema.periods.insert().values(row))
            if statement is not None:
                db.execute(schema.statements.insert().values(statement_row(statement)))

    def keep(self, statement: Statement) -> None:
        """Keep a month's totals."""
        with self._engine.begin() as db:
            db.execute(schema.statements.insert().values(statement_row(statement)))

    def closed(self) -> dict[str, Closed]:
        """Every closed month."""
        table = schema.periods
        columns = (table.c.month, table.c.closed, table.c.closed_by, table.c.why)
        with self._engine.connect() as db:
            return {row[0]: Closed(*row) for row in db.execute(sa.select(*columns))}

    def statements(self, month: str) -> list[Statement]:
        """Every revision of a month's totals, the first one first."""
        table = schema.statements
        query = sa.select(*_STATEMENT).where(table.c.month == month).order_by(table.c.revision)
        with self._engine.connect() as db:
            return [Statement(*row) for row in db.execute(query)]

    def statement(
        self, month: str, *, revision: int | None = None, as_of: datetime | None = None
    ) -> Statement | None:
        """A revision of a month's totals: that one, the last at an instant, or the last."""
        table = schema.statements
        query = sa.select(*_STATEMENT).where(table.c.month == month)
        if revision is not None:
            query = query.where(table.c.revision == revision)
        if as_of is not None:
            query = query.where(table.c.computed <= stamp(as_of))
        with self._engine.connect() as db:
            row = db.execute(query.order_by(table.c.revision.desc()).limit(1)).first()
        return Statement(*row) if row else None


def statement_row(statement: Statement) -> dict[str, object]:
    """A statement as a row of its table."""
    return asdict(statement)
