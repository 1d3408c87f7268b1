"""Bills beside the supplies' meters, and mass that went in beside mass that came out (rule 28)."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.api.given import World, reading, world
from tests.api.importing.sending import bad, sends

DAY_3 = {"supply": "grid", "first_day": "2026-03-03", "last_day": "2026-03-03", "unit": "kWh"}


@pytest.fixture
def mill(fresh) -> World:
    """A main meter that counted 4,320 kWh on the third of March, by the site's clocks."""
    one: World = fresh()
    one.sends(reading("main-1", 960), reading("main-1", 2400))
    one.clock[0] = one.clock[0].replace(day=6)
    return one


def bills(mill: World):
    answer = mill.caller().get("/bills", month="2026-03")
    assert answer.status_code == 200, answer.text
    return answer.json()["bills"]


def shown(mill: World) -> Decimal:
    """What the main meter counted that day."""
    values = [reading("main-1", minute).values["energy_import_kwh"] for minute in (960, 2400)]
    return Decimal(str(values[1])) - Decimal(str(values[0]))


@pytest.mark.parametrize(("unit", "per"), [("kWh", 1), ("MWh", 1000), ("度", 1)])
def test_a_bill_in_any_unit_that_says_what_the_meter_says_agrees(mill, unit, per):
    amount = f"{shown(mill) / per:f}"

    answer = mill.caller().post("/bills", DAY_3 | {"amount": amount, "unit": unit, "money": "3024"})

    assert answer.status_code == 201, answer.text
    (bill,) = bills(mill)
    assert (bill["state"], bill["percent"]) == ("agrees", "0.00")
    assert Decimal(bill["billed"]) == Decimal(bill["metered"]) == shown(mill)


def test_a_difference_is_explained_by_a_named_person_as_long_as_it_is_that_difference(mill):
    ask = mill.caller()
    ask.post("/bills", DAY_3 | {"amount": "5000"})
    (bill,) = bills(mill)
    assert bill["state"] == "differs"

    ask.post(
        "/bills/notes", {"bill": bill["bill"], "why": "their meter stands before the transformer"}
    )
    (told,) = bills(mill)
    ask.post("/bills", DAY_3 | {"amount": "5100"})
    (other,) = bills(mill)

    assert (told["state"], told["note"]["by"], told["note"]["stands"]) == (
        "explained",
        "engineer",
        True,
    )
    assert (other["state"], other["note"]["stands"]) == ("differs", False)
    assert ask.post("/bills/notes", {"bill": "grid/x/y", "why": "nothing"}).status_code == 404


def test_a_bill_of_which_no_meter_knows_says_so_until_somebody_read_it_by_hand(mill):
    bill = {"supply": "water", "first_day": "2026-03-04", "last_day": "2026-03-04", "unit": "m3"}
    mill.caller().post("/bills", bill | {"amount": "120"})
    assert [one["state"] for one in bills(mill)] == ["not-metered"]

    meter = "jet-01-water.volume_m3"
    table = f"表号,抄表时间,读数\n{meter},2026-03-03 12:00,1000\n{meter},2026-03-05 12:00,1240\n"
    assert sends(mill, "readings", table).status_code == 201

    (told,) = bills(mill)
    assert (told["metered"], told["state"], told["by_hand"]) == ("120.000", "agrees", True)


def test_readings_by_hand_stand_beside_what_the_meter_said_itself(mill):
    sends(mill, "readings", "meter,at,value\nmain-1.energy_import_kwh,2026-03-03 00:05,52881\n")

    (check,) = mill.caller().get("/reconciliation", month="2026-03").json()["readings"]

    assert Decimal(check["difference"]) == Decimal(52881) - Decimal(check["shown"])


def test_bills_come_in_as_a_table_by_month_and_are_undone(mill):
    table = "供应,月份,用量,单位,金额\ngrid,2026年3月,182340,度,127638\nwater,2026-03,900,m3,\n"

    answer = sends(mill, "bills", table)

    assert answer.status_code == 201, answer.text
    assert {(one["supply"], one["last_day"], one["unit"]) for one in bills(mill)} == {
        ("grid", "2026-03-31", "kWh"),
        ("water", "2026-03-31", "m3"),
    }
    assert sends(mill, "bills", table).json()["counts"]["same"] == 2
    mill.caller().post("/imports/1/undo", {"reason": "last year's"})
    assert bills(mill) == []


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ("gird,2026-03,1,kWh", "supply", "import-unknown"),
        ("grid,2026-03,1,m3", "unit", "import-cell-choice"),
        ("grid,2026-03,-1,kWh", "amount", "import-refused"),
        ("grid,,1,kWh", "month", "import-period"),
        ("grid,March,1,kWh", "month", "import-cell-month"),
    ],
)
def test_a_bill_that_cannot_be_is_named(mill, row, field, code):
    answer = sends(mill, "bills", f"supply,month,amount,unit\n{row}\n", dry_run=True)

    assert bad(answer) == [(2, field, code)]


def test_what_must_be_instead_is_said_in_both_languages(mill):
    answer = sends(mill, "bills", "supply,month,amount,unit\ngrid,2026-03,-1,kWh\n", dry_run=True)

    (fault,) = answer.json()["bad"]
    assert (fault["do_en"], fault["do_zh"]) == ("It must be 0 or more.", "应为：不小于 0。")


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Iterator[World]:
    """A mill at which nothing comes of what is asked."""
    one = world(tmp_path_factory.mktemp("asked") / "config")
    yield one
    one.close()


@pytest.mark.parametrize(
    "other",
    [
        {"amount": "much"},
        {"amount": "NaN"},
        {"amount": ""},
        {"amount": "-1"},
        {"money": "1e999999999"},
        {"supply": ""},
        {"supply": "gird"},
        {"unit": ""},
        {"unit": "m3"},
        {"first_day": "0001-01-01"},
        {"last_day": "9999-12-31"},
        {"last_day": "2026-03-02"},
    ],
)
def test_a_bill_that_is_entered_and_cannot_be_is_refused(asked: World, other):
    answer = asked.caller().post("/bills", DAY_3 | {"amount": "5"} | other)

    assert answer.status_code == 422, answer.text
    assert next(iter(other)) in answer.json()["detail"]


@pytest.mark.parametrize("name", ["grid/x/y", "grid/9999-12-31/9999-12-31", "", "2026-03-03"])
def test_a_bill_that_is_none_is_not_explained(asked: World, name):
    answer = asked.caller().post("/bills/notes", {"bill": name, "why": "nothing"})

    assert answer.status_code == 404


def test_an_import_has_a_number_that_can_be_one(asked: World):
    for path in ("/imports/{}/undo", "/runs/imports/{}/undo"):
        for number, status in ((10**20, 422), (0, 422), (2**31 - 1, 404)):
            answer = asked.caller().post(path.format(number), {"reason": "wrong week"})
            assert answer.status_code == status, answer.text


def test_mass_that_went_in_stands_beside_mass_that_came_out(fresh):
    mill: World = fresh(after_an_hour=True)
    mill.passes(61, 150)
    mill.closes_its_books()
    sends(mill, "batches", "缸号,净重(kg)\nB2601,478.5\nC1,300\n")
    mill.closes_its_books()
    table = (
        "类别,物料名称,重量(kg),缸号,月份\n坯布,32S,500,B2601,2026-03\n"
        "染料,red,20,,2026-03\n次品,ends,12.5,,2026-03\n"
    )
    assert sends(mill, "materials", table).status_code == 201

    mass = mill.caller().get("/reconciliation", month="2026-03").json()["mass"]

    assert (mass["in_kg"], mass["greige_kg"], mass["chemical_kg"]) == ("520", "500", "20")
    assert Decimal(mass["difference_kg"]) == Decimal(mass["out_kg"]) - 520
    assert mass["batches"][0] == {
        "batch": "B2601", "greige_kg": "500", "accepted_kg": "478.5", "percent": "-4.30",
    }  # fmt: skip
    mill.caller().post(
        "/reconciliation/notes", {"month": "2026-03", "why": "C1's greige is unweighed"}
    )
    told = mill.caller().get("/reconciliation", month="2026-03").json()["mass"]
    assert told["note"]["stands"] is True


def test_months_that_are_none_are_refused(fresh):
    ask = fresh().caller()

    assert ask.get("/bills", month="2026-13").status_code == 404
    assert ask.get("/reconciliation", month="March").status_code == 422
