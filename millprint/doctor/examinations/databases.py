"""Journal and books are sound, and of a version that this one reads."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from api.books import Books, migration
from collector.wire.problem import Problem, Refused
from gateway.journal import Unavailable, schema
from gateway.journal.stores.sqlite import quick_check
from millprint.doctor.premises import Premises


def examine(premises: Premises) -> Iterator[Problem]:
    """Each database, page by page."""
    yield from _out_of_reach(premises)
    for path in premises.databases():
        journal = premises.journal is not None and path == premises.journal.file
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
                faults = quick_check(db)
                version = db.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.Error as fault:
            faults, version = (str(fault),), schema.VERSION
        if faults:
            yield Problem("database-damaged", str(path), values={"why": faults[0]})
        elif journal and version != schema.VERSION:
            values = {"found": str(version), "known": str(schema.VERSION)}
            yield Problem("journal-of-another-version", str(path), values=values)
        elif not journal:
            yield from _ahead(path)


def _out_of_reach(premises: Premises) -> Iterator[Problem]:
    """Whether a journal on a server can be asked."""
    if premises.gateway is not None:
        try:
            premises.gateway.journal.exists()
        except Unavailable as fault:
            yield from fault.problems


def _ahead(books: Path) -> Iterator[Problem]:
    """Whether a later version made the books."""
    kept = Books(f"sqlite:///{books}")
    try:
        migration.forward(kept.engine)
    except Refused as refused:
        yield from refused.problems
    finally:
        kept.close()
