"""`millprint check`: each fault in a sentence that says where, quotes it and says what to do."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command.conftest import edit, millprint, plant

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def own_profile(folder: Path) -> None:
    """A mill's own profile, written as the manual prints it: register 440001."""
    (folder / "profiles").mkdir()
    (folder / "profiles" / "old-meter.toml").write_text(
        'maker = "Old"\nmodel = "Meter"\ntitle = "Old meter"\nversion = 1\n'
        'source = "its manual"\n\n[points.energy_kwh]\nkind = "counter"\naddress = 440001\n'
        'type = "uint32"\nunit = "kWh"\nconfidence = "uncertain"\n',
        encoding="utf-8",
    )
    edit(folder / "collector.toml", 'profile = "eastron-sdm630"', 'profile = "old-meter"')


def collector(old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: edit(folder / "collector.toml", old, new)


FAULTS: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "a profile that does not exist": (
        collector('profile = "eastron-sdm630"', 'profile = "eastron-sdm360"'),
        ("[devices.jet-01-power]", "'eastron-sdm360'", "eastron-sdm630", "collector profiles"),
    ),
    "a key that nobody reads": (
        collector("commit_every", "comit_every"),
        ("collector.toml  [spool]", "'comit_every'", "Closest: commit_every", "spelling"),
    ),
    "an address that no register has": (
        own_profile,
        ("old-meter.toml  [points.energy_kwh]", "440001", "0 to 65535", "40001"),
    ),
    "a plant that names a point that no device has": (
        lambda folder: edit(plant(folder), "jet-01-steam.mass_kg", "jet-01-staem.mass_kg"),
        ("plant/", "machines.jet-01 steam", "'jet-01-staem.mass_kg'", "jet-01-steam.mass_kg"),
    ),
    "an energy carrier that is not known": (
        lambda folder: edit(plant(folder), 'carrier = "natural_gas"', 'carrier = "natural-gas"'),
        ("plant/", "[supplies.gas]", "'natural-gas'", "Closest: natural_gas"),
    ),
    "a broker that is no address": (
        collector("mqtt://127.0.0.1", "http://127.0.0.1"),
        ("collector.toml  [mqtt]", "http://127.0.0.1", "mqtt://host:1883"),
    ),
    "a broker's port that is no number": (
        lambda folder: edit(folder / "gateway.toml", "mqtt://127.0.0.1:", "mqtt://127.0.0.1:x"),
        ("gateway.toml  [mqtt]", "mqtt://127.0.0.1:x", "mqtt://host:1883"),
    ),
    "a line that is not TOML": (
        lambda folder: edit(folder / "gateway.toml", "[journal]", "[journal"),
        ("gateway.toml", "not TOML", "line 6"),
    ),
    "a port that is none": (
        lambda folder: edit(folder / "api.toml", "port = ", "port = 1000000"),
        ("api.toml  [http]", "10000", "1 to 65535"),
    ),
    "a port in quotes": (
        lambda folder: edit(folder / "api.toml", "port = ", 'port = "http" #'),
        ("api.toml  [http]", "port", "'http'", "`int`"),
    ),
    "two sites": (
        lambda folder: edit(folder / "gateway.toml", "demo-mill", "demo-mile"),
        ("'demo-mill'", "'demo-mile'", "the same site"),
    ),
    "a unit number twice on a line": (
        collector("unit = 2", "unit = 1"),
        ("[devices.jet-02-power]", "unit = 1", "'jet-01-power'"),
    ),
    "a bus that is no line": (
        collector("rtu:///dev/ttyUSB0?baud=38400", "COM1"),
        ("[buses.serial-1]", "'COM1'", "rtu:///dev/ttyUSB0"),
    ),
    "no file of the collector": (
        lambda folder: (folder / "collector.toml").unlink(),
        ("no-such-file", "collector.toml", "configs/sample/"),
    ),
    "no plant": (
        lambda folder: plant(folder).unlink(),
        ("no-plant", "/plant", "configs/sample/plant/"),
    ),
}


def test_a_good_folder_passes_and_stays_as_it_was(folder: Path) -> None:
    before = contents(folder)

    done = millprint("check", "--config", str(folder))

    assert done.returncode == 0, done.stderr
    assert f"{folder}: nothing is wrong." in done.stdout
    assert contents(folder) == before


@pytest.mark.parametrize("part", ["collector", "gateway", "api"])
def test_each_part_of_a_good_folder_passes_alone(folder: Path, part: str) -> None:
    done = millprint(part, "check", "--config", str(folder))

    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing is wrong" in done.stdout


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_a_sentence_with_its_place_and_remedy(folder: Path, fault: str) -> None:
    spoil, says = FAULTS[fault]
    spoil(folder)

    done = millprint("check", "--config", str(folder))

    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    for words in says:
        assert words in done.stderr
    assert not (folder / "var").exists()


def test_all_faults_are_said_at_once(folder: Path) -> None:
    for fault in ("a profile that does not exist", "two sites", "a port that is none"):
        FAULTS[fault][0](folder)
    edit(folder / "collector.toml", "unit = 3", "unit = 300")

    done = millprint("check", "--config", str(folder))

    assert done.returncode == 2
    assert "eastron-sdm360" in done.stderr
    assert "unit = 300" in done.stderr
    assert "1 to 65535" in done.stderr


def test_a_fault_is_said_in_chinese_where_one_asks_for_it(folder: Path) -> None:
    FAULTS["a profile that does not exist"][0](folder)

    done = millprint("check", "--config", str(folder), "--lang", "zh")

    assert done.returncode == 2
    text, remedy = done.stderr.splitlines()[1:3]
    assert CHINESE.search(text)
    assert "eastron-sdm630" in text
    assert CHINESE.search(remedy)


def test_a_language_that_is_not_there_is_refused_in_a_sentence(folder: Path) -> None:
    FAULTS["a profile that does not exist"][0](folder)

    done = millprint("check", "--config", str(folder), "--lang", "de")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "de" in done.stderr


def test_a_file_that_is_not_text_is_refused_in_a_sentence(folder: Path) -> None:
    (folder / "api.toml").write_bytes(b"\xff\xfe[http]\n")

    done = millprint("check", "--config", str(folder))

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "UTF-8" in done.stderr
