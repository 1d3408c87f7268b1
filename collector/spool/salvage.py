"""Salvage: what is still good of a damaged spool, and what of it is known to be lost.

Whatever window an intact page still holds is found, whether or not the file or its WAL still leads
there. The good ones are copied into a new file, and what is lost is told in it, before the damaged
one is moved aside, so that a power cut in between only repeats the work.
"""

import logging
import mmap
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from collector.spool.carving import Pages, read_wal
from collector.spool.file import PAGE, Damaged, SpoolFile
from collector.spool.wal import wal_of, wal_path
from collector.spool.window import Window
from collector.wire.gone import GoneRange

log = logging.getLogger("collector.spool")

_MOST_KEPT_ASIDE = 3
_ROWS_AT_ONCE = 200


@dataclass(slots=True)
class Loss:
    """What is known of one epoch of a damaged file.

    Attributes:
        base: The lowest number that still waited.
        last: The highest number known; what came behind it nobody knows.
        kept: What could be salvaged, as ranges, the highest first.
    """

    base: int
    last: int
    kept: list[tuple[int, int]] = field(default_factory=list)

    def keep(self, first: int, last: int) -> None:
        """Numbers were salvaged, below those before."""
        if self.kept and self.kept[-1][0] == last + 1:
            last = self.kept.pop()[1]
        self.kept.append((first, last))

    def ranges(self) -> list[GoneRange]:
        """The numbers that will never come."""
        found, after = [], self.base
        for first, last in reversed(self.kept):
            if first > after:
                found.append(GoneRange(after, first - 1))
            after = max(after, last + 1)
        if after <= self.last:
            found.append(GoneRange(after, self.last))
        return found


def salvage(path: Path, max_bytes: int, wal_found: bytes) -> tuple[Path, dict[str, Loss]]:
    """Write a new file beside a damaged one, with all that is good of it.

    Args:
        path: The file.
        max_bytes: How large the new one may grow. [bytes]
        wal_found: Its WAL as it was before SQLite opened it, where it was the damage that was found
            then.

    Returns:
        The new file; and what is known to be lost, by epoch: nothing where not even that could be
        read.

    Raises:
        sqlite3.Error: A new file cannot be made.
        OSError: Likewise.
    """
    fresh = path.with_name(path.name + ".salvaged")
    _remove(fresh)
    found: dict[str, Loss] = {}
    wal = wal_found or wal_of(path)
    new = SpoolFile(fresh, max_bytes)
    try:
        for windows in _at_once(_windows(path, wal)):
            _take(new, windows, found)
    finally:
        new.close()
    return fresh, found


def replace(path: Path, wal_found: bytes) -> None:
    """Move a damaged file aside, and the one that was salvaged of it into its place."""
    _put_aside(path, wal_found or wal_of(path))
    finish(path)


def recover(file: SpoolFile, wal: bytes) -> None:
    """Take windows of the WAL that SQLite did not read: it stops at the first bit that flipped.

    What stands there right behind the newest window is the next one that was being committed.

    Args:
        file: The file as SQLite opened it.
        wal: Its WAL as it was before that.

    Raises:
        Damaged: Something between is missing.
    """
    newest, owner = file.newest(), file.owner()
    place, more = newest.place if newest else 0, list[Window]()
    found = read_wal(wal, b"").windows
    for window in (found[at] for at in sorted(found, reverse=True)):
        # Of a commit that failed and was tried again there are two versions.
        if window.behind >= place and (not more or window.place <= more[-1].behind):
            more.append(window)
    if not more:
        return
    with file.transaction():
        for window in reversed(more):
            if window.behind != place or owner is None or window.epoch != owner[2]:
                raise Damaged(f"its WAL has windows up to {more[0].place}, and not all of them")
            place = window.place
            file.put(window)
    log.warning("%d windows are taken from a part of the WAL that SQLite did not read", len(more))


def finish(path: Path) -> None:
    """Finish a salvage that was cut off between its last two steps."""
    fresh = path.with_name(path.name + ".salvaged")
    if fresh.is_file() and not path.exists():
        wal_path(path).unlink(missing_ok=True)  # it is another file's
        fresh.rename(path)


def _take(new: SpoolFile, windows: Sequence[Window], found: dict[str, Loss]) -> None:
    with new.transaction():
        for window in windows:
            new.put(window)
            loss = found.setdefault(window.epoch, Loss(window.base, window.last))
            for message in reversed(list(window.messages())):
                loss.keep(message.first, message.last)


def _at_once(windows: Iterator[Window]) -> Iterator[Sequence[Window]]:
    some: list[Window] = []
    for window in windows:
        some.append(window)
        if len(some) == _ROWS_AT_ONCE:
            yield some
            some = []
    yield some


def _windows(path: Path, wal: bytes) -> Iterator[Window]:
    """Every sound window that still waited, the newest first."""
    with path.open("rb") as file, _mapped(file) as content:
        read = read_wal(wal, content)
        plain, laid = Pages(content, {}), Pages(content, read.over)
        rows = sorted(
            (place, number, at)
            for number in range(1, len(content) // PAGE + 1)
            for place, at in plain.rows(number)
        )
        places: dict[int, list[tuple[int, int]]] = {place: [] for place in read.windows}
        for place, number, at in rows:
            places.setdefault(place, []).append((number, at))
        bases: dict[str, int] = {}
        for place in sorted(places, reverse=True):
            versions = [pages.window(*row) for row in places[place] for pages in (plain, laid)]
            found = [one for one in (read.windows.get(place), *versions) if one]
            if not found:
                continue
            window = max(found, key=lambda one: one.thinned)
            if window.epoch not in bases or window.last >= bases[window.epoch]:
                bases.setdefault(window.epoch, window.base)
                yield window


@contextmanager
def _mapped(file: BinaryIO) -> Iterator[bytes | mmap.mmap]:
    """A file's content, of which there may be more than memory."""
    if not os.fstat(file.fileno()).st_size:
        yield b""  # nothing cannot be mapped
        return
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        yield content


def _put_aside(path: Path, wal: bytes) -> None:
    """Rename the file, and keep its WAL beside it; of those put aside before, the oldest go."""
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    aside = path.with_name(f"{path.name}.damaged-{written:%Y%m%dT%H%M%S.%fZ}")
    if wal:
        wal_path(aside).write_bytes(wal)
    path.rename(aside)
    log.error("the spool was damaged; what is left of the old file is %s", aside)
    before = sorted(path.parent.glob(f"{path.name}.damaged-*Z"))
    for old in before[:-_MOST_KEPT_ASIDE]:
        _remove(old)


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)
