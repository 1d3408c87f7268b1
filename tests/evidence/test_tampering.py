"""What is done to a site's files by hand, and what `verify` says of it."""

import shutil
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from api.books import Books
from api.books.engines import read_only
from api.books.seals import Seals
from api.evidence.seal import encode_raw
from collector.toml_files import SHIPPED, say
from collector.wire.problem import Problem, Refused
from millprint.verification.seals import SealCheck
from tests.evidence.given import (
    DEVICES,
    Line,
    at,
    bodies,
    books,
    build,
    change,
    codes,
    edit_form,
    found,
    held,
    journal,
    reading,
    rehash,
    rewrite,
    take_out,
    verdict,
    young,
)


def first(site: Path) -> Problem:
    return found(site)[0]


def add(site: Path, made: Callable[[Line], Line]) -> None:
    """Add a segment with one reading, made of one that is there."""
    with closing(sqlite3.connect(journal(site))) as db:
        line = next(lines[0] for table, _, lines in bodies(db) if table == "segments")
        body = zlib.compress(made(line).written())
        db.execute("INSERT INTO segments (body) VALUES (?)", (body,))
        db.commit()


def test_a_site_that_nobody_touched_has_nothing_wrong(site):
    said = verdict(site, held(site))

    assert said.findings == ()
    assert (said.epochs, said.seals, said.through, said.held) == (1, 3, "2026-03-04", 3)
    assert said.records == 2 + 4 * 60


def test_nothing_is_written_by_looking(site):
    def contents() -> dict[Path, bytes]:
        files = (path for path in site.rglob("*") if path.is_file())
        # SQLite makes an empty log beside a database that it opens, though only to read it.
        kept = {path: path.read_bytes() for path in files if not path.name.endswith("-shm")}
        return {path: body for path, body in kept.items() if body}

    before = contents()
    verdict(site, held(site))

    assert contents() == before


# Readings.


@pytest.fixture
def seq(site) -> int:
    """Number of a reading that is not yet packed, in the middle."""
    return young(site)[7]


def test_a_reading_that_is_edited_is_named_with_device_and_instant(site, seq):
    edit_form(journal(site), seq, ".5", ".4")

    problem = first(site)
    assert (problem.code, problem.values["seq"]) == ("record-changed", str(seq))
    assert problem.values["device"] in say(problem)
    assert problem.values["instant"].startswith("2026-03-")
    assert "journal.db" in problem.where


def test_a_reading_that_is_deleted_is_named(site, seq):
    take_out(journal(site), seq)

    problem = first(site)
    assert problem.code == "record-removed"
    assert (problem.values["first"], problem.values["seq"]) == (str(seq), str(seq))


def test_a_reading_that_is_added_under_a_number_of_its_own_is_named(site):
    last = max(young(site))
    add(site, lambda line: replace(line, seq=last + 1, at=line.at + 1))

    assert "record-beyond-watermark" in codes(site)


def test_a_reading_that_stands_there_twice_is_named(site):
    add(site, lambda line: line)

    assert codes(site) == ["record-added"]


def test_a_reading_of_no_epoch_is_named(site):
    add(site, lambda line: replace(line, stream=77))

    assert codes(site) == ["record-of-no-epoch"]


def test_a_reading_that_is_filed_under_another_device_is_named_though_its_hash_is_right(site, seq):
    rewrite(
        journal(site),
        lambda line: replace(line, device=3 - line.device) if line.seq == seq else line,
    )

    problem = first(site)
    assert (problem.code, problem.values["seq"]) == ("reading-misfiled", str(seq))
    assert problem.values["device"] != problem.values["filed"]


def test_a_chunk_that_is_filed_under_another_time_is_named(site):
    change(journal(site), "UPDATE chunks SET id = id + (1000000 << 16) WHERE device = 1")
    change(journal(site), "UPDATE spans SET chunk = chunk + (1000000 << 16) WHERE chunk & 7 = 1")

    assert "reading-misfiled" in codes(site)


def test_two_readings_that_are_exchanged_are_named(site, seq):
    with closing(sqlite3.connect(journal(site))) as db:
        forms = {line.seq: (line.form, line.h) for _, _, ls in bodies(db) for line in ls}
    other = {seq: seq + 1, seq + 1: seq}

    def exchange(line: Line) -> Line:
        form, h = forms[other.get(line.seq, line.seq)]
        return replace(line, form=form, h=h)

    rewrite(journal(site), exchange)

    problem = first(site)
    assert (problem.code, problem.values["seq"]) == ("record-moved", str(seq))
    assert problem.values["said"] == str(seq + 1)


def test_a_reading_that_is_edited_inside_a_chunk_is_named(site):
    edit_form(journal(site), 3, ":0.5", ":0.4")

    assert first(site).code == "record-changed"


def test_values_beside_the_readings_that_are_edited_are_named_with_device_and_time(site):
    change(
        journal(site),
        "UPDATE chunks SET columns = (SELECT columns FROM chunks ORDER BY id DESC LIMIT 1) "
        "WHERE id = (SELECT min(id) FROM chunks)",
    )

    (problem,) = found(site)
    assert (problem.code, problem.values["device"]) == ("values-changed", "jet-01-power")
    assert problem.at is not None


def test_a_chunk_that_cannot_be_opened_is_named(site):
    change(journal(site), "UPDATE chunks SET body = x'00' WHERE device = 1")

    (problem,) = found(site)
    assert problem.code == "journal-unreadable"
    assert "jet-01-power" in problem.values["why"]


def test_a_clever_hand_that_makes_all_hashes_fit_again_shows_at_the_seal(tmp_path):
    folder = tmp_path / "own" / "site"
    folder.parent.mkdir()
    one = build(folder)
    one.reads(*[reading(d, 0, n) for n in range(5) for d in DEVICES])
    one.is_sealed(0)
    one.close()
    edit_form(journal(folder), 4, ":1.5", ":9.5")
    rehash(folder)

    (problem,) = found(folder)
    assert problem.code == "sealed-range-differs"
    assert "2026-03-02" in problem.values["seal"]


def test_a_meaning_of_readings_that_is_edited_is_named(site):
    body = 'CAST(replace(body, \'"ct":"1"\', \'"ct":"2"\') AS BLOB)'
    change(journal(site), f"UPDATE births SET body = {body} WHERE id = 1")

    assert codes(site) == ["birth-changed"]


# Books and files.


@pytest.mark.parametrize(
    ("statement", "code", "row"),
    [
        ("UPDATE results SET body = '{}' WHERE batch = 'B1'", "changed", "results/B1/footprint/1"),
        ("DELETE FROM results WHERE batch = 'B1'", "removed", "results/B1/footprint/1"),
        ("UPDATE keys SET role = 'admin' WHERE id = 2", "changed", "keys/2"),
    ],
)
def test_a_row_of_the_books_that_is_edited_is_named(site, statement, code, row):
    change(books(site), statement)

    problem = first(site)
    assert (problem.code, problem.values["row"]) == (f"sealed-row-{code}", row)
    assert "seal 2026-03-03" in problem.where


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE batches SET accepted_kg = '500' WHERE id = 'B1/缸'",
        "UPDATE batches SET colour = 'navy' WHERE id = 'B1/缸'",
        "DELETE FROM batches WHERE id = 'B1/缸'",
        "INSERT INTO batches VALUES ('B1', '', '5', '2026-03-02T04:00:00.000Z', 'ana', '', '')",
    ],
)
def test_a_batch_that_is_edited_past_its_entries_is_named(site, statement):
    change(books(site), statement)

    (problem,) = found(site)
    assert problem.code == "batch-untold"
    assert problem.values["batch"] in ("B1/缸", "B1")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE glances SET kgco2e = '1.1' WHERE batch = 'B1'",
        "UPDATE glances SET problems = 1 WHERE batch = 'B1'",
        "UPDATE glances SET revision = 2 WHERE batch = 'B1'",
        "DELETE FROM glances WHERE batch = 'B1'",
        "INSERT INTO glances VALUES ('B1', 2, NULL, 'final', '1', NULL, 0)",
    ],
)
def test_what_lists_show_of_a_batch_is_named_where_its_results_say_otherwise(site, statement):
    change(books(site), statement)

    (problem,) = found(site)
    assert (problem.code, problem.values["batch"]) == ("glance-untold", "B1")


def test_words_on_a_batch_that_nobody_can_read_any_more_are_named_and_end_nothing(site):
    change(books(site), "UPDATE entries SET body = 'z' || body WHERE subject = 'B1/缸'")

    assert [problem.code for problem in found(site)] == ["sealed-row-changed", "batch-untold"]


def test_a_row_that_is_added_with_an_earlier_time_is_named(site):
    change(
        books(site),
        "INSERT INTO first_batches VALUES ('B9', '', '5', '2026-03-02T04:00:00.000Z', 'ana')",
    )

    problem = first(site)
    assert (problem.code, problem.values["row"]) == ("row-added", "batches/B9")


def test_a_plant_that_is_edited_is_named(site):
    plant = site / "plant" / "2026-01-01.toml"
    plant.write_text(plant.read_text().replace("dyeing-exhaust", "washing"))

    problem = first(site)
    assert problem.code == "file-changed"
    assert problem.values == {"file": "config/plant/2026-01-01.toml", "day": "2026-03-04"}


def test_a_plant_that_is_removed_is_named_and_one_that_is_new_is_not(site):
    plant = site / "plant" / "2026-01-01.toml"
    plant.rename(site / "plant" / "2026-04-01.toml")

    assert codes(site) == ["file-removed"]


def test_a_factor_that_is_edited_is_named(site, tmp_path):
    factors = tmp_path / "factors"
    shutil.copytree(SHIPPED / "factors", factors)
    with (factors / "china.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    seals = Seals(read_only(f"sqlite:///{books(site)}"))

    (problem,) = SealCheck(seals, site, factors, "books.db").kept(())

    assert (problem.code, problem.values["file"]) == ("file-changed", "factors/china.csv")


def test_contents_of_a_sealed_file_that_are_edited_are_named(site):
    change(books(site), "UPDATE seal_files SET body = x'00' WHERE digest IN "
           "(SELECT digest FROM seal_leaves WHERE name = 'china.csv')")  # fmt: skip

    assert set(codes(site)) == {"sealed-file-lost"}


@pytest.mark.parametrize("edit", ["UPDATE seal_files SET body = x'00'", "DELETE FROM seal_files"])
def test_a_proof_whose_contents_are_edited_is_named(site, edit):
    kept = Books(f"sqlite:///{books(site)}").proofs
    sha256 = kept.keep("letter.pdf", b"%PDF-1.7", "ana", at(3.6)).subject
    assert found(site) == []
    digest = encode_raw(bytes.fromhex(sha256))

    change(books(site), f"{edit} WHERE digest = '{digest}'")

    (problem,) = found(site)
    assert (problem.code, problem.values) == ("proof-lost", {"sha256": sha256})


# Seals.


def test_a_leaf_that_is_edited_is_named_as_such(site):
    change(books(site), "UPDATE seal_leaves SET name = 'results/B9/footprint/1' "
           "WHERE name = 'results/B1/footprint/1'")  # fmt: skip

    problem = first(site)
    assert (problem.code, problem.values["day"]) == ("seal-leaves-changed", "2026-03-03")


def test_a_seal_that_is_removed_is_missed(site):
    change(books(site), "DELETE FROM seals WHERE number = 2")

    assert first(site).code == "seal-missing"
    assert "seal-not-kept" in codes(site)  # its file is in the mill's own folder


def test_a_seal_that_is_filed_under_a_day_that_is_none_stops_nothing(site):
    change(books(site), "UPDATE seals SET day = '2026-13-03' WHERE number = 2")

    assert codes(site) == ["seal-misfiled"]


def test_seals_that_are_made_anew_with_another_key_are_told_by_the_known_key(site):
    ((key,),) = [verdict(site).keys]
    assert found(site, keys=[key]) == []

    (problem,) = found(site, keys=["A" * 43])
    assert (problem.code, problem.values["kept"]) == ("seal-key-unknown", key)


def test_a_held_file_that_is_no_seal_is_refused(site, tmp_path):
    (tmp_path / "letter.json").write_text("{}")

    with pytest.raises(Refused, match="not-a-seal"):
        verdict(site, [tmp_path / "letter.json"])


def test_a_seal_in_the_mills_own_folder_that_is_none_is_a_finding_and_hides_no_other(site, seq):
    take_out(journal(site), seq)
    (site / "var" / "seals" / "keqiao-2026-03-02.json").write_text("{}")

    assert {"not-a-seal", "record-removed"} <= set(codes(site))


def test_seals_of_other_sites_in_a_certifiers_folder_are_passed_over(site):
    (folder,) = held(site)
    for file in folder.iterdir():
        file.write_text(file.read_text().replace('"site":"keqiao"', '"site":"shaoxing"'))

    said = verdict(site, [folder])

    assert (said.held, said.findings) == (0, ())
