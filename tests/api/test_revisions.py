"""Results are revisions: never edited, kept byte for byte, and new ones say why."""

from decimal import Decimal

import pytest

from tests.api import keeping
from tests.api.given import World, at, footprint, reading, values


def late(mill: World, device: str, first: int, last: int) -> None:
    """What a device had to say from one minute to another comes late."""
    mill.sends(*[reading(device, minute) for minute in range(first, last + 1)])


# So far, then final.


def test_a_batch_that_is_on_the_machine_is_running(fresh):
    mill = fresh()
    mill.passes(0, 30)
    mill.closes_its_books()

    body = footprint(mill).json()

    assert (body["status"], body["revision"], body["reason"]) == ("running", 0, "so-far")
    assert body["runs"][-1]["end"] is None
    assert Decimal(body["total"]["kgco2e"]) > 0


def test_a_batch_whose_window_is_open_is_provisional(fresh):
    mill = fresh()
    mill.passes(0, 50)
    mill.closes_its_books()

    body = footprint(mill).json()

    assert (body["status"], body["revision"]) == ("provisional", 0)


def test_a_batch_is_final_when_its_windows_are_closed(fresh):
    mill = fresh(after_an_hour=True)
    mill.closes_its_books()

    body = footprint(mill).json()

    assert (body["status"], body["revision"], body["reason"]) == ("final", 1, "first-final")
    assert body["computed_at"] == "2026-03-02T01:00:00.000Z"


def test_a_batch_is_not_final_while_a_meter_of_its_window_is_silent(fresh):
    mill = fresh()
    mill.passes(0, 45)
    mill.passes(46, 90, without=["boiler-1-gas"])
    mill.closes_its_books()
    assert footprint(mill).json()["status"] == "provisional"

    late(mill, "boiler-1-gas", 46, 90)
    mill.closes_its_books()
    assert footprint(mill).json()["status"] == "final"


def test_a_batch_is_not_final_while_a_meter_of_its_window_reads_nothing_but_faults(fresh):
    """It answers, and every value is bad: it has not reported past the window's end."""
    mill = fresh()
    mill.passes(0, 45)
    mill.passes(46, 90, without=["boiler-1-gas"])
    mill.sends(*[reading("boiler-1-gas", minute, {}) for minute in range(46, 91)])
    mill.closes_its_books()

    assert footprint(mill).json()["status"] == "provisional"


def test_each_view_has_its_own_revisions(fresh):
    mill = fresh(after_an_hour=True)
    mill.closes_its_books()

    views = [footprint(mill, view=view).json() for view in ("footprint", "inventory")]

    assert [one["view"] for one in views] == ["footprint", "inventory"]
    assert [one["revision"] for one in views] == [1, 1]
    assert views[0]["total"] != views[1]["total"]


# Kept.


def test_a_stored_revision_comes_back_byte_for_byte(fresh):
    mill = fresh(after_an_hour=True)
    mill.closes_its_books()
    first = footprint(mill).content

    mill.passes(61, 150)
    for _ in range(3):
        mill.closes_its_books()

    assert footprint(mill).content == first
    assert footprint(mill, revision=1).content == first
    assert footprint(mill, as_of="2026-03-02T01:00:00Z").content == first
    assert footprint(mill, as_of="2026-03-02T09:00:00+08:00").content == first


def test_a_books_file_opened_again_answers_the_same(fresh):
    from api.books import Books

    mill = fresh(after_an_hour=True)
    mill.closes_its_books()
    first = footprint(mill).text

    again = Books(keeping.kept(mill.folder).books)
    again.migrate()

    stored = again.results.find("B2601", "footprint")
    again.close()
    assert stored is not None
    assert stored.text.decode() == first


def test_another_round_without_news_makes_no_revision(fresh):
    mill = fresh(after_an_hour=True)
    for _ in range(3):
        mill.closes_its_books()

    assert footprint(mill, revision=2).status_code == 404


# Late data.


def delayed(fresh) -> World:
    """A mill whose jet's power meter kept silent for ten minutes, and spoke again."""
    mill = fresh()
    mill.passes(0, 20)
    mill.passes(21, 30, without=["jet-01-power"])
    mill.passes(31, 90)
    mill.closes_its_books()
    return mill


def test_late_data_makes_a_new_revision_with_its_reason(fresh):
    mill = delayed(fresh)
    first = footprint(mill).json()
    assert (first["status"], first["revision"]) == ("final", 1)

    mill.clock[0] = at(95)
    late(mill, "jet-01-power", 21, 30)
    mill.closes_its_books()

    second = footprint(mill).json()
    assert (second["revision"], second["reason"]) == (2, "late-data")
    assert second["computed_at"] == "2026-03-02T01:35:00.000Z"


@pytest.mark.parametrize(
    ("said", "reason"),
    [("software = '0.1'", "late-data"), ("software = '0.1', digest = 'x'", "late-data,software")],
)
def test_another_software_is_a_reason_only_where_it_makes_other_of_the_same_amounts(
    fresh, said, reason
):
    mill = delayed(fresh)
    mill.edits(f"UPDATE results SET {said}")

    late(mill, "jet-01-power", 21, 30)
    mill.closes_its_books()

    assert footprint(mill).json()["reason"] == reason


def test_past_answers_stay_as_they_were(fresh):
    mill = delayed(fresh)
    first = footprint(mill).content
    mill.clock[0] = at(95)
    late(mill, "jet-01-power", 21, 30)
    mill.closes_its_books()

    assert footprint(mill, revision=1).content == first
    assert footprint(mill, as_of="2026-03-02T01:30:00Z").content == first
    assert footprint(mill).json()["revision"] == 2
    assert footprint(mill, as_of="2026-03-02T01:35:00Z").json()["revision"] == 2


def test_late_data_that_changes_no_number_but_its_quality_is_a_revision_too(fresh):
    mill = delayed(fresh)
    before = footprint(mill).json()
    late(mill, "jet-01-power", 21, 30)
    mill.closes_its_books()
    after = footprint(mill).json()

    def quality(body):
        lines = [line for run in body["runs"] for line in run["lines"]]
        return [one["quality"] for one in lines if one["carrier"] == "electricity"]

    assert after["total"] == before["total"]
    assert any(one["measured"] != "1.0000" for one in quality(before))
    assert all(one["measured"] == "1.0000" for one in quality(after))


def test_late_data_about_another_time_makes_no_revision(fresh):
    mill = fresh(after_an_hour=True)
    mill.passes(61, 100)
    mill.passes(101, 120, without=["jet-01-power"])
    mill.passes(121, 150)
    mill.closes_its_books()

    late(mill, "jet-01-power", 101, 120)
    mill.closes_its_books()

    assert footprint(mill).json()["revision"] == 1


def test_a_run_that_was_known_late_is_found(fresh):
    mill = fresh()
    mill.passes(0, 4)
    mill.passes(5, 44, without=["jet-01-plc"])
    mill.passes(45, 90)
    mill.closes_its_books()
    assert footprint(mill).status_code == 404

    late(mill, "jet-01-plc", 5, 44)
    mill.closes_its_books()

    assert footprint(mill).json()["status"] == "final"


def test_runs_are_the_same_however_often_they_were_looked_for(fresh):
    steady, hasty = fresh(), fresh()
    steady.passes(0, 150)
    steady.closes_its_books()
    for minute in range(0, 150, 11):
        hasty.passes(minute, min(150, minute + 10))
        hasty.closes_its_books()

    for batch in ("B2601", "缸号-7", "C1"):
        one, other = (mill.books.runs.of(batch) for mill in (steady, hasty))
        assert one == other


def test_a_plc_that_reads_nothing_but_faults_stops_nobody(fresh):
    mill = fresh()
    mill.passes(0, 90, without=["jet-01-plc"])
    mill.sends(*[reading("jet-01-plc", minute, {}) for minute in range(91)])
    mill.closes_its_books()

    assert footprint(mill, "C1").json()["status"] == "final"
    assert footprint(mill).status_code == 404


def test_a_garbled_register_stops_nobody(fresh):
    mill = fresh(after_an_hour=True)
    mill.passes(61, 90)
    shown = values("jet-01-power", 91) | {"energy_import_kwh": 3.4e38}
    mill.sends(*[reading("jet-01-power", minute, shown) for minute in (91, 92)])
    mill.closes_its_books()

    assert footprint(mill).json()["status"] == "final"


def test_a_batch_that_is_entered_late_is_weighed_anew(fresh):
    mill = fresh(after_an_hour=True)
    mill.passes(61, 90)
    mill.closes_its_books()
    assert footprint(mill, "C1").json()["accepted_kg"] is None

    mill.caller().post("/batches", {"id": "C1", "accepted_kg": "250"})
    mill.closes_its_books()

    body = footprint(mill, "C1").json()
    assert (body["revision"], body["accepted_kg"]) == (2, "250")
    per_kg = (Decimal(body["total"]["kgco2e"]) / 250).quantize(Decimal("1e-6"))
    assert Decimal(body["total"]["kgco2e_per_kg"]) == per_kg


@keeping.of_files
def test_a_round_that_the_database_refuses_is_done_again_and_said_once(fresh, caplog):
    """Without its table it refuses as on a full disk, and as often as one likes."""
    mill = fresh(after_an_hour=True)
    mill.edits("ALTER TABLE waiting RENAME TO away")
    for _ in range(2):
        mill.service.bookkeeper.try_round()
    assert mill.books.results.find("B2601", "footprint") is None
    mill.edits("ALTER TABLE away RENAME TO waiting")

    mill.service.bookkeeper.try_round()

    assert mill.books.results.find("B2601", "footprint") is not None
    assert [one.levelname for one in caplog.records].count("ERROR") == 1
