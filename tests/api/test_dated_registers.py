"""Plant and meters are dated: what a snapshot changes, what a swap settles, what has expired."""

from decimal import Decimal

import pytest

from api import plant as plant_files
from api.plant import stretches
from collector.wire.problem import Refused
from tests.api.given import PLANT, World, at, footprint, reading, values

NOON_IN_KEQIAO = "2026-03-02"  # its midnight is 2026-03-01T16:00Z, before all that happens here
SWAP = {"why": "changed by the calibration service", "evidence": "protocol 17"}


def snapshot(mill: World, day: str, text: str) -> None:
    (mill.folder / "plant" / f"{day}.toml").write_text(text, encoding="utf-8")
    mill.starts_again()


# Plant.


def test_a_snapshot_that_says_the_same_makes_no_revision(fresh):
    mill = fresh(after_an_hour=True)
    mill.closes_its_books()

    snapshot(mill, NOON_IN_KEQIAO, "# the same\n" + PLANT)
    mill.closes_its_books()

    assert footprint(mill).json()["revision"] == 1


def test_a_snapshot_that_moves_a_meter_revises_what_it_touches_and_says_plant(fresh):
    mill = fresh(after_an_hour=True)
    mill.closes_its_books()
    first = footprint(mill).content

    snapshot(mill, NOON_IN_KEQIAO, PLANT.replace('water = "jet-01-water.volume_m3"\n', ""))
    mill.closes_its_books()

    body = footprint(mill).json()
    assert (body["revision"], body["reason"]) == (2, "plant")
    assert "water" not in {one["carrier"] for one in body["by_carrier"]}
    assert footprint(mill, revision=1).content == first


def test_a_period_is_cut_where_a_snapshot_begins_to_hold(fresh):
    mill = fresh()
    snapshot(mill, "2026-03-02", PLANT)
    plants = mill.service.reporter.plants
    day = plants[1].valid_from

    pieces = stretches(plants, at(-1000), at(60))

    assert [(one.plant, one.start, one.end) for one in pieces] == [
        (plants[0], at(-1000), day),
        (plants[1], day, at(60)),
    ]


IN_THE_ATLANTIC = PLANT.replace("Asia/Shanghai", "Etc/GMT+1")  # where midnight is minute 60


def amounts(mill: World, batch: str) -> dict[str, Decimal]:
    found = footprint(mill, batch).json()["by_carrier"]
    return {one["carrier"]: Decimal(one["amount"]) for one in found}


def test_a_batch_that_spans_a_change_of_plant_is_computed_piece_by_piece(fresh):
    """From midnight on nobody counts its water any more; all else stays as it was."""
    mills = fresh(IN_THE_ATLANTIC), fresh(IN_THE_ATLANTIC)
    later = IN_THE_ATLANTIC.replace('water = "jet-01-water.volume_m3"\n', "")
    snapshot(mills[1], "2026-03-02", later)
    for mill in mills:
        mill.passes(0, 150)
        mill.closes_its_books()

    whole, cut = (amounts(mill, "缸号-7") for mill in mills)

    assert (whole["water"], cut["water"]) == (Decimal("7.5"), Decimal("2.5"))
    assert cut["electricity"] == whole["electricity"]
    assert cut["steam"] == whole["steam"]
    assert footprint(mills[1], "缸号-7").json()["status"] == "final"


def test_the_balance_of_a_period_takes_each_plant_for_its_days(fresh):
    """From midnight on, minute 60, nobody counts jet-01's water any more."""
    mill = fresh(IN_THE_ATLANTIC)
    mill.passes(0, 150)
    mill.closes_its_books()
    later = IN_THE_ATLANTIC.replace('water = "jet-01-water.volume_m3"\n', "")
    later = later.replace(
        '[supplies.water]\ncarrier = "water"\nmeter = "jet-01-water.volume_m3"', ""
    )
    snapshot(mill, "2026-03-02", later)

    whole, first, second = (balance(mill, *of) for of in ((0, 120), (0, 60), (60, 120)))

    assert whole["parts"] == [first, second]
    assert set(second["meters"]) == set(first["meters"]) - {"jet-01-water.volume_m3"}
    for ref, one in whole["meters"].items():
        shown = [part["meters"][ref] for part in (first, second) if ref in part["meters"]]
        assert Decimal(one["register"]) == sum(Decimal(part["register"]) for part in shown)
        assert Decimal(one["posted"]) == sum(Decimal(each["amount"]) for each in one["accounts"])
        assert Decimal(one["difference"]) == 0
        assert (one["start"], one["end"]) == (shown[0]["start"], shown[-1]["end"])
    for band in whole["flows"]:
        own = [one for part in (first, second) for one in part["flows"] if same(one, band)]
        assert Decimal(band["amount"]) == sum(Decimal(one["amount"]) for one in own)
        assert {*band["meters"]} == {meter for one in own for meter in one["meters"]}
    assert all(any(same(one, band) for band in whole["flows"]) for one in first["flows"])
    for supply in whole["supplies"]:
        told = sum(Decimal(one["amount"]) for one in supply["to"])
        assert told == Decimal(supply["amount"]) or supply["carrier"] != "electricity"


def same(one, other) -> bool:
    """Whether two bands lead from the same to the same."""
    return all(one[key] == other[key] for key in ("start", "end", "carrier", "unit"))


def balance(mill: World, start: int, end: int):
    """A balance, with its meters by name, and those of its parts."""
    body = mill.caller().get(
        "/balance", **{"from": at(start).isoformat(), "to": at(end).isoformat()}
    )
    found = body.json()
    for one in (found, *found.get("parts", ())):
        one["meters"] = {meter["meter"]: meter for meter in one["meters"]}
    return found


# Certificates.

METERS = """
[meters."jet-01-power.energy_import_kwh"]
serial = "A-17"
class = "B"
ct = "200/5"
certificate = "CAL-2024-88"
certificate_expires = 2026-01-31
"""


def test_an_expired_certificate_is_a_problem_of_every_batch_that_used_the_meter(fresh):
    mill = fresh(PLANT + METERS, after_an_hour=True)
    mill.closes_its_books()

    problems = {one["code"]: one for one in footprint(mill).json()["problems"]}

    assert problems["certificate-expired"]["where"] == "jet-01-power.energy_import_kwh"
    assert "CAL-2024-88" in problems["certificate-expired"]["text_zh"]


def test_the_register_of_meters_shows_its_facts_and_what_has_expired(fresh):
    mill = fresh(PLANT + METERS)

    found = {one["meter"]: one for one in mill.caller().get("/meters").json()["meters"]}

    (facts,) = found["jet-01-power.energy_import_kwh"]["facts"]
    assert (facts["serial"], facts["class"], facts["ct"]) == ("A-17", "B", "200/5")
    assert facts["certificate_expired"] is True
    (bare,) = found["main-1.energy_import_kwh"]["facts"]
    assert (bare["serial"], bare["certificate_expired"]) == ("", False)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('class = "good"', "wrong-value"),
        ('class = "0"', "wrong-value"),
        ("rated_kw = -3", "wrong-value"),
        ("limit = inf", "wrong-value"),
        ('certificate_expires = "soon"', "wrong-value"),
        ("colour = 3", "unknown-key"),
    ],
)
def test_a_meters_facts_that_cannot_be_are_refused(fresh, tmp_path, line, code):
    path = tmp_path / "2026-01-01.toml"
    path.write_text(PLANT + f'\n[meters."main-1.energy_import_kwh"]\n{line}\n', encoding="utf-8")

    with pytest.raises(Refused) as found:
        plant_files.read(path)

    assert code in {problem.code for problem in found.value.problems}


@pytest.mark.parametrize(
    ("text", "share"),
    [("A", "0.02"), ("B", "0.01"), ("C", "0.005"), ("0.5S", "0.005"), ("1", "0.01")],
)
def test_a_class_is_a_limit_of_error(tmp_path, text, share):
    path = tmp_path / "2026-01-01.toml"
    meter = f'\n[meters."main-1.energy_import_kwh"]\nclass = "{text}"\n'
    path.write_text(PLANT + meter, encoding="utf-8")

    found = plant_files.read(path).meter("main-1.energy_import_kwh")

    assert found.accuracy == Decimal(share)


# Swaps.


def swapped(fresh) -> World:
    """The power meter of jet-01 is changed at minute 20; the new one begins at 3 kWh."""
    mill = fresh()
    mill.passes(0, 90, without=["jet-01-power"])
    old = values("jet-01-power", 20)["energy_import_kwh"]
    for minute in range(91):
        shown = values("jet-01-power", minute)
        if minute > 20:
            shown |= {"energy_import_kwh": shown["energy_import_kwh"] - old + 3}
        mill.sends(reading("jet-01-power", minute, shown))
    mill.closes_its_books()
    return mill


def power(mill: World) -> Decimal:
    lines = [line for run in footprint(mill).json()["runs"] for line in run["lines"]]
    shown = (one["amount"] for one in lines if one["from"] == "jet-01-power.energy_import_kwh")
    return sum((Decimal(one) for one in shown), Decimal(0))


def enter(mill: World, **changed):
    old = values("jet-01-power", 20)["energy_import_kwh"]
    swap = {"at": at(20.5).isoformat(), "old_last": str(old), "new_first": "3"}
    path = "/meters/jet-01-power.energy_import_kwh/swaps"
    return mill.caller().post(path, SWAP | swap | changed)


def test_a_swap_that_a_person_enters_gives_back_exactly_what_was_held(fresh):
    mill = swapped(fresh)
    before = power(mill)

    assert enter(mill).status_code == 201
    mill.closes_its_books()

    first, last = (values("jet-01-power", minute)["energy_import_kwh"] for minute in (5, 40))
    assert power(mill) == Decimal(str(last)) - Decimal(str(first))
    assert power(mill) > before
    assert footprint(mill).json()["reason"] == "correction"


def test_a_later_decision_about_a_swap_takes_the_place_of_an_earlier_one_and_both_are_kept(fresh):
    mill = swapped(fresh)
    enter(mill, new_first="0")
    enter(mill)
    mill.closes_its_books()

    path = "/meters/jet-01-power.energy_import_kwh/swaps"
    found = mill.caller().get(path).json()["swaps"]
    assert [one["new_first"] for one in found] == ["0", "3"]
    assert {one["by"] for one in found} == {"engineer"}
    first, last = (values("jet-01-power", minute)["energy_import_kwh"] for minute in (5, 40))
    assert power(mill) == Decimal(str(last)) - Decimal(str(first))


def test_what_a_person_decides_that_a_meter_counted_is_carried_as_estimated(fresh):
    """Nobody read the old meter: what it last showed is not known, and no swap can be entered."""
    mill = swapped(fresh)
    before = power(mill)
    path = "/meters/jet-01-power.energy_import_kwh/counted"
    said = SWAP | {"at": at(20.5).isoformat(), "amount": "1.25"}

    for amount in ("7", "1.25"):
        assert mill.caller().post(path, said | {"amount": amount}).status_code == 201
    mill.closes_its_books()

    assert power(mill) == before + Decimal("1.25")
    body = footprint(mill).json()
    assert body["reason"] == "correction"
    assert not [one for one in body["problems"] if one["code"] == "register-fell"]
    kept = mill.caller().get(path).json()["counted"]
    assert [(one["amount"], one["by"]) for one in kept] == [("7", "engineer"), ("1.25", "engineer")]


@pytest.mark.parametrize(
    "changed",
    [
        {"old_last": "much"},
        {"new_first": "-1"},
        {"new_first": "Infinity"},
        {"at": "2027-01-01T00:00:00Z"},
        {"why": ""},
        {"colour": "red"},
    ],
)
def test_a_swap_that_cannot_be_is_refused_and_changes_nothing(fresh, changed):
    mill = fresh()

    assert enter(mill, **changed).status_code in (409, 422)

    path = "/meters/jet-01-power.energy_import_kwh/swaps"
    assert mill.caller().get(path).json()["swaps"] == []


def test_a_swap_of_a_meter_that_is_not_there_names_the_closest(fresh):
    answer = fresh().caller().get("/meters/jet-01-power.energy_import/swaps")

    assert answer.status_code == 404
    assert "jet-01-power.energy_import_kwh" in answer.json()["detail"]
