"""The sealer: when a day is sealed, with what, and who is handed the seal."""

import stat
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest

from api.books import Books
from api.evidence.seal import Document, read_document
from api.evidence.signature import is_signed
from api.ledger.corrections import Entry
from api.sealing import key
from collector.wire.problem import Refused
from collector.wire.reading import ClockState, Reading
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from millprint.roots.sealer import seal
from tests.evidence.given import (
    COLLECTOR,
    DEVICES,
    POINT,
    Site,
    at,
    books,
    build,
    change,
    codes,
    found,
    held,
    journal,
    reading,
)

MINUTES = timedelta(minutes=12)


@pytest.fixture
def mill(tmp_path):
    one = build(tmp_path / "site")
    yield one
    one.close()


def days(mill: Site) -> list[str]:
    return [one.day for one in mill.books.seals.entries()]


def sealed(mill: Site, number: int) -> Document:
    document = mill.books.seals.of_number(number)
    assert document is not None
    return document


def names(mill: Site, number: int, kind: str) -> list[str]:
    return [leaf.name for leaf in sealed(mill, number).leaves if leaf.kind == kind]


def spans(mill: Site, number: int) -> list[str]:
    return [name.rpartition("/")[2] for name in names(mill, number, "journal")]


# When.


def test_a_day_is_sealed_once_it_is_over_at_the_site(mill):
    seal(mill.folder, at(0.5))
    assert days(mill) == ["2026-03-01"]  # before the first seal only yesterday is due

    seal(mill.folder, at(1) - timedelta(seconds=1))
    assert days(mill) == ["2026-03-01"]

    seal(mill.folder, at(1))
    assert days(mill) == ["2026-03-01", "2026-03-02"]


def test_a_day_is_sealed_once_however_often_the_sealer_comes_by(mill):
    for _ in range(3):
        mill.is_sealed(0)

    assert days(mill) == ["2026-03-02"]


def test_days_that_were_missed_are_sealed_later_and_say_when(mill):
    mill.is_sealed(0)
    mill.lives(1)

    mill.is_sealed(3)

    assert days(mill) == ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"]
    assert {one.made for one in mill.books.seals.entries()[1:]} == {"2026-03-05T16:12:00.000Z"}
    assert [len(spans(mill, number)) for number in (2, 3, 4)] == [1, 0, 0]
    assert found(mill.folder, held(mill.folder)) == []


def test_a_clock_that_ran_wild_makes_a_month_of_seals_at_most(mill):
    mill.is_sealed(0)

    seal(mill.folder, at(20_000))

    assert len(days(mill)) == 32


def test_a_clock_that_is_set_back_makes_no_seal_again(mill):
    mill.is_sealed(5)

    mill.is_sealed(2)

    assert days(mill) == ["2026-03-07"]


# With what.


def test_readings_are_sealed_by_number_so_that_late_ones_are_in_the_next_seal(mill):
    mill.reads(*[reading(d, 0, n) for n in range(5) for d in DEVICES])
    mill.is_sealed(0)
    mill.reads(reading(DEVICES[0], 0, 7))
    mill.is_sealed(1)

    assert (spans(mill, 1), spans(mill, 2)) == (["1-12"], ["13-13"])


def test_a_hole_that_is_waited_for_holds_back_what_is_behind_it(mill):
    mill.reads(reading(DEVICES[0], 0, 0), reading(DEVICES[1], 0, 0))
    mill.reads(reading(DEVICES[0], 0, 1), reading(DEVICES[1], 0, 1), but=[0])
    mill.is_sealed(0)

    assert spans(mill, 1) == ["1-4"]
    assert codes(mill.folder) == []


def test_a_seal_over_a_whole_chain_is_the_chains_own_hash(mill):
    mill.reads(*[reading(d, 0, n) for n in range(5) for d in DEVICES])
    mill.is_sealed(0)
    mill.reads(*[reading(d, 1, n) for n in range(5) for d in DEVICES])
    mill.is_sealed(1)

    (leaf,) = (one for one in sealed(mill, 2).leaves if one.kind == "journal")
    (last,) = Reader(Sqlite(journal(mill.folder))).evidence(COLLECTOR, mill.spool.epoch, 22, 22)
    assert leaf.digest == last.h
    assert leaf.name == f"{COLLECTOR}/{mill.spool.epoch}/13-22"


def test_what_is_entered_is_sealed_once_by_the_next_seal(mill):
    mill.lives(0)
    mill.is_sealed(0)
    mill.lives(1)
    mill.is_sealed(1)

    assert names(mill, 1, "books") == [
        "changes/1", "decisions/1", "entries/1", "entries/2", "keys/1",
        "periods/2025-01", "results/B0/footprint/1", "results/B0/inventory/1",
        "statements/2025-01/1",
    ]  # fmt: skip
    assert names(mill, 2, "books") == [
        "changes/2", "decisions/2", "entries/3", "entries/4", "keys/2",
        "periods/2025-02", "results/B1/footprint/1", "results/B1/inventory/1",
        "statements/2025-02/1",
    ]  # fmt: skip


def test_what_people_said_of_runs_is_sealed_and_an_edit_of_it_is_named(mill):
    said = Entry(1, "add", "e1", "jet-01", "B1", "dyeing-exhaust", at(0.1), at(0.2), None, "",
                 at(0.1), "http", "ana", "", at(0.3))  # fmt: skip
    mill.books.run_entries.add([said])
    mill.is_sealed(0)
    assert names(mill, 1, "books") == ["run-entries/1"]

    change(books(mill.folder), "UPDATE run_entries SET batch = 'B2'")

    assert codes(mill.folder) == ["sealed-row-changed"]


def test_every_file_of_the_configuration_is_in_every_seal_and_no_secret(mill):
    (mill.folder / "broker.password").write_text("secret")
    (mill.folder / "profiles").mkdir()
    (mill.folder / "profiles" / "own.toml").write_text("")
    mill.is_sealed(0)
    mill.is_sealed(1)

    for number in (1, 2):
        assert names(mill, number, "config") == [
            "api.toml", "gateway.toml", "plant/2026-01-01.toml", "profiles/own.toml",
        ]  # fmt: skip
        assert "china.csv" in names(mill, number, "factors")
        assert len(names(mill, number, "software")) == 1


def test_contents_of_a_file_are_kept_as_they_were_sealed(mill):
    plant = mill.folder / "plant" / "2026-01-01.toml"
    was = plant.read_bytes()
    mill.is_sealed(0)
    plant.write_bytes(was + b"# changed\n")
    mill.is_sealed(1)

    kept = [
        mill.books.seals.file(leaf.digest)
        for number in (1, 2)
        for leaf in sealed(mill, number).leaves
        if leaf.name.startswith("plant/")
    ]
    assert kept == [was, was + b"# changed\n"]
    assert codes(mill.folder) == []


def test_a_reading_whose_clock_is_unknown_is_sealed_like_any_other(mill):
    odd = Reading(DEVICES[0], at(-9), ClockState.UNKNOWN, "b1", 1, {POINT.name: 1})
    mill.reads(odd)
    mill.is_sealed(0)

    assert spans(mill, 1) == ["1-3"]  # behind two births
    assert codes(mill.folder) == []


# The key.


def test_the_key_is_made_once_and_only_its_owner_may_read_it(mill):
    mill.is_sealed(0)
    file = mill.folder / "var" / "seal.key"
    made = key.load_or_make(file)
    mill.is_sealed(1)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {sealed(mill, number).seal.key for number in (1, 2)} == {made.public}


def test_a_new_key_is_endorsed_by_the_old_one(mill):
    mill.is_sealed(0)
    file = mill.folder / "var" / "seal.key"
    key.rotate(file)
    key.rotate(file)
    mill.is_sealed(1)

    assert sealed(mill, 2).seal.key == key.load_or_make(file).public
    assert sealed(mill, 2).seal.key != sealed(mill, 1).seal.key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert found(mill.folder, held(mill.folder), [sealed(mill, 1).seal.key]) == []


def test_a_key_that_was_put_in_its_place_is_named(mill):
    mill.is_sealed(0)
    (mill.folder / "var" / "seal.key").unlink()
    mill.is_sealed(1)

    assert codes(mill.folder) == ["seal-key-changed"]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"private":"AA","endorsements":[]}'])
def test_a_file_that_is_no_key_is_refused_and_not_overwritten(mill, body):
    file = mill.folder / "var" / "seal.key"
    file.write_bytes(body)

    with pytest.raises(Refused, match="seal-key-unreadable"):
        mill.is_sealed(0)
    assert file.read_bytes() == body


# Who is handed it.


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_seal_is_a_file_in_every_named_folder(mill):
    for day in range(2):
        mill.is_sealed(day)

    whole = ["keqiao-2026-03-02.json", "keqiao-2026-03-03.json"]
    assert files(mill.folder / "var" / "seals") == whole
    (certifier,) = held(mill.folder)
    assert files(certifier) == whole
    document = read_document((certifier / whole[1]).read_bytes())
    assert document.seal.day == date(2026, 3, 3)
    assert is_signed(document.seal.key, document.form, document.signature)


def test_a_folder_that_is_away_is_owed_every_seal_until_it_is_back(mill):
    (certifier,) = held(mill.folder)
    certifier.rmdir()
    mill.is_sealed(0)
    mill.is_sealed(1)
    (failed,) = mill.books.seals.failed_copies()
    assert (failed.folder, failed.number) == (str(mill.folder / "../certifier"), 1)
    assert not certifier.exists()

    certifier.mkdir()
    mill.is_sealed(1)

    assert len(files(certifier)) == 2
    assert mill.books.seals.failed_copies() == []


def test_a_folder_that_is_no_longer_named_is_owed_nothing(mill):
    (certifier,) = held(mill.folder)
    certifier.rmdir()
    mill.is_sealed(0)
    api = mill.folder / "api.toml"
    api.write_text(api.read_text().replace('"../certifier"', ""))

    mill.is_sealed(0)

    assert mill.books.seals.failed_copies() == []


def test_books_without_seals_say_that_there_is_none(tmp_path):
    books = Books(f"sqlite:///{tmp_path}/books.db")
    books.migrate()

    assert books.seals.last() is None
    assert books.seals.last_entry() is None
    assert books.seals.of_day(date(2026, 3, 2)) is None
    books.close()


def test_a_seal_is_one_line_of_canonical_json(mill):
    mill.is_sealed(0)
    text = (mill.folder / "var" / "seals" / "keqiao-2026-03-02.json").read_bytes()

    assert orjson.dumps(orjson.loads(text), option=orjson.OPT_SORT_KEYS) == text
