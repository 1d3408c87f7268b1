"""The spool: readings on the agent's disk until the journal has them.

SQLite with one writer and group commit. Messages are encoded once, when their window is
committed; numbers and hashes are given out in the same transaction. Nothing is deleted at or
above the first record that the journal lacks.
"""

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from collector.wire import chain, topics
from collector.wire.acknowledgement import EpochAck
from collector.wire.birth import Birth, birth_form
from collector.wire.canonical import canonical
from collector.wire.gone import GoneRange, gone_form
from collector.wire.message import (
    MOST_BYTES,
    encode_readings,
    encode_records,
    reading_form,
    record_form,
)
from collector.wire.reading import Reading

_SCHEMA = """
CREATE TABLE IF NOT EXISTS epoch (
  id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL, seq INTEGER NOT NULL, h BLOB NOT NULL,
  site TEXT NOT NULL, collector TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
  last INTEGER PRIMARY KEY, first INTEGER NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS births (device TEXT PRIMARY KEY, hash TEXT NOT NULL) WITHOUT ROWID;
"""
_ROOM_FOR_READINGS = MOST_BYTES - 1024  # what stands around the readings of a message
_THIN_SHARE = 16  # when full, this part of the messages goes at a time


@dataclass(frozen=True, slots=True)
class Stored:
    """A message that waits to be accounted for."""

    first: int
    last: int
    topic: str
    payload: bytes


class Spool:
    """One spool file. Its methods may be called from any thread; each is one transaction."""

    def __init__(self, path: Path, *, site: str, collector: str, max_mb: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._site, self._collector = site, collector
        self._most_bytes = max_mb * 1_000_000
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        # FULL: a window counts as committed only when it is on the medium (reliability.md 1).
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA journal_size_limit = 4194304")
        self._db.executescript(_SCHEMA)
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        row = self._db.execute("SELECT name, seq, h FROM epoch").fetchone()
        if row is None:
            name = secrets.token_hex(16)
            row = (name, 0, chain.genesis(self._site, self._collector, name))
            self._db.execute(
                "INSERT INTO epoch VALUES (1, ?, ?, ?, ?, ?)", (*row, self._site, self._collector)
            )
        self.epoch: str = row[0]
        self._seq: int = row[1]
        self._h: bytes = row[2]

    def commit(self, readings: Sequence[Reading], births: dict[str, Birth], now: str) -> None:
        """Commit one window: numbers, hashes and messages in one transaction.

        Args:
            readings: The window's readings, in any order of devices.
            births: Birth of every device among them.
            now: Stamp for the records that this commit adds of itself.

        Raises:
            sqlite3.Error: Nothing of the window is committed; it may be tried again.
        """
        with self._lock, self._transaction():
            self._add_births(births.values(), now)
            ordered = sorted(readings, key=lambda reading: (reading.device, reading.at))
            for device, group in groupby(ordered, key=lambda reading: reading.device):
                self._add_readings(device, births[device].hash, group)
            if self._bytes() > self._most_bytes:
                self._drop_oldest(now)
            self._db.execute("UPDATE epoch SET seq = ?, h = ?", (self._seq, self._h))

    def next_after(self, seq: int, most: int) -> list[Stored]:
        """The next messages behind a number, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT first, last, topic, payload FROM messages WHERE last > ? "
                "ORDER BY last LIMIT ?",
                (seq, most),
            )
            return [Stored(*row) for row in rows]

    def release(self, acks: Iterable[EpochAck]) -> int:
        """Forget what the journal accounts for; the number up to which that is so."""
        through = max((ack.through for ack in acks if ack.epoch == self.epoch), default=0)
        with self._lock, self._transaction():
            self._db.execute("DELETE FROM messages WHERE last <= ?", (through,))
        return through

    def waiting(self) -> int:
        """Records that wait to be accounted for."""
        with self._lock:
            row = self._db.execute("SELECT sum(last - first + 1) FROM messages").fetchone()
        return int(row[0] or 0)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _add_births(self, births: Iterable[Birth], now: str) -> None:
        known = dict(self._db.execute("SELECT device, hash FROM births"))
        for birth in births:
            if known.get(birth.device) != birth.hash:
                self._add_record("birth", birth.device, birth_form(birth), now)
                self._db.execute(
                    "INSERT OR REPLACE INTO births VALUES (?, ?)", (birth.device, birth.hash)
                )

    def _add_record(self, kind: str, device: str, body: dict[str, Any], now: str) -> None:
        self._seq += 1
        form = record_form(self._seq, kind, now, device, body)
        self._h = chain.link(self._h, canonical(form))
        payload = encode_records(self.epoch, [(form, self._h)])
        topic = topics.records(self._site, self._collector)
        self._insert(self._seq, self._seq, topic, payload)

    def _add_readings(self, device: str, birth: str, readings: Iterable[Reading]) -> None:
        topic = topics.readings(self._site, self._collector, device)
        forms: list[tuple[dict[str, Any], bytes]] = []
        size = 0
        for reading in readings:
            self._seq += 1
            form = reading_form(reading, self._seq, birth)
            written = canonical(form)
            if forms and size + len(written) + 64 > _ROOM_FOR_READINGS:
                self._insert_readings(topic, birth, forms)
                forms, size = [], 0
            self._h = chain.link(self._h, written)
            forms.append((form, self._h))
            size += len(written) + 64
        self._insert_readings(topic, birth, forms)

    def _insert_readings(
        self, topic: str, birth: str, forms: list[tuple[dict[str, Any], bytes]]
    ) -> None:
        payload = encode_readings(self.epoch, birth, forms)
        self._insert(forms[0][0]["seq"], forms[-1][0]["seq"], topic, payload)

    def _insert(self, first: int, last: int, topic: str, payload: bytes) -> None:
        self._db.execute("INSERT INTO messages VALUES (?, ?, ?, ?)", (last, first, topic, payload))

    def _drop_oldest(self, now: str) -> None:
        """The card is full: what is oldest goes, and a record says what went."""
        count = self._db.execute("SELECT count(*) FROM messages").fetchone()[0]
        rows = self._db.execute(
            "SELECT first, last FROM messages ORDER BY last LIMIT ?",
            (max(1, count // _THIN_SHARE),),
        ).fetchall()
        self._db.execute("DELETE FROM messages WHERE last <= ?", (rows[-1][1],))
        body = gone_form("spool-full", [GoneRange(rows[0][0], rows[-1][1])])
        self._add_record("gone", "", body, now)

    def _bytes(self) -> int:
        used = self._db.execute(
            "SELECT (page_count - freelist_count) * page_size "
            "FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
        ).fetchone()
        return int(used[0])

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db, self._remember())

    def _remember(self) -> Callable[[], None]:
        seq, h = self._seq, self._h

        def restore() -> None:
            self._seq, self._h = seq, h

        return restore


class _Transaction:
    """BEGIN IMMEDIATE … COMMIT; after a fault ROLLBACK, and the counters as before."""

    def __init__(self, db: sqlite3.Connection, undo: Callable[[], None]) -> None:
        self._db, self._undo = db, undo

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self._db.execute("COMMIT")
            except sqlite3.Error:
                self._roll_back()
                raise
        else:
            self._roll_back()

    def _roll_back(self) -> None:
        self._undo()
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
