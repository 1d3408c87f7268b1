"""The PostgreSQL store: a journal in schema ``journal`` of a database, ``postgresql://…``.

The writer holds a lock of the database as long as its connection lasts, so that there is one; a
commit returns once the server has it on its medium, whatever the server's own setting.
"""

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import psycopg
from typing_extensions import override

from collector.wire.problem import Problem
from gateway import postgres
from gateway.journal import Damaged, Unavailable
from gateway.journal.schema import TABLES, VERSION, inconsistent

_SCHEMA = "journal"
_ONE_WRITER = 0x6D696C6C  # any number that nobody else locks
_MADE_WITH = "SELECT obj_description(to_regnamespace(?), 'pg_namespace')"
_NEEDED = {"server_encoding": "UTF8", "fsync": "on"}
_SAID_HERE = (("?", "%s"), ("BLOB", "BYTEA"), ("group_concat", "string_agg"))
_MADE_HERE = (
    (" WITHOUT ROWID", ""), ("BLOB", "BYTEA"), ("INTEGER", "BIGINT"), ("TEXT", 'TEXT COLLATE "C"'),
)  # fmt: skip
_FIRST_PAGE, _LONGEST_PAGE = 4, 256  # rows: who wants the nearest chunk takes one, or very many


class _Connection:
    """A connection as `gateway.journal.store.Connection` has it.

    Args:
        connect: Makes it.
        again: Whether to connect anew where the server has let go of it, between two moments.
    """

    def __init__(self, connect: Callable[[], "psycopg.Connection"], *, again: bool) -> None:
        self._connect, self._again = connect, again
        self._inside = False
        self._walks = 0
        self._connection = connect()

    def __del__(self) -> None:
        if hasattr(self, "_connection"):
            self._connection.close()  # the thread that had it has ended

    def execute(
        self, statement: str, values: Sequence[Any] = (), /
    ) -> "psycopg.Cursor[tuple[Any, ...]]":
        with _told():
            return self._live().execute(_said(statement), values or None, binary=True)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> None:
        with _told(), self._live().cursor() as cursor:
            cursor.executemany(_said(statement), rows)

    def walk(
        self, statement: str, values: Sequence[Any] = (), /
    ) -> Generator[tuple[Any, ...], None, None]:
        """What it has open on the server ends with the moment."""
        self._walks += 1
        name, page = f"walk_{self._walks}", _FIRST_PAGE
        self.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {statement}", values)
        while rows := self.execute(f"FETCH {page} FROM {name}").fetchall():
            yield from rows
            page = min(2 * page, _LONGEST_PAGE)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with _told(), self._live().transaction():
            yield

    @contextmanager
    def moment(self) -> Iterator[None]:
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._inside = True
        try:
            yield
        finally:
            self._inside = False
            if not self._connection.closed:
                self.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def _live(self) -> "psycopg.Connection":
        if self._connection.closed and self._again and not self._inside:
            self._connection = self._connect()
        return self._connection


class PostgreSQL:
    """A journal in a database.

    Args:
        url: Its address, which holds no secret.
        folder: Where files stand that are made of it.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self.file, self.folder, self.name = None, folder, _SCHEMA

    @override
    def __str__(self) -> str:
        return postgres.shown(self._url)

    def exists(self) -> bool:
        """Whether the database has a journal.

        Raises:
            Unavailable: The server cannot be reached.
        """
        with closing(self.for_reading()) as db:
            return db.execute("SELECT to_regnamespace(?)", (_SCHEMA,)).fetchone() != (None,)

    def for_writing(self) -> _Connection:
        """The database, with the journal's tables made where there are none.

        Raises:
            Damaged: What it holds cannot be trusted, or is none of this version.
            Unavailable: It cannot be reached, is not kept as a journal needs it, or has a writer.
        """
        db = _Connection(partial(self._open, "SET synchronous_commit = on"), again=False)
        try:
            self._require_settings(db)
            self._be_the_writer(db)
            self._require_tables(db)
        except BaseException:
            db.close()
            raise
        return db

    def for_reading(self) -> _Connection:
        """The database, only to be read."""
        setting = "SET default_transaction_read_only = on"
        return _Connection(partial(self._open, setting), again=True)

    def examine(self) -> tuple[str, ...]:
        """Nothing: pages are the server's, which checks them as it reads them."""
        return ()

    def _open(self, setting: str) -> "psycopg.Connection":
        try:
            connection = psycopg.connect(self._url, autocommit=True)
        except psycopg.OperationalError as fault:
            raise _unavailable(fault) from fault
        postgres.prepare(connection)
        connection.execute(f"SET search_path = {_SCHEMA}")
        connection.execute(setting)
        return connection

    def _require_settings(self, db: _Connection) -> None:
        for name, needed in _NEEDED.items():
            (found,) = db.execute("SELECT current_setting(?)", (name,)).fetchone() or ("",)
            if found != needed:
                values = {"name": name, "found": found, "needed": needed}
                raise Unavailable(Problem("postgres-setting", str(self), values=values))

    def _be_the_writer(self, db: _Connection) -> None:
        if db.execute("SELECT pg_try_advisory_lock(?)", (_ONE_WRITER,)).fetchone() != (True,):
            raise Unavailable(Problem("journal-has-a-writer", str(self)))

    def _require_tables(self, db: _Connection) -> None:
        known = f"{_SCHEMA} {VERSION}"
        with db.transaction():
            if db.execute("SELECT to_regnamespace(?)", (_SCHEMA,)).fetchone() == (None,):
                db.execute(f"CREATE SCHEMA {_SCHEMA}")
                for statement in _made().split(";\n"):
                    db.execute(statement)
                db.execute(f"COMMENT ON SCHEMA {_SCHEMA} IS '{known}'")
        (found,) = db.execute(_MADE_WITH, (_SCHEMA,)).fetchone() or ("",)
        if found != known:
            values = {"found": (found or "-").rpartition(" ")[2], "known": str(VERSION)}
            raise Damaged(Problem("journal-of-another-version", str(self), values=values))
        for fault in inconsistent(db):
            raise Damaged(Problem("journal-damaged", str(self), values={"why": fault}))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as fault:
        raise _unavailable(fault) from fault


def _unavailable(fault: psycopg.Error) -> Unavailable:
    return Unavailable(Problem("journal-unreachable", "PostgreSQL", values={"why": str(fault)}))


@lru_cache(maxsize=256)
def _said(statement: str) -> str:
    """A statement as PostgreSQL and its driver have it."""
    for ours, here in _SAID_HERE:
        statement = statement.replace(ours, here)
    return statement


def _made() -> str:
    """The tables as PostgreSQL has them; bodies are packed already, and are not packed again."""
    made = TABLES
    for ours, here in _MADE_HERE:
        made = made.replace(ours, here)
    made = re.sub(r"(AS \(id [^)]*\))", r"\1 STORED", made).strip().removesuffix(";")
    packed = ("segments ALTER body", "chunks ALTER body", "chunks ALTER columns")
    return ";\n".join([made, *(f"ALTER TABLE {one} SET STORAGE EXTERNAL" for one in packed)])


def read(url: str, folder: Path, where: str) -> PostgreSQL:
    """The database of an address; `Refused` where it says something wrong of it."""
    return PostgreSQL(postgres.address(url, folder, where), folder / "var")
