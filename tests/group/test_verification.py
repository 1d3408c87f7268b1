"""What is held is what was signed; an edit of the centre's database is named."""

from pathlib import Path

import pytest

from api.group.verification import verify
from tests.evidence.given import change
from tests.group.given import Office, Sealing, mill, result, word


@pytest.fixture
def held(tmp_path: Path):
    """The centre over two seals, and its database."""
    keqiao = Sealing()
    office = Office(tmp_path, mill(keqiao))
    for n in range(2):
        rows = result(f"B{n}", "120"), word(n + 1, f"B{n}", "poplin")
        assert office.sends("mp_keqiao", keqiao.seals(*rows)).status_code == 200
    yield office, tmp_path / "group.db"
    office.close()


def codes(office: Office) -> list[str]:
    return [one.code for one in verify(office.store, office.the.articles.mills["keqiao"])]


def test_what_was_taken_is_as_it_was_signed(held):
    assert codes(held[0]) == []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE group_results SET kgco2e = '12' WHERE batch = 'B1'", "group-row-edited"),
        ("UPDATE group_results SET form = x'00' WHERE batch = 'B1'", "group-row-edited"),
        ("UPDATE group_words SET article = 'twill' WHERE subject = 'B0'", "group-row-edited"),
        ("UPDATE group_results SET seal = 1 WHERE batch = 'B1'", "group-row-strange"),
        ("DELETE FROM group_results WHERE batch = 'B1'", "group-rows-missing"),
        ("DELETE FROM group_seals WHERE number = 1", "seal-missing"),
        ("UPDATE group_seals SET digest = 'x' WHERE number = 2", "seal-misfiled"),
        ("UPDATE group_seals SET document = x'00' WHERE number = 2", "not-a-seal"),
    ],
)
def test_an_edit_above_is_named(held, statement, code):
    office, database = held
    change(database, statement)

    assert code in codes(office)
