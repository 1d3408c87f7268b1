"""install.sh as anybody meets it: what it says before it does anything."""

import platform
import subprocess
from pathlib import Path

import pytest

from tests.house.sources import ROOT

INSTALL = ROOT / "deploy" / "install.sh"
SCRIPTS = sorted((ROOT / "deploy").rglob("*.sh"))
COMMANDS = [script for script in SCRIPTS if script.stat().st_mode & 0o100]


def install(*options: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", str(INSTALL), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("script", COMMANDS, ids=lambda script: script.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    command = ["shellcheck", "--external-sources", str(script.relative_to(ROOT))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout == ""
    assert done.returncode == 0


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_line_of_a_script_is_too_long(script: Path) -> None:
    assert [one for one in script.read_text(encoding="utf-8").splitlines() if len(one) > 100] == []


def test_it_says_what_it_can_do() -> None:
    done = install("--help")

    assert done.returncode == 0
    for option in ("--uninstall", "--back", "--dry-run", "--config", "--part", "--no-broker"):
        assert option in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--everything"], "There is no option --everything"),
        (["--part", "kitchen"], "There is no part kitchen: box, server or collector"),
        (["--part", "collector"], "--part collector needs --name"),
        (["--part", "collector", "--name", "Färberei"], "--part collector needs --name"),
        (["--name", "a"], "--name goes with --part collector"),
        (["--config"], "--config needs a value"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_says_why(options: list[str], said: str) -> None:
    done = install("--dry-run", *options)

    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.skipif("debian" not in platform.freedesktop_os_release()["ID"], reason="no Debian")
@pytest.mark.parametrize("part", [["box"], ["server"], ["collector", "--name", "dyehouse-a"]])
def test_it_can_only_say_what_it_would_do(part: list[str]) -> None:
    done = install("--dry-run", "--no-broker", "--part", *part)

    assert done.returncode == 0, done.stderr
    assert "would: useradd --system" in done.stdout
    assert f"requirements/{'collector' if len(part) > 1 else 'server'}.txt" in done.stdout
    assert not Path("/opt/millprint").exists()
