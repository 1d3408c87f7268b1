"""Salvage: what is still good of a damaged spool, and what of it is known to be lost.

The good rows are copied into a new file before the damaged one is moved aside, so that a power
cut in between only repeats the work.
"""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from collector.spool.file import PAGE, SpoolFile, as_window, rows_between
from collector.spool.window import Window
from collector.wire.gone import GoneRange

log = logging.getLogger("collector.spool")

_MOST_KEPT_ASIDE = 3
_PAGES_AT = 28  # where the first page says how many there are
_FAR = 2**40
_MOST_PROBES = 10_000
_ROWS_AT_ONCE = 200


@dataclass(slots=True)
class Loss:
    """What is known of one epoch of a damaged file.

    Attributes:
        base: The lowest number that still waited.
        last: The highest number known; what came behind it nobody knows.
        kept: What could be salvaged, as ranges in their order.
    """

    base: int
    last: int
    kept: list[tuple[int, int]] = field(default_factory=list)

    def ranges(self) -> list[GoneRange]:
        """The numbers that will never come."""
        found, after = [], self.base
        for first, last in self.kept:
            if first > after:
                found.append(GoneRange(after, first - 1))
            after = max(after, last + 1)
        if after <= self.last:
            found.append(GoneRange(after, self.last))
        return found


def salvage(path: Path, max_bytes: int) -> dict[str, Loss]:
    """Put a new file in the place of a damaged one, with all that is good of it.

    Returns:
        What is known to be lost, by epoch; nothing where not even that could be read.

    Raises:
        sqlite3.Error: A new file cannot be made.
        OSError: Likewise.
    """
    fresh = path.with_name(path.name + ".salvaged")
    _remove(fresh)
    found: dict[str, Loss] = {}
    SpoolFile(fresh, max_bytes).close()
    first_page = fresh.read_bytes()[:PAGE]
    new = SpoolFile(fresh, max_bytes)
    try:
        for windows in _at_once(_windows(path) if _readable(path, first_page) else iter(())):
            _take(new, windows, found)
    finally:
        new.close()
    _put_aside(path)
    fresh.rename(path)
    return found


def finish(path: Path) -> None:
    """Finish a salvage that was cut off between its last two steps."""
    fresh = path.with_name(path.name + ".salvaged")
    if fresh.is_file() and not path.exists():
        fresh.rename(path)


def _take(new: SpoolFile, windows: Sequence[Window], found: dict[str, Loss]) -> None:
    with new.transaction():
        for window in windows:
            new.put(window)
            loss = found.setdefault(window.epoch, Loss(window.base, window.last))
            loss.base, loss.last = window.base, window.last
            loss.kept += [(m.first, m.last) for m in window.messages()]


def _at_once(windows: Iterator[Window]) -> Iterator[Sequence[Window]]:
    some: list[Window] = []
    for window in windows:
        some.append(window)
        if len(some) == _ROWS_AT_ONCE:
            yield some
            some = []
    yield some


def _readable(path: Path, first_page: bytes) -> bool:
    """Whether rows can be asked for; where only the first page is bad, that of a new file does."""
    for mend in (False, True):
        if mend:
            pages = path.stat().st_size // PAGE
            with path.open("r+b") as file:
                file.write(first_page[:_PAGES_AT] + pages.to_bytes(4) + first_page[_PAGES_AT + 4 :])
        try:
            with closing(sqlite3.connect(path)) as db:
                next(rows_between(db, 0, 0), None)
        except sqlite3.DatabaseError as fault:
            log.warning("%s cannot be read%s: %s", path, " even mended" * mend, fault)
        else:
            return True
    return False


def _windows(path: Path) -> Iterator[Window]:
    """Every sound window of a damaged file, by halving the places around what cannot be read."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        spans, probes = [(0, _highest(db))], 0
        while spans and probes < _MOST_PROBES:
            first, last = spans.pop()
            try:
                for row in rows_between(db, first, last):
                    first = int(row[0]) + 1
                    window = as_window(row)
                    if window is not None:
                        yield window
            except sqlite3.Error:
                probes += 1
                middle = (first + last) // 2
                if first < last:
                    spans += [(middle + 1, last), (first, middle)]


def _highest(db: sqlite3.Connection) -> int:
    try:
        row = db.execute("SELECT max(place) FROM windows").fetchone()
    except sqlite3.Error:
        return _FAR
    return int(row[0] or 0)


def _put_aside(path: Path) -> None:
    """Rename the file and its WAL; of those put aside before, the oldest go."""
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    aside = path.with_name(f"{path.name}.damaged-{written:%Y%m%dT%H%M%S.%fZ}")
    wal = path.with_name(path.name + "-wal")
    if wal.exists():
        wal.rename(aside.with_name(aside.name + "-wal"))
    path.rename(aside)
    log.error("the spool was damaged; what is left of the old file is %s", aside)
    before = sorted(path.parent.glob(f"{path.name}.damaged-*Z"))
    for old in before[:-_MOST_KEPT_ASIDE]:
        _remove(old)


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)
