"""`millprint gateway copy`: journal and books moved from SQLite to PostgreSQL, and back.

What was read is printed while it is copied, and the copy is read again and compared: row by row,
table by table. Then the chain of every epoch is computed anew from the copy.
"""

from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from api import configuration as api_configuration
from api.books import Books
from api.books.engines import named
from collector.wire.problem import Problem, Refused
from gateway import configuration as gateway_configuration
from gateway import postgres
from gateway.journal.reader import Reader
from gateway.journal.store import Store, store_of
from gateway.journal.stores.sqlite import Sqlite
from millprint.copying import books as of_books
from millprint.copying import journal as of_journal
from millprint.copying.prints import Prints, Tell
from millprint.door import door_of
from millprint.verification.readings import check_journal


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site's journal and books stand.

    Attributes:
        journal: The store of the journal.
        books: Address of the books; empty at a gateway that is apart from its api.
    """

    journal: Store
    books: str


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a copy.

    Attributes:
        journal: Address of the copied journal.
        books: Address of the copied books; empty where there are none.
        rows: How many rows there are.
        records: How many records the chains of the copy have.
        findings: What differs, or does not hold in the copy; nothing where all is well.
    """

    journal: str
    books: str
    rows: int
    records: int
    findings: tuple[Problem, ...]


def place_of(folder: Path) -> Place:
    """Where a configuration's journal and books stand; `Refused` where there is no journal."""
    journal = gateway_configuration.journal_of(folder)
    if not journal.exists():
        raise Refused(
            Problem("no-journal", "gateway.toml  [journal]", values={"path": str(journal)})
        )
    has_books = (folder / "api.toml").is_file()
    return Place(journal, api_configuration.places(folder).books if has_books else "")


def target_of(to: str, folder: Path, *, with_books: bool) -> Place:
    """Where a copy goes: a database, or a folder; `Refused` where that cannot be."""
    if to.startswith(f"{postgres.SCHEME}://"):
        url = postgres.address(to, folder, "--to")
        return Place(store_of(to, folder, "--to"), url if with_books else "")
    if "://" in to:
        raise Refused(Problem("unknown-journal", "--to", values={"url": to}))
    path = Path(to).resolve()
    return Place(
        Sqlite(path / "journal.db"), f"sqlite:///{path / 'books.db'}" if with_books else ""
    )


def copy(folder: Path, to: str, tell: Tell) -> Copied:
    """Copy a site's journal and books, and prove the copy.

    Args:
        folder: The configuration folder; the site's server must not run.
        to: Address of a database, or a folder.
        tell: Told how far it is.

    Raises:
        Refused: The configuration cannot be read, the server runs, or something is there already.
        FAULTS, sqlalchemy.exc.SQLAlchemyError: It failed; it is begun again from nothing.
    """
    source = place_of(folder)
    target = target_of(to, folder, with_books=bool(source.books))
    where = str(target.journal)
    with ExitStack() as house:
        if source.books:
            # Who has the door is the server: it is not running, and will not begin meanwhile.
            house.enter_context(door_of(api_configuration.load(folder)))
        of_journal.require_empty(target.journal)
        rows, findings = _books(source, target, tell) if source.books else (0, ())
        journal = of_journal.copy(source.journal, target.journal, tell)
        findings += _differences(journal, of_journal.prints(target.journal, tell), where)
    site = gateway_configuration.load(folder).site
    walked = check_journal(
        Reader(target.journal), site, where, {}, lambda done, whole: tell("chain", done, whole)
    )
    rows += sum(count for count, _ in journal.values())
    urls = (to, to) if target.journal.file is None else (f"sqlite:///{where}", target.books)
    return Copied(*urls, rows, walked.records, (*findings, *walked.findings))


def _books(source: Place, target: Place, tell: Tell) -> tuple[int, tuple[Problem, ...]]:
    with closing(Books(source.books)) as old, closing(Books(target.books)) as new:
        of_books.require_newest(old)
        new.migrate()
        before, after = of_books.prints(old, tell), of_books.prints(new, tell)
        if after != before:  # else an earlier start came so far
            of_books.copy(old, new, tell)
            after = of_books.prints(new, tell)
        rows = sum(count for count, _ in before.values())
        return rows, _differences(before, after, named(new.url))


def _differences(before: Prints, after: Prints, where: str) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            "copy-differs",
            where,
            values={"table": table, "before": str(rows), "after": str(after[table][0])},
        )
        for table, (rows, print_) in before.items()
        if after[table] != (rows, print_)
    )
