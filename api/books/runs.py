"""Runs: which batch was on which machine, and when. What was found, and what counts."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.books import schema
from api.books.marks import wait
from api.books.pages import in_pages
from api.books.spans import BatchSpan, Search, spans
from api.ledger.accounts import Run
from api.ledger.corrections import PLC, Stated
from collector.wire.reading import instant, unix_ms


class Runs:
    """The runs of all machines."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def replace_found(self, machine: str, since: datetime, found: Iterable[Run]) -> None:
        """What a machine said from an instant on, found anew."""
        table = schema.found_runs
        rows = [_row(run) for run in found]
        with self._engine.begin() as db:
            db.execute(
                table.delete().where(table.c.machine == machine, table.c.start_ms >= unix_ms(since))
            )
            if rows:
                db.execute(table.insert(), rows)

    def replace(
        self,
        machine: str,
        since: datetime,
        stated: Iterable[Stated],
        waiting: Collection[str],
        reasons: frozenset[str],
    ) -> None:
        """The runs that count on a machine from an instant on, and whom that makes wait, and why.

        It is one transaction: nobody is forgotten who is to be computed anew.
        """
        table = schema.runs
        places: Counter[datetime] = Counter()
        rows = []
        for one in stated:
            said_by = {"run": one.id, "source": one.source, "entered_by": one.by, "kg": one.kg}
            rows.append(_row(one.run) | said_by | {"place": places[one.run.start]})
            places[one.run.start] += 1
        with self._engine.begin() as db:
            wait(db, waiting, reasons)
            db.execute(
                table.delete().where(table.c.machine == machine, table.c.start_ms >= unix_ms(since))
            )
            if rows:
                db.execute(table.insert(), rows)

    def found(self, machine: str, since: datetime) -> list[Run]:
        """What a machine said from an instant on, by time."""
        table = schema.found_runs
        where = sa.and_(table.c.machine == machine, table.c.start_ms >= unix_ms(since))
        return self._select(table, where, [table.c.start_ms])

    def found_before(self, machine: str, at: datetime) -> Run | None:
        """The last run that a machine showed the beginning of before an instant."""
        table = schema.found_runs
        where = sa.and_(table.c.machine == machine, table.c.start_ms < unix_ms(at))
        runs = self._select(table, where, [table.c.start_ms.desc()], limit=1)
        return runs[0] if runs else None

    def quiet(self, machine: str, at: datetime) -> datetime:
        """The last instant up to another at which nothing that touches it goes on any more.

        What is computed anew from there on changes nothing before.
        """
        touching, found, counting = unix_ms(at), schema.found_runs, schema.runs
        strict = False
        with self._engine.connect() as db:
            while True:
                firsts: list[int | None] = []
                for table in (found, counting):
                    ends = table.c.end_ms > touching if strict else table.c.end_ms >= touching
                    query = sa.select(sa.func.min(table.c.start_ms)).where(
                        table.c.machine == machine, table.c.start_ms < touching, ends
                    )
                    firsts.append(db.execute(query).scalar())
                firsts.append(db.execute(_same_stay(machine, touching)).scalar())
                firsts.append(db.execute(_moved_away(machine, touching)).scalar())
                earlier = [first for first in firsts if first is not None]
                if not earlier:
                    return instant(touching)
                touching, strict = min(earlier), True

    def between(self, start: datetime, end: datetime) -> list[Run]:
        """Runs of all machines that touch ``[start, end)``, by machine and time."""
        table = schema.runs
        return self._select(
            table, sa.and_(table.c.end_ms >= unix_ms(start), table.c.start_ms < unix_ms(end))
        )

    def of(self, batch: str) -> list[Run]:
        """Runs of a batch, by time."""
        runs = self._select(schema.runs, schema.runs.c.batch == batch)
        return sorted(runs, key=lambda run: (run.start, run.machine))

    def neighbour(self, machine: str, at: datetime, *, later: bool) -> Run | None:
        """The last run on a machine that began before an instant, or the first at or after it."""
        with self._engine.connect() as db:
            row = db.execute(_NEIGHBOUR[later], {"of": machine, "at": unix_ms(at)}).first()
        return _run(row) if row else None

    def stated(
        self,
        *,
        batch: str | None = None,
        machine: str | None = None,
        run: str | None = None,
        since: datetime | None = None,
        touching: datetime | None = None,
    ) -> list[Stated]:
        """Runs that count, with who says so, by time.

        Args:
            batch: Only those of a batch.
            machine: Only those on a machine.
            run: Only those of one name.
            since: Only those that began at or after an instant.
            touching: Only those that ended at or after an instant, or go on.
        """
        table = schema.runs
        wanted = (table.c.batch, batch), (table.c.machine, machine), (table.c.run, run)
        where = [column == value for column, value in wanted if value is not None]
        if since is not None:
            where.append(table.c.start_ms >= unix_ms(since))
        if touching is not None:
            where.append(sa.or_(table.c.going_on, table.c.end_ms >= unix_ms(touching)))
        return self._stated(sa.and_(sa.true(), *where))

    def beginning(self, names: Collection[str]) -> dict[str, datetime]:
        """When the first of these runs begins as it counts now, by machine."""
        table = schema.runs
        found: dict[str, datetime] = {}
        with self._engine.connect() as db:
            for some in in_pages(names):
                query = (
                    sa.select(table.c.machine, sa.func.min(table.c.start_ms))
                    .where(table.c.run.in_(some))
                    .group_by(table.c.machine)
                )
                for machine, start in db.execute(query):
                    at = instant(start)
                    found[machine] = min(at, found.get(machine, at))
        return found

    def stated_of(self, batches: Collection[str]) -> dict[str, list[Stated]]:
        """Runs that count by batch, for many batches."""
        found: dict[str, list[Stated]] = {}
        for some in in_pages(batches):
            for one in self._stated(schema.runs.c.batch.in_(some)):
                found.setdefault(one.run.batch, []).append(one)
        return found

    def going_on(self) -> dict[str, datetime]:
        """Machines on which somebody began a run that nobody ended; and when the first began."""
        table = schema.runs
        query = (
            sa.select(table.c.machine, sa.func.min(table.c.start_ms))
            .where(table.c.going_on, table.c.source != PLC)
            .group_by(table.c.machine)
        )
        with self._engine.connect() as db:
            return {machine: instant(start) for machine, start in db.execute(query)}

    def elsewhere(self, machine: str, batches: Collection[str], since: datetime) -> list[Run]:
        """Runs of these batches on other machines that go on after an instant."""
        table = schema.runs
        found: list[Run] = []
        for some in in_pages(batches):
            where = sa.and_(
                table.c.machine != machine,
                table.c.batch.in_(some),
                table.c.end_ms > unix_ms(since),
            )
            found += self._select(table, where)
        return found

    def of_each(self, batches: Collection[str]) -> dict[str, list[Run]]:
        """Runs of several batches, each by time."""
        found: dict[str, list[Run]] = {batch: [] for batch in batches}
        for some in in_pages(batches):
            for run in self._select(schema.runs, schema.runs.c.batch.in_(some)):
                found[run.batch].append(run)
        for runs in found.values():
            runs.sort(key=lambda run: (run.start, run.machine))
        return found

    def kg(self, batches: Collection[str]) -> dict[str, str]:
        """The mass that was said of batches with their runs, the first that was. [kg]"""
        table = schema.runs
        found: dict[str, str] = {}
        with self._engine.connect() as db:
            for some in in_pages(batches):
                query = (
                    sa.select(table.c.batch, table.c.kg)
                    .where(table.c.batch.in_(some), table.c.kg.is_not(None))
                    .order_by(table.c.start_ms, table.c.place)
                )
                for batch, kg in db.execute(query):
                    found.setdefault(batch, kg)
        return found

    def spans(
        self, limit: int, before: tuple[int, str] | None = None, search: Search | None = None
    ) -> list[BatchSpan]:
        """Batches by their runs, the newest start first; `before` is the last one's key."""
        return spans(self._engine, limit, before, search or Search())

    def ran(self, batches: Collection[str]) -> set[str]:
        """Those of some batches that have a run."""
        batch = schema.runs.c.batch
        found: set[str] = set()
        with self._engine.connect() as db:
            for some in in_pages(batches):
                query = sa.select(batch).distinct().where(batch.in_(some))
                found.update(db.execute(query).scalars())
        return found

    def _stated(self, where: sa.ColumnElement[bool]) -> list[Stated]:
        table = schema.runs
        said_by = table.c.run, table.c.source, table.c.entered_by, table.c.kg
        query = sa.select(*_columns(table), *said_by).where(where)
        by = table.c.start_ms, table.c.machine, table.c.place
        with self._engine.connect() as db:
            return [
                Stated(_run(row), row.run, row.source, row.entered_by, row.kg)
                for row in db.execute(query.order_by(*by))
            ]

    def _select(
        self,
        table: sa.Table,
        where: sa.ColumnElement[bool],
        order: list[sa.ColumnElement[int]] | None = None,
        *,
        limit: int | None = None,
    ) -> list[Run]:
        by = order or [table.c.machine, table.c.start_ms, table.c.place]
        query = sa.select(*_columns(table)).where(where).order_by(*by).limit(limit)
        with self._engine.connect() as db:
            return [_run(row) for row in db.execute(query)]


def _columns(table: sa.Table) -> tuple[sa.Column[Any], ...]:
    names = ("machine", "batch", "process", "start_ms", "end_ms", "going_on", "said")
    return tuple(table.c[name] for name in names)


def _neighbour(*, later: bool) -> sa.Select[Any]:
    of: sa.BindParameter[str] = sa.bindparam("of")
    at: sa.BindParameter[int] = sa.bindparam("at")
    table, start = schema.runs, schema.runs.c.start_ms
    there, order = (start >= at, start) if later else (start < at, start.desc())
    query = sa.select(*_columns(table)).where(table.c.machine == of, there)
    return query.order_by(order, table.c.place).limit(1)


_NEIGHBOUR = {later: _neighbour(later=later) for later in (False, True)}
"""Made once: a page that is open asks it of every machine, again and again."""


def _run(row: Any) -> Run:
    start, end = instant(row.start_ms), instant(row.end_ms)
    return Run(row.machine, row.batch, row.process, start, end, row.going_on, row.said)


def _row(run: Run) -> dict[str, object]:
    return {
        "machine": run.machine,
        "start_ms": unix_ms(run.start),
        "end_ms": unix_ms(run.end),
        "batch": run.batch,
        "process": run.process,
        "going_on": run.going_on,
        "said": run.said,
    }


def _same_stay(machine: str, at_ms: int) -> sa.Select[Any]:
    """Where the step before began, if the PLC showed the same id when an instant came."""
    before, after = schema.found_runs.alias(), schema.found_runs.alias()
    return sa.select(sa.func.min(before.c.start_ms)).where(
        before.c.machine == machine,
        before.c.end_ms == at_ms,
        before.c.start_ms < at_ms,
        after.c.machine == machine,
        after.c.start_ms == at_ms,
        after.c.said == before.c.said,
    )


def _moved_away(machine: str, at_ms: int) -> sa.Select[Any]:
    """Where a PLC showed the beginning of a run that a correction made reach beyond an instant."""
    table = schema.run_entries
    return sa.select(sa.func.min(table.c.anchor_ms)).where(
        table.c.machine == machine,
        table.c.run.like("p-%"),
        table.c.anchor_ms < at_ms,
        table.c.reach_ms >= at_ms,
    )
