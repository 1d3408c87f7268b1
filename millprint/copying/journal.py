"""A journal copied from one store into another."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any

from collector.wire.problem import Problem, Refused
from gateway.journal.schema import ROWS
from gateway.journal.store import Connection, Store
from millprint.copying.prints import Prints, Put, Tell, printed

_MOST_ROWS, _MOST_BYTES = 500, 4_000_000


def require_empty(target: Store) -> None:
    """Make the tables of a target; `Refused` where anything is in them."""
    with closing(target.for_writing()) as db:
        if any(_count(db, table) for table in ROWS):
            raise Refused(Problem("copy-target-not-empty", str(target)))


def copy(source: Store, target: Store, tell: Tell) -> Prints:
    """Copy a journal into an empty one, in one transaction; what was copied.

    Whoever would write the source is kept out until all of it is there.

    Raises:
        Refused: The source has a writer.
        FAULTS: One of the two failed; nothing is in the target.
    """
    with (
        closing(source.for_writing()) as old,
        closing(target.for_writing()) as new,
        old.transaction(),
        new.transaction(),
    ):
        return {table: _printed(old, table, tell, _into(new, table)) for table in ROWS}


def prints(store: Store, tell: Tell) -> Prints:
    """What a journal holds, read again."""
    with closing(store.for_reading()) as db, db.moment():
        return {table: _printed(db, table, tell) for table in ROWS}


def _into(db: Connection, table: str) -> Put:
    marks = ", ".join("?" * len(ROWS[table].split(",")))
    return partial(db.executemany, f"INSERT INTO {table} ({ROWS[table]}) VALUES ({marks})")


def _printed(db: Connection, table: str, tell: Tell, put: Put | None = None) -> tuple[int, str]:
    whole = _count(db, table)
    return printed(_pages(db, table), lambda done: tell(table, done, whole), put)


def _count(db: Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _pages(db: Connection, table: str) -> Iterator[list[tuple[Any, ...]]]:
    page: list[tuple[Any, ...]] = []
    held = 0
    for row in db.walk(f"SELECT {ROWS[table]} FROM {table} ORDER BY 1, 2"):
        page.append(row)
        held += sum(len(value) for value in row if isinstance(value, bytes))
        if len(page) >= _MOST_ROWS or held >= _MOST_BYTES:
            yield page
            page, held = [], 0
    if page:
        yield page
