"""The plant's files: shared meters, what divides them, working shifts and processes."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from api import plant as plant_files
from api.ledger.plant import Standby
from collector.toml_files import say
from tests.api.test_plant import BASE, POINTS, changed, refusals, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plant").mkdir()
    return tmp_path


CASES = {
    "standby to shifts that nobody declared": (
        ("line = ", 'standby = { to = "shift" }\nline = '),
        "standby-without-shifts",
        ("machines.jet-01", "[shifts]"),
    ),
    "a shift that is no time": (
        ("[machines.jet-02]", '[shifts]\na = "6-14"\n\n[machines.jet-02]'),
        "wrong-value",
        ("6-14", "06:00-14:00"),
    ),
    "a shift after the end of the day": (
        ("[machines.jet-02]", '[shifts]\na = "14:00-24:30"\n\n[machines.jet-02]'),
        "wrong-value",
        ("14:00-24:30",),
    ),
    "shifts that overlap": (
        ("[machines.jet-02]", '[shifts]\na = "06:00-14:00"\nb = "22:00-06:30"\n\n'
         "[machines.jet-02]"),
        "wrong-value",
        ("22:00-06:30", "overlaps a"),
    ),
    "a coefficient without its source": (
        ("[machines.jet-02]", '[processes.drying]\ncoefficient = 1\n\n[machines.jet-02]'),
        "wrong-value",
        ("source",),
    ),
    "a coefficient of nothing": (
        ("[machines.jet-02]", '[processes.drying]\ncoefficient = 0\nsource = "us"\n\n'
         "[machines.jet-02]"),
        "wrong-value",
        ("coefficient", "above 0"),
    ),
    "passes below nothing, from nobody": (
        ("[machines.jet-02]", '[processes.drying]\npasses = -1\nsource = " "\n\n[machines.jet-02]'),
        "wrong-value",
        ("passes", "source"),
    ),
    "a machine divided by a driver that is none": (
        ("line = ", 'drivers = ["massy"]\nline = '),
        "unknown-driver",
        ("massy", "mass"),
    ),
    "a machine divided by what does not tell its batches apart": (
        ("line = ", 'drivers = ["run-hours"]\nline = '),
        "wrong-value",
        ("run-hours", "apart"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "code", "words"), CASES.values(), ids=CASES)
def test_what_divides_must_be_able_to(folder: Path, change, code, words):
    problems = refusals(folder, changed(*change))

    said = " ".join(say(problem) for problem in problems if problem.code == code)
    for word in words:
        assert word in said


SHARED = """
[shared.hall]
carrier = "electricity"
meter = "hall.energy_kwh"
machines = ["jet-01", "jet-02"]
drivers = ["mass", "equal"]
"""

SHARED_CASES = {
    "a machine that is not there": (("jet-02", "jet-99"), "unknown-machine", ("jet-99", "jet-0")),
    "a driver that is none": (('"mass"', '"weight"'), "unknown-driver", ("weight", "run-hours")),
    "a meter of the wrong unit": (("energy_kwh", "power_kw"), "meter-of-wrong-unit", ("power_kw",)),
    "a signal without its name": (('"mass"', '"signal"'), "wrong-value", ("signal:motor_on",)),
    "an argument to a driver that takes none": (('"mass"', '"mass:x"'), "wrong-value", ("mass:x",)),
    "fixed shares that nobody declared": (('"mass"', '"fixed"'), "bad-shares", ("jet-01, jet-02",)),
    "fixed shares that are not 1": (
        ('"mass", "equal"]', '"fixed"]\nshares = { jet-01 = 0.5, jet-02 = 0.4 }'),
        "bad-shares",
        ("0.9", "jet-02 0.4"),
    ),
    "fixed shares of another machine": (
        ('"mass", "equal"]', '"fixed"]\nshares = { jet-01 = 0.5, jet-03 = 0.5 }'),
        "bad-shares",
        ("jet-03",),
    ),
    "standby of a group to nobody": (
        ('"equal"]', '"equal"]\nstandby = { to = "us" }'),
        "unknown-standby",
        ("us", "shift"),
    ),
    "a machine's own meter": (
        ("hall.energy_kwh", "jet-01-power.energy_import_kwh"),
        "meter-in-two-places",
        ("machines.jet-01", "shared.hall"),
    ),
}


@pytest.mark.parametrize(("change", "code", "words"), SHARED_CASES.values(), ids=SHARED_CASES)
def test_a_shared_meter_that_cannot_stand_is_refused(folder: Path, change, code, words):
    problems = refusals(folder, BASE + SHARED.replace(*change))

    said = " ".join(say(problem) for problem in problems if problem.code == code)
    for word in words:
        assert word in said


def test_a_shared_meter_that_can_stand_is_read(folder: Path):
    (shared,) = plant_files.read(write(folder, BASE + SHARED)).shared

    assert (shared.machines, shared.drivers) == (("jet-01", "jet-02"), ("mass", "equal"))
    assert (shared.standby, shared.shares) == (Standby(), {})


LADDERS = """
[shared.hall]
carrier = "electricity"
meter = "hall.energy_kwh"
machines = ["jet-01", "jet-02"]
drivers = ["signal:motor_on", "fixed", "mass-process"]
shares = { jet-01 = 0.3, jet-02 = 0.7 }
standby = { to = "shift", max = "2h" }

[shifts]
night = "22:00-06:00"
a = "06:00-14:00"
b = "14:00-22:00"

[processes.dyeing-exhaust]
coefficient = 1.2
passes = 2
source = "trials of the mill, 2025"
"""


def test_shifts_processes_and_shares_are_read_as_they_are_written(folder: Path):
    one = plant_files.read(write(folder, BASE + LADDERS))

    (shared,) = one.shared
    assert shared.shares == {"jet-01": Decimal("0.3"), "jet-02": Decimal("0.7")}
    assert shared.standby == Standby("shift", timedelta(hours=2))
    assert [(s.name, s.start.hour, s.end.hour) for s in one.shifts] == [
        ("a", 6, 14),
        ("b", 14, 22),
        ("night", 22, 6),
    ]
    assert one.processes["dyeing-exhaust"].coefficient == Decimal("1.2")
    assert one.processes["dyeing-exhaust"].source == "trials of the mill, 2025"


def test_a_signal_is_read_where_the_machine_says_else_on_its_plc(folder: Path):
    text = BASE.replace("line = ", 'signals = { motor_on = "io-1.input_3=1" }\nline = ', 1)

    one = plant_files.read(write(folder, text + LADDERS))

    first, second = one.machines
    assert one.signals_of(first) == {"motor_on": "io-1.input_3=1"}
    assert one.signals_of(second) == {"motor_on": "jet-02-plc.motor_on"}


def test_a_signal_that_no_device_has_is_refused(folder: Path):
    points = {
        **POINTS,
        "hall": frozenset({"energy_kwh"}),
        "jet-01-plc": POINTS["jet-01-plc"] | {"motor_on"},
    }

    (problem,) = refusals(folder, BASE + LADDERS, points)

    assert (problem.code, problem.values["point"]) == ("unknown-point", "jet-02-plc.motor_on")


def test_a_signal_of_a_machine_without_a_plc_is_refused(folder: Path):
    (problem,) = refusals(folder, changed('batch = "jet-02-plc.batch_id"\n', "") + LADDERS)

    assert problem.code == "signal-without-point"
    assert dict(problem.values) == {"machine": "jet-02", "shared": "hall", "signal": "motor_on"}
