"""What is kept of projections: how far each engine is filled, and what the last comparison found.

It stands beside the journal, under its name, so that a restored journal begins without it: then
everything is sent again, which costs nothing but time.
"""

import sqlite3
from contextlib import closing
from datetime import datetime

from collector.wire.reading import parse_stamp, stamp
from gateway.journal.store import Store
from gateway.projecting.reconcile import Comparison

_TABLES = """
CREATE TABLE IF NOT EXISTS positions (
  target TEXT NOT NULL, feed TEXT NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (target, feed)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS faults (target TEXT PRIMARY KEY, fault TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS comparisons (
  target TEXT PRIMARY KEY, made TEXT NOT NULL, compared INTEGER NOT NULL,
  missing INTEGER NOT NULL, refused INTEGER NOT NULL, foreign_ INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS annotated (
  target TEXT NOT NULL, batch TEXT NOT NULL, digest BLOB NOT NULL,
  PRIMARY KEY (target, batch)) WITHOUT ROWID;
"""
_PATIENCE_S = 30.0


class Kept:
    """The file. Every call is a transaction of its own: several processes use it.

    Args:
        journal: The journal, beside which it stands.
    """

    def __init__(self, journal: Store) -> None:
        self._path = journal.folder / f"{journal.name}-projections"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_TABLES)

    def position(self, target: str, feed: str) -> int:
        """How far a feed was sent to an engine; 0 where nothing was."""
        query = "SELECT position FROM positions WHERE target = ? AND feed = ?"
        with closing(self._open()) as db:
            row = db.execute(query, (target, feed)).fetchone()
        return int(row[0]) if row else 0

    def keep(self, target: str, feed: str, position: int) -> None:
        """A feed was sent to an engine so far."""
        self._put("INSERT OR REPLACE INTO positions VALUES (?, ?, ?)", target, feed, position)

    def begin_anew(self, target: str) -> None:
        """Nothing was sent to an engine yet."""
        with closing(self._open()) as db:
            db.execute("DELETE FROM positions WHERE target = ?", (target,))
            db.execute("DELETE FROM annotated WHERE target = ?", (target,))

    def forget_annotations(self, target: str, feed: str) -> None:
        """An engine may have lost what was said of batches: all of it is to be sent again."""
        with closing(self._open()) as db:
            db.execute("DELETE FROM positions WHERE target = ? AND feed = ?", (target, feed))
            db.execute("DELETE FROM annotated WHERE target = ?", (target,))

    def say(self, target: str, fault: str) -> None:
        """Why an engine cannot be written to now; empty where it can."""
        self._put("INSERT OR REPLACE INTO faults VALUES (?, ?)", target, fault)

    def fault(self, target: str) -> str:
        """What was said last."""
        query = "SELECT fault FROM faults WHERE target = ?"
        with closing(self._open()) as db:
            row = db.execute(query, (target,)).fetchone()
        return str(row[0]) if row else ""

    def compared(self, target: str, made: datetime, found: Comparison) -> None:
        """What a comparison found."""
        self._put("INSERT OR REPLACE INTO comparisons VALUES (?, ?, ?, ?, ?, ?)",
            target, stamp(made), found.compared, found.missing, found.refused, found.foreign,
        )  # fmt: skip

    def comparison(self, target: str) -> tuple[datetime, Comparison] | None:
        """When an engine was compared last, and what was found."""
        query = "SELECT made, compared, missing, refused, foreign_ FROM comparisons"
        with closing(self._open()) as db:
            row = db.execute(f"{query} WHERE target = ?", (target,)).fetchone()
        return (parse_stamp(row[0]), Comparison(*row[1:])) if row else None

    def annotation(self, target: str, batch: str) -> bytes:
        """What stands for the annotations of a batch that were sent; empty where none were."""
        query = "SELECT digest FROM annotated WHERE target = ? AND batch = ?"
        with closing(self._open()) as db:
            row = db.execute(query, (target, batch)).fetchone()
        return bytes(row[0]) if row else b""

    def annotated(self, target: str, batch: str, digest: bytes) -> None:
        """Annotations of a batch were sent."""
        self._put("INSERT OR REPLACE INTO annotated VALUES (?, ?, ?)", target, batch, digest)

    def _put(self, statement: str, *values: str | int | bytes) -> None:
        with closing(self._open()) as db:
            db.execute(statement, values)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level=None, timeout=_PATIENCE_S)
