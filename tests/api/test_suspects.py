"""The product itself notices a meter that reads wrong, once a day is over, and says what to do."""

import random
from typing import Any

import pytest

from tests.api.given import World, reading

PLANT = """
[site]
id = "keqiao"
timezone = "Asia/Shanghai"
region = "CN-ZJ"

[machines.jet-01]
process = "dyeing-exhaust"
electricity = "jet-01-power.energy_import_kwh"

[machines.jet-02]
process = "dyeing-exhaust"
electricity = "jet-02-power.energy_import_kwh"

[supplies.grid]
carrier = "electricity"
meter = "main-1.energy_import_kwh"
"""
MAIN, JET = "main-1", "jet-01-power"
SITE_DAY = 16 * 60 + 15  # minutes from the beginning until midnight in Shanghai is past


def days(mill: World, wrong: str, reads: float, *, until: int = SITE_DAY + 2880) -> None:
    """Days of two jets that go on and off and something that nobody meters, read by the slot."""
    chance = random.Random(7)
    shown = dict.fromkeys((MAIN, JET, "jet-02-power"), 0.0)
    on = dict.fromkeys((JET, "jet-02-power"), 0.0)
    readings = []
    for minute in range(0, until, 15):
        whole = 2.0 * chance.uniform(0.7, 1.3)
        for jet in on:
            if chance.random() < 0.1:
                on[jet] = 0.0 if on[jet] else 8.0
            amount = on[jet] * chance.uniform(0.6, 1.4)
            whole += amount
            shown[jet] += amount * (reads if jet == wrong else 1)
        shown[MAIN] += whole * (reads if wrong == MAIN else 1)
        readings += [
            reading(name, minute, {"energy_import_kwh": round(value, 2)})
            for name, value in shown.items()
        ]
    mill.sends(*readings)
    mill.clock[0] = readings[-1].at
    for _ in range(3 * 7):  # a day of a meter a round
        mill.closes_its_books()


def found(mill: World) -> list[dict[str, Any]]:
    problems = mill.caller().get("/problems").json()["problems"]
    return [one for one in problems if one["code"] == "meter-suspect"]


def health(mill: World) -> str:
    (check,) = [
        one for one in mill.caller().get("/health").json()["checks"] if one["name"] == "suspects"
    ]
    assert check["ok"] == (check["text_en"] == "none is suspected")
    return check["text_en"]


@pytest.mark.parametrize(
    ("wrong", "reads", "named"),
    [
        (MAIN, 0.9, "main-1.energy_import_kwh"),
        (JET, 1.1, "jet-01-power.energy_import_kwh"),
        (JET, 2.0, "jet-01-power.energy_import_kwh"),
    ],
)
def test_a_meter_that_reads_wrong_is_named_without_being_asked_for(fresh, wrong, reads, named):
    mill = fresh(PLANT)

    days(mill, wrong, reads)

    (problem,) = found(mill)
    assert problem["where"] == named
    assert float(problem["values"]["percent"]) == pytest.approx(100 * reads, abs=5)
    assert "CT" in problem["do_en"]
    assert named in health(mill)


def test_where_all_is_well_nobody_is_suspected(fresh):
    mill = fresh(PLANT)

    days(mill, "", 1.0)

    assert found(mill) == []
    assert health(mill) == "none is suspected"


def test_a_day_that_goes_on_accuses_nobody(fresh):
    mill = fresh(PLANT)

    days(mill, MAIN, 0.5, until=SITE_DAY - 15)

    assert found(mill) == []
