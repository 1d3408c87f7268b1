"""Water and pollution beside carbon, from meters over the ledger to what is told of them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from collector.wire.birth import Birth, Point
from collector.wire.reading import ClockState, Kind, Reading
from tests.api.given import JET_01, PLANT, World, at, counter, footprint, on, ran, reading, world
from tests.api.office import declared, enter

WORKS = """
[utilities.wwtp]
takes = "wastewater"
output = "wwtp.volume_m3"
treatment = "aerobic"
cod_in = "wwtp.cod_in_mg_l"
cod_out = "wwtp.cod_out_mg_l"
balance_over = "30min"
"""
WITH_WORKS = (
    PLANT.replace(
        'water = "jet-01-water.volume_m3"\nbatch',
        'water = "jet-01-water.volume_m3"\nwastewater = "jet-01-drain.volume_m3"\n'
        'voc = "jet-01-stack.voc_kg"\nbatch',
    )
    + WORKS
)
POINTS = {
    "jet-01-drain": (counter("volume_m3", "m3"),),
    "jet-01-stack": (counter("voc_kg", "kg"),),
    "wwtp": (
        counter("volume_m3", "m3"),
        Point("cod_in_mg_l", "mg/l", Kind.GAUGE),
        Point("cod_out_mg_l", "mg/l", Kind.GAUGE),
    ),
}
BIRTHS = {name: Birth(name, "test", 1, 60_000, "1", "1", points) for name, points in POINTS.items()}
# Nothing but its power and steam is measured on jet-02: there B2601 is dyed once more.
JET_02 = (("C1", 20, 50), ("B2601", 60, 80))


def shows(minute: int) -> Iterator[Reading]:
    """Of each minute of a run, a quarter of a cubic metre of wastewater and 4 g of VOC."""
    minutes = ran(JET_01, minute)
    shown = {
        "jet-01-drain": {"volume_m3": minutes / 4},
        "jet-01-stack": {"voc_kg": minutes / 250},
        "wwtp": {"volume_m3": minutes / 4, "cod_in_mg_l": 1200.0, "cod_out_mg_l": 200.0},
    }
    for device, values in shown.items():
        up_ms = minute * 60_000 + 10**6
        yield Reading(device, at(minute), ClockState.SYNCHRONISED, "b0", up_ms, values, {}, {})


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A mill that measures its wastewater and its exhaust on one of its two jets."""
    one = world(tmp_path_factory.mktemp("works") / "config", WITH_WORKS, checked=False)
    one.passes(0, 150, without=["jet-02-plc"])
    one.sends(*[reading("jet-02-plc", m, {"batch_id": on(JET_02, m)}) for m in range(151)])
    one.sends(*[each for minute in range(151) for each in shows(minute)], births=BIRTHS)
    enter(one, B2601="400", C1="100")
    one.closes_its_books()
    yield one
    one.close()


def told(mill: World, batch: str) -> dict[str, Any]:
    body = footprint(mill, batch).json()
    assert body["status"] == "final"
    found: dict[str, Any] = body["environment"]
    return found


def test_voc_is_what_the_stack_s_counter_showed_in_the_batch_s_runs(mill: World):
    voc = told(mill, "缸号-7")["voc"]

    assert (Decimal(voc["amount"]), voc["unit"]) == (Decimal("0.12"), "kg")
    assert voc["runs_measured"] == voc["runs"] == 1


def test_cod_is_the_wastewater_s_load_what_was_removed_and_what_left(mill: World):
    found = told(mill, "缸号-7")

    assert Decimal(found["wastewater"]["amount"]) == Decimal("7.5")
    assert Decimal(found["cod_removed"]["amount"]) == Decimal("7.5")  # 1200 - 200 mg/l
    assert Decimal(found["cod_discharged"]["amount"]) == Decimal("1.5")  # 200 mg/l


def test_a_batch_that_is_measured_in_part_says_in_how_many_of_its_runs(mill: World):
    found = told(mill, "B2601")

    assert Decimal(found["voc"]["amount"]) == Decimal("0.14")
    assert Decimal(found["voc"]["per_kg"]) == Decimal("0.00035")
    for name in ("water", "wastewater", "cod_discharged", "voc"):
        # It was scoured and dyed on jet-01, and once more on jet-02, which has no meters of these.
        assert (found[name]["runs_measured"], found[name]["runs"]) == (2, 3), name


def test_what_no_meter_of_a_batch_sees_is_null(mill: World):
    assert set(told(mill, "C1").values()) == {None}


def test_an_article_s_kilograms_are_those_of_the_batches_that_were_measured(mill: World):
    voc = declared(mill)["environment"]["voc"]

    assert (voc["batches_measured"], voc["batches"]) == (1, 2)
    assert Decimal(voc["per_kg"]) == Decimal("0.14") / 400  # and not by C1's 100 kg too
