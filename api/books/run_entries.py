"""Run entries: what people and other systems said of runs. Append-only."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.books import said, schema
from api.books.entries import Decision
from api.books.pages import in_pages
from api.ledger.corrections import Entry
from collector.wire.reading import instant, parse_stamp, stamp, unix_ms


class RunEntries:
    """The entries of all machines."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def next_number(self) -> int:
        """The number of the next entry."""
        with self._engine.connect() as db:
            last = db.execute(sa.select(sa.func.max(schema.run_entries.c.number))).scalar()
        return int(last or 0) + 1

    def next_file(self) -> int:
        """The number of the next import."""
        with self._engine.connect() as db:
            last = db.execute(sa.select(sa.func.max(schema.run_entries.c.file))).scalar()
        return int(last or 0) + 1

    def add(self, entries: Sequence[Entry], words: Sequence[Decision] = ()) -> None:
        """Keep entries for ever, and what is said with them, all or none."""
        if entries:
            with self._engine.begin() as db:
                db.execute(schema.run_entries.insert(), [_row(one) for one in entries])
                said.enter(db, words, entries[0].entered, said.Awaiting())

    def of_machine(self, machine: str, since: datetime) -> list[Entry]:
        """Entries that may matter to a machine's runs from an instant on."""
        table, runs, at = schema.run_entries, schema.runs, unix_ms(since)
        over = sa.exists().where(runs.c.run == table.c.run, runs.c.end_ms < at)
        where = sa.and_(
            table.c.machine == machine,
            table.c.run != "",
            sa.or_(table.c.reach_ms >= at, sa.and_(table.c.reach_ms.is_(None), ~over)),
        )
        with self._engine.connect() as db:
            names = {row[0] for row in db.execute(sa.select(table.c.run).where(where).distinct())}
        return self._whole(names)

    def of_runs(self, runs: Sequence[str]) -> list[Entry]:
        """Every entry about these runs, and what undid any of them."""
        return self._whole(set(runs))

    def of_batch(self, batch: str) -> list[Entry]:
        """Every entry that ever named a batch, or that is about a run which did."""
        table, runs = schema.run_entries, schema.runs
        with self._engine.connect() as db:
            rows = db.execute(
                sa.union(
                    sa.select(table.c.run).where(
                        sa.or_(table.c.batch == batch, table.c.said == batch)
                    ),
                    sa.select(runs.c.run).where(runs.c.batch == batch),
                )
            )
            names = {row[0] for row in rows}
        return self._whole(names)

    def of_file(self, file: int) -> list[Entry]:
        """The entries of an import, and what undid it."""
        return self._select(schema.run_entries.c.file == file)

    def after(self, number: int) -> list[Entry]:
        """Entries with higher numbers."""
        return self._select(schema.run_entries.c.number > number)

    def dismissed(self, machine: str) -> list[tuple[datetime, datetime]]:
        """Times of which somebody said that no batch was on a machine."""
        table = schema.run_entries
        found = self._select(sa.and_(table.c.machine == machine, table.c.kind == "dismiss"))
        return [(one.anchor, one.end or one.anchor) for one in found]

    def _whole(self, names: set[str]) -> list[Entry]:
        """Every entry about these runs, and what undid any of their imports."""
        table = schema.run_entries
        found: list[Entry] = []
        for some in in_pages(names):
            found += self._select(table.c.run.in_(some))
        for files in in_pages({one.file for one in found if one.file is not None}):
            found += self._select(sa.and_(table.c.kind == "undo", table.c.file.in_(files)))
        return sorted(found, key=lambda one: one.number)

    def _select(self, where: sa.ColumnElement[bool]) -> list[Entry]:
        query = sa.select(schema.run_entries).where(where).order_by(schema.run_entries.c.number)
        with self._engine.connect() as db:
            return [_entry(row) for row in db.execute(query)]


def numbered(entries: Sequence[Entry], first: int) -> list[Entry]:
    """Entries with their numbers; an addition is named after its own."""
    return [
        replace(one, number=number, run=f"e{number}" if one.kind == "add" else one.run)
        for number, one in enumerate(entries, first)
    ]


def _row(one: Entry) -> dict[str, object]:
    shown = one.run.startswith("p-")  # what a PLC showed, and where a correction moved it
    moved = [at for at in (one.anchor, one.start, one.end) if at is not None]
    reach = max(moved) if shown else one.end
    return {
        "number": one.number,
        "kind": one.kind,
        "run": one.run,
        "machine": one.machine,
        "batch": one.batch,
        "process": one.process,
        "start_ms": None if one.start is None else unix_ms(one.start),
        "end_ms": None if one.end is None else unix_ms(one.end),
        "kg": one.kg,
        "said": one.said,
        "anchor_ms": unix_ms(one.anchor),
        "reach_ms": None if reach is None else unix_ms(reach),
        "source": one.source,
        "entered_by": one.by,
        "reason": one.reason,
        "entered": stamp(one.entered),
        "file": one.file,
    }


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        number=row.number,
        kind=row.kind,
        run=row.run,
        machine=row.machine,
        batch=row.batch,
        process=row.process,
        start=None if row.start_ms is None else instant(row.start_ms),
        end=None if row.end_ms is None else instant(row.end_ms),
        kg=row.kg,
        said=row.said,
        anchor=instant(row.anchor_ms),
        source=row.source,
        by=row.entered_by,
        reason=row.reason,
        entered=parse_stamp(row.entered),
        file=row.file,
    )
