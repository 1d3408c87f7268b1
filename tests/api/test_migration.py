"""The books' form: forward, a step back, tried on a copy; and books of a later version."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from api.books import Books, migration
from api.books.schema import metadata
from collector.wire.problem import Refused
from millprint.broker import free_port
from millprint.command import app

HTTP = '[http]\nport = {port}\n[books]\nurl = "sqlite:///books.db"\n'


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    one = Books(f"sqlite:///{tmp_path}/books.db")
    yield one
    one.close()


def form(folder: Path) -> dict[str, str]:
    """What every table is made of."""
    with closing(sqlite3.connect(folder / "books.db")) as db:
        return dict(db.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))


def run(folder: Path, *words: str) -> str:
    (folder / "api.toml").write_text(HTTP.format(port=free_port()), encoding="utf-8")
    said = CliRunner().invoke(app, ["api", "migrate", "--config", str(folder), *words])
    assert said.exit_code == 0, said.output
    return said.output


def test_new_books_are_brought_forward_step_by_step(tmp_path: Path) -> None:
    dry = run(tmp_path, "--dry-run")
    assert form(tmp_path) == {}

    done = run(tmp_path)

    assert dry.count("to 000") == done.count("to 000") >= 4
    assert "Tried on a copy, and it works." in dry
    assert "The last backup: none." in done
    assert set(metadata.tables) <= set(form(tmp_path))
    assert "There is nothing to do." in run(tmp_path)


def test_every_step_back_can_be_taken_forward_again_to_the_same_form(
    books: Books, tmp_path: Path
) -> None:
    books.migrate()
    newest = form(tmp_path)

    while migration.backward(books.engine):
        migration.step_back(books.engine)

    assert set(form(tmp_path)) < set(newest)
    books.migrate()
    assert form(tmp_path) == newest


def test_a_step_back_as_it_is_typed(books: Books, tmp_path: Path) -> None:
    books.migrate()
    newest = migration.backward(books.engine)[0]
    before = form(tmp_path)

    dry = run(tmp_path, "--back", "--dry-run")
    assert form(tmp_path) == before

    done = run(tmp_path, "--back")

    assert f"back over {newest.number}: {newest.about}" in dry
    assert f"back over {newest.number}" in done
    assert migration.forward(books.engine) == (newest,)


@pytest.mark.parametrize(
    "do",
    [migration.migrate, migration.step_back, migration.forward, migration.backward],
)
def test_books_of_a_later_version_are_left_alone(books: Books, tmp_path: Path, do) -> None:
    books.migrate()
    with books.engine.begin() as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    before = form(tmp_path)

    with pytest.raises(Refused) as refused:
        do(books.engine)

    assert [one.code for one in refused.value.problems] == ["books-of-a-later-version"]
    assert form(tmp_path) == before


def test_every_step_has_a_number_of_its_own() -> None:
    """Two of one number: Alembic takes one of them and says so in a warning."""
    steps = sorted((Path(migration.__file__).parent / "migrations" / "versions").glob("*.py"))

    assert [path.name[:4] for path in steps] == [f"{n + 1:04}" for n in range(len(steps))]
