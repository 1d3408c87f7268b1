"""The books: keys, batches, runs and results, in SQLite or PostgreSQL through SQLAlchemy Core."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from api.books import schema
from api.books.seals import Seals
from api.ledger.accounts import Run
from collector.wire.reading import instant, stamp, unix_ms

ROLES = ("engineer", "accountant", "certifier", "admin")


@dataclass(frozen=True, slots=True)
class Key:
    """Who holds an API key."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """What a person entered of a batch; `accepted_kg` is a decimal or None."""

    id: str
    article: str
    accepted_kg: str | None


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


@dataclass(frozen=True, slots=True)
class BatchSpan:
    """A batch as its runs show it."""

    id: str
    start: datetime
    end: datetime
    machines: tuple[str, ...]
    going_on: bool


class Books:
    """The books of one site. Each method is one transaction; safe from several threads."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)
        if self._engine.dialect.name == "sqlite":
            Path(self._engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
        self.seals = Seals(self._engine)

    def migrate(self) -> None:
        """Bring the tables to this version's form."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self._engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def make_key(self, name: str, role: str, now: datetime) -> str:
        """Make an API key; the text is returned once and only its hash kept."""
        text = f"mp_{secrets.token_urlsafe(24)}"
        row = {
            "name": name,
            "role": role,
            "prefix": text[:8],
            "digest": _digest(text),
            "made": stamp(now),
        }
        with self._engine.begin() as db:
            db.execute(schema.keys.insert().values(row))
        return text

    def opened(self) -> str | None:
        """When the first key was made: since when there are books; None before."""
        with self._engine.connect() as db:
            return db.execute(sa.select(sa.func.min(schema.keys.c.made))).scalar()

    def key(self, text: str) -> Key | None:
        """Whose key this is; None where it is nobody's or revoked."""
        query = sa.select(schema.keys.c.name, schema.keys.c.role).where(
            schema.keys.c.digest == _digest(text), schema.keys.c.revoked.is_(None)
        )
        with self._engine.connect() as db:
            row = db.execute(query).first()
        return Key(*row) if row else None

    def enter_batch(self, entry: BatchEntry, by: str, now: datetime) -> bool:
        """Enter a batch; False where it stands there already with other values."""
        table = schema.batches
        with self._engine.begin() as db:
            old = db.execute(
                sa.select(table.c.article, table.c.accepted_kg).where(table.c.id == entry.id)
            ).first()
            if old is not None:
                return tuple(old) == (entry.article, entry.accepted_kg)
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

    def batch(self, name: str) -> BatchEntry | None:
        """What was entered of a batch."""
        table = schema.batches
        query = sa.select(table.c.id, table.c.article, table.c.accepted_kg).where(
            table.c.id == name
        )
        with self._engine.connect() as db:
            row = db.execute(query).first()
        return BatchEntry(*row) if row else None

    def replace_runs(self, machine: str, since: datetime, found: Iterable[Run]) -> None:
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

    def runs_between(self, start: datetime, end: datetime) -> list[Run]:
        """Runs of all machines that touch ``[start, end)``, by machine and time."""
        table = schema.runs
        return self._runs(
            sa.and_(table.c.end_ms >= unix_ms(start), table.c.start_ms < unix_ms(end))
        )

    def runs_of(self, batch: str) -> list[Run]:
        """Runs of a batch, by time."""
        runs = self._runs(schema.runs.c.batch == batch)
        return sorted(runs, key=lambda run: (run.start, run.machine))

    def neighbour(self, machine: str, at: datetime, *, later: bool) -> Run | None:
        """The last run on a machine that began before an instant, or the first at or after it."""
        table = schema.runs
        there = table.c.start_ms >= unix_ms(at) if later else table.c.start_ms < unix_ms(at)
        order = table.c.start_ms if later else table.c.start_ms.desc()
        runs = self._runs(sa.and_(table.c.machine == machine, there), order=order, limit=1)
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

    def mark(self, name: str) -> int:
        """A kept position; 0 where none is."""
        table = schema.marks
        with self._engine.connect() as db:
            row = db.execute(sa.select(table.c.position).where(table.c.name == name)).first()
        return int(row[0]) if row else 0

    def set_mark(self, name: str, position: int) -> None:
        """Keep a position."""
        table = schema.marks
        with self._engine.begin() as db:
            done = db.execute(table.update().where(table.c.name == name).values(position=position))
            if not done.rowcount:
                db.execute(table.insert().values(name=name, position=position))

    def add_result(self, result: Result, scope: tuple[datetime, datetime]) -> None:
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

    def result(
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

    def results_touched(self, start: datetime, end: datetime) -> list[str]:
        """Batches with a stored result whose scope overlaps ``[start, end)``."""
        table = schema.results
        query = sa.select(table.c.batch).distinct().where(
            table.c.scope_end_ms > unix_ms(start), table.c.scope_start_ms < unix_ms(end)
        )  # fmt: skip
        with self._engine.connect() as db:
            return [row[0] for row in db.execute(query)]

    def waiting(self) -> set[str]:
        """Batches about which something changed since their last final result."""
        with self._engine.connect() as db:
            return {row[0] for row in db.execute(sa.select(schema.waiting.c.batch))}

    def set_waiting(self, batch: str, *, waits: bool) -> None:
        """Put a batch among those that wait, or take it out."""
        table = schema.waiting
        with self._engine.begin() as db:
            db.execute(table.delete().where(table.c.batch == batch))
            if waits:
                db.execute(table.insert().values(batch=batch))

    def _runs(
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


def _digest(text: str) -> str:
    """A key has 192 random bits: one round of SHA-256 is enough to keep it by."""
    return hashlib.sha256(text.encode()).hexdigest()


def _prepare_sqlite(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.close()
