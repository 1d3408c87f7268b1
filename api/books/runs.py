"""Runs: which batch was on which machine, and when. What was found, and what counts."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.books import schema
from api.books.marks import wait
from api.ledger.accounts import Run
from api.ledger.corrections import PLC, Stated
from collector.wire.reading import instant, unix_ms


@dataclass(frozen=True, slots=True)
class BatchSpan:
    """A batch as its runs show it."""

    id: str
    start: datetime
    end: datetime
    machines: tuple[str, ...]
    going_on: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Which batches are looked for; what is empty or None excludes nothing.

    Attributes:
        text: A part of the batch's id (缸号) or of its article.
        machine: One that it was on.
        start: It was on a machine at or after,
        end: and before an instant.
    """

    text: str = ""
    machine: str = ""
    start: datetime | None = None
    end: datetime | None = None


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
        table = schema.runs
        there = table.c.start_ms >= unix_ms(at) if later else table.c.start_ms < unix_ms(at)
        order = table.c.start_ms if later else table.c.start_ms.desc()
        where = sa.and_(table.c.machine == machine, there)
        runs = self._select(table, where, [order, table.c.place], limit=1)
        return runs[0] if runs else None

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
        table, ordered = schema.runs, sorted(names)
        found: dict[str, datetime] = {}
        with self._engine.connect() as db:
            for first in range(0, len(ordered), 500):
                some = ordered[first : first + 500]
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
        ordered = sorted(batches)
        found: dict[str, list[Stated]] = {}
        for first in range(0, len(ordered), 500):
            wanted = schema.runs.c.batch.in_(ordered[first : first + 500])
            for one in self._stated(wanted):
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
        names = list(batches)
        found: list[Run] = []
        for first in range(0, len(names), 500):
            where = sa.and_(
                table.c.machine != machine,
                table.c.batch.in_(names[first : first + 500]),
                table.c.end_ms > unix_ms(since),
            )
            found += self._select(table, where)
        return found

    def kg(self, batch: str) -> str | None:
        """The mass that was said of a batch with its runs, the first that was. [kg]"""
        table = schema.runs
        query = (
            sa.select(table.c.kg)
            .where(table.c.batch == batch, table.c.kg.is_not(None))
            .order_by(table.c.start_ms, table.c.place)
            .limit(1)
        )
        with self._engine.connect() as db:
            return db.execute(query).scalar()

    def spans(
        self, limit: int, before: tuple[int, str] | None = None, search: Search | None = None
    ) -> list[BatchSpan]:
        """Batches by their runs, the newest start first; `before` is the last one's key."""
        table = schema.runs
        first = sa.func.min(table.c.start_ms)
        query = (
            sa.select(table.c.batch, first, sa.func.max(table.c.end_ms), sa.func.max(
                sa.cast(table.c.going_on, sa.Integer)))
            .where(table.c.batch != "", *_sought(search or Search()))
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


def _sought(search: Search) -> list[sa.ColumnElement[bool]]:
    """Batches whose runs, or whose article, are as searched: all of their runs count then."""
    runs, entered = schema.runs.alias(), schema.batches
    where: list[sa.ColumnElement[bool]] = []
    if search.text:
        of_article = sa.select(entered.c.id).where(
            entered.c.article.icontains(search.text, autoescape=True)
        )
        where.append(
            sa.or_(
                schema.runs.c.batch.icontains(search.text, autoescape=True),
                schema.runs.c.batch.in_(of_article),
            )
        )
    touching = []
    if search.machine:
        touching.append(runs.c.machine == search.machine)
    if search.start is not None:
        touching.append(sa.or_(runs.c.going_on, runs.c.end_ms >= unix_ms(search.start)))
    if search.end is not None:
        touching.append(runs.c.start_ms < unix_ms(search.end))
    if touching:
        where.append(schema.runs.c.batch.in_(sa.select(runs.c.batch).where(*touching)))
    return where


def _columns(table: sa.Table) -> tuple[sa.Column[Any], ...]:
    names = ("machine", "batch", "process", "start_ms", "end_ms", "going_on", "said")
    return tuple(table.c[name] for name in names)


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
