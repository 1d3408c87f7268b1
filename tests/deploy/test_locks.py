"""What is locked can be installed on a Raspberry Pi, and is what the bill of materials says."""

import re
import tomllib
from typing import Any

import pytest
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

from deploy.sbom import bill
from tests.house.sources import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = tomllib.loads((ROOT / "requirements/wheels.server.toml").read_text(encoding="utf-8"))
DEBIANS = {"12": (3, 11), "13": (3, 13)}
GLIBC = (2, 36)  # Debian 12's


def locked(name: str) -> dict[str, tuple[str, set[str]]]:
    """Version and hashes of every package of a file of requirements."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)==(\S+).*?((?:\n    --hash.*)+)", text, re.MULTILINE)
    return {
        canonicalize_name(name): (version, set(re.findall(r"sha256:(\w+)", hashes)))
        for name, version, hashes in found
    }


def fitting(python: tuple[int, int], machine: str) -> set[Tag]:
    """What a wheel may be tagged with, to be installed there."""
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(5, GLIBC[1] + 1)]
    platforms += [f"manylinux{old}_{machine}" for old in ("1", "2010", "2014")]
    return {
        *cpython_tags(python, platforms=platforms),
        *compatible_tags(python, f"cp{python[0]}{python[1]}", platforms),
    }


@pytest.mark.parametrize("debian", DEBIANS)
@pytest.mark.parametrize("machine", ["aarch64", "x86_64"])
def test_nothing_that_a_box_needs_is_compiled_there(debian: str, machine: str) -> None:
    there = fitting(DEBIANS[debian], machine)

    without = [
        package["name"]
        for package in LOCK["packages"]
        if not any(parse_wheel_filename(name(wheel))[3] & there for wheel in package["wheels"])
    ]

    assert without == []


def name(wheel: dict[str, Any]) -> str:
    return str(wheel["name"])


def test_the_two_locks_of_a_box_are_one() -> None:
    pinned = locked("server.txt")

    assert {one["name"]: one["version"] for one in LOCK["packages"]} == {
        name: version for name, (version, _) in pinned.items()
    }
    for package in LOCK["packages"]:
        hashes = {wheel["hashes"]["sha256"] for wheel in package["wheels"]}
        assert hashes <= pinned[package["name"]][1]


@pytest.mark.parametrize("other", ["collector.txt", "demo.txt", "dev.txt", "build.txt"])
def test_no_version_differs_between_what_is_tested_and_what_is_installed(other: str) -> None:
    server, tested = locked("server.txt"), locked(other)

    assert {name: tested[name] for name in server.keys() & tested.keys()} == {
        name: server[name] for name in server.keys() & tested.keys()
    }


def test_what_is_locked_names_no_address() -> None:
    for path in (ROOT / "requirements").iterdir():
        assert "://" not in path.read_text(encoding="utf-8"), path.name


def test_an_agent_alone_needs_nothing_that_a_box_has_not() -> None:
    assert locked("collector.txt").keys() <= locked("server.txt").keys()


def test_the_bill_of_materials_names_every_package_with_its_hashes() -> None:
    made = bill(PROJECT, LOCK)

    assert {one["name"]: one["version"] for one in made["components"]} == {
        name: version for name, (version, _) in locked("server.txt").items()
    }
    for part in made["components"]:
        assert part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}"
        assert part["components"]
