"""A journal that cannot be trusted is refused in a sentence; a fault of the disk costs nothing."""

import sqlite3
from pathlib import Path

import pytest

from gateway.journal import Damaged
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from tests.gateway.given import FAR, SITE, Agent, House, at, reading


@pytest.fixture
def store(tmp_path: Path) -> Sqlite:
    return Sqlite(tmp_path / "journal.db")


def refused(path: Path) -> tuple[str, str]:
    """The code and the reason of the problem."""
    with pytest.raises(Damaged) as raised:
        Writer(Sqlite(path), site=SITE)
    (problem,) = raised.value.problems
    return problem.code, problem.values.get("why", "")


def changed(mill: House, statement: str) -> Path:
    mill.close()
    db = sqlite3.connect(mill.path)
    assert db.execute(statement).rowcount
    db.commit()
    db.close()
    return mill.path


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path):
    path = tmp_path / "journal.db"
    path.write_bytes(b"this is a letter, and no database\n" * 200)

    assert refused(path) == ("journal-damaged", "file is not a database")


def test_tables_of_an_older_journal_are_refused(tmp_path: Path):
    db = sqlite3.connect(tmp_path / "journal.db")
    db.execute("CREATE TABLE recent (seq INTEGER)")
    db.close()

    assert refused(tmp_path / "journal.db")[0] == "journal-of-another-version"


def test_a_segment_that_was_changed_is_found_at_the_start(mill: House, agent: Agent):
    mill.takes(agent.says(reading(0)))

    path = changed(mill, "UPDATE segments SET body = CAST(substr(body, 1, 40) AS BLOB)")

    code, why = refused(path)
    assert code == "journal-damaged"
    assert why.startswith("segment 1 cannot be read")


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM accounted WHERE first = 0", "stream 1 has no watermark"),
        (
            "INSERT INTO accounted (stream, first, last) VALUES (1, 1, 9)",
            "the numbers 1 to 9 of stream 1 are in disorder",
        ),
    ],
)
def test_a_watermark_that_makes_no_sense_is_found_at_the_start(
    mill: House, agent: Agent, statement: str, why: str
):
    mill.takes(agent.says(reading(0)))

    assert refused(changed(mill, statement)) == ("journal-damaged", why)


def test_pages_that_were_overwritten_are_found_at_the_start(mill: House, agent: Agent):
    mill.takes(*agent.each(*[reading(n, n / 7) for n in range(2000)]))
    mill.writer.pack(FAR)
    mill.close()
    raw = bytearray(mill.path.read_bytes())
    raw[20_000:60_000] = b"\x55" * 40_000
    mill.path.write_bytes(raw)

    assert refused(mill.path)[0] == "journal-damaged"


def test_a_sound_journal_says_so(mill: House, agent: Agent):
    mill.takes(agent.says(reading(0)))

    assert mill.journal.examine() == ()
    assert mill.journal.damage() == ()


def test_what_examination_finds_is_kept_for_those_who_ask(mill: House, agent: Agent):
    mill.takes(*agent.each(*[reading(n, n / 7) for n in range(2000)]))
    mill.writer.pack(FAR)
    mill.close()
    raw = bytearray(mill.path.read_bytes())
    raw[20_000:60_000] = b"\x55" * 40_000
    mill.path.write_bytes(raw)

    journal = Reader(Sqlite(mill.path))

    assert journal.examine() != ()
    assert journal.damage() != ()
    journal._db.close()


def test_a_full_disk_loses_nothing_and_readers_go_on(mill: House, agent: Agent):
    one, two = agent.each(reading(0, 1), reading(10, 2))
    mill.takes(one)
    pages = mill.writer._db.execute("PRAGMA page_count").fetchone()[0]
    mill.writer._db.execute(f"PRAGMA max_page_count = {pages}")
    many = Agent("e2").each(*[reading(n, n / 7) for n in range(900)])

    with pytest.raises(sqlite3.OperationalError, match="full"):
        mill.takes(two, *many)
    assert mill.shown() == [(at(0), 1)]
    mill.writer.reopen()

    assert mill.takes(two, *many).stored == 901
    assert mill.through("e1") == 2
