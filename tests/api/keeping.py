"""Where a test's mill keeps journal and books: in files, or in a database of a real PostgreSQL.

With ``MILLPRINT_TEST_STORE=postgresql`` every mill of the tests of the API is kept there.
"""

import atexit
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from api.books import Books
from gateway.journal.store import Store, store_of
from gateway.journal.stores.sqlite import Sqlite
from tests.postgres import Cluster

ON_A_SERVER = os.environ.get("MILLPRINT_TEST_STORE") == "postgresql"
of_files = pytest.mark.skipif(ON_A_SERVER, reason="what it does, it does to a file")
_EMPTY = "empty"
_NUMBERS = count()
_DATABASES: dict[Path, str] = {}


@dataclass(frozen=True)
class Kept:
    """A mill's journal, and the address of its books."""

    journal: Store
    books: str


def made(folder: Path, past: Path | None) -> Kept:
    """For a mill to which nothing has happened yet, or what did in another that is still now."""
    if ON_A_SERVER:
        name = _DATABASES[folder] = f"mill_{next(_NUMBERS)}"
        of = _DATABASES[past] if past else _EMPTY
        server().hangs_up(of)
        server().do("postgres", f"CREATE DATABASE {name} TEMPLATE {of}")
    elif past:
        for name in ("journal.db", "books.db"):
            copied(past / name, folder / name)
    else:
        (folder / "books.db").write_bytes(_empty_books())
    return kept(folder)


def kept(folder: Path) -> Kept:
    """Of a mill that was made there."""
    if folder not in _DATABASES:
        return Kept(Sqlite(folder / "journal.db"), f"sqlite:///{folder / 'books.db'}")
    url = server().address(_DATABASES[folder])
    return Kept(store_of(url, folder, "gateway.toml  [journal]"), url)


def forgotten(folder: Path) -> None:
    """A mill that nobody asks any more: a server's databases are large."""
    if name := _DATABASES.pop(folder, None):
        server().do("postgres", f"DROP DATABASE {name} WITH (FORCE)")


def copied(source: Path, target: Path) -> None:
    """A copy of an SQLite file as of one moment."""
    with closing(sqlite3.connect(source)) as old:
        old.execute("VACUUM INTO ?", (str(target),))


@cache
def server() -> Cluster:
    """A real PostgreSQL, as long as the tests last."""
    one = Cluster()
    atexit.register(one.close)
    books = Books(one.emptied(_EMPTY))
    books.migrate()
    books.close()
    return one


@cache
def _empty_books() -> bytes:
    """Books in which nothing stands, made once: their migrations take longer than most tests."""
    with TemporaryDirectory() as folder:
        books = Books(f"sqlite:///{folder}/books.db")
        books.migrate()
        books.close()
        return Path(folder, "books.db").read_bytes()
