"""The outline of a point: the lowest and highest value of every quarter of an hour, day by day.

A year of readings every ten seconds is three million values, and a screen is a thousand pixels
wide. Nothing that stood out is lost on the way: a spike of one reading is in its quarter's highest.
The file is made of the journal alone and may be thrown away. What of a day is not outlined yet is
made in the background while the answer says that it is not complete; no answer waits for it.
"""

import math
import sqlite3
import threading
import time
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from collector.wire.reading import instant, unix_ms
from gateway.intervals import Sample
from gateway.journal import Journal

_DAY_MS = 86_400_000
_CELL_MS = 900_000
_CELLS = _DAY_MS // _CELL_MS
RAW = timedelta(hours=36)
"""Up to this long a curve is made of the readings themselves."""
_REST = 3.0  # times as long as a day took to outline, before the next one
_SCHEMA = """
CREATE TABLE IF NOT EXISTS days (
  device TEXT NOT NULL, point TEXT NOT NULL, day INTEGER NOT NULL, cells BLOB NOT NULL,
  PRIMARY KEY (device, point, day)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS followed (position INTEGER NOT NULL);
"""


class Stretch(NamedTuple):
    """The values of a time: when it begins [ms], the lowest, and the highest of them."""

    at: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Shape:
    """A curve to be drawn.

    Attributes:
        step_ms: Length of each stretch. [ms]
        stretches: Those in which there are values, by time.
        complete: Whether all of it is there; what is missing is being outlined.
    """

    step_ms: int
    stretches: tuple[Stretch, ...]
    complete: bool


class Outline:
    """Answers with shapes; safe to ask from many threads.

    Args:
        journal: Whose readings are outlined.
        path: The file; made anew where it cannot be read.
    """

    def __init__(self, journal: Journal, path: Path) -> None:
        self._journal, self._path = journal, path
        self._lock = threading.Lock()
        self._wanted: dict[tuple[str, str, int], None] = {}
        self._worker: threading.Thread | None = None
        self._opened = False
        self._position = 0  # how far the journal was followed

    def shape(self, ref: str, start: datetime, end: datetime, most: int) -> Shape:
        """The curve of a point over ``[start, end)`` in at most so many stretches."""
        device, _, point = ref.partition(".")
        first, last = unix_ms(start), unix_ms(end)
        step = max(1, -(-(last - first) // most))
        if end - start <= RAW:
            found = _of_samples(self._journal.samples(device, point, start, end))
            return Shape(step, tuple(merged(found, first, step)), complete=True)
        step = -(-step // _CELL_MS) * _CELL_MS
        self._open()
        cells, complete = self._cells(device, point, first, last)
        return Shape(step, tuple(merged(cells, first, step)), complete)

    def finish(self) -> None:
        """Wait until everything that was asked for is outlined; for tests and benchmarks."""
        while (worker := self._worker) is not None and worker.is_alive():
            worker.join()

    def _cells(self, device: str, point: str, first: int, last: int) -> tuple[list[Stretch], bool]:
        latest = self._journal.latest(device)
        until = min(last, unix_ms(latest.at) + 1) if latest else first
        # A day that is not over changes with every reading: it is made of them each time.
        today = (until - 1) // _DAY_MS
        days = range(first // _DAY_MS, today)
        with closing(self._connect()) as db:
            query = (
                "SELECT day, cells FROM days WHERE device = ? AND point = ? AND day >= ? "
                "AND day < ? ORDER BY day"
            )
            known = dict(db.execute(query, (device, point, days.start, days.stop)))
        missing = [day for day in days if day not in known]
        self._want((device, point, day) for day in reversed(missing))
        found = [cell for day in sorted(known) for cell in _unpack(day, known[day])]
        if days.stop == today and until > first:
            start = instant(max(first, today * _DAY_MS))
            found += _of_samples(self._journal.samples(device, point, start, instant(until)))
        return [cell for cell in found if first <= cell.at < last], not missing

    def _want(self, places: Iterable[tuple[str, str, int]]) -> None:
        with self._lock:
            self._wanted |= dict.fromkeys(places)
            if self._wanted and (self._worker is None or not self._worker.is_alive()):
                self._worker = threading.Thread(target=self._work, name="outline", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        """Outline what is wanted, a day at a time, resting longer than it works."""
        with closing(self._connect()) as db:
            while True:
                with self._lock:
                    if not self._wanted:
                        self._worker = None
                        return
                    device, point, day = next(iter(self._wanted))
                    del self._wanted[device, point, day]
                began = time.monotonic()
                self._outline(db, device, point, day)
                time.sleep(_REST * (time.monotonic() - began))

    def _outline(self, db: sqlite3.Connection, device: str, point: str, day: int) -> None:
        position, _ = self._journal.changed_since(self._position)
        start = instant(day * _DAY_MS)
        samples = self._journal.samples(device, point, start, start + timedelta(days=1))
        row = (device, point, day, _pack(day, samples))
        db.execute("INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?)", row)
        db.commit()
        # What came while it was made is in no outline: it is made again when somebody asks.
        _forget(db, self._journal.changed_since(position)[1])

    def _open(self) -> None:
        """Forget the days in which the journal has changed since they were outlined."""
        with self._lock, closing(self._readable()) as db:
            position, changed = self._journal.changed_since(self._position)
            if position == self._position:
                return
            db.execute("DELETE FROM followed")
            db.execute("INSERT INTO followed VALUES (?)", (position,))
            _forget(db, changed)
            self._position = position

    def _readable(self) -> sqlite3.Connection:
        """The file; whatever stands there instead of one is thrown away."""
        try:
            return self._prepared()
        except sqlite3.OperationalError:
            raise  # it is locked, or there is no room: nothing is wrong with the file
        except sqlite3.DatabaseError:
            self._path.unlink()
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        db = self._connect()
        if self._opened:
            return db
        try:
            db.executescript(_SCHEMA)
            row = db.execute("SELECT position FROM followed").fetchone()
        except sqlite3.DatabaseError:
            db.close()
            raise
        self._position = row[0] if row else 0
        self._opened = True
        return db

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path)
        db.execute("PRAGMA busy_timeout = 5000")
        db.execute("PRAGMA synchronous = OFF")  # it is made of the journal, which is safe
        return db


def merged(found: Iterable[Stretch], first: int, step: int) -> Iterator[Stretch]:
    """Stretches of one length, each with the lowest and highest of those that begin in it.

    Args:
        found: By time.
        first: When the first one begins. [ms]
        step: Length of each. [ms]
    """
    place: int | None = None
    low = high = math.nan
    for one in found:
        own = (one.at - first) // step
        if own == place:
            low, high = min(low, one.low), max(high, one.high)
            continue
        if place is not None:
            yield Stretch(first + place * step, low, high)
        place, low, high = own, one.low, one.high
    if place is not None:
        yield Stretch(first + place * step, low, high)


def _forget(db: sqlite3.Connection, changed: Iterable[tuple[str, datetime]]) -> None:
    """Forget the days of devices in which the journal has changed."""
    days = {(device, unix_ms(slot) // _DAY_MS) for device, slot in changed}
    db.executemany("DELETE FROM days WHERE device = ? AND day = ?", days)
    db.commit()


def _of_samples(samples: Iterable[Sample]) -> Iterator[Stretch]:
    for one in samples:
        if isinstance(one.value, int | float) and one.quality != "bad":
            yield Stretch(unix_ms(one.at), float(one.value), float(one.value))


def _pack(day: int, samples: Iterable[Sample]) -> bytes:
    lows = array("d", [math.nan]) * _CELLS
    highs = array("d", [math.nan]) * _CELLS
    start = day * _DAY_MS
    for one in merged(_of_samples(samples), start, _CELL_MS):
        place = (one.at - start) // _CELL_MS
        lows[place], highs[place] = one.low, one.high
    return lows.tobytes() + highs.tobytes()


def _unpack(day: int, cells: bytes) -> Iterator[Stretch]:
    values = array("d", cells)
    for place in range(_CELLS):
        if values[place] == values[place]:
            at = day * _DAY_MS + place * _CELL_MS
            yield Stretch(at, values[place], values[_CELLS + place])
