"""The last value at or before an instant, against SQLite's own table ordered by series.

Both hold the same values, and both answers are compared. The values do not come through the writer:
100 million would take hours. The journal's own encoder lays out one chunk, and every other is that
one with the least of each column put in, which is all that tells them apart; the last is compared
with what the encoder makes of it. Beside each stands noise as long as its readings would be, so
that its pages lie as they do in a journal.
"""

import random
import sqlite3
import struct
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

from collector.wire.reading import instant, unix_ms
from gateway.journal.columns import Block, encode
from gateway.journal.lines import SLOT_MS
from gateway.journal.reader import Reader
from gateway.journal.schema import chunk_id
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from gateway.journal.young import Series, Young
from tests.bench import material
from tests.bench.row import Effort, Row

_DEVICES, _POINTS, _EVERY_MS = 100, 10, 10_000
_IN_SLOT = SLOT_MS // _EVERY_MS
_BODY_BYTES = 7000  # measured: 90 readings of 10 points with their hashes, packed
_NOISE_BYTES = 2**24
_NUMBER = struct.Struct("<q")
_ASKED = 20_000
_SEED = 1
_BEGINS = unix_ms(material.START)


def measure(effort: Effort) -> list[Row]:
    """Microseconds of CPU a look-up, at so many values."""
    slots = max(1, effort.pick(effort.values, 270_000) // (_DEVICES * _POINTS * _IN_SLOT))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        steps = _steps()
        _fill_journal(folder / "journal.db", slots, steps)
        _fill_series(folder / "series.db", slots, steps)
        drawn = random.Random(_SEED)
        asked = [
            (drawn.randrange(_DEVICES), drawn.randrange(_POINTS), drawn.randrange(slots * SLOT_MS))
            for _ in range(effort.pick(_ASKED, 100))
        ]
        ours, peers = _ours(folder / "journal.db", asked), _peers(folder / "series.db", asked)
        assert ours()[1] == peers()[1]
        value, peer_value = effort.medians(lambda: ours()[0], lambda: peers()[0])
    values = slots * _DEVICES * _POINTS * _IN_SLOT
    return [
        Row(
            f"last at or before t, {values / 1e6:.3g} million values, 1,000 points, warm",
            value,
            "µs of CPU",
            "the same question to a SQLite table (series, at) of the same values, same process",
            peer_value,
            effort.runs,
        )
    ]


_Asked = list[tuple[int, int, int]]
_Answers = tuple[float, list[tuple[int, float]]]


def _ours(path: Path, asked: _Asked) -> Callable[[], _Answers]:
    journal = Reader(Sqlite(path))
    questions = [(_device(d), _point(p), instant(_BEGINS + at)) for d, p, at in asked]

    def ask() -> _Answers:
        began = time.thread_time()
        found = [journal.last_at_or_before(*question) for question in questions]
        took = time.thread_time() - began
        shown = [(unix_ms(one.at), float(one.value or 0)) for one in found if one]
        return took * 1e6 / len(asked), shown

    return ask


def _peers(path: Path, asked: _Asked) -> Callable[[], _Answers]:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    questions = [(d * _POINTS + p, _BEGINS + at) for d, p, at in asked]
    question = "SELECT at, value FROM samples WHERE series = ? AND at <= ? ORDER BY at DESC LIMIT 1"

    def ask() -> _Answers:
        began = time.thread_time()
        found = [db.execute(question, one).fetchone() for one in questions]
        return (time.thread_time() - began) * 1e6 / len(asked), found

    return ask


def _steps() -> list[int]:
    """What a value is above its slot's least, in hundredths, by its place: two bytes' worth."""
    drawn = random.Random(_SEED)
    return [drawn.randrange(50_000) for _ in range(_IN_SLOT)]


def _least(series: int, slot: int) -> int:
    """The same of a series in a slot, so that hardly two columns are alike."""
    return series * 7919 + slot * 104_729 % 1_000_003


def _fill_journal(path: Path, slots: int, steps: list[int]) -> None:
    """Chunks as packing makes them, but for their readings."""
    Writer(Sqlite(path), site=material.SITE).close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    db.executemany(
        "INSERT INTO devices VALUES (?, ?, ?)",
        [(device + 1, _device(device), material.COLLECTOR) for device in range(_DEVICES)],
    )
    db.executemany(
        "INSERT INTO chunks (id, touched, columns, body) VALUES (?, 1, ?, ?)",
        _chunks(slots, steps),
    )
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode = WAL")
    db.close()


def _chunks(slots: int, steps: list[int]) -> Iterator[tuple[int, bytes, bytes]]:
    noise = random.Random(_SEED).randbytes(_NOISE_BYTES)
    first = _BEGINS // SLOT_MS
    columns = bytearray(_encoded(0, 0, steps))
    block = Block(first, bytes(columns))
    places = [block.data + block.layout.points[_point(n)].offset for n in range(_POINTS)]
    lowest = min(steps)
    for slot in range(slots):
        for device in range(_DEVICES):
            for point, place in enumerate(places):
                least = _least(device * _POINTS + point, slot)
                _NUMBER.pack_into(columns, place, least + lowest)
            begins = (slot * _DEVICES + device) * 4099 % (_NOISE_BYTES - _BODY_BYTES)
            body = noise[begins : begins + _BODY_BYTES]
            yield chunk_id(device + 1, first + slot), bytes(columns), body
    assert columns == _encoded(_DEVICES - 1, slots - 1, steps)


def _encoded(device: int, slot: int, steps: list[int]) -> bytes:
    """A chunk as the journal's encoder lays it out."""
    young = Young(_BEGINS // SLOT_MS + slot)
    young.ats = array("I", range(0, SLOT_MS, _EVERY_MS))
    young.births = ["0" * 32] * _IN_SLOT
    for point in range(_POINTS):
        least = _least(device * _POINTS + point, slot)
        series = young.points[_point(point)] = Series(0)
        series.values = array("d", [(least + step) / 100 for step in steps])
    return encode(young)


def _fill_series(path: Path, slots: int, steps: list[int]) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA journal_mode = OFF")
    db.execute(
        "CREATE TABLE samples (series INTEGER, at INTEGER, value REAL, PRIMARY KEY (series, at)) "
        "WITHOUT ROWID"
    )
    db.create_function("least", 2, _least, deterministic=True)
    db.execute("CREATE TEMP TABLE steps (n INTEGER PRIMARY KEY, step INTEGER)")
    db.execute("BEGIN")
    db.executemany("INSERT INTO steps VALUES (?, ?)", enumerate(steps))
    for series in range(_DEVICES * _POINTS):
        db.execute(
            "WITH RECURSIVE slots(n, least) AS (SELECT 0, least(:series, 0) "
            "UNION ALL SELECT n + 1, least(:series, n + 1) FROM slots WHERE n < :slots - 1) "
            "INSERT INTO samples SELECT :series, "
            ":begins + slots.n * :slot_ms + steps.n * :every_ms, (least + step) / 100.0 "
            "FROM slots CROSS JOIN steps",
            {
                "series": series,
                "slots": slots,
                "begins": _BEGINS,
                "slot_ms": SLOT_MS,
                "every_ms": _EVERY_MS,
            },
        )
    db.execute("COMMIT")
    db.close()


def _device(number: int) -> str:
    return f"meter-{number:03d}"


def _point(number: int) -> str:
    return f"l{number:02d}_kw"
