"""The SQLite journal's tables, and the opening of its file.

Rows are appended and pages filled once: ``segments`` has one row a transaction, ``chunks`` one a
device and slot, numbered by slot first (pages of a table ordered by device are written again and
again), so that the chunk of a device and slot is found without an index. ``segments.id`` counts up
for ever and is the position of `changed_since`; a chunk carries the highest one that it holds
something of. ``spans`` says which numbers stand in which chunk: what was sealed last is found
behind those that were sealed before.
"""

import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

from collector.wire.problem import Problem
from gateway.journal import Damaged
from gateway.journal.lines import unpack

VERSION = 3
CHECKED_WHOLE_MB = 256
"""A file up to this size is checked page by page whenever it is opened, a larger one by the day."""
_PAGE_BYTES = 2048  # measured: 4 kB write a third more, 1 kB a tenth less and make chains longer
_WAL_PAGES = 2000  # 4 MB: pages that change with every commit reach the file once a few minutes

_OF_THE_MOMENT = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}

_TABLES = """
CREATE TABLE streams (
  id INTEGER PRIMARY KEY, collector TEXT NOT NULL, epoch TEXT NOT NULL,
  conflict INTEGER NOT NULL DEFAULT 0, UNIQUE (collector, epoch));
CREATE TABLE accounted (
  stream INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  form BLOB, opening BLOB, h BLOB, PRIMARY KEY (stream, first)) WITHOUT ROWID;
CREATE TABLE devices (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, owner TEXT NOT NULL);
CREATE TABLE claims (
  device INTEGER NOT NULL, collector TEXT NOT NULL, PRIMARY KEY (device, collector)) WITHOUT ROWID;
CREATE TABLE births (
  id INTEGER PRIMARY KEY, hash TEXT NOT NULL, device TEXT NOT NULL, body BLOB NOT NULL);
CREATE INDEX births_by_hash ON births (hash);
CREATE INDEX births_by_device ON births (device, id);
CREATE TABLE segments (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY, device INTEGER AS (id & 65535), slot INTEGER AS (id >> 16),
  touched INTEGER NOT NULL, columns BLOB NOT NULL, body BLOB);
CREATE TABLE spans (
  stream INTEGER NOT NULL, highest INTEGER NOT NULL, chunk INTEGER NOT NULL,
  lowest INTEGER NOT NULL, PRIMARY KEY (stream, highest, chunk)) WITHOUT ROWID;
CREATE UNIQUE INDEX chunks_by_place ON chunks (device, slot);
CREATE INDEX chunks_by_touch ON chunks (touched);
CREATE TABLE packs (id INTEGER PRIMARY KEY, slot INTEGER);
CREATE TABLE records (
  stream INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, device TEXT NOT NULL,
  form BLOB NOT NULL, h BLOB NOT NULL, PRIMARY KEY (stream, seq)) WITHOUT ROWID;
CREATE TABLE anchors (
  collector TEXT NOT NULL, boot TEXT NOT NULL, up_ms INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (collector, boot, up_ms, at)) WITHOUT ROWID;
CREATE TABLE unsure (
  collector TEXT NOT NULL, boot TEXT NOT NULL, device INTEGER NOT NULL, slot INTEGER NOT NULL,
  lowest INTEGER NOT NULL, highest INTEGER NOT NULL,
  PRIMARY KEY (collector, boot, device, slot)) WITHOUT ROWID;
CREATE TABLE unplaced (
  stream INTEGER NOT NULL, seq INTEGER NOT NULL, device INTEGER NOT NULL, collector TEXT NOT NULL,
  boot TEXT NOT NULL, up_ms INTEGER NOT NULL, due INTEGER, form BLOB NOT NULL, h BLOB NOT NULL,
  PRIMARY KEY (stream, seq)) WITHOUT ROWID;
CREATE INDEX unplaced_by_boot ON unplaced (collector, boot, device, up_ms);
CREATE INDEX unplaced_by_due ON unplaced (due) WHERE due IS NOT NULL;
CREATE TABLE gone (
  stream INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, h BLOB,
  why TEXT NOT NULL, PRIMARY KEY (stream, first)) WITHOUT ROWID;
CREATE TABLE breaks (
  stream INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (stream, seq)) WITHOUT ROWID;
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, received TEXT NOT NULL,
  topic TEXT NOT NULL, why TEXT NOT NULL, payload BLOB NOT NULL);
"""


def chunk_id(device: int, slot: int) -> int:
    """Number of the chunk of a device and slot, both by number."""
    return slot << 16 | device


def opened(path: Path) -> sqlite3.Connection:
    """The journal's file for its one writer, made where there is none, checked where there is.

    Raises:
        Damaged: The file cannot be trusted, or is none of this version.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o640)  # what a mill reads is nothing to everybody on the machine
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        if db.execute("PRAGMA schema_version").fetchone()[0] == 0:
            db.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = OFF")  # Debian's SQLite writes zeros over what is freed
        db.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        db.execute(f"PRAGMA journal_size_limit = {2 * _WAL_PAGES * _PAGE_BYTES}")
        # What a failed fsync has left of the log only in the kernel's memory reads like what is on
        # the medium: copied into the file and synced now, it is there before anybody trusts it.
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
            db.executescript(f"BEGIN;{_TABLES}PRAGMA user_version = {VERSION};COMMIT")
        _require(db, path)
    except sqlite3.DatabaseError as fault:
        db.close()
        if getattr(fault, "sqlite_errorcode", 0) & 0xFF in _OF_THE_MOMENT:
            raise  # nothing is wrong with what is there
        raise damaged(path, str(fault)) from fault
    except BaseException:
        db.close()
        raise
    return db


def damaged(path: Path, why: str) -> Damaged:
    """That a journal cannot be trusted, as it is said to whoever starts it."""
    return Damaged(Problem("journal-damaged", str(path), values={"why": why}))


def _require(db: sqlite3.Connection, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        values = {"found": str(version), "known": str(VERSION)}
        raise Damaged(Problem("journal-of-another-version", str(path), values=values))
    if path.stat().st_size <= CHECKED_WHOLE_MB * 10**6:
        faults = quick_check(db)
        if faults:
            raise damaged(path, faults[0])
    for fault in _inconsistent(db):
        raise damaged(path, fault)


def quick_check(db: sqlite3.Connection) -> tuple[str, ...]:
    """What SQLite finds wrong with the file's pages; nothing where it is sound."""
    try:
        found = [line for (line,) in db.execute("PRAGMA quick_check(10)")]
    except sqlite3.DatabaseError as fault:
        return (str(fault),)  # it could not even be walked through
    return tuple(line for line in found if line != "ok")


def _inconsistent(db: sqlite3.Connection) -> Iterator[str]:
    """What of the journal's own order does not hold."""
    for (number,) in db.execute(
        "SELECT id FROM streams WHERE NOT EXISTS "
        "(SELECT 1 FROM accounted WHERE stream = streams.id AND first = 0)"
    ):
        yield f"stream {number} has no watermark"
    end: tuple[int, int] = (-1, -1)
    for stream, first, last in db.execute(
        "SELECT stream, first, last FROM accounted ORDER BY stream, first"
    ):
        if last < first or (stream == end[0] and first <= end[1] + 1):
            yield f"the numbers {first} to {last} of stream {stream} are in disorder"
        end = (stream, last)
    for number, body in db.execute("SELECT id, body FROM segments"):
        try:
            unpack(body)
        except (zlib.error, ValueError, TypeError) as fault:
            yield f"segment {number} cannot be read: {fault}"
