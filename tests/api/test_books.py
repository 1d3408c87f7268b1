"""The books' tables: what an older version wrote is there after it was brought to this one's."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import api.books as books_room
from api.books import Books
from tests.api.given import at


def migrated_to(url: str, revision: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(books_room.__file__).parent / "migrations"))
    with sa.create_engine(url).begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)


def test_runs_of_a_first_version_are_found_and_count(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'books.db'}"
    migrated_to(url, "0001")
    with sa.create_engine(url).begin() as db:
        db.execute(
            sa.text(
                "INSERT INTO runs VALUES ('jet-01', 1772409600000, 1772413200000, 'B1', "
                "'dyeing-exhaust', 0, 'B1', 'plc')"
            )
        )

    books = Books(url)
    books.migrate()

    (stated,) = books.runs.stated(batch="B1")
    assert (stated.id, stated.source, stated.by) == ("p-jet-01-1772409600000", "plc", "")
    assert books.runs.found("jet-01", at(-999)) == [stated.run] == books.runs.of("B1")
    books.close()


def test_books_can_be_taken_back_to_a_first_version(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'books.db'}"
    migrated_to(url, "0004")

    migrated_to(url, "0001", down=True)

    names = set(sa.inspect(sa.create_engine(url)).get_table_names())
    assert "runs" in names
    assert not names & {"found_runs", "run_entries"}
