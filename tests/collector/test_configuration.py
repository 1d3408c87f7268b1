"""A collector's configuration: what stands, and what is refused with a sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector import bus, configuration
from collector.durations import milliseconds
from collector.wire.problem import Refused

GOOD = """
site = "keqiao"
collector = "dyehouse-a"

[mqtt]
url = "mqtt://127.0.0.1:1883"

[spool]
path = "var/dyehouse-a.spool"
max_mb = 64

[buses.serial-1]
url = "rtu:///dev/ttyUSB0?baud=19200&parity=E&stopbits=1"
timeout = "300ms"
[buses.plc-net]
url = "tcp://10.0.0.21:502"
[buses.gateway]
url = "rtu+tcp://10.0.0.22:4001"

[devices.jet-07-power]
bus = "serial-1"
unit = 7
profile = "eastron-sdm630"
every = "10s"
[devices.jet-07-plc]
bus = "plc-net"
unit = 255
profile = "millprint-plc-block"
every = "500ms"
[devices.hall-3]
bus = "gateway"
unit = 3
profile = "acrel-adl400"
ct = "40"
[devices.gas]
bus = "plc-net"
unit = 1
profile = "moxa-iologik-e1210"
pulses.volume_m3_0c = { input = "di3", each = "0.1" }
"""


def load(folder: Path, text: str) -> configuration.Configuration:
    (folder / "collector.toml").write_text(text, encoding="utf-8")
    return configuration.load(folder)


def refused(folder: Path, text: str) -> dict[str, str]:
    """What was refused: where and what is quoted, by code."""
    with pytest.raises(Refused) as caught:
        load(folder, text)
    return {p.code: f"{p.where} {dict(p.values)}" for p in caught.value.problems}


def test_a_good_configuration_is_read_as_it_stands(tmp_path):
    found = load(tmp_path, GOOD)

    assert (found.site, found.collector) == ("keqiao", "dyehouse-a")
    assert found.spool.path == tmp_path / "var/dyehouse-a.spool"
    assert found.spool.commit_every_ms == 5_000
    assert found.buses == (
        bus.Bus("serial-1", "rtu", device="/dev/ttyUSB0", baud=19200, parity="E", timeout_ms=300),
        bus.Bus("plc-net", "tcp", host="10.0.0.21", port=502),
        bus.Bus("gateway", "rtu+tcp", host="10.0.0.22", port=4001),
    )
    assert [(d.name, d.bus, d.unit, d.every_ms) for d in found.devices] == [
        ("jet-07-power", "serial-1", 7, 10_000),
        ("jet-07-plc", "plc-net", 255, 500),
        ("hall-3", "gateway", 3, 10_000),
        ("gas", "plc-net", 1, 10_000),
    ]


def test_a_pulse_input_makes_a_point_and_only_that(tmp_path):
    gas = load(tmp_path, GOOD).devices[3]

    assert [point.name for point in gas.points] == ["volume_m3_0c"]


def test_a_mills_own_profile_comes_before_the_shipped_one(tmp_path):
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "eastron-sdm630.toml").write_text(
        'maker = "M"\nmodel = "M"\ntitle = "ours"\nversion = 2\nsource = "s"\n'
        '[points.power_kw]\nkind = "gauge"\naddress = 0\ntype = "float32"\nunit = "W"\n'
        'confidence = "1 source"\n',
        encoding="utf-8",
    )

    assert load(tmp_path, GOOD).devices[0].profile.title == "ours"


@pytest.mark.parametrize(
    ("good", "wrong", "code", "quoted"),
    [
        ('site = "keqiao"', 'site = "Ke qiao"', "bad-name", "Ke qiao"),
        ("[devices.gas]", "[devices.'gas/1']", "bad-name", "gas/1"),
        ("every =", "evry =", "unknown-key", "every"),
        ('bus = "gateway"', 'bus = "gatway"', "unknown-bus", "gateway"),
        ('"eastron-sdm630"', '"eastron-sdm360"', "unknown-profile", "eastron-sdm630"),
        ("unit = 7", "unit = 248", "unit-out-of-range", "1 to 247"),
        ("unit = 7", "unit = 0", "unit-out-of-range", "1 to 247"),
        ("unit = 255", "unit = 256", "unit-out-of-range", "0 to 247, or 255"),
        ("unit = 255", "unit = 1", "unit-twice", "jet-07-plc"),
        ("unit = 7", 'unit = "7"', "wrong-value", "int"),
        ('every = "10s"', 'every = "10 seconds"', "bad-duration", "10 seconds"),
        ('every = "500ms"', 'every = "50ms"', "duration-too-short", "100ms"),
        ("tcp://10.0.0.21:502", "udp://10.0.0.21:502", "bad-bus-url", "udp"),
        ("tcp://10.0.0.21:502", "tcp://10.0.0.21:99999", "bad-bus-url", "99999"),
        ("tcp://10.0.0.21:502", "tcp://10.0.0.21:0", "bad-bus-url", "port 0"),
        ("tcp://10.0.0.21:502", "tcp://", "bad-bus-url", "host"),
        ("rtu:///dev/ttyUSB0", "rtu://dev/ttyUSB0", "bad-bus-url", "three slashes"),
        ("baud=19200", "baud=19k2", "bad-bus-url", "19k2"),
        ("stopbits=1", "stopbits=3", "bad-bus-url", "'3'"),
        ('timeout = "300ms"', 'timeout = "0ms"', "duration-too-short", "1ms"),
        ('every = "500ms"', 'every = "100.5ms"', "bad-duration", "100.5ms"),
        ('each = "0.1"', "each = 0.1", "wrong-value", "float"),
        ("parity=E", "parity=X", "bad-bus-url", "X"),
        ("baud=19200", "baut=19200", "bad-bus-url", "baut"),
        ("rtu+tcp://10.0.0.22:4001", "tcp://10.0.0.21:502", "bus-twice", "plc-net"),
        ('ct = "40"', 'ct = "forty"', "bad-ratio", "forty"),
        ('profile = "acrel-adl400"', 'profile = "carlo-gavazzi-em340"', "ratio-without-use", "ct"),
        ('input = "di3"', 'input = "di9"', "unknown-pulse-input", "di0, di1"),
        ("volume_m3_0c", "volume", "pulse-without-unit", "_m3_0c"),
        ('each = "0.1"', 'each = "0"', "bad-pulse-worth", "'0'"),
        ("max_mb = 64", "max_mb = 0", "wrong-value", "max_mb"),
        ("mqtt://127.0.0.1:1883", "http://127.0.0.1", "bad-broker-url", "http"),
    ],
)
def test_what_cannot_stand_is_refused_and_quoted(tmp_path, good, wrong, code, quoted):
    assert good in GOOD

    problems = refused(tmp_path, GOOD.replace(good, wrong, 1))

    assert code in problems
    assert "collector.toml" in problems[code]
    assert quoted in problems[code]


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    text = GOOD.replace("unit = 7", "unit = 999").replace("udp", "tcp")
    text = text.replace('"acrel-adl400"', '"acrel"').replace("parity=E", "parity=X")
    text = text.replace('bus = "plc-net"', 'bus = "plc"').replace('"10s"', '"soon"')

    problems = refused(tmp_path, text)

    assert set(problems) == {"bad-bus-url", "unknown-bus", "unknown-profile", "bad-duration"}


def test_a_folder_without_configuration_is_refused(tmp_path):
    with pytest.raises(Refused) as caught:
        configuration.load(tmp_path)

    assert [p.code for p in caught.value.problems] == ["no-such-file"]


def test_a_sum_that_does_not_fit_into_one_request_is_refused(tmp_path):
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "wide.toml").write_text(
        'maker = "M"\nmodel = "M"\ntitle = "T"\nversion = 1\nsource = "s"\n'
        '[points.energy_kwh]\nkind = "counter"\nunit = "kWh"\nconfidence = "1 source"\n'
        'sum_of = [{ address = 0, type = "float32" }, { address = 200, type = "float32" }]\n',
        encoding="utf-8",
    )

    with pytest.raises(Refused) as caught:
        load(tmp_path, GOOD.replace("eastron-sdm630", "wide"))

    (problem,) = caught.value.problems
    assert problem.code == "sum-wider-than-a-request"
    assert problem.where == f"{tmp_path}/profiles/wide.toml  [points.energy_kwh]"


@pytest.mark.parametrize(
    ("text", "ms"),
    [("500ms", 500), ("10s", 10_000), ("1.5s", 1500), ("15min", 900_000), ("1d", 86_400_000)],
)
def test_a_duration_is_a_number_and_a_unit(text, ms):
    assert milliseconds(text) == ms


@given(st.text(max_size=12))
def test_no_text_makes_a_duration_crash(text):
    try:
        found = milliseconds(text)
    except ValueError:
        return
    assert found >= 0


@given(st.text(max_size=40).map(lambda rest: f"tcp://{rest}") | st.text(max_size=40))
def test_no_text_makes_a_bus_url_crash(text):
    try:
        found = bus.parse("b", text, 1000)
    except ValueError:
        return
    assert found.host or found.device


def test_points_may_be_read_more_rarely_than_their_device(tmp_path):
    text = GOOD.replace('every = "10s"', 'every = "10s"\nslower = { "1min" = ["voltage_l1_v"] }', 1)

    found = load(tmp_path, text)

    assert found.devices[0].slower == {"voltage_l1_v": 60_000}


@pytest.mark.parametrize(
    ("slower", "code"),
    [
        ('{ "15s" = ["voltage_l1_v"] }', "slower-no-multiple"),
        ('{ "10s" = ["voltage_l1_v"] }', "slower-no-multiple"),
        ('{ "1min" = ["voltage_l9_v"] }', "slower-unknown-point"),
        ('{ "1min" = ["voltage_l1_v"], "2min" = ["voltage_l1_v"] }', "slower-twice"),
        ('{ "soon" = ["voltage_l1_v"] }', "bad-duration"),
    ],
)
def test_a_rate_that_cannot_be_kept_is_refused(tmp_path, slower, code):
    text = GOOD.replace('every = "10s"', f'every = "10s"\nslower = {slower}', 1)

    assert code in refused(tmp_path, text)
