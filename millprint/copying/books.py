"""Books copied from one database into another."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from api.books import Books, form
from api.books.engines import named
from api.books.schema import metadata
from collector.wire.problem import Problem, Refused
from millprint.copying.prints import Prints, Put, Tell, printed

_PAGE = 200


def require_newest(source: Books) -> None:
    """`Refused` where books are of another form than this version's."""
    if not form.is_newest(source.engine):
        raise Refused(Problem("copy-of-older-books", named(source.url)))


def copy(source: Books, target: Books, tell: Tell) -> None:
    """Copy books into empty ones, in one transaction.

    Raises:
        Refused: There is something in the target.
        sqlalchemy.exc.SQLAlchemyError: One of the two failed; nothing is in the target.
    """
    with _moment(source) as old, target.engine.begin() as new:
        if any(_count(new, table) for table in metadata.sorted_tables):
            raise Refused(Problem("copy-target-not-empty", named(target.url)))
        for table in metadata.sorted_tables:
            _printed(old, table, tell, _into(new, table))
        _count_on(new)


def prints(books: Books, tell: Tell) -> Prints:
    """What books hold, read again."""
    with _moment(books) as db:
        return {table.name: _printed(db, table, tell) for table in metadata.sorted_tables}


@contextmanager
def _moment(books: Books) -> Iterator[sa.Connection]:
    """One moment of books: a file's begins with the first question."""
    level = "SERIALIZABLE" if books.engine.dialect.name == "sqlite" else "REPEATABLE READ"
    with books.engine.connect().execution_options(isolation_level=level) as db:
        if level == "SERIALIZABLE":
            db.exec_driver_sql("BEGIN")  # pysqlite itself begins only when something is written
        yield db


def _into(db: sa.Connection, table: sa.Table) -> Put:
    names = [column.name for column in table.columns]
    return lambda page: db.execute(
        sa.insert(table), [dict(zip(names, row, strict=True)) for row in page]
    )


def _printed(
    db: sa.Connection, table: sa.Table, tell: Tell, put: Put | None = None
) -> tuple[int, str]:
    whole = _count(db, table)
    return printed(_pages(db, table), lambda done: tell(table.name, done, whole), put)


def _count(db: sa.Connection, table: sa.Table) -> int:
    return int(db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _pages(db: sa.Connection, table: sa.Table) -> Iterator[list[tuple[Any, ...]]]:
    query = sa.select(table).order_by(*table.primary_key)
    with db.execute(query, execution_options={"yield_per": _PAGE}) as rows:
        for page in rows.partitions(_PAGE):
            yield [tuple(row) for row in page]


def _count_on(db: sa.Connection) -> None:
    """Let a server number what comes from now on after what was copied; a file does by itself."""
    if db.dialect.name == "sqlite":
        return
    for table in metadata.sorted_tables:
        for column in table.primary_key:
            name = db.execute(sa.select(sa.func.pg_get_serial_sequence(table.name, column.name)))
            sequence, last = name.scalar(), sa.select(sa.func.max(column)).scalar_subquery()
            if sequence is not None:
                db.execute(
                    sa.select(
                        sa.func.setval(sequence, sa.func.coalesce(last, 1), last.is_not(None))
                    )
                )
