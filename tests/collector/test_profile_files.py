"""What a profile's file says beside registers, and what is refused in one."""

import struct
from fractions import Fraction
from pathlib import Path

import pytest

from collector import configuration, profile_checks, profile_files, toml_files
from collector.devices import Device
from collector.profiles import TWO_SOURCES, Profile
from collector.wire.problem import Refused
from collector.wire.reading import Kind
from tests.collector.test_profiles import decoded

FOLDERS = (toml_files.SHIPPED / "profiles",)
SHIPPED = [profile_files.load(name, FOLDERS, "shipped") for name in profile_files.names(FOLDERS)]
BY_NAME = {profile.name: profile for profile in SHIPPED}

GOOD = """
maker = "Old"
model = "Meter"
title = "Old meter"
version = 1
source = "its manual, p. 3"
table = "holding"
order = "CDAB"
base = 100
probe = { point = "power_kw", low = 0, high = 10 }
examples = [
  { point = "energy_kwh", registers = "06 51 3F 9E", shows = "1.23457", source = "p. 4" },
]

[limits]
registers_per_request = 20

[points.energy_kwh]
kind = "counter"
address = 0
type = "float32"
unit = "kWh"
confidence = "1 source"

[points.power_kw]
kind = "gauge"
address = 2
type = "int16"
exponent_at = 3
unit = "W"
no_value = ["8000"]
confidence = "1 source"
"""


def written(folder: Path, text: str) -> Profile:
    path = folder / "old-meter.toml"
    path.write_text(text, encoding="utf-8")
    return profile_files.read(path)


def faults(folder: Path, text: str) -> dict[str, str]:
    """What is wrong with a profile, by code: where and what is quoted."""
    try:
        found = tuple(profile_checks.check(written(folder, text), "old-meter.toml"))
    except Refused as refused:
        found = refused.problems
    return {p.code: f"{p.where} {dict(p.values)}" for p in found}


def test_sixty_models_and_more_are_shipped_and_all_of_them_make_sense():
    assert len(SHIPPED) >= 60
    assert [problem for one in SHIPPED for problem in profile_checks.check(one, one.name)] == []


def test_a_verified_profile_has_two_sources_for_every_counter_and_nothing_to_look_at():
    verified = [profile for profile in SHIPPED if profile.verified]

    assert len(verified) >= 40
    for profile in verified:
        counters = [point for point in profile.points if point.kind is Kind.COUNTER]
        assert {point.confidence for point in counters} == {TWO_SOURCES}, profile.name
        assert not profile.check_on_site


def test_what_is_set_on_the_device_is_checked_on_site_however_well_it_is_sourced():
    suto = BY_NAME["suto-s401"]

    assert {p.confidence for p in suto.points} == {TWO_SOURCES}
    assert not suto.verified


def test_every_shipped_profile_has_a_probe_unless_it_only_counts_pulses():
    without = {profile.name for profile in SHIPPED if profile.probe is None}

    assert without == {"moxa-iologik-e1210", "moxa-iologik-e1212", "sbc-pcd7-h104d"}


def test_published_frames_stand_beside_the_points_that_they_show():
    shown = {(p.name, e.point, e.shows) for p in SHIPPED for e in p.examples}

    assert shown == {
        ("eastron-sdm630", "voltage_l1_v", "230.2"),
        ("bell-vfm60", "mass_flow_kg_h", "916.497"),
        ("bell-vfm60", "mass_kg", "1256.945"),
        ("longrun-lrf-3000s", "flow_m3_h", "1.23457"),
        ("fd-tms", "temperature_c", "31.091"),
    }


def test_a_good_profile_has_no_faults(tmp_path):
    assert faults(tmp_path, GOOD) == {}


@pytest.mark.parametrize(
    ("good", "wrong", "code", "quoted"),
    [
        ('shows = "1.23457"', 'shows = "1.3"', "example-decodes-otherwise", "1.2345"),
        ('order = "CDAB"', 'order = "ABCD"', "example-decodes-otherwise", "1.23457"),
        ('"06 51 3F 9E"', '"06 51 3F"', "example-of-another-length", "06 51 3F"),
        ('"06 51 3F 9E"', '"06 51 3F XY"', "example-of-another-length", "XY"),
        ('point = "power_kw"', 'point = "powr_kw"', "unknown-profile-point", "power_kw"),
        ("registers_per_request", "registers_per_requst", "unknown-key", "registers_per_request"),
        ("low = 0", "lo = 0", "unknown-key", "low"),
        ("shows =", "show =", "unknown-key", "shows"),
        ("base = 100", "base = 100\nsunspec = 103", "two-bases", "base"),
        ("exponent_at = 3", "exponent_at = 70000", "address-out-of-range", "70000"),
        ('type = "int16"', 'type = "int16"\nscale = "ten"', "wrong-value", "ten"),
        ('type = "int16"', 'type = "int16"\nscale = "0"', "wrong-value", "scale"),
        ('"8000"', '"80 00"', "wrong-value", "no_value"),
        ('confidence = "1 source"', 'confidence = "sure"', "wrong-value", "sure"),
        ('unit = "W"', 'unit = "hp"', "unit-against-suffix", "hp"),
        ('source = "its manual, p. 3"\n', "", "wrong-value", "source"),
    ],
)
def test_what_is_wrong_with_a_profile_is_said_and_quoted(tmp_path, good, wrong, code, quoted):
    assert good in GOOD

    found = faults(tmp_path, GOOD.replace(good, wrong, 1))

    assert code in found
    assert "old-meter.toml" in found[code]
    assert quoted in found[code]


def test_all_points_that_are_wrong_are_said_at_once(tmp_path):
    text = GOOD.replace('unit = "W"', 'unit = "hp"').replace('unit = "kWh"', 'unit = "t"')

    with pytest.raises(Refused) as caught:
        written(tmp_path, text)

    assert [p.code for p in caught.value.problems] == ["unit-against-suffix"] * 2


@pytest.mark.parametrize(
    ("exponent", "power_kw"), [(-1, 0.0123), (0, 0.123), (3, 123.0), (10, 1_230_000_000.0)]
)
def test_a_register_is_scaled_by_the_power_of_ten_that_another_one_holds(
    tmp_path, exponent, power_kw
):
    device = Device("d", "b", 1, written(tmp_path, GOOD), 1000)

    values, _ = decoded(device, {2: struct.pack(">hh", 123, exponent)})

    assert values["power_kw"] == power_kw


@pytest.mark.parametrize(("raw", "exponent"), [(123, -32768), (123, 11), (-32768, 0)])
def test_a_value_without_a_power_of_ten_or_a_number_is_no_value(tmp_path, raw, exponent):
    device = Device("d", "b", 1, written(tmp_path, GOOD), 1000)

    values, bad = decoded(device, {2: struct.pack(">hh", raw, exponent)})

    assert "power_kw" not in values
    assert bad["power_kw"] == "no-value"


def test_a_scaled_counter_has_no_modulus_that_anybody_could_know():
    energy = BY_NAME["sunspec-103"].point("energy_kwh")

    assert energy is not None
    assert (energy.modulus, energy.resolution) == (None, None)


def test_registers_that_may_begin_anywhere_begin_where_the_device_says():
    inverter = Device("pv", "b", 1, BY_NAME["sunspec-103"], 1000, base=40069)

    values, _ = decoded(
        inverter, {40069 + 24: struct.pack(">Ih", 1_234, 1), 40069 + 16: struct.pack(">Hh", 50, 0)}
    )

    assert values["energy_kwh"] == 12.34
    assert values["frequency_hz"] == 50
    assert inverter.points[0].factor == Fraction(1)


def test_a_vt_222_that_started_again_three_times_counts_on():
    steam = Device("s", "b", 1, BY_NAME["tactical-vt-222"], 1000)

    values, _ = decoded(steam, {16394: struct.pack(">2f", 1234.5, 3.0)})

    assert values["mass_kg"] == 30_001_234.5


CONFIGURATION = """
site = "keqiao"
collector = "dyehouse-a"
[mqtt]
url = "mqtt://127.0.0.1:1883"
[spool]
path = "spool"
[buses.net]
url = "tcp://10.0.0.21:502"
[devices.pv-1]
bus = "net"
unit = 1
profile = "sunspec-103"
base = 40069
[devices.jet-07-plc]
bus = "net"
unit = 2
profile = "delta-dvp-block"
"""


def load(folder: Path, text: str) -> tuple[Device, ...]:
    (folder / "collector.toml").write_text(text, encoding="utf-8")
    return configuration.load(folder).devices


def test_a_block_in_a_plc_begins_where_its_profile_says_unless_the_device_says_otherwise(tmp_path):
    there = load(tmp_path, CONFIGURATION)
    moved = load(tmp_path, CONFIGURATION + "base = 5096\n")

    assert [device.base for device in there] == [40069, 4096]
    assert moved[1].points[0].source.registers[0].address == 5096


@pytest.mark.parametrize(
    ("good", "wrong", "code"),
    [
        ("base = 40069\n", "", "base-missing"),
        ("base = 40069", "base = 65530", "address-out-of-range"),
        ("base = 40069", "base = -1", "address-out-of-range"),
        ('"delta-dvp-block"', '"eastron-sdm630"\nbase = 1', "base-without-use"),
    ],
)
def test_a_base_that_cannot_be_is_refused(tmp_path, good, wrong, code):
    with pytest.raises(Refused) as caught:
        load(tmp_path, CONFIGURATION.replace(good, wrong, 1))

    assert [p.code for p in caught.value.problems] == [code]


def test_what_is_an_amount_is_a_counter_and_a_rate_or_a_state_is_none():
    rates = ("_kw", "_kvar", "_h", "_v", "_a", "_hz", "_c", "_s", "kg_m3", "_pf", "_pct", "_gauge")
    wrong = [
        f"{profile.name} {point.name}"
        for profile in SHIPPED
        for point in profile.points
        if point.name.endswith(rates) and point.kind is Kind.COUNTER
    ]

    assert wrong == []
