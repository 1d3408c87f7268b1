"""A site moves into PostgreSQL and back, and nobody could tell from what it says."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from api.app import application
from api.books import Books
from collector.spool import Spool
from gateway.journal.reader import Reader
from gateway.journal.schema import ROWS, TABLES
from gateway.journal.store import store_of
from gateway.journal.writer import Writer
from millprint.broker import free_port
from millprint.command import app
from millprint.copying import books as of_books
from millprint.copying import journal as of_journal
from millprint.copying import place_of
from millprint.copying.prints import Print, Prints
from millprint.door import listening
from millprint.verification import verify
from tests.api.given import COLLECTOR, SITE, World, at, serving, world
from tests.postgres import DATABASE, Cluster

GATEWAY = '\nsite = "keqiao"\n[mqtt]\nurl = "mqtt://127.0.0.1:1883"\n[journal]\nurl = "{url}"\n'
API = '\n[http]\nport = {port}\n[books]\nurl = "{url}"\n'
QUIET = {"tell": lambda *_: None}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    one = Cluster()
    yield one
    one.close()


def configured(folder: Path, journal: str, books: str) -> None:
    (folder / "gateway.toml").write_text(GATEWAY.format(url=journal), encoding="utf-8")
    api = API.format(url=books, port=free_port())
    (folder / "api.toml").write_text(api, encoding="utf-8")


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two and a half hours of a mill, half of them packed, with its books closed and sealed."""
    one = world(tmp_path_factory.mktemp("mill") / "config")
    configured(one.folder, "sqlite:///journal.db", "sqlite:///books.db")
    one.passes(0, 150)
    one.writer.pack(at(80))
    one.closes_its_books()
    one.is_sealed()
    yield one
    one.close()


@pytest.fixture(scope="module")
def moved(mill: World, cluster: Cluster) -> str:
    """The same mill in a database: its address."""
    url = cluster.emptied("moved")
    copied(mill.folder, url)
    return url


@pytest.fixture(scope="module")
def elsewhere(mill: World, moved: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The mill as it lives on in the database."""
    folder = tmp_path_factory.mktemp("elsewhere") / "config"
    one = living(mill, folder, moved, moved)
    one.writer.close()  # it is only looked at
    yield one
    one.close()


def living(mill: World, folder: Path, journal: str, books_url: str) -> World:
    (folder / "plant").mkdir(parents=True)
    for plan in (mill.folder / "plant").iterdir():
        (folder / "plant" / plan.name).write_bytes(plan.read_bytes())
    shutil.copy(mill.folder / "a.spool", folder)
    configured(folder, journal, books_url)
    at_home = place_of(folder)
    books, clock = Books(at_home.books), list(mill.clock)
    service = serving(folder, books, clock, Reader(at_home.journal))
    writer = Writer(at_home.journal, site=SITE)
    spool = Spool(folder / "a.spool", site=SITE, collector=COLLECTOR, max_mb=100)
    return World(folder, spool, writer, books, service, application(service), clock)


def run(folder: Path, to: str | Path) -> tuple[int, str]:
    words = ["gateway", "copy", "--config", str(folder), "--to", str(to)]
    done = CliRunner().invoke(app, words)
    return done.exit_code, done.output


def copied(folder: Path, to: str | Path) -> str:
    code, said = run(folder, to)
    assert code == 0, said
    return said


def prints(folder: Path) -> tuple[Prints, Prints]:
    place = place_of(folder)
    with closing(Books(place.books)) as books:
        return of_journal.prints(place.journal, **QUIET), of_books.prints(books, **QUIET)


def answers(one: World) -> dict[str, bytes]:
    """What is said of every batch, byte for byte."""
    caller = one.caller()
    found = {}
    for batch in caller.get("/batches").json()["batches"]:
        for path in ("footprint", "explain"):
            address = f"/batches/{quote(batch['id'])}/{path}"
            found[address] = caller.get(address).content
    return found


def test_what_stands_in_a_database_answers_byte_for_byte_as_before(mill: World, elsewhere: World):
    before = answers(mill)

    assert before
    assert answers(elsewhere) == before
    assert elsewhere.service.journal.chains() == mill.service.journal.chains()
    found = verify(elsewhere.folder, (), (), lambda *_: None).findings
    # Where the databases stand is what the move has changed.
    assert {one.values["file"] for one in found} == {"config/api.toml", "config/gateway.toml"}


def test_a_site_that_came_back_holds_what_it_held(mill: World, moved: str, tmp_path: Path):
    away, back = tmp_path / "away", tmp_path / "back"
    away.mkdir()
    configured(away, moved, moved)

    said = copied(away, back)

    assert f'url = "sqlite:///{back}/journal.db"' in said
    assert f'url = "sqlite:///{back}/books.db"' in said
    configured(away, f"sqlite:///{back}/journal.db", f"sqlite:///{back}/books.db")
    assert prints(away)[0] == prints(mill.folder)[0]
    before, after = prints(mill.folder)[1], prints(away)[1]
    # The test's own key was made after the copy.
    assert {name for name in before if before[name] != after[name]} <= {"keys", "audit"}


@pytest.mark.long
def test_a_site_lives_on_in_a_database_as_it_would_have_in_files(
    mill: World, cluster: Cluster, tmp_path: Path
):
    url = cluster.emptied("living")
    files = tmp_path / "files"
    copied(mill.folder, files)
    copied(mill.folder, url)
    addresses = [(f"sqlite:///{files}/journal.db", f"sqlite:///{files}/books.db"), (url, url)]

    told = []
    for place, (journal, books) in enumerate(addresses):
        told.append(goes_on(living(mill, tmp_path / f"config-{place}", journal, books)))

    assert told[0] == told[1]


def goes_on(one: World) -> tuple[dict[str, bytes], dict[str, int]]:
    """Another hour: readings, packing, results."""
    one.passes(151, 210)
    one.writer.pack(at(190))
    one.closes_its_books()
    said = answers(one)
    one.close()
    journal = of_journal.prints(place_of(one.folder).journal, **QUIET)
    # Each spool was copied while it was open, and numbers under an epoch of its own from then on.
    return said, {table: rows for table, (rows, _) in journal.items()}


def test_a_target_that_holds_something_is_refused(mill: World, moved: str, tmp_path: Path):
    copied(mill.folder, tmp_path)

    for to in (moved, tmp_path):
        code, said = run(mill.folder, to)
        assert code == 2
        assert "already" in said


def test_a_site_whose_server_runs_is_not_copied(mill: World, tmp_path: Path):
    text = (mill.folder / "api.toml").read_text(encoding="utf-8")
    port = int(text.partition("port = ")[2].split()[0])

    with listening("127.0.0.1", port, "a server"):
        code, said = run(mill.folder, tmp_path / "copy")

    assert code == 2
    assert str(port) in said


def test_a_copy_that_broke_off_has_left_nothing_and_is_begun_again(mill: World, tmp_path: Path):
    target = tmp_path / "copy"
    target.mkdir()
    store = store_of(f"sqlite:///{target}/journal.db", target, "--to")
    store.for_writing().close()
    with closing(sqlite3.connect(target / "journal.db")) as db:
        db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON quarantine "
            "BEGIN SELECT raise(ABORT, 'the disk is full'); END"
        )
        db.execute(
            "CREATE TRIGGER worse BEFORE INSERT ON packs "
            "BEGIN SELECT raise(ABORT, 'the disk is full'); END"
        )
    with pytest.raises(sqlite3.Error, match="full"):
        of_journal.copy(place_of(mill.folder).journal, store, **QUIET)

    of_journal.require_empty(store)
    with closing(sqlite3.connect(target / "journal.db")) as db:
        db.execute("DROP TRIGGER worse")
        db.execute("DROP TRIGGER full")

    copied(mill.folder, target)


def test_a_copy_whose_target_has_a_writer_says_so(mill: World, cluster: Cluster, tmp_path: Path):
    url = cluster.emptied()
    writer = Writer(store_of(url, tmp_path, "--to"), site=SITE)

    code, said = run(mill.folder, url)

    writer.close()
    assert code == 1
    assert "one writer" in said


def test_a_row_that_differs_in_the_copy_is_found(mill: World, cluster: Cluster, tmp_path: Path):
    url = cluster.emptied()
    copied(mill.folder, url)
    store = store_of(url, tmp_path, "--to")
    before = of_journal.prints(store, **QUIET)

    cluster.do(DATABASE, "UPDATE journal.births SET device = 'jet-99' WHERE id = 1")

    after = of_journal.prints(store, **QUIET)
    assert {name for name in before if before[name] != after[name]} == {"births"}


def test_what_is_copied_is_all_that_the_tables_hold():
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(TABLES)
        made = {
            table: [column for _, column, *_ in db.execute(f"PRAGMA table_info({table})")]
            for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }

    assert {table: columns.split(", ") for table, columns in ROWS.items()}.keys() == made.keys()
    for table, columns in ROWS.items():
        assert sorted(columns.split(", ")) == sorted(made[table])


def test_a_print_knows_rows_and_not_their_order():
    def of(*rows: tuple[object, ...]) -> tuple[int, str]:
        one = Print()
        for row in rows:
            one.take(row)
        return one.found()

    assert of((1, "a"), (2, "b")) == of((2, "b"), (1, "a"))
    apart = [((1, "a"),), ((1, b"a"),), (("1", "a"),), ((1, None),), ((1, "a"), (1, "a"))]
    assert len({of(*rows) for rows in apart}) == len(apart)


def test_books_in_a_database_number_on_after_what_was_copied(mill: World, elsewhere: World):
    elsewhere.books.keys.make("another", "engineer", mill.clock[0])

    with elsewhere.books.engine.connect() as db:
        ids = list(db.execute(sa.text("SELECT id FROM keys ORDER BY id")).scalars())
    assert ids == sorted(set(ids))
