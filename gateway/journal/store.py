"""A store of journals: the one place where SQLite and PostgreSQL differ.

All that is above speaks one SQL, with ``?`` for values, numbers its rows itself (there is one
writer) and leans on nothing but transactions. A store opens connections and says whether what it
holds can be trusted; a kind of store is a file in ``gateway/journal/stores/``.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from collector.wire.problem import Problem, Refused
from gateway.journal import stores


class Rows(Protocol):
    """What a statement found."""

    def __iter__(self) -> Iterator[Any]:
        """The rows that were not yet taken."""

    def fetchone(self) -> Any:
        """The next row; None where there is none."""

    def fetchall(self) -> list[Any]:
        """All that were not yet taken."""


class Walk(Protocol):
    """Rows that come as they are asked for: as many as there are, in little memory."""

    def __iter__(self) -> Iterator[Any]:
        """The rows that were not yet taken."""

    def close(self) -> None:
        """No more are asked for."""


class Connection(Protocol):
    """A connection to a journal's tables. Each statement is a transaction, outside of one."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Rows:
        """Do one thing."""

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> object:
        """Do one thing to each row."""

    def walk(self, statement: str, values: Sequence[Any] = (), /) -> Walk:
        """Ask for very many rows, or for the first few of them, inside a moment."""

    def transaction(self) -> AbstractContextManager[None]:
        """The writer's transaction: once it is left, it is safe; or nothing of it is there."""

    def moment(self) -> AbstractContextManager[None]:
        """A reader's: all that is asked for in it is of one moment, from the first question on."""

    def close(self) -> None:
        """Let go of it."""


class Store(Protocol):
    """Where a journal stands. `str` names it in a problem, without any secret."""

    @property
    def file(self) -> Path | None:
        """Its file; None where it stands in none."""

    @property
    def folder(self) -> Path:
        """Where files stand that are made of it and can be made anew."""

    @property
    def name(self) -> str:
        """What such files are named after."""

    def exists(self) -> bool:
        """Whether there is a journal.

        Raises:
            Unavailable: Nobody can say.
        """

    def for_writing(self) -> Connection:
        """For the one writer; tables are made where there are none, and checked where there are.

        Raises:
            Damaged: What it holds cannot be trusted, or is of another version.
            Unavailable: It cannot be reached, or there is a writer already.
        """

    def for_reading(self) -> Connection:
        """For a reader, on any one thread at a time."""

    def examine(self) -> tuple[str, ...]:
        """What it finds wrong with its own pages, which may take minutes."""


class StoreModule(Protocol):
    """What a file of ``gateway/journal/stores/`` offers."""

    def read(self, url: str, folder: Path, where: str) -> Store:
        """The store of a URL; `Refused` where it is none of its kind."""


def store_of(url: str, folder: Path, where: str) -> Store:
    """The store that a journal's URL names.

    Args:
        url: As the configuration has it.
        folder: The configuration's folder.
        where: Where it says so, for the problem.

    Raises:
        Refused: It names no kind of store, or says something wrong of it.
    """
    scheme = url.partition("://")[0]
    if scheme not in (module.name for module in iter_modules(stores.__path__)):
        raise Refused(Problem("unknown-journal", where, values={"url": url}))
    return _module(scheme).read(url, folder, where)


@cache
def _module(scheme: str) -> StoreModule:
    return cast("StoreModule", import_module(f"{stores.__name__}.{scheme}"))
