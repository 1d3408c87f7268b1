"""The books' databases: SQLite files, and PostgreSQL set up so that they are the same there."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from gateway import postgres

_ONE_AT_A_TIME = 0x626F6F6B  # any number that nobody else locks
_WRITING = "writing"


def named(url: str | sa.URL) -> str:
    """The books as a problem names them: their file, or their database without any secret."""
    address = sa.make_url(url)
    if address.drivername == "sqlite":
        return address.database or ""
    return address.set(drivername=postgres.SCHEME, query={}).render_as_string(hide_password=True)


def engine_of(url: str) -> sa.Engine:
    """An engine over an address; a file is made where there is none."""
    if not url.startswith("sqlite"):
        return _on_a_server(url)
    engine = sa.create_engine(url)
    path = Path(engine.url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o640)  # what a mill makes is nothing to everybody on the machine
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def read_only(url: str) -> sa.Engine:
    """The books, only to be read: nothing is written, not even the mode of the file."""
    if not url.startswith("sqlite"):
        return _on_a_server(url)
    database = sa.make_url(url).database
    uri = f"{Path(database or '').resolve().as_uri()}?mode=ro&uri=true"
    return sa.create_engine(f"sqlite:///{uri}")


def _on_a_server(url: str) -> sa.Engine:
    address = sa.make_url(url).set(drivername=f"{postgres.SCHEME}+psycopg")
    engine = sa.create_engine(address, pool_pre_ping=True)
    sa.event.listen(engine, "connect", _prepare_server)
    sa.event.listen(engine, "before_cursor_execute", _write_alone)
    sa.event.listen(engine, "commit", _wrote)
    sa.event.listen(engine, "rollback", _wrote)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.close()


def _prepare_server(connection: Any, _: object) -> None:
    postgres.prepare(connection)
    connection.execute("SET synchronous_commit = on")
    connection.commit()


def _write_alone(
    db: sa.Connection, cursor: Any, _statement: str, _values: object, context: Any, _many: object
) -> None:
    """One writes at a time, as in a file: what is numbered from the last one has one number."""
    writes = context is not None and (context.isinsert or context.isupdate or context.isdelete)
    if writes and not db.info.get(_WRITING):
        db.info[_WRITING] = True
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))


def _wrote(db: sa.Connection) -> None:
    db.info.pop(_WRITING, None)


@compiles(sa.String, postgres.SCHEME)
def _text(_type: sa.String, _compiler: Any, **_: Any) -> str:
    """As long as it is, and in the order of its characters, whatever the server's language."""
    return 'TEXT COLLATE "C"'
