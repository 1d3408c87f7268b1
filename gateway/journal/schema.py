"""A journal's tables, and what must hold among them.

Rows are appended and pages filled once: ``segments`` has one row a transaction, ``chunks`` one a
device and slot, numbered by slot first (pages of a table ordered by device are written again and
again), so that the chunk of a device and slot is found without an index. ``segments.id`` counts up
for ever and is the position of `changed_since`; a chunk carries the highest one that it holds
something of. ``spans`` says which numbers stand in which chunk: what was sealed last is found
behind those that were sealed before.
"""

import zlib
from collections.abc import Iterator

from gateway.journal.lines import unpack
from gateway.journal.store import Connection

VERSION = 3
POSITION = "SELECT (SELECT max(id) FROM segments), (SELECT max(touched) FROM chunks)"
"""Where the journal stands; each is none in an empty one."""

TABLES = """
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
  id INTEGER PRIMARY KEY, device INTEGER GENERATED ALWAYS AS (id & 65535),
  slot INTEGER GENERATED ALWAYS AS (id >> 16),
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

ROWS = {
    "streams": "id, collector, epoch, conflict",
    "accounted": "stream, first, last, form, opening, h",
    "devices": "id, name, owner",
    "claims": "device, collector",
    "births": "id, hash, device, body",
    "segments": "id, body",
    "chunks": "id, touched, columns, body",
    "spans": "stream, highest, chunk, lowest",
    "packs": "id, slot",
    "records": "stream, seq, kind, device, form, h",
    "anchors": "collector, boot, up_ms, at",
    "unsure": "collector, boot, device, slot, lowest, highest",
    "unplaced": "stream, seq, device, collector, boot, up_ms, due, form, h",
    "gone": "stream, first, last, h, why",
    "breaks": "stream, seq",
    "quarantine": "id, digest, received, topic, why, payload",
}
"""What the tables hold and nothing else says, each by its key."""


def chunk_id(device: int, slot: int) -> int:
    """Number of the chunk of a device and slot, both by number."""
    return slot << 16 | device


def inconsistent(db: Connection) -> Iterator[str]:
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
