"""The spool's file: one SQLite database, and the only connection that it ever has.

Exclusive locking keeps a second collector out, and with it the corruption that two writers can
cause in SQLite before 3.51.3; it also spares the shared-memory file.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.spool.window import Window

_VERSION = 2
PAGE = 1024  # measured: a window then costs the card half of what it does in pages of 4096
_WAL_SHARE = 16  # this part of the spool may stand in the WAL
_LEAST_WAL_PAGES, _MOST_WAL_PAGES = 16, 4096
_QUICK_CHECK_BYTES = 64_000_000  # a larger file is checked row by row, as it is read
_LAST = 4
_SCHEMA = f"""
CREATE TABLE windows (
  place INTEGER PRIMARY KEY, epoch TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  base INTEGER NOT NULL, newest_ms INTEGER NOT NULL, thinned INTEGER NOT NULL, h BLOB NOT NULL,
  proof BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE births (device TEXT PRIMARY KEY, hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE owner (site TEXT NOT NULL, collector TEXT NOT NULL, epoch TEXT NOT NULL);
PRAGMA user_version = {_VERSION};
"""
_COLUMNS = "place, epoch, first, last, base, newest_ms, thinned, h, body, proof"


class Damaged(Exception):
    """The file is not what was written: it is to be put aside and salvaged."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What the spool holds of one epoch.

    Attributes:
        epoch: Its name.
        offset: What its numbers lack to their places.
        first: The lowest number that is here.
        last: The highest.
    """

    epoch: str
    offset: int
    first: int
    last: int


class SpoolFile:
    """An open file that was found sound.

    Args:
        path: The file; made where there is none.
        max_bytes: How large it may grow, WAL included. [bytes]

    Raises:
        Damaged: It holds something else than a spool.
        sqlite3.Error: It cannot be opened or written now.
        OSError: Its folder cannot be made.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        size = path.stat().st_size if path.exists() else 0
        max_bytes = min(max_bytes, size + shutil.disk_usage(path.parent).free)
        wal_pages = min(_MOST_WAL_PAGES, max(_LEAST_WAL_PAGES, max_bytes // _WAL_SHARE // PAGE))
        self._reserve_bytes = 3 * wal_pages * PAGE  # making room goes over the WAL's share
        self._max_bytes = max_bytes - self._reserve_bytes
        self._folder = path.parent
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.5)
        try:
            with damage_told():
                self._prepare(wal_pages)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, wal_pages: int) -> None:
        for pragma in (
            f"page_size = {PAGE}",
            "locking_mode = EXCLUSIVE",
            "journal_mode = WAL",
            # FULL: a window counts as committed only when it is on the medium.
            "synchronous = FULL",
            # Debian's SQLite overwrites what it deletes; of readings that is only wear.
            "secure_delete = OFF",
            f"wal_autocheckpoint = {wal_pages}",
            f"journal_size_limit = {wal_pages * PAGE}",
            f"max_page_count = {self._max_bytes // PAGE}",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        # After a failed fsync the log may stand in the kernel's memory alone: copy and sync it.
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        version = self._number("PRAGMA user_version")
        if version == 0 and not self._number("SELECT count(*) FROM sqlite_schema"):
            with self.transaction():
                for statement in _SCHEMA.split(";")[:-1]:
                    self._db.execute(statement)
        elif version != _VERSION:
            raise Damaged(f"its version is {version}, not {_VERSION}")
        self._check()
        # That the file can be written is found out now: a window must not be the first to tell.
        with self.transaction():
            self._db.execute("UPDATE owner SET site = site WHERE 0")

    def _check(self) -> None:
        pages = self._number("PRAGMA page_count")
        if pages * PAGE <= _QUICK_CHECK_BYTES:
            found = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise Damaged(str(found))
        self.newest()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN IMMEDIATE … COMMIT; ROLLBACK after a fault."""
        with damage_told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def owner(self) -> tuple[str, str, str] | None:
        """Site, collector and epoch that are numbered here; None where the file is new."""
        with damage_told():
            row = self._db.execute("SELECT site, collector, epoch FROM owner").fetchone()
        return (row[0], row[1], row[2]) if row else None

    def begin_epoch(self, site: str, collector: str, epoch: str) -> None:
        """An epoch begins here: it tells every birth again."""
        self._db.execute("DELETE FROM owner")
        self._db.execute("INSERT INTO owner VALUES (?, ?, ?)", (site, collector, epoch))
        self._db.execute("DELETE FROM births")

    def births(self) -> dict[str, str]:
        """Hash of the birth that each device was given in this epoch."""
        return dict(self._db.execute("SELECT device, hash FROM births"))

    def know_birth(self, device: str, hash_: str) -> None:
        """Remember a device's birth."""
        self._db.execute("INSERT OR REPLACE INTO births VALUES (?, ?)", (device, hash_))

    def put(self, window: Window) -> None:
        """Store a window, or what is left of it."""
        self._db.execute(
            f"INSERT OR REPLACE INTO windows ({_COLUMNS}) "  # noqa: S608 - our own columns
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                window.place,
                window.epoch,
                window.first,
                window.last,
                window.base,
                window.newest_ms,
                window.thinned,
                window.h,
                window.body,
                window.proof,
            ),
        )

    def delete(self, after: int, through: int) -> None:
        """Delete windows whose place is in ``(after, through]``."""
        self._db.execute("DELETE FROM windows WHERE place > ? AND place <= ?", (after, through))

    def newest(self) -> Window | None:
        """The newest window; it is kept even where it is accounted for, to number on from it."""
        found = self._windows("ORDER BY place DESC LIMIT 1", ())
        return next(found, None)

    def ends_with(self, h: bytes) -> bool:
        """Whether one of the last windows ends with that hash; a salvage adds one of its own."""
        rows = self._db.execute("SELECT h FROM windows ORDER BY place DESC LIMIT ?", (_LAST,))
        return (h,) in rows.fetchall()

    def after(self, place: int, most: int) -> Iterator[Window]:
        """Windows behind a place, oldest first."""
        return self._windows("WHERE place > ? ORDER BY place LIMIT ?", (place, most))

    def unthinned(self, after: int, before: int, most: int) -> Iterator[Window]:
        """Windows between two places, both excluded, that were not thinned, oldest first."""
        condition = "WHERE place > ? AND place < ? AND NOT thinned ORDER BY place LIMIT ?"
        return self._windows(condition, (after, before, most))

    def headings(self, after: int, most: int) -> list[tuple[int, str, int, int]]:
        """Place, epoch, first and last of windows behind a place, without reading their bodies."""
        with damage_told():
            return self._db.execute(
                "SELECT place, epoch, first, last FROM windows WHERE place > ? "
                "ORDER BY place LIMIT ?",
                (after, most),
            ).fetchall()

    def extents(self) -> list[Extent]:
        """What is here of each epoch, the newest first: an epoch's windows stand together."""
        found: list[Extent] = []
        before = 2**62
        with damage_told():
            while row := self._ends("WHERE place <= ? ORDER BY place DESC", before):
                place, epoch, _, last = row
                offset = place - last
                first = self._ends("WHERE place > ? ORDER BY place", offset)
                found.append(Extent(epoch, offset, first[2] if first else last, last))
                before = offset
        return found

    @property
    def used_bytes(self) -> int:
        """How much of the file is not free. [bytes]"""
        pages = self._number("PRAGMA page_count") - self._number("PRAGMA freelist_count")
        return pages * PAGE

    @property
    def max_bytes(self) -> int:
        """How much of it may be used. [bytes]"""
        return self._max_bytes

    @property
    def disk_bytes(self) -> int:
        """How much of it may be used before its disk is too full to write anything. [bytes]"""
        size = self._number("PRAGMA page_count") * PAGE
        return size + shutil.disk_usage(self._folder).free - self._reserve_bytes

    @contextmanager
    def no_larger(self) -> Iterator[None]:
        """Room is made as if the file were full now, and the WAL is written from its start."""
        self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        before, self._max_bytes = self._max_bytes, self.used_bytes
        try:
            yield
        finally:
            self._max_bytes = before

    def close(self) -> None:
        """Close it, whatever state it is in."""
        self._db.close()

    def _ends(self, condition: str, place: int) -> tuple[int, str, int, int] | None:
        row: tuple[int, str, int, int] | None = self._db.execute(
            f"SELECT place, epoch, first, last FROM windows {condition} LIMIT 1",  # noqa: S608
            (place,),
        ).fetchone()
        return row

    def _windows(self, condition: str, values: Sequence[int]) -> Iterator[Window]:
        with damage_told():
            rows = self._db.execute(
                f"SELECT {_COLUMNS} FROM windows {condition}",  # noqa: S608 - our own conditions
                values,
            )
            for row in rows:
                window = as_window(row)
                if window is None:
                    raise Damaged(f"the window at {row[0]} is not what was written")
                yield window

    def _number(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])


def as_window(row: Sequence[Any]) -> Window | None:
    """A row as a window; None where it is not what was written."""
    kinds = (int, str, int, int, int, int, int, bytes, bytes, bytes)
    if not all(isinstance(value, kind) for value, kind in zip(row, kinds, strict=True)):
        return None
    place, epoch, first, last, base, newest_ms, thinned, h, body, proof = row
    window = Window(place, epoch, first, last, base, newest_ms, bool(thinned), h, body, proof)
    return window if window.sound else None


@contextmanager
def damage_told() -> Iterator[None]:
    """SQLite's words for a damaged file as `Damaged`."""
    try:
        yield
    except sqlite3.DatabaseError as fault:
        code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
        gone_wrong = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        # SQLITE_ERROR of our own fixed statements: a table or column is not there.
        if gone_wrong or (code == sqlite3.SQLITE_ERROR and "no such" in str(fault)):
            raise Damaged(str(fault)) from fault
        raise
