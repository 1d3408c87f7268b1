"""The mill in full: what flows adds up, it keeps its hours, and its files are ones that stand."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api import plant as plant_files
from collector import configuration as collector_configuration
from collector.births import birth_of
from collector.toml_files import SHIPPED
from millprint.demo import configuration, mill_file
from millprint.demo.hours import Hours
from millprint.demo.orders import Numbers, Orders
from millprint.demo.scene import Scene

MILL = mill_file.load(SHIPPED / "demo" / "full.toml")
DAY_MS = 86_400_000


@cache
def two_days() -> dict[str, Any]:
    one = Scene(MILL, seed=7, once=False)
    one.advance(one.start_ms + 2 * DAY_MS)
    return one.truth()


def flow(*measures: str) -> float:
    meters = two_days()["meters"].values()
    return sum(one["flow"] for one in meters if one["measures"] in measures)


def flows(carrier: str, *besides: str) -> float:
    meters = two_days()["meters"].values()
    return sum(
        one["flow"]
        for one in meters
        if one["measures"].endswith(f".{carrier}")
        and one["measures"].partition(".")[0] not in besides
    )


def test_it_is_as_large_as_its_description_says():
    kinds = [bus.kind for bus in MILL.buses.values()]

    assert (len(MILL.devices), kinds.count("tcp"), kinds.count("rtu")) == (73, 31, 2)
    assert len({device.profile for device in MILL.devices.values()}) == 18


def test_what_comes_in_and_from_the_roof_is_what_is_taken_or_sent_out():
    bought, made = flow("site.electricity"), flow("roof.electricity")
    taken = flows("electricity", "site", "roof")
    lights = 48 * MILL.unmetered.lighting_kw

    assert bought + made >= taken + lights
    assert bought < taken + lights


def test_gas_and_raw_water_come_through_their_mains():
    assert flow("site.natural_gas") == pytest.approx(flows("natural_gas", "site"))
    assert flow("site.water") == pytest.approx(flow("softener-1.water"))


def test_soft_water_is_what_the_machines_and_the_boiler_took():
    taken = flows("water", "site", "softener-1")

    assert flow("softener-1.soft_water") == pytest.approx(taken)


def test_the_boiler_makes_what_is_taken_and_what_its_mains_lose():
    lost_kg = 48 * MILL.boilers["boiler-1"].pipe_loss_kg_h

    assert flow("boiler-1.steam") == pytest.approx(flows("steam", "boiler-1") + lost_kg)


def test_batches_of_every_article_go_their_ways_and_begin_in_the_mills_hours():
    batches = two_days()["batches"]
    zone = ZoneInfo(MILL.site.timezone)
    ways = {tuple(run["machine"].rstrip("-0123456789") for run in one["runs"])
            for one in batches.values() if one["runs"][-1]["end"]}  # fmt: skip

    assert ways >= {
        ("jet", "stenter", "inspect"),
        ("singe", "pad-steam"),
        ("print", "relax", "tumble"),
    }
    for one in batches.values():
        began = datetime.fromisoformat(one["runs"][0]["start"]).astimezone(zone)
        assert 6 <= began.hour < 22
        assert not (began.hour == 12 and began.minute < 30)
    assert len({one["article"] for one in batches.values()}) >= 5


def test_one_in_seventeen_batches_of_a_jet_is_the_last_one_dyed_again():
    orders = Orders(MILL, MILL.jets["jet-01"], Numbers(), seed=7, most=None)
    drawn = [orders.next() for _ in range(34)]

    again = [(place, one) for place, one in enumerate(drawn, start=1) if one.again]
    assert [place for place, _ in again] == [17, 34]
    for place, one in again:
        parent = drawn[place - 2]
        assert (one.id, one.again, one.fabric_kg) == (f"{parent.id}R", parent.id, parent.fabric_kg)


def test_one_in_thirteen_batches_of_a_jet_is_the_twin_of_the_last_one_and_goes_out_with_it():
    orders = Orders(MILL, MILL.jets["jet-01"], Numbers(), seed=7, most=None)
    drawn = [orders.next() for _ in range(34)]

    joined = [(place, one) for place, one in enumerate(drawn, start=1) if one.joins]
    assert [place for place, _ in joined] == [13, 26]
    for place, one in joined:
        before = drawn[place - 2]
        assert (one.joins, one.programme) == (before.id, before.programme)


def test_sunday_is_closed_and_so_is_lunch():
    hours = Hours(MILL.site)

    assert hours.closed_for_s(0) == 6 * 3600
    assert hours.closed_for_s(11 * 3600 + 1800) == 3600
    assert hours.closed_for_s(13 * 3600) == 0
    assert hours.closed_for_s(6 * 86_400) == 30 * 3600


def test_its_collector_and_its_plant_are_ones_that_stand(tmp_path: Path):
    endpoints = {
        bus: f"tcp://127.0.0.1:{5020 + n}"
        if one.kind == "tcp"
        else f"rtu:///dev/ttyUSB{n}?baud=9600&parity=N&stopbits=1"
        for n, (bus, one) in enumerate(MILL.buses.items())
    }
    configuration.write(tmp_path, MILL, endpoints, "mqtt://127.0.0.1:1883")

    births = [birth_of(device) for device in collector_configuration.load(tmp_path).devices]
    points = {one.device: frozenset(point.name for point in one.points) for one in births}
    (plant,) = plant_files.load(tmp_path, points)

    assert len(plant.machines) == 15
    assert {one.id for one in plant.utilities} >= {"boiler-1", "compressor-1", "effluent-1"}
