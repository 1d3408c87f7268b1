"""A site that is set back to an older copy, and the seal in somebody's drawer that shows it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.evidence.given import books, build, codes, found, held


@pytest.fixture
def older(sealed, tmp_path) -> Path:
    """Books and journal as they were after the second seal."""
    site = build(tmp_path / "older" / "site")
    for day in range(3):
        site.lives(day)
        site.is_sealed(day)
        if day == 1:
            for name in ("journal", "books"):
                with closing(sqlite3.connect(site.folder / "var" / f"{name}.db")) as db:
                    db.execute("VACUUM INTO ?", (str(site.folder / "var" / f"{name}.old"),))
    site.close()
    return site.folder


def set_back(site: Path, *names: str) -> None:
    for name in names:
        for file in (site / "var").glob(f"{name}.db*"):
            file.unlink()
        (site / "var" / f"{name}.old").rename(site / "var" / f"{name}.db")


def test_a_journal_that_is_set_back_is_found_by_the_books_own_seals(older):
    set_back(older, "journal")

    (problem,) = found(older)
    assert problem.code == "journal-behind-seal"
    assert "2026-03-04" in problem.values["seal"]


def test_a_whole_site_that_is_set_back_is_found_by_a_held_seal_and_by_nothing_else(older):
    set_back(older, "journal", "books")
    for own in (older / "var" / "seals").glob("*-04.json"):
        own.unlink()
    assert found(older) == []

    problems = found(older, held(older))
    assert problems[0].code == "seal-not-kept"
    assert problems[0].values["day"] == "2026-03-04"
    assert "journal-behind-seal" in [one.code for one in problems]


def test_books_from_before_there_were_seals_are_found_by_a_held_seal(older):
    for table in ("seals", "seal_leaves", "seal_files", "seal_copies"):
        with closing(sqlite3.connect(books(older))) as db:
            db.execute(f"DROP TABLE {table}")

    assert codes(older, held(older)).count("seal-not-kept") == 3


def test_another_history_under_the_same_days_is_told_from_the_held_one(older, sealed):
    problems = found(older, [sealed.parent / "certifier"])

    assert "seal-other-than-held" in [one.code for one in problems]
