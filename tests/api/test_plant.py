"""The plant's files: what a mill may be, and a sentence for each thing that it cannot."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api import plant as plant_files
from api.ledger.plant import Standby
from api.plant.units import duration
from collector.toml_files import say
from collector.wire.problem import Problem, Refused
from tests.api.given import DEVICES, PLANT

POINTS = {name: frozenset(p.name for p in found) for name, found in DEVICES.items()}
BASE = PLANT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plant").mkdir()
    return tmp_path


def write(folder: Path, text: str, name: str = "2026-03-01") -> Path:
    path = folder / "plant" / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusals(folder: Path, text: str, points=None, name: str = "2026-03-01") -> tuple[Problem, ...]:
    path = write(folder, text, name)
    with pytest.raises(Refused) as refused:
        plant_files.read(path, points)
    for problem in refused.value.problems:
        assert str(path) in say(problem, "en")
        assert say(problem, "zh")
    return refused.value.problems


def changed(old: str, new: str) -> str:
    assert old in BASE
    return BASE.replace(old, new, 1)


# What is read.


def test_a_plant_is_read_as_it_is_written(folder: Path):
    one = plant_files.read(write(folder, BASE), POINTS)

    assert (one.site, one.timezone, one.region) == ("keqiao", "Asia/Shanghai", "CN-ZJ")
    assert [machine.id for machine in one.machines] == ["jet-01", "jet-02"]
    jet = one.machine("jet-01")
    assert jet is not None
    assert dict(jet.meters) == {
        "electricity": "jet-01-power.energy_import_kwh",
        "steam": "jet-01-steam.mass_kg",
        "water": "jet-01-water.volume_m3",
    }
    assert jet.processes == {1: "scouring", 3: "dyeing-exhaust"}
    assert jet.standby == Standby("next-batch", timedelta(hours=4))
    assert one.utilities[0].balance_over == timedelta(minutes=30)


def test_a_plant_holds_from_midnight_of_the_site_on(folder: Path):
    one = plant_files.read(write(folder, BASE))

    assert one.valid_from == datetime(2026, 2, 28, 16, tzinfo=UTC)


def test_snapshots_are_read_oldest_first_and_each_holds_until_the_next(folder: Path):
    for name in ("2026-03-01", "2025-01-01", "2026-02-01"):
        write(folder, BASE, name)

    plants = plant_files.load(folder)

    dates = [one.valid_from for one in plants]
    assert dates == sorted(dates)
    for before, expected in (
        (datetime(2024, 1, 1, tzinfo=UTC), 0),
        (datetime(2026, 1, 31, 15, 59, tzinfo=UTC), 0),
        (datetime(2026, 1, 31, 16, 0, tzinfo=UTC), 1),
        (datetime(2030, 1, 1, tzinfo=UTC), 2),
    ):
        assert plant_files.in_force(plants, before) is plants[expected]


def test_without_any_snapshot_there_is_no_plant(tmp_path: Path):
    with pytest.raises(Refused) as refused:
        plant_files.load(tmp_path)

    assert [problem.code for problem in refused.value.problems] == ["no-plant"]


def test_a_meter_of_a_machine_may_be_the_supplys_own(folder: Path):
    """A gas line that feeds one burner alone has one meter."""
    assert plant_files.read(write(folder, BASE)).supplies[2].meters == ("jet-01-water.volume_m3",)


# What cannot stand: code, and words of the problem's values.

CASES = {
    "an unknown key names the nearest": (
        ("capacity_kg = 500", "capasity_kg = 500"),
        "unknown-key",
        ("capasity_kg", "capacity_kg"),
    ),
    "an unknown table names the nearest": (
        ("[machines.jet-02]", "[machine.jet-02]"),
        "unknown-key",
        ("machine", "machines"),
    ),
    "a key of the site": (("region =", "regoin ="), "unknown-key", ("regoin", "region")),
    "a value of the wrong kind": (
        ("capacity_kg = 500", 'capacity_kg = "much"'),
        "wrong-value",
        ("'much'",),
    ),
    "a missing key": (('region = "CN-ZJ"\n', ""), "wrong-value", ("region",)),
    "no TOML": (("[site]", "[site"), "not-toml", ()),
    "a time zone that is none": (("Asia/Shanghai", "Asia/X"), "bad-plant-date", ("Asia/X",)),
    "a time zone that is a folder": (('"Asia/Shanghai"', '"Asia"'), "bad-plant-date", ("Asia",)),
    "a time zone that climbs": (("Asia/Shanghai", "../Asia"), "bad-plant-date", ("../Asia",)),
    "a step type that is no number": (
        ("{ 1 =", "{ one ="),
        "bad-step-type",
        ("one",),
    ),
    "gas without its reference": (
        ('meter = "boiler-1-gas.volume_m3_0c"', 'meter = "boiler-1-gas.volume_m3"'),
        "meter-of-wrong-unit",
        ("boiler-1-gas.volume_m3", "_m3_0c", "_m3_20c"),
    ),
    "steam in kilowatts": (
        ('steam = "jet-01-steam.mass_kg"', 'steam = "jet-01-steam.power_kw"'),
        "meter-of-wrong-unit",
        ("jet-01-steam.power_kw", "_kg"),
    ),
    "a meter without its device": (
        ('water = "jet-01-water.volume_m3"', 'water = "volume_m3"'),
        "meter-of-wrong-unit",
        ("volume_m3",),
    ),
    "a carrier that is none": (
        ('makes = "steam"', 'makes = "steem"'),
        "unknown-carrier",
        ("steem", "steam"),
    ),
    "an input that is no carrier": (
        ("natural_gas = ", "natural_gass = "),
        "unknown-carrier",
        ("natural_gass", "natural_gas"),
    ),
    "a machine without a meter": (
        ('electricity = "jet-02-power.energy_import_kwh"\nsteam = "jet-02-steam.mass_kg"\n', ""),
        "machine-without-meter",
        (),
    ),
    "a supply without a meter": (
        ('carrier = "electricity"\nmeter = "main-1.energy_import_kwh"', 'carrier = "electricity"'),
        "supply-without-meter",
        (),
    ),
    "a meter in two machines": (
        ("jet-02-power.energy_import_kwh", "jet-01-power.energy_import_kwh"),
        "meter-in-two-places",
        ("jet-01-power.energy_import_kwh", "machines.jet-01", "machines.jet-02"),
    ),
    "a meter in a machine and a utility": (
        ("boiler-1-power.energy_kwh", "jet-01-power.energy_import_kwh"),
        "meter-in-two-places",
        ("machines.jet-01", "utilities.boiler-1"),
    ),
    "a meter in two supplies": (
        ("[supplies.gas]", '[supplies.other]\ncarrier = "electricity"\n'
         'meter = "main-1.energy_import_kwh"\n\n[supplies.gas]'),
        "meter-in-two-places",
        ("supplies.grid", "supplies.other"),
    ),
    "a supply's meter that is one machine's own while others stand behind it": (
        ('electricity = "jet-02-power.energy_import_kwh"',
         'electricity = "main-1.energy_import_kwh"'),
        "meter-in-two-places",
        ("main-1.energy_import_kwh", "machines.jet-02", "supplies.grid"),
    ),
    "a meter that counts two carriers of a machine": (
        ('steam = "jet-02-steam.mass_kg"', 'thermal_oil_heat = "jet-02-power.energy_import_kwh"'),
        "meter-in-two-places",
        ("jet-02-power.energy_import_kwh",),
    ),
    "an output that two utilities claim": (
        ("[utilities.boiler-1]", '[utilities.boiler-2]\nmakes = "steam"\n'
         'output = "boiler-1-steam.mass_kg"\nuses = {}\n\n[utilities.boiler-1]'),
        "meter-in-two-places",
        ("boiler-1-steam.mass_kg",),
    ),
    "gas at two references": (
        ('electricity = "jet-02-power', 'natural_gas = "burner.volume_m3_20c"\n'
         'electricity = "jet-02-power'),
        "meter-of-wrong-unit",
        ("boiler-1-gas.volume_m3_0c", "_m3_20c"),
    ),
    "a carrier that nobody brings": (
        ('[supplies.water]\ncarrier = "water"\nmeter = "jet-01-water.volume_m3"\n', ""),
        "carrier-without-supply",
        ("water",),
    ),
    "a loop of utilities that nobody takes from": (
        ("[utilities.boiler-1]", '[utilities.spa]\nmakes = "hot_water"\n'
         'uses = { hot_water = "spa.volume_m3" }\n\n[utilities.boiler-1]'),
        "loop-feeds-itself",
        ("hot_water",),
    ),
    "standby to nobody": (
        ("line = ", 'standby = { to = "nobody" }\nline = '),
        "unknown-standby",
        ("nobody",),
    ),
    "standby for a time that is none": (
        ("line = ", 'standby = { max = "long" }\nline = '),
        "bad-duration",
        ("long",),
    ),
    "a window that is no time": (('"30min"', '"daily"'), "bad-duration", ("daily",)),
    "a window of no length": (('"30min"', '"0min"'), "bad-duration", ("0min",)),
    "a window that cuts slots": (('"30min"', '"20min"'), "wrong-value", ("20min",)),
    "a window of a day and a half": (('"30min"', '"36h"'), "wrong-value", ("36h",)),
    "a site that can be no name": (('id = "keqiao"', 'id = "Ke/#"'), "bad-name", ("Ke/#",)),
    "a machine of no capacity": (("_kg = 500", "_kg = nan"), "wrong-value", ("nan",)),
    "a machine below no power": (("capacity_kg = 500", "rated_kw = -3"), "wrong-value", ("-3",)),
}  # fmt: skip


@pytest.mark.parametrize(("change", "code", "words"), CASES.values(), ids=CASES)
def test_a_plant_that_cannot_stand_is_refused(folder: Path, change, code, words):
    problems = refusals(folder, changed(*change))

    found = [problem for problem in problems if problem.code == code]
    assert found, problems
    said = " ".join(say(problem) for problem in found)
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("jet-01-plc.batch_id", "jet-01-plc.batch"),
        ("jet-01-plc.step_type", "jet-01-plc.step"),
        ("jet-01-plc.machine_state", "jet-1-plc.machine_state"),
        ("jet-01-plc.fabric_kg", "jet-01-plc.fabrics_kg"),
        ("main-1.energy_import_kwh", "main-2.energy_import_kwh"),
        ("boiler-1-steam.mass_kg", "boiler-1-steam.total_kg"),
    ],
)
def test_a_point_that_no_device_has_is_refused_and_the_closest_named(folder: Path, old, new):
    (problem,) = refusals(folder, changed(old, new), POINTS)

    assert problem.code == "unknown-point"
    assert dict(problem.values) == {"point": new, "nearest": old}


def test_all_that_is_wrong_is_said_at_once(folder: Path):
    text = changed("jet-02-steam.mass_kg", "jet-02-steam.mass_t").replace('"30min"', '"30min"')
    text = text.replace("{ 1 =", "{ one =").replace("main-1.", "main-9.")

    codes = {problem.code for problem in refusals(folder, text, POINTS)}

    assert {"meter-of-wrong-unit", "bad-step-type", "unknown-point"} <= codes


@pytest.mark.parametrize("name", ["today", "2026-13-01", "20260301x", "plant"])
def test_a_snapshot_whose_name_is_no_day_is_refused(folder: Path, name):
    (problem,) = refusals(folder, BASE, name=name)

    assert problem.code == "bad-plant-date"
    assert problem.values["name"] == f"{name}.toml"


@pytest.mark.parametrize(
    ("text", "length"),
    [("1min", timedelta(minutes=1)), ("4h", timedelta(hours=4)), ("31d", timedelta(days=31))],
)
def test_a_duration_is_a_number_and_its_unit(text, length):
    assert duration(text, "here") == length


@pytest.mark.parametrize("text", ["", "h", "4", "4 h", "-4h", "1.5h", "4hh", "4H", "９d²", "²h"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(Refused) as refused:
        duration(text, "here")

    assert [problem.code for problem in refused.value.problems] == ["bad-duration"]
