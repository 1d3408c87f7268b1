"""Results are revisions: never edited, kept byte for byte, and new ones say why."""

from dataclasses import replace
from decimal import Decimal
from itertools import count
from threading import Event, Thread

import orjson
import pytest

from collector.wire.birth import Birth
from tests.api.given import BIRTHS, JET_01, PLANT, World, at, on, reading, values


def footprint(mill: World, batch: str = "B2601", **query):
    return mill.caller().get(f"/batches/{batch}/footprint", **query)


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
    mill = fresh()
    mill.passes(0, 60)
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
    mill = fresh()
    mill.passes(0, 60)
    mill.closes_its_books()

    views = [footprint(mill, view=view).json() for view in ("footprint", "inventory")]

    assert [one["view"] for one in views] == ["footprint", "inventory"]
    assert [one["revision"] for one in views] == [1, 1]
    assert views[0]["total"] != views[1]["total"]


# Kept.


def test_a_stored_revision_comes_back_byte_for_byte(fresh):
    mill = fresh()
    mill.passes(0, 60)
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

    mill = fresh()
    mill.passes(0, 60)
    mill.closes_its_books()
    first = footprint(mill).text

    again = Books(f"sqlite:///{mill.folder / 'books.db'}")
    again.migrate()

    stored = again.result("B2601", "footprint")
    again.close()
    assert stored is not None
    assert stored.body == first


def test_another_round_without_news_makes_no_revision(fresh):
    mill = fresh()
    mill.passes(0, 60)
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
    assert (second["revision"], second["reason"]) == (2, "data-changed")
    assert second["computed_at"] == "2026-03-02T01:35:00.000Z"


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
    mill = fresh()
    mill.passes(0, 100)
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
    for minute in range(0, 150, 7):
        hasty.passes(minute, min(150, minute + 6))
        hasty.closes_its_books()

    for batch in ("B2601", "缸号-7", "C1"):
        one, other = (mill.books.runs_of(batch) for mill in (steady, hasty))
        assert one == other


def test_a_plc_that_reads_nothing_but_faults_stops_nobody(fresh):
    mill = fresh()
    mill.passes(0, 90, without=["jet-01-plc"])
    mill.sends(*[reading("jet-01-plc", minute, {}) for minute in range(91)])
    mill.closes_its_books()

    assert footprint(mill, "C1").json()["status"] == "final"
    assert footprint(mill).status_code == 404


def test_a_garbled_register_stops_nobody(fresh):
    mill = fresh()
    mill.passes(0, 90)
    shown = values("jet-01-power", 91) | {"energy_import_kwh": 3.4e38}
    mill.sends(*[reading("jet-01-power", minute, shown) for minute in (91, 92)])
    mill.closes_its_books()

    assert footprint(mill).json()["status"] == "final"


@pytest.mark.parametrize(
    ("device", "minute"),
    [
        ("boiler-1-gas", 30),
        ("boiler-1-gas", 45),
        ("boiler-1-gas", 60),
        ("boiler-1-gas", 90),
        ("jet-01-power", 50),
    ],
)
def test_one_spurious_zero_changes_no_amount_wherever_it_falls(fresh, device, minute):
    """Also where a window begins or ends: a register's value is the same for all who ask."""
    mill = fresh()
    mill.passes(0, 91, without=[device])
    (name,) = [point for point in values(device, 0) if not point.endswith("_kw")]
    zero = values(device, minute) | {name: 0}
    mill.sends(*[reading(device, m, zero if m == minute else None) for m in range(92)])
    mill.closes_its_books()

    body = footprint(mill, "缸号-7").json()

    assert supplied(body, "natural_gas") == pytest.approx(Decimal("65.7"), abs=Decimal(3))
    assert supplied(body, "electricity") == pytest.approx(Decimal("57.2"), abs=Decimal(3))


def supplied(body, carrier: str) -> Decimal:
    (one,) = [share for share in body["by_supply"] if share["carrier"] == carrier]
    return Decimal(one["amount"])


def test_a_batch_that_is_entered_late_is_weighed_anew(fresh):
    mill = fresh()
    mill.passes(0, 90)
    mill.closes_its_books()
    assert footprint(mill, "C1").json()["accepted_kg"] is None

    mill.caller().post("/batches", {"id": "C1", "accepted_kg": "250"})
    mill.closes_its_books()

    body = footprint(mill, "C1").json()
    assert (body["revision"], body["accepted_kg"]) == (2, "250")
    per_kg = (Decimal(body["total"]["kgco2e"]) / 250).quantize(Decimal("1e-6"))
    assert Decimal(body["total"]["kgco2e_per_kg"]) == per_kg


# What a revision says.


def test_every_sum_of_a_footprint_adds_up_as_printed(mill: World):
    for batch in ("B2601", "缸号-7", "C1"):
        body = footprint(mill, batch).json()
        total = Decimal(body["total"]["kgco2e"])
        lines = [line for run in body["runs"] for line in run["lines"]] + body["idle"]

        assert sum(Decimal(one["kgco2e"] or 0) for one in lines) == total
        for name in ("by_process", "by_carrier", "by_supply", "by_gas"):
            assert sum(Decimal(one["kgco2e"] or 0) for one in body[name]) == total, name


def test_numbers_that_people_account_with_are_decimal_strings(mill: World):
    body = footprint(mill).content

    def floats(value):
        if isinstance(value, dict):
            return [one for inner in value.values() for one in floats(inner)]
        if isinstance(value, list):
            return [one for inner in value for one in floats(inner)]
        return [value] if isinstance(value, float) else []

    assert floats(orjson.loads(body)) == []


def test_water_without_a_factor_is_listed_and_never_a_zero(mill: World):
    body = footprint(mill).json()

    assert [one["carrier"] for one in body["exempted"]] == ["water"]
    water = [line for run in body["runs"] for line in run["lines"] if line["carrier"] == "water"]
    assert {line["kgco2e"] for line in water} == {None}
    assert "factor-missing" in {problem["code"] for problem in body["problems"]}


def test_what_all_batches_and_nobody_carry_is_what_the_supply_meters_showed(mill: World):
    """The mill's gas: batches, what is held, and what idling has no batch yet."""
    carried = Decimal(0)
    for batch in ("B2601", "缸号-7", "C1"):
        by_supply = {one["carrier"]: one for one in footprint(mill, batch).json()["by_supply"]}
        carried += Decimal(by_supply["natural_gas"]["amount"])
    ask = mill.caller()
    period = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T02:30:00Z"}
    meters = {one["meter"]: one for one in ask.get("/balance", **period).json()["meters"]}

    shown = Decimal(meters["boiler-1-gas.volume_m3_0c"]["register"])
    assert 0 < carried < shown


# Drivers whose facts lie outside a batch's own period.

SHARED = (
    PLANT.replace('steam = "jet-02-steam.mass_kg"\n', "").replace(
        'steam = "jet-01-steam.mass_kg"\n', ""
    )
    + """
[shared.steam-main]
carrier = "steam"
meter = "jet-01-steam.mass_kg"
machines = ["jet-01", "jet-02"]
drivers = ["mass", "run-hours"]
"""
)


def steam_of(mill: World, batch: str) -> Decimal:
    body = footprint(mill, batch).json()
    lines = [line for run in body["runs"] for line in run["lines"]] + body["idle"]
    return sum((Decimal(one["amount"]) for one in lines if one["carrier"] == "steam"), Decimal(0))


def test_batches_that_share_a_meter_carry_all_of_it_between_them(fresh):
    mill = fresh(SHARED)
    for batch, kg in (("B2601", "500"), ("C1", "300"), ("缸号-7", "200")):
        mill.caller().post("/batches", {"id": batch, "accepted_kg": kg})
    mill.passes(0, 150)
    mill.closes_its_books()

    carried = sum(steam_of(mill, batch) for batch in ("B2601", "C1", "缸号-7"))

    shown = [Decimal(str(values("jet-01-steam", m)["mass_kg"])) for m in range(151)]
    used = [shown[m + 1] - shown[m] for m in range(150) if on(JET_01, m) not in ("", "<script>")]
    assert carried == sum(used)


# Y is dyed, taken off, and dyed again beside X; V holds jet-02 until X comes.
Y_AGAIN = (("Y", 5, 15), ("Y", 50, 80))
V_THEN_X = (("V", 20, 58), ("X", 60, 75))


def test_a_batch_that_came_back_weighs_the_same_for_all_that_share_with_it(fresh):
    mill = fresh(SHARED)
    for batch, kg in (("Y", "600"), ("X", "100"), ("V", "50")):
        mill.caller().post("/batches", {"id": batch, "accepted_kg": kg})
    mill.passes(0, 120, without=["jet-01-plc", "jet-02-plc", "jet-01-steam"])
    for minute in range(121):
        mill.sends(
            reading("jet-01-plc", minute, {"batch_id": on(Y_AGAIN, minute)}),
            reading("jet-02-plc", minute, {"batch_id": on(V_THEN_X, minute)}),
            reading("jet-01-steam", minute, {"mass_kg": 10 * minute}),
        )
    mill.closes_its_books()

    carried = {batch: steam_of(mill, batch) for batch in ("Y", "X", "V")}

    # A quarter of an hour of X beside Y: 100 kg in 15 minutes against 600 kg in 40.
    assert carried["X"] == pytest.approx(Decimal(150) * 400 / (400 + 900), abs=Decimal("1e-6"))
    assert sum(carried.values()) == 10 * (10 + 30 + 30)


STEAM_HALL = (
    PLANT.replace('steam = "jet-02-steam.mass_kg"\n', "")
    + """
[shared.other-hall]
carrier = "steam"
meter = "jet-02-steam.mass_kg"
machines = ["jet-02"]
drivers = ["equal"]
"""
)


def test_steam_that_another_hall_took_is_charged_to_that_hall(fresh):
    """B2601 is not on the hall's machines, and yet must not pay for their steam."""
    own, hall = fresh(), fresh(STEAM_HALL)
    found = []
    for mill in (own, hall):
        mill.passes(0, 90)
        mill.closes_its_books()
        found.append(supplied(footprint(mill).json(), "natural_gas"))

    assert found[0] == found[1]


def test_a_footprint_that_is_asked_for_while_its_run_grows_is_whole(fresh):
    mill = fresh()
    mill.passes(0, 30)
    mill.closes_its_books()
    runs = [run for run in mill.books.runs_of("B2601") if run.going_on]
    asked = Event()

    def grow() -> None:
        for minute in count(1):
            longer = [replace(run, end=at(20 + minute % 10)) for run in runs]
            mill.books.replace_runs("jet-01", runs[0].start, longer)
            if asked.is_set():
                return

    grower = Thread(target=grow)
    grower.start()
    bodies = [footprint(mill).json() for _ in range(30)]
    asked.set()
    grower.join()

    for body in bodies:
        lines = [line for run in body["runs"] for line in run["lines"]] + body["idle"]
        carried = sum(Decimal(one["kgco2e"] or 0) for one in lines)
        assert carried == Decimal(body["total"]["kgco2e"])


def test_a_birth_with_another_period_or_ratio_spoils_no_past_answer(fresh):
    mill = fresh()
    mill.passes(0, 60)
    mill.closes_its_books()
    first = footprint(mill).content

    newer: Birth = replace(BIRTHS["jet-01-power"], ct="40")
    before = mill.spool._seq
    mill.spool.commit(
        [reading("jet-01-power", 61)], {newer.device: newer}, "2026-03-02T01:01:00.000Z"
    )
    assert mill.spool._seq == before + 2

    assert footprint(mill).content == first
