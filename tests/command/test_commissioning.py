"""The commissioning kit as a technician types it, on a pseudo serial line with three meters."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from collector import configuration
from millprint.broker import free_port
from millprint.command import app

CONFIGURATION = """
site = "keqiao"
collector = "dyehouse-a"
[mqtt]
url = "mqtt://127.0.0.1:1883"
[spool]
path = "spool"
"""


def typed(*words: str, answers: str = "") -> Result:
    return CliRunner().invoke(app, ["collector", *words], input=answers)


def started(*words: str) -> subprocess.Popen[str]:
    """`simulate`, once it says that it is up."""
    command = [sys.executable, "-m", "millprint", "collector", "simulate", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Unit ")
    return process


def stopped(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    return process.returncode


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An SDM630, a TVA and an ABB on a line at 19200 baud."""
    link = tmp_path_factory.mktemp("line") / "ttyMETERS"
    meters = ("eastron-sdm630:7", "spirax-sarco-tva:8", "abb-b23:12")
    process = started(*meters, "--baud", "19200", "--link", str(link))
    yield str(link)
    assert stopped(process) == 0
    assert not link.is_symlink()


@pytest.fixture
def at_speed(line: str) -> str:
    return f"rtu://{line}?baud=19200"


def test_scan_finds_the_speed_the_units_and_what_they_are(line: str, tmp_path: Path):
    result = typed("scan", line, "--units", "6-8,12", "--timeout", "150ms")

    assert result.exit_code == 0, result.output
    assert f"rtu://{line}?baud=19200&parity=N&stopbits=1: 3 unit(s)" in result.stdout
    for unit, profile, sure in (
        ("7", "eastron-sdm630", "likely"),
        ("8", "spirax-sarco-tva", "likely"),
        ("12", "abb-b23", "certain"),
    ):
        assert re.search(rf"│ {unit} +│ {profile} +│ {sure}", result.stdout), result.stdout


def test_what_scan_says_for_the_configuration_can_be_checked_as_it_stands(
    at_speed: str, tmp_path: Path
):
    result = typed("scan", at_speed, "--units", "7,8", "--timeout", "150ms")

    toml = result.stdout[result.stdout.index("[buses.line-1]") :]
    (tmp_path / "collector.toml").write_text(CONFIGURATION + toml, encoding="utf-8")
    found = configuration.load(tmp_path)
    assert [(d.unit, d.profile.name) for d in found.devices] == [
        (7, "eastron-sdm630"),
        (8, "spirax-sarco-tva"),
    ]


def test_a_line_where_nobody_answers_says_what_to_look_at(line: str):
    result = typed("scan", line, "--units", "99", "--timeout", "20ms", "--lang", "zh")

    assert result.exit_code == 1
    assert "line-silent" in result.stderr
    assert "对调 A、B 线" in result.stderr


def test_a_line_that_is_not_there_is_said_to_be_so():
    result = typed("scan", "/dev/ttyNOWHERE", "--units", "1", "--timeout", "20ms")

    assert result.exit_code == 1
    assert "line-not-opened" in result.stderr
    assert "ttyUSB" in result.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("scan", "COM3"), "bad-bus-url"),
        (("scan", "/dev/ttyUSB0", "--units", "1-999"), "bad-unit-numbers"),
        (("scan", "/dev/ttyUSB0", "--timeout", "fast"), "bad-duration"),
        (("read", "/dev/ttyUSB0", "--profile", "eastron-sdm360:7"), "unknown-profile"),
        (("read", "/dev/ttyUSB0", "--profile", "eastron-sdm630:x"), "bad-unit-numbers"),
        (("read", "/dev/ttyUSB0", "--profile", "sunspec-103:1"), "base-missing"),
        (("simulate", "eastron-sdm360"), "unknown-profile"),
        (("simulate", "eastron-sdm630:7", "abb-b23:7"), "practice-unit-twice"),
        (("simulate", "eastron-sdm630", "--link", "/tmp"), "link-taken"),
        (("profiles", "show", "eastron-sdm360"), "unknown-profile"),
    ],
)
def test_what_is_typed_wrong_is_refused_in_a_sentence(words: tuple[str, ...], code: str):
    result = typed(*words)

    assert result.exit_code == 2, result.output
    assert result.stderr.startswith(code)


def test_read_shows_registers_as_they_came_values_and_quality(at_speed: str):
    result = typed("read", at_speed, "--profile", "eastron-sdm630:7", "--once")

    assert result.exit_code == 0, result.output
    assert re.search(r"frequency_hz +│ 50 +│ Hz +│ 4248 0000 +│ good", result.stdout)


def test_read_knows_the_devices_of_a_folder(at_speed: str, tmp_path: Path):
    (tmp_path / "collector.toml").write_text(
        f'{CONFIGURATION}[buses.b]\nurl = "{at_speed}"\n'
        '[devices.jet-07-steam]\nbus = "b"\nunit = 8\nprofile = "spirax-sarco-tva"\n',
        encoding="utf-8",
    )

    shown = typed("read", "jet-07-steam", "--once", "--config", str(tmp_path))
    missing = typed("read", "jet-7-steam", "--once", "--config", str(tmp_path))

    assert "mass_flow_kg_h" in shown.stdout
    assert missing.exit_code == 2
    assert "Closest: jet-07-steam" in missing.stderr


def test_read_of_a_device_that_is_silent_ends_with_exit_code_1(tmp_path: Path):
    (tmp_path / "collector.toml").write_text(
        f'{CONFIGURATION}[buses.b]\nurl = "tcp://127.0.0.1:{free_port()}"\ntimeout = "100ms"\n'
        '[devices.gone]\nbus = "b"\nunit = 8\nprofile = "spirax-sarco-tva"\n',
        encoding="utf-8",
    )

    result = typed("read", "gone", "--once", "--config", str(tmp_path))

    assert result.exit_code == 1
    assert result.stdout.count("no-connection") == 4
    assert "nothing-read" in result.stderr
    assert "Unit 8 gives no value: no-connection." in result.stderr


def test_read_of_a_silent_unit_says_of_every_point_that_nothing_came(at_speed: str):
    result = typed("read", at_speed, "--profile", "eastron-sdm630:30", "--once")

    assert result.exit_code == 1
    assert result.stdout.count("timeout") == 10
    assert "backed-off" not in result.output
    assert "Unit 30 gives no value: timeout." in result.stderr


def test_learn_finds_a_float_and_that_the_manual_counts_from_another_number(at_speed: str):
    frequency = ("learn", at_speed, "--unit", "7", "--table", "input")

    here = typed(*frequency, "--address", "70", answers="50.0\n50.0\n")
    beside = typed(*frequency, "--address", "71", answers="50.00\nfifty\n50.00\n")

    assert 'address = 70\ntype = "float32"\norder = "ABCD"\nscale = "1"' in here.stdout
    assert "Nothing fits at 71, but at 70" in beside.stdout
    assert "A number that is not 0" in beside.stderr


def test_learn_that_finds_nothing_says_what_to_look_at(at_speed: str):
    words = ("learn", at_speed, "--unit", "7", "--table", "input", "--address", "70")

    result = typed(*words, answers="3.14159\n2.71828\n")

    assert result.exit_code == 1
    assert result.stderr.startswith("nothing-learned")


def test_a_register_that_cannot_be_read_is_not_learned(at_speed: str):
    words = ("learn", at_speed, "--unit", "7", "--table", "holding", "--address", "70")

    result = typed(*words, answers="50\n")

    assert result.exit_code == 1
    assert "exception-2" in result.stderr


def test_a_meter_behind_tcp_is_found():
    port = free_port()
    process = started("siemens-pac3200:1", "--tcp", str(port))

    result = typed("scan", f"tcp://127.0.0.1:{port}", "--units", "1-3")

    assert stopped(process) == 0
    assert "1 unit(s)" in result.stdout
    assert "siemens-pac3200" in result.stdout


def test_a_sunspec_inverter_is_found_by_its_chain_and_read_from_where_its_model_begins():
    port = free_port()
    process = started("sunspec-103:1", "--tcp", str(port))
    line = f"tcp://127.0.0.1:{port}"

    found = typed("scan", line, "--units", "1")
    read = typed("read", line, "--profile", "sunspec-103:1", "--base", "40070", "--once")

    assert stopped(process) == 0
    assert "sunspec-103, base = 40070 │ certain" in found.stdout
    assert "base = 40070\n" in found.stdout
    assert re.search(r"frequency_hz +│ 50 ", read.stdout)


def test_profiles_alone_lists_every_model():
    assert typed("profiles").stdout == typed("profiles", "search").stdout


def test_profiles_are_searched_shown_and_validated(tmp_path: Path):
    found = typed("profiles", "search", "heat", "meter")
    shown = typed("profiles", "show", "tuf-2000m")
    nothing = typed("profiles", "search", "no-such-maker")
    good = typed("profiles", "validate", "configs/profiles/fd-tms.toml")
    bad = tmp_path / "mine.toml"
    text = Path("configs/profiles/fd-tms.toml").read_text(encoding="utf-8")
    bad.write_text(text.replace('"31.091"', '"13.091"'), encoding="utf-8")

    refused = typed("profiles", "validate", str(bad))

    assert "diehl-sharky-775" in found.stdout
    assert "eastron" not in found.stdout
    assert "Look at it on site" in shown.stdout
    assert "9 + 11" in shown.stdout  # as the manual prints the registers 8 and 10
    assert (nothing.exit_code, good.exit_code, refused.exit_code) == (1, 0, 2)
    assert "example-decodes-otherwise" in refused.stderr
    assert "line 1" in refused.stderr
