"""The shipped profiles: they load, cite, plan well, and decode what their makers say."""

import struct

import pytest

from collector import profile_files, toml_files
from collector.births import birth_of
from collector.decode import Block
from collector.devices import Device
from collector.plan import plan
from collector.wire.birth import birth_form, read_birth
from collector.wire.suffixes import stored_unit

FOLDER = toml_files.SHIPPED / "profiles"
NAMES = profile_files.names((FOLDER,))


def device(name: str, **more) -> Device:
    return Device("d", "b", 1, profile_files.read(FOLDER / f"{name}.toml"), 1000, **more)


def decoded(device: Device, memory: dict[int, bytes]):
    """What a device with that memory (bytes by address) gives."""
    image = bytearray(2 * 65536)
    for address, data in memory.items():
        image[2 * address : 2 * address + len(data)] = data
    values, bad = {}, {}
    for request in plan(device.points, device.profile.limits):
        raw = image[2 * request.address : 2 * (request.address + request.count)]
        words = struct.unpack(f">{request.count}H", raw)
        Block(request).decode(words, values, bad)
    return values, bad


def low_word_first(data: bytes) -> bytes:
    return b"".join(data[at : at + 2] for at in range(len(data) - 2, -1, -2))


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_profile_cites_its_source_and_every_suffix_is_its_unit(name):
    profile = profile_files.read(FOLDER / f"{name}.toml")

    assert profile.source
    assert all(point.confidence for point in profile.points)
    assert all(p.to_stored > 0 for p in profile.points)
    assert all(stored_unit(p.name) or not p.unit for p in profile.points)
    assert profile.probe is None or profile.point(profile.probe.point)


@pytest.mark.parametrize("name", NAMES)
def test_a_birth_of_a_shipped_profile_survives_the_wire(name):
    birth = birth_of(device(name))

    assert read_birth(birth_form(birth)) == birth


@pytest.mark.parametrize(
    ("name", "requests"),
    [
        ("eastron-sdm630", [(0, 12), (52, 24)]),
        ("millprint-plc-block", [(0, 33)]),
        ("spirax-sarco-tva", [(0, 5)]),
        ("moxa-iologik-e1210", [(16, 16)]),
        ("tuf-2000m", [(0, 20), (32, 4), (71, 1), (91, 1)]),
    ],
)
def test_a_shipped_profile_is_read_in_these_requests(name, requests):
    found = device(name)

    assert [(r.address, r.count) for r in plan(found.points, found.profile.limits)] == requests


def test_an_sdm630_shows_its_manuals_230_2_volts():
    values, bad = decoded(device("eastron-sdm630"), {0: bytes.fromhex("43663334")})

    assert round(values["voltage_l1_v"], 1) == 230.2
    assert not bad


def test_an_sdm630s_watts_are_stored_as_kilowatts():
    values, _ = decoded(device("eastron-sdm630"), {52: struct.pack(">f", 41234.5)})

    assert values["power_kw"] == 41.2345


def test_a_pac3200_adds_both_tariffs_and_says_where_they_start_again():
    pac = device("siemens-pac3200")
    tariffs = struct.pack(">2d", 999_999_999_000.0, 500.0)

    values, _ = decoded(pac, {801: tariffs})

    assert values["energy_import_kwh"] == 999_999_999.5
    point = birth_of(pac).point("energy_import_kwh")
    assert point is not None
    assert (point.modulus, point.float_bits) == ("1000000000", 64)


def test_an_iem3155_counts_watt_hours_in_64_bits():
    values, _ = decoded(device("schneider-iem3155"), {3203: struct.pack(">q", 18_230_401)})

    assert values["energy_import_kwh"] == 18230.401


def test_a_carlo_gavazzi_has_its_low_word_first():
    gavazzi = device("carlo-gavazzi-em340")

    values, _ = decoded(gavazzi, {52: low_word_first(struct.pack(">i", 1_234_567))})

    assert values["energy_import_kwh"] == 123456.7
    point = birth_of(gavazzi).point("energy_import_kwh")
    assert point is not None
    assert (point.modulus, point.resolution) == ("214748364.8", "0.1")


def test_a_tva_shows_steam_in_kg_and_gauge_pressure_in_kpa():
    memory = {0: low_word_first(struct.pack(">I", 70_000)) + struct.pack(">3H", 812, 712, 1705)}

    values, _ = decoded(device("spirax-sarco-tva"), memory)

    assert values == {
        "mass_kg": 70_000,
        "mass_flow_kg_h": 812,
        "pressure_kpa_gauge": 712,
        "temperature_c": 170.5,
    }


def test_a_vfm60_shows_the_numbers_of_its_manual():
    memory = {0: bytes.fromhex("44651FCE"), 36: bytes.fromhex("449D1E3F")}

    values, _ = decoded(device("bell-vfm60"), memory)

    assert round(values["mass_flow_kg_h"], 3) == 916.497
    assert round(values["mass_kg"], 3) == 1256.945


def test_a_tuf_2000m_adds_the_whole_and_the_fraction_of_its_totals():
    total = low_word_first(struct.pack(">i", 1234)) + low_word_first(struct.pack(">f", 0.567))

    values, _ = decoded(device("tuf-2000m"), {8: total, 16: total})

    assert values["volume_m3"] == 1234.567
    assert values["heat_kwh"] == pytest.approx(1234.567 / 0.0036)


def test_an_acrel_is_multiplied_by_both_transformers():
    acrel = device("acrel-adl400", ct="40", pt="10")

    values, _ = decoded(acrel, {10: struct.pack(">I", 12_345), 362: struct.pack(">i", 2_500)})

    assert (values["energy_import_kwh"], values["power_kw"]) == (49_380, 1_000)
    point = birth_of(acrel).point("energy_import_kwh")
    assert point is not None
    assert (point.modulus, point.resolution) == ("17179869184", "4")


def test_the_invented_plc_block_says_so_and_gives_one_batch_with_one_set_of_values():
    plc = device("millprint-plc-block")
    memory = struct.pack(
        ">20sI4H2hHI2HI3I2H",
        b"B2409".ljust(20), 17, 3, 5, 2, 2, 985, -5, 3000, 4785, 2105, 63, 1_772_338_500,
        12_345, 678, 4_000_000_000, 1, 65_535,
    )  # fmt: skip

    values, bad = decoded(plc, {0: memory})

    assert not bad
    assert values == {
        "batch_id": "B2409",
        "recipe_no": 17,
        "program_no": 3,
        "step_no": 5,
        "step_type": 2,
        "machine_state": 2,
        "bath_c": 98.5,
        "setpoint_c": -0.5,
        "liquor_l": 3000,
        "fabric_kg": 478.5,
        "rope_m_min": 210.5,
        "liquor_ratio": 6.3,
        "batch_start_s": 1_772_338_500,
        "water_m3": 12.345,
        "steam_kg": 678,
        "energy_kwh": 4_000_000,
        "alarm_word": 1,
        "heartbeat": 65_535,
    }
    assert "INVENTED" in plc.profile.maker
    assert {point.confidence for point in plc.profile.points} == {"invented"}


def test_meters_of_a_model_share_their_points_and_those_with_other_ratios_have_their_own():
    one, twin = device("acrel-adl400", ct="40"), device("acrel-adl400", ct="40")
    other = device("acrel-adl400", ct="60")

    assert one.points is twin.points
    assert one.points != other.points
