"""The mill file: what it must say, and what is said of one that cannot stand."""

from pathlib import Path

import pytest

from collector.wire.problem import Refused
from millprint.demo import mill_file
from millprint.demo.scene import Scene
from millprint.demo.simulator import tampered

SHIPPED = mill_file.SHIPPED_MILL.read_text(encoding="utf-8")


def codes(tmp_path: Path, old: str, new: str) -> list[str]:
    assert old in SHIPPED
    path = tmp_path / "mill.toml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    try:
        Scene(mill_file.load(path), seed=1, once=True)
    except Refused as refused:
        return [problem.code for problem in refused.problems]
    return []


def test_the_shipped_mill_stands(tmp_path: Path):
    assert codes(tmp_path, "pump_kw = 45.0", "pump_kw = 55.0") == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('bus = "main"', 'bus = "mian"', "mill-unknown-name"),
        ('steam_from = "boiler-1"', 'steam_from = "boiler-2"', "mill-unknown-name"),
        ('then = "stenter-1"', 'then = "stenter-9"', "mill-unknown-name"),
        ('measures = "jet-01.steam"', 'measures = "jet-01.stream"', "mill-unknown-name"),
        ('programmes = ["polyester-130"', 'programmes = ["polyester-131"', "mill-unknown-name"),
        ("unit = 2", "unit = 1", "mill-taken-twice"),
        ("unit = 2", "unit = 300", "mill-out-of-range"),
        ('measures = "jet-02.water"', 'measures = "jet-01.water"', "mill-taken-twice"),
        ("fabric_kg = [320.0, 420.0]", "fabric_kg = [420.0, 320.0]", "mill-out-of-range"),
        ("pump_kw = 45.0", "pump_kw = -45.0", "mill-out-of-range"),
        ("kg_per_min = 28.0", "kg_per_min = 0.0", "mill-out-of-range"),
        ("batches_per_jet = 2", "batches_per_jet = 0", "mill-out-of-range"),
        ('each = "0.01"', 'each = "0"', "mill-out-of-range"),
        ('balance_over = "30min"', 'balance_over = "half"', "mill-no-duration"),
        ("2026-03-02T00:00:00Z", "2026-03-02T00:00:00", "mill-start-without-zone"),
        ('timezone = "Asia/Shanghai"', 'timezone = "Asia/Keqiao"', "mill-no-such-timezone"),
        ("to_c = 98, c_per_min = 3.5", "to_c = 98", "mill-step-without-pace"),
        ('type = "dose", minutes = 4', 'type = "dose"', "mill-step-without-pace"),
        ("to_c = 98, c_per_min = 3.5", "to_c = 98, c_per_mim = 3.5", "unknown-key"),
        ("pump_kw = 45.0", "pump_kv = 45.0", "unknown-key"),
        ("pump_kw = 45.0", 'pump_kw = "big"', "wrong-value"),
        ('kind = "rtu", baud', 'kind = "usb", baud', "wrong-value"),
        ('each = "0.01"', 'eech = "0.01"', "unknown-key"),
        ('profile = "tuf-2000m"', 'profile = "tuf-2000"', "unknown-profile"),
        ('profile = "tuf-2000m"', 'profile = "eastron-sdm630"', "mill-no-such-point"),
        ("{ volume_m3 = 88213.372", "{ volume_m4 = 88213.372", "mill-no-such-point"),
    ],
)
def test_a_mill_that_cannot_stand_is_refused_for_the_right_reason(
    tmp_path: Path, old: str, new: str, code: str
):
    assert code in codes(tmp_path, old, new)


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("jet-02-power", "tamper-argument"),
        ("jet-02-power:3", "tamper-argument"),
        ("jet-02-power:+3 %", "tamper-argument"),
        ("jet-02-power:-100%", "tamper-argument"),
        ("jet-2-power:+3%", "tamper-no-such-meter"),
        ("jet-02-plc:+3%", "tamper-no-such-meter"),
    ],
)
def test_a_tamper_argument_that_names_no_meter_or_no_percentage_is_refused(
    argument: str, code: str
):
    mill = mill_file.load(mill_file.SHIPPED_MILL)

    with pytest.raises(Refused) as refused:
        tampered([argument], mill)

    assert [problem.code for problem in refused.value.problems] == [code]


def test_tampering_multiplies_what_a_meter_adds():
    mill = mill_file.load(mill_file.SHIPPED_MILL)

    factors = tampered(["jet-02-power:+3%", "jet-01-steam:-1.5%"], mill)

    assert {name: float(x) for name, x in factors.items()} == {
        "jet-02-power": 1.03,
        "jet-01-steam": 0.985,
    }
