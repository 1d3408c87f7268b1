"""The last value at or before an instant, against SQLite's own table ordered by series."""

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from collector.wire.reading import instant, unix_ms
from gateway.journal.chunks import columns_of
from gateway.journal.lines import SLOT_MS
from gateway.journal.lines import Row as Reading
from gateway.journal.sqlite_reader import SqliteJournal
from gateway.journal.sqlite_writer import SqliteWriter
from tests.bench import material
from tests.bench.row import Effort, Row

_DEVICES, _POINTS, _EVERY_MS = 100, 10, 10_000
_ASKED = 20_000


def measure(effort: Effort) -> list[Row]:
    """Microseconds a look-up, at so many values."""
    slots = effort.pick(1112, 3)  # 100 devices of 10 points, 90 readings a slot: 100 million
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        values = slots * _DEVICES * _POINTS * (SLOT_MS // _EVERY_MS)
        _fill_journal(folder / "journal.db", slots)
        _fill_series(folder / "series.db", slots)
        drawn = random.Random(1)
        span = slots * SLOT_MS
        asked = [
            (drawn.randrange(_DEVICES), drawn.randrange(_POINTS), drawn.randrange(1, span))
            for _ in range(effort.pick(_ASKED, 100))
        ]
        ours = _ours(folder / "journal.db", asked)
        peers = _peers(folder / "series.db", asked)
        value, peer_value = effort.medians(ours, peers)
    return [
        Row(
            f"last at or before t, {values / 1e6:.3g} million values, 1,000 points, warm",
            value,
            "µs",
            "the same question to a SQLite table (series, at), prepared, same process",
            peer_value,
            effort.runs,
        )
    ]


def _ours(path: Path, asked: list[tuple[int, int, int]]) -> Callable[[], float]:
    journal = SqliteJournal(path)
    begins = unix_ms(material.START)
    questions = [(f"meter-{d:03d}", _point(p), instant(begins + at)) for d, p, at in asked]

    def ask() -> float:
        began = time.perf_counter()
        found = [journal.last_at_or_before(*question) for question in questions]
        took = time.perf_counter() - began
        assert all(found)
        return took * 1e6 / len(asked)

    return ask


def _peers(path: Path, asked: list[tuple[int, int, int]]) -> Callable[[], float]:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    begins = unix_ms(material.START)
    questions = [(d * _POINTS + p, begins + at) for d, p, at in asked]
    question = "SELECT at, value FROM samples WHERE series = ? AND at <= ? ORDER BY at DESC LIMIT 1"

    def ask() -> float:
        began = time.perf_counter()
        found = [db.execute(question, one).fetchone() for one in questions]
        took = time.perf_counter() - began
        assert all(found)
        return took * 1e6 / len(asked)

    return ask


def _fill_journal(path: Path, slots: int) -> None:
    """Chunks as packing makes them; their evidence is left out, and one slot's values repeat."""
    SqliteWriter(path, site=material.SITE).close()
    db = sqlite3.connect(path, isolation_level=None)
    first = unix_ms(material.START) // SLOT_MS
    db.execute("BEGIN")
    db.executemany(
        "INSERT INTO devices VALUES (?, ?)",
        [(device + 1, f"meter-{device:03d}") for device in range(_DEVICES)],
    )
    kinds = [_columns(first, random.Random(device)) for device in range(_DEVICES)]
    db.executemany(
        "INSERT INTO chunks (device, slot, touched, columns, body) VALUES (?, ?, 1, ?, ?)",
        (
            (device + 1, first + slot, kinds[device], b"")
            for slot in range(slots)
            for device in range(_DEVICES)
        ),
    )
    db.execute("COMMIT")
    db.close()


def _columns(slot: int, drawn: random.Random) -> bytes:
    rows = [
        Reading(slot * SLOT_MS + offset, 1, 1 + offset, 1, _form(drawn), b"")
        for offset in range(0, SLOT_MS, _EVERY_MS)
    ]
    return columns_of(slot, rows)


def _form(drawn: random.Random) -> bytes:
    values = {_point(number): round(drawn.uniform(0, 500), 2) for number in range(_POINTS)}
    return orjson.dumps({"birth": "0" * 32, "values": values})


def _fill_series(path: Path, slots: int) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute(
        "CREATE TABLE samples (series INTEGER, at INTEGER, value REAL, PRIMARY KEY (series, at)) "
        "WITHOUT ROWID"
    )
    begins = unix_ms(material.START)
    db.execute("BEGIN")
    db.execute(
        "WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < ? - 1), "
        "t(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM t WHERE n < ? - 1) "
        "INSERT INTO samples SELECT s.n, ? + t.n * ?, (s.n * 7 + t.n) % 50000 / 100.0 FROM s, t",
        (_DEVICES * _POINTS, slots * (SLOT_MS // _EVERY_MS), begins, _EVERY_MS),
    )
    db.execute("COMMIT")
    db.close()


def _point(number: int) -> str:
    return f"l{number:02d}_kw"
