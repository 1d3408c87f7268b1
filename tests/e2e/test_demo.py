"""The demo mill from Modbus sockets to footprints, whole, as a visitor starts it."""

import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from millprint.demo.mill_file import SHIPPED_MILL


@pytest.fixture
def short_mill(tmp_path: Path) -> Path:
    """The shipped mill with one batch a jet and short steps."""
    text = SHIPPED_MILL.read_text(encoding="utf-8")
    text = re.sub(r"batches_per_jet = \d+", "batches_per_jet = 1", text)
    text = re.sub(r"minutes = \d\d", "minutes = 6", text)
    path = tmp_path / "short.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def shipped_mill() -> Path:
    """The mill that a visitor sees."""
    return SHIPPED_MILL


MARK = f"MILLPRINT_TEST={secrets.token_hex(8)}"
"""In the environment of everything that these tests start."""


def millprint(*arguments: str) -> subprocess.CompletedProcess[str]:
    name, _, value = MARK.partition("=")
    command = [sys.executable, "-m", "millprint", *arguments]
    environment = os.environ | {name: value}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=900, check=False, env=environment
    )


def left_behind() -> list[str]:
    """Command lines of processes that these tests started and that still run."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if MARK.encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it has ended meanwhile, or is not ours to look into
    return found


@pytest.mark.long
@pytest.mark.parametrize(("mill", "batches"), [("short_mill", 2), ("shipped_mill", 4)])
def test_every_batch_of_any_seed_agrees_with_the_truth(
    mill: str, batches: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    document = tmp_path / "demo.json"
    seed = secrets.randbelow(10**6)
    played = ("--mill", str(request.getfixturevalue(mill)), "--seed", str(seed))

    done = millprint("demo", "--once", *played, "--json", str(document))

    assert done.returncode == 0, f"seed {seed}: {done.stdout}{done.stderr}"
    said = json.loads(document.read_text(encoding="utf-8"))
    assert len(said["batches"]) == batches
    assert all(batch["agrees"] for batch in said["batches"])
    assert all(batch["footprint"]["status"] == "final" for batch in said["batches"])
    assert len(said["meters"]) == 13
    assert all(meter["posted"] == meter["register"] for meter in said["meters"])
    assert not left_behind()


@pytest.mark.long
def test_the_same_over_the_built_in_broker(short_mill: Path) -> None:
    done = millprint("demo", "--once", "--mill", str(short_mill), "--built-in-broker")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "All agree" in done.stdout


@pytest.mark.long
def test_a_meter_that_reads_3_percent_high_is_found_and_named(short_mill: Path) -> None:
    done = millprint("demo", "--once", "--mill", str(short_mill), "--tamper", "jet-02-power:+3%")

    assert done.returncode == 1
    assert "jet-02-power.energy_import_kwh" in done.stderr
    assert "jet-01-power" not in done.stderr


@pytest.mark.long
def test_a_main_meter_that_reads_low_is_named_though_no_batch_carries_it(short_mill: Path) -> None:
    done = millprint("demo", "--once", "--mill", str(short_mill), "--tamper", "main-1:-4%")

    assert done.returncode == 1
    assert "main-1.energy_import_kwh" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--tamper", "jet-09-power:+3%"], "jet-09-power"),
        (["--tamper", "jet-02-power"], "jet-02-power"),
        (["--mill", "/nowhere/mill.toml"], "/nowhere/mill.toml"),
    ],
)
def test_a_demo_that_cannot_be_played_says_why_and_leaves_nothing(
    arguments: list[str], says: str
) -> None:
    done = millprint("demo", "--once", *arguments)

    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not left_behind()
