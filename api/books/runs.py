"""Runs: which batch was on which machine, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from api.books import schema
from api.ledger.accounts import Run
from collector.wire.reading import instant, unix_ms


@dataclass(frozen=True, slots=True)
class BatchSpan:
    """A batch as its runs show it."""

    id: str
    start: datetime
    end: datetime
    machines: tuple[str, ...]
    going_on: bool


class Runs:
    """The runs of all machines."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def replace(self, machine: str, since: datetime, found: Iterable[Run]) -> None:
        """Runs of a machine from an instant on, found anew."""
        table = schema.runs
        rows = [
            {
                "machine": run.machine,
                "start_ms": unix_ms(run.start),
                "end_ms": unix_ms(run.end),
                "batch": run.batch,
                "process": run.process,
                "going_on": run.going_on,
                "said": run.said,
                "source": "plc",
            }
            for run in found
        ]
        with self._engine.begin() as db:
            db.execute(
                table.delete().where(table.c.machine == machine, table.c.start_ms >= unix_ms(since))
            )
            if rows:
                db.execute(table.insert(), rows)

    def between(self, start: datetime, end: datetime) -> list[Run]:
        """Runs of all machines that touch ``[start, end)``, by machine and time."""
        table = schema.runs
        return self._select(
            sa.and_(table.c.end_ms >= unix_ms(start), table.c.start_ms < unix_ms(end))
        )

    def of(self, batch: str) -> list[Run]:
        """Runs of a batch, by time."""
        runs = self._select(schema.runs.c.batch == batch)
        return sorted(runs, key=lambda run: (run.start, run.machine))

    def neighbour(self, machine: str, at: datetime, *, later: bool) -> Run | None:
        """The last run on a machine that began before an instant, or the first at or after it."""
        table = schema.runs
        there = table.c.start_ms >= unix_ms(at) if later else table.c.start_ms < unix_ms(at)
        order = table.c.start_ms if later else table.c.start_ms.desc()
        runs = self._select(sa.and_(table.c.machine == machine, there), order=order, limit=1)
        return runs[0] if runs else None

    def spans(self, limit: int, before: tuple[int, str] | None = None) -> list[BatchSpan]:
        """Batches by their runs, the newest start first; `before` is the last one's key."""
        table = schema.runs
        first = sa.func.min(table.c.start_ms)
        query = (
            sa.select(table.c.batch, first, sa.func.max(table.c.end_ms), sa.func.max(
                sa.cast(table.c.going_on, sa.Integer)))
            .where(table.c.batch != "")
            .group_by(table.c.batch)
            .order_by(first.desc(), table.c.batch)
            .limit(limit)
        )  # fmt: skip
        if before is not None:
            start, name = before
            query = query.having(
                sa.or_(first < start, sa.and_(first == start, table.c.batch > name))
            )
        with self._engine.connect() as db:
            rows = db.execute(query).all()
            names = [row[0] for row in rows]
            machines: dict[str, list[str]] = {}
            for batch, machine in db.execute(
                sa.select(table.c.batch, table.c.machine)
                .where(table.c.batch.in_(names))
                .group_by(table.c.batch, table.c.machine)
                .order_by(sa.func.min(table.c.start_ms))
            ):
                machines.setdefault(batch, []).append(machine)
        return [
            BatchSpan(batch, instant(start), instant(end), tuple(machines[batch]), bool(going_on))
            for batch, start, end, going_on in rows
        ]

    def _select(
        self,
        where: sa.ColumnElement[bool],
        *,
        order: sa.ColumnElement[int] | None = None,
        limit: int | None = None,
    ) -> list[Run]:
        table = schema.runs
        query = sa.select(
            table.c.machine, table.c.batch, table.c.process, table.c.start_ms, table.c.end_ms,
            table.c.going_on, table.c.said,
        ).where(where)  # fmt: skip
        orders = [table.c.machine, table.c.start_ms] if order is None else [order]
        with self._engine.connect() as db:
            rows = db.execute(query.order_by(*orders).limit(limit)).all()
        return [
            Run(machine, batch, process, instant(start), instant(end), going_on, said)
            for machine, batch, process, start, end, going_on, said in rows
        ]
