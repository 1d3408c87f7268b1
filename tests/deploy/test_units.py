"""What systemd says of the services, without running them."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.sources import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
MOST_EXPOSED = 2.0


def fence(unit: Path) -> set[str]:
    """The settings that every service has alike."""
    _, _, behind = unit.read_text(encoding="utf-8").partition("# The fence")
    return {line for line in behind.splitlines() if re.match(r"\w+=", line)}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_no_service_is_exposed_by_more_than_2(unit: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout

    (level,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert float(level) <= MOST_EXPOSED


def test_all_services_stand_behind_one_fence() -> None:
    least = set.intersection(*(fence(unit) for unit in UNITS))

    assert len(least) > 25
    for unit in UNITS:
        assert fence(unit) - least <= {"SystemCallFilter=adjtimex", "WantedBy=multi-user.target"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_no_service_starts_a_program_that_the_installer_does_not_bring(unit: Path) -> None:
    # Not even kill: it is in procps, which a small Debian does without.
    started = re.findall(r"^Exec\w+=(\S+)", unit.read_text(encoding="utf-8"), re.MULTILINE)

    assert set(started) <= {
        "/bin/sh",
        "/usr/sbin/mosquitto",
        "/opt/millprint/current/bin/python",
        "/opt/millprint/current/bin/millprint",
    }


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_service_has_its_limits_and_never_gives_up(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()

    for setting in ("Restart=always", "StartLimitIntervalSec=0"):
        assert setting in lines
    for limit in ("MemoryHigh=", "MemoryMax=", "TasksMax="):
        assert any(line.startswith(limit) for line in lines)


@pytest.mark.parametrize("name", ["millprint.service", "millprint-collector@.service"])
def test_who_polls_is_watched_and_may_ask_whether_the_clock_is_set(name: str) -> None:
    lines = (ROOT / "deploy" / "systemd" / name).read_text(encoding="utf-8").splitlines()

    assert "SystemCallFilter=adjtimex" in lines
    assert "ProtectClock=yes" not in lines  # it forbids the question, and every reading were "I"
    assert any(line.startswith("WatchdogSec=") for line in lines)
