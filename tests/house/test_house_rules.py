"""The rules of the house, for every file of it: names, sizes, sources, and nothing that writes."""

import csv
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from api import factor_files
from api.ledger import drivers
from collector import profile_files
from collector.toml_files import SHIPPED
from collector.wire.suffixes import stored_unit
from millprint.command import app
from tests.house.commands import inside
from tests.house.sources import ROOMS, ROOT, kept_files, python_files

PROFILES = (SHIPPED / "profiles",)
FACTORS = SHIPPED / "factors"
VAGUE = {"utils", "common", "helpers", "misc", "base", "core", "manager"}
LONGEST_FILE_LINES = 400
LARGEST_FILE_BYTES = 10**6


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in python_files(*ROOMS, "tests") if path.stem in VAGUE] == []
    assert [path for path in kept_files() if VAGUE & set(path.parts[:-1])] == []


def test_no_python_file_is_longer_than_400_lines() -> None:
    long = {
        str(path): lines
        for path in python_files(*ROOMS, "tests")
        if (lines := len((ROOT / path).read_text(encoding="utf-8").splitlines()))
        > LONGEST_FILE_LINES
    }

    assert long == {}


def test_no_file_is_larger_than_a_megabyte() -> None:
    assert [
        path for path in kept_files() if (ROOT / path).stat().st_size > LARGEST_FILE_BYTES
    ] == []


@pytest.mark.parametrize("name", profile_files.names(PROFILES))
def test_every_shipped_profile_loads_cites_and_names_its_units(name: str) -> None:
    profile = profile_files.load(name, PROFILES, "shipped")

    assert profile.source.strip()
    assert profile.points
    assert all(point.confidence for point in profile.points)
    for point in profile.points:
        table = tomllib.loads((PROFILES[0] / f"{name}.toml").read_text(encoding="utf-8"))
        device_unit = table["points"][point.name].get("unit", "")
        stored = stored_unit(point.name)
        assert bool(device_unit) == bool(stored), point.name
        if device_unit == stored:
            assert point.to_stored == 1, point.name


def test_every_factor_says_its_source_and_from_when_it_holds() -> None:
    factors = factor_files.load(FACTORS)

    assert factors
    for factor in factors:
        assert factor.source["publisher"], factor.id
        assert factor.source["document"], factor.id
        assert factor.source["source_url"], factor.id
        assert factor.source["confidence"], factor.id
        assert factor.data_from.year > 2000, factor.id
        assert factor.published.year > 2000, factor.id


def test_every_warming_potential_says_its_source() -> None:
    with (FACTORS / "gwp.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert rows
    assert [row["gas"] for row in rows if not row["source"].strip()] == []


@pytest.mark.parametrize("name", drivers.names())
def test_every_file_among_the_drivers_weighs(name: str) -> None:
    assert callable(drivers.driver(name).weigh)


def commands(
    command: TyperCommand | TyperGroup, words: tuple[str, ...] = ("millprint",)
) -> list[str]:
    """Every command as one types it."""
    below = inside(command)
    if not below:
        return [" ".join(words)]
    return [line for name, one in below.items() for line in commands(one, (*words, name))]


@pytest.mark.parametrize("command", commands(typer.main.get_command(app)))
def test_every_command_stands_in_the_readme(command: str) -> None:
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "written",
    [
        "[/]work/",  # a folder of the machine that it was written on
        r"\b[h]elper\b",
        "(package|public|offline|stored) [r]egistr(y|ies)",
        "(this|last|next|earlier|previous) [s]ession",
    ],
)
def test_nothing_of_how_it_was_written_stands_in_it(written: str) -> None:
    command = ["git", "grep", "--untracked", "-I", "-n", "-i", "-E", written]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert found.stdout == ""
    assert found.returncode == 1, found.stderr


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements/*.txt")), ids=lambda p: p.stem)
def test_every_locked_version_has_its_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")

    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", text)
    pinned = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert pinned
    for one in pinned:
        assert re.match(r"[A-Za-z0-9._-]+(\[[^\]]+\])?==\S+", one), one
        assert "--hash=sha256:" in one, one
