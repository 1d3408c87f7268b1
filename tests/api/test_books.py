"""The books' tables: what an older version wrote is there after it was brought to this one's."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import api.books as books_room
from api.books import Books, schema
from api.books.engines import read_only
from api.books.seals import Seals
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


_KEPT = ("2026-03-02T00:00:00.000Z", "first-final", 0, 1, "ab" * 32)


def test_bodies_of_before_are_packed_and_come_back_byte_for_byte(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'books.db'}"
    migrated_to(url, "0004")
    body = '{"batch":"缸号-7","total":{"kgco2e":"1.0"}}'
    insert_result(url, "B1", body)
    before = digest(url, "results/B1/footprint/1")

    books = Books(url)
    books.migrate()

    found = books.results.find("B1", "footprint")
    assert found is not None
    assert found.text == body.encode() != found.body
    assert digest(url, "results/B1/footprint/1") == before is not None
    books.close()
    migrated_to(url, "0004", down=True)
    with sa.create_engine(url).connect() as db:
        assert db.execute(sa.text("SELECT body FROM results")).scalar() == body


def test_a_body_that_cannot_be_unpacked_is_no_row_that_was_sealed(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'books.db'}"
    migrated_to(url, "0004")
    insert_result(url, "B1", "{}")
    before = digest(url, "results/B1/footprint/1")
    migrated_to(url, "head")

    with sa.create_engine(url).begin() as db:
        db.execute(sa.text("UPDATE results SET body = X'00'"))

    assert digest(url, "results/B1/footprint/1") not in (before, None)


def insert_result(url: str, batch: str, body: str) -> None:
    columns = "batch, view, revision, computed, reason, scope_start_ms, scope_end_ms, digest, body"
    with sa.create_engine(url).begin() as db:
        db.execute(
            sa.text(f"INSERT INTO results ({columns}) VALUES "
                    "(:batch, 'footprint', 1, :computed, :reason, :a, :b, :digest, :body)"),
            dict(zip(("computed", "reason", "a", "b", "digest"), _KEPT, strict=True))
            | {"batch": batch, "body": body},
        )  # fmt: skip


def digest(url: str, name: str) -> bytes | None:
    with Seals(read_only(url)).row_digests() as digest_of:
        return digest_of(name)


def test_migrated_tables_and_indexes_are_those_that_the_books_work_with(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'books.db'}"
    migrated_to(url, "head")

    there = sa.inspect(sa.create_engine(url))

    for table in schema.metadata.tables.values():
        columns = {one["name"] for one in there.get_columns(table.name)}
        indexes = {one["name"] for one in there.get_indexes(table.name)}
        assert columns == {column.name for column in table.columns}, table.name
        assert indexes >= {index.name for index in table.indexes}, table.name


def test_new_books_are_nothing_to_everybody_on_the_machine(tmp_path: Path):
    books = Books(f"sqlite:///{tmp_path / 'var/books.db'}")
    books.migrate()

    modes = {path.stat().st_mode & 0o007 for path in (tmp_path / "var").iterdir()}
    books.close()

    assert modes == {0}
