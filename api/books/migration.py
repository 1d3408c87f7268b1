"""The books' form from version to version: forward, one step back, and tried on a copy first."""

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from api.books import form
from api.books.engines import named
from collector.wire.problem import Problem, Refused


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the books' form: its number, and what it is about."""

    number: str
    about: str


def forward(engine: sa.Engine) -> tuple[Step, ...]:
    """What stands between these books and this version, in order; nothing where they have it.

    Raises:
        Refused: A later version made them.
    """
    now = _current(engine)
    steps = _scripts().iterate_revisions("head", now or "base")
    return tuple(_step(one.revision, one.doc) for one in reversed(list(steps)))


def backward(engine: sa.Engine) -> tuple[Step, ...]:
    """The last step that these books took; nothing where there is no older form.

    Raises:
        Refused: A later version made them.
    """
    now = _current(engine)
    script = _scripts().get_revision(now) if now else None
    if script is None or script.down_revision is None:
        return ()
    return (_step(script.revision, script.doc),)


def migrate(engine: sa.Engine) -> None:
    """Bring books to this version's form; `Refused` where a later version made them."""
    _current(engine)
    _run(engine, lambda config: command.upgrade(config, "head"))


def step_back(engine: sa.Engine) -> None:
    """Undo the last step; what only it has a place for is gone then."""
    _current(engine)
    _run(engine, lambda config: command.downgrade(config, "-1"))


def try_out(engine: sa.Engine, do: Callable[[sa.Engine], None]) -> None:
    """Do it to a copy of the books.

    Raises:
        Refused: They are not in an SQLite file, which alone can be copied here.
        sqlalchemy.exc.SQLAlchemyError: It would not work.
    """
    if engine.dialect.name != "sqlite":
        raise Refused(Problem("books-not-copied", named(engine.url)))
    with tempfile.TemporaryDirectory(prefix="millprint-") as scratch:
        copy = Path(scratch) / "books.db"
        with (
            closing(sqlite3.connect(f"file:{engine.url.database}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(copy)) as new,
        ):
            old.backup(new)
        rehearsal = sa.create_engine(f"sqlite:///{copy}")
        try:
            do(rehearsal)
        finally:
            rehearsal.dispose()


def _current(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        now = MigrationContext.configure(connection).get_current_revision()
    try:
        _scripts().get_revision(now or "base")
    except CommandError:
        where, values = named(engine.url), {"found": str(now)}
        raise Refused(Problem("books-of-a-later-version", where, values=values)) from None
    return now


def _run(engine: sa.Engine, do: Callable[[Config], None]) -> None:
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        do(config)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(form.MIGRATIONS))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _step(number: str, about: str | None) -> Step:
    return Step(number, (about or "").splitlines()[0])
