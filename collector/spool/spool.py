"""The spool's face, and what happens where its file does not play along.

A file that is damaged is put aside and salvaged; one that cannot be opened or written is tried
again, and until then nothing is committed and nothing is said to be.
"""

import dataclasses
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from collector.spool.file import Damaged, SpoolFile
from collector.spool.open_spool import Commit, OpenSpool, Wanted
from collector.spool.salvage import finish, recover, replace, salvage
from collector.spool.wal import forget_wal, found_wal
from collector.spool.window import Stored
from collector.wire.acknowledgement import EpochAck
from collector.wire.anchor import Anchor
from collector.wire.birth import Birth
from collector.wire.counts import Counts
from collector.wire.reading import Reading, instant

T = TypeVar("T")
log = logging.getLogger("collector.spool")

_RETRY_S = 1.0
_NO_FAULT_OF_THE_FILE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL)


class Unwritten(Exception):
    """The spool could not be written or read now; it may be tried again."""


class Spool:
    """One spool file. Its methods may be called from any thread; each is one transaction.

    The file is opened when it is first needed, and again after a fault, so that nobody who polls
    waits for it. Every method raises `Unwritten` where that is not possible now.

    Args:
        path: The file.
        site: Whose readings.
        collector: Likewise.
        max_mb: How large the file may grow, its WAL included. [MB]
    """

    def __init__(self, path: Path, *, site: str, collector: str, max_mb: float) -> None:
        self._path, self._site, self._collector = path, site, collector
        self._max_bytes = int(max_mb * 1_000_000)
        self._lock = threading.Lock()
        self._open: OpenSpool | None = None
        self._opened, self._again_at, self._fault = 0, 0.0, ""
        self._wal: bytes | None = None  # as it was before SQLite opened the file first
        self._unsure: tuple[bytes, Commit] | None = None  # the last that failed, and its end
        self._there: list[Commit] = []  # that failed and had reached the file after all

    @property
    def epoch(self) -> str:
        """The epoch that is numbered now."""
        return self._do(lambda spool: spool.head.epoch)

    @property
    def newest(self) -> int:
        """Place of the newest record."""
        return self._do(lambda spool: spool.head.place)

    @property
    def before_newest(self) -> int:
        """Place behind which the newest window stands."""
        return self._do(lambda spool: spool.before_newest)

    @property
    def newest_at(self) -> datetime | None:
        """The latest instant that it holds by a clock that was not known to be wrong."""
        newest_ms = self._do(lambda spool: spool.newest_ms)
        return instant(newest_ms) if newest_ms else None

    @property
    def changes(self) -> tuple[int, int]:
        """Another value whenever messages that were read before may be here no more."""
        return self._do(lambda spool: (self._opened, spool.changes))

    def commit(
        self,
        readings: Sequence[Reading],
        births: Mapping[str, Birth],
        now: str,
        anchor: Anchor | None = None,
        counts: Sequence[Counts] = (),
    ) -> None:
        """Commit one window: numbers, hashes and messages in one transaction.

        Args:
            readings: The window's readings, in any order of devices.
            births: Birth of every device among them.
            now: Stamp for the records that this commit adds of itself.
            anchor: What the time was, where it is to be said.
            counts: What became of all values of intervals that are over.

        Raises:
            Unwritten: Nothing of the window is committed; it may be tried again.
        """
        self._do(lambda spool: self._commit(spool, Commit(readings, births, now, anchor, counts)))

    def next_after(self, place: int, most: int, wanted: Wanted | None = None) -> list[Stored]:
        """The next messages behind a place, oldest first, up to the end of a window.

        Args:
            place: Behind which.
            most: When so many are found, no further window is opened.
            wanted: Which are asked for; where nothing is said, all that wait.
        """
        return self._do(lambda spool: spool.next_after(place, most, wanted))

    def release(self, acks: Iterable[EpochAck]) -> bool:
        """Take the journal's word; the next commit deletes what it accounts for.

        Where it shows that somebody else numbers under our epoch, another one begins, and what
        waits is committed again under it, before anything is let go.

        Returns:
            Whether it says anything new of what waits.
        """
        return self._do(lambda spool: spool.release(acks))

    def waiting(self) -> int:
        """Records that wait to be accounted for."""
        return self._do(lambda spool: spool.waiting())

    def close(self) -> None:
        """Close the file; whoever needs it again opens it again."""
        with self._lock:
            if self._open is not None:
                try:
                    self._open.settle()
                except (Damaged, sqlite3.Error) as fault:
                    log.warning("%s could not be tidied up: %s", self._path, fault)
                self._let_go()

    def _commit(self, spool: OpenSpool, what: Commit) -> None:
        if self._unsure and spool.file.ends_with(self._unsure[0]):
            self._there.append(self._unsure[1])
        what = _without(what, self._there)
        spool.written = b""  # one that fails before it writes anything has reached nothing
        try:
            try:
                spool.commit(what)
            except sqlite3.OperationalError as fault:
                if _code(fault) != sqlite3.SQLITE_FULL:
                    raise
                # The disk has no more than the file has already: that is a full spool as well.
                with spool.file.no_larger():
                    spool.commit(what)
        except sqlite3.Error:
            self._unsure = (spool.written, what)
            raise
        self._unsure, self._there = None, []

    def _do(self, work: Callable[[OpenSpool], T]) -> T:
        with self._lock:
            try:
                try:
                    return work(self._ready())
                except Damaged as damage:
                    log.error("%s is damaged: %s", self._path, damage)  # noqa: TRY400
                    self._let_go()
                    return work(self._salvaged())
            except (Damaged, OSError, sqlite3.Error) as fault:
                if _code(fault) not in _NO_FAULT_OF_THE_FILE:
                    self._let_go()
                raise Unwritten(f"{self._path}: {fault}") from fault

    def _ready(self) -> OpenSpool:
        if self._open is None:
            if time.monotonic() < self._again_at:
                raise OSError(self._fault)
            try:
                finish(self._path)
                if self._wal is None:
                    self._wal = found_wal(self._path)
                self._open = self._begun()
            except sqlite3.Error as fault:
                self._wait(fault)
                if _code(fault) == sqlite3.SQLITE_READONLY:
                    raise Damaged(str(fault)) from fault
                raise
            except OSError as fault:
                self._wait(fault)
                raise
        return self._open

    def _wait(self, fault: Exception) -> None:
        self._again_at, self._fault = time.monotonic() + _RETRY_S, str(fault)

    def _begun(self) -> OpenSpool:
        file = SpoolFile(self._path, self._max_bytes)
        try:
            recover(file, self._wal or b"")
            spool = OpenSpool(file, self._site, self._collector)
        except BaseException:
            file.close()
            raise
        self._opened, self._wal = self._opened + 1, b""
        forget_wal(self._path)
        return spool

    def _salvaged(self) -> OpenSpool:
        fresh, losses = salvage(self._path, self._max_bytes, self._wal or b"")
        # What is lost is told before the old file goes: a power cut only repeats the work.
        file = SpoolFile(fresh, self._max_bytes)
        try:
            OpenSpool(file, self._site, self._collector).tell_losses(losses)
        finally:
            file.close()
        replace(self._path, self._wal or b"")
        self._wal = b""
        self._open = self._begun()
        for epoch, loss in losses.items():
            lost = sum(one.last - one.first + 1 for one in loss.ranges())
            say = "%d records of epoch %s are lost; what came behind number %d is not known"
            log.error(say, lost, epoch, loss.last)
        if not losses:
            log.error("nothing could be salvaged; what waited there is not known")
        return self._open

    def _let_go(self) -> None:
        if self._open is not None:
            self._open.file.close()
            self._open = None


def _without(what: Commit, there: Sequence[Commit]) -> Commit:
    """What of a commit is not there yet."""
    readings = {id(reading) for one in there for reading in one.readings}
    told = {counts.from_up_ms for one in there for counts in one.counts}
    return dataclasses.replace(
        what,
        readings=[reading for reading in what.readings if id(reading) not in readings],
        counts=[counts for counts in what.counts if counts.from_up_ms not in told],
    )


def _code(fault: Exception) -> int:
    """SQLite's primary result code; 0 where the fault is none of its own."""
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF
