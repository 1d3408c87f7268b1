"""The SQLite store: a journal in one file, ``sqlite:///path``."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from typing_extensions import override

from collector.wire.problem import Problem, Refused
from gateway.journal import Damaged
from gateway.journal.schema import TABLES, VERSION, inconsistent

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


class _Connection(sqlite3.Connection):
    """A connection as `gateway.journal.store.Connection` has it."""

    def walk(self, statement: str, values: Sequence[Any] = (), /) -> sqlite3.Cursor:
        return self.execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self.in_transaction:
                self.execute("ROLLBACK")
            raise

    @contextmanager
    def moment(self) -> Iterator[None]:
        self.execute("BEGIN")
        try:
            yield
        finally:
            self.execute("COMMIT")


class Sqlite:
    """A journal in a file."""

    def __init__(self, path: Path) -> None:
        self.file, self.folder, self.name = path, path.parent, path.name

    @override
    def __str__(self) -> str:
        return str(self.file)

    def exists(self) -> bool:
        """Whether there is a file."""
        return self.file.exists()

    def for_writing(self) -> _Connection:
        """The file, made where there is none, checked where there is one.

        Raises:
            Damaged: The file cannot be trusted, or is none of this version.
            sqlite3.OperationalError: It cannot be opened now.
        """
        path = self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o640)  # what a mill reads is nothing to everybody on the machine
        db = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, factory=_Connection
        )
        try:
            self._prepare(db)
        except sqlite3.DatabaseError as fault:
            db.close()
            if getattr(fault, "sqlite_errorcode", 0) & 0xFF in _OF_THE_MOMENT:
                raise  # nothing is wrong with what is there
            raise self._damaged(str(fault)) from fault
        except BaseException:
            db.close()
            raise
        return db

    def for_reading(self) -> _Connection:
        """The file, which must exist, only to be read."""
        db = sqlite3.connect(
            f"file:{self.file}?mode=ro",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            factory=_Connection,
        )
        db.execute("PRAGMA busy_timeout = 5000")
        return db

    def examine(self) -> tuple[str, ...]:
        """Check the whole file, page by page."""
        with closing(self.for_reading()) as db:
            return quick_check(db)

    def _prepare(self, db: _Connection) -> None:
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
            db.executescript(f"BEGIN;{TABLES}PRAGMA user_version = {VERSION};COMMIT")
        self._require(db)

    def _require(self, db: _Connection) -> None:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            values = {"found": str(version), "known": str(VERSION)}
            raise Damaged(Problem("journal-of-another-version", str(self), values=values))
        if self.file.stat().st_size <= CHECKED_WHOLE_MB * 10**6:
            faults = quick_check(db)
            if faults:
                raise self._damaged(faults[0])
        for fault in inconsistent(db):
            raise self._damaged(fault)

    def _damaged(self, why: str) -> Damaged:
        return Damaged(Problem("journal-damaged", str(self), values={"why": why}))


def quick_check(db: sqlite3.Connection) -> tuple[str, ...]:
    """What SQLite finds wrong with the file's pages; nothing where it is sound."""
    try:
        found = [line for (line,) in db.execute("PRAGMA quick_check(10)")]
    except sqlite3.DatabaseError as fault:
        return (str(fault),)  # it could not even be walked through
    return tuple(line for line in found if line != "ok")


def read(url: str, folder: Path, where: str) -> Sqlite:
    """The file of a URL, seen from the configuration's folder; `Refused` where it names none."""
    path = url.partition(":///")[2]
    if not path:
        raise Refused(Problem("unknown-journal", where, values={"url": url}))
    return Sqlite(folder / path)
