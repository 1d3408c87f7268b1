"""A short selection of the fault rows, as ``make faults`` runs them; the seed is in the output."""

import json
import secrets
import subprocess
import sys
from pathlib import Path

import pytest


def faults(
    folder: Path, *words: str
) -> tuple[subprocess.CompletedProcess[str], list[dict[str, object]]]:
    report = folder / "faults.json"
    command = [sys.executable, "-m", "tests.faults", "--json", str(report), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert report.exists() or "--trust-puback" in words, done.stdout + done.stderr
    return done, json.loads(report.read_text()) if report.exists() else []


@pytest.mark.parametrize(
    "row", [3, *(pytest.param(one, marks=pytest.mark.long) for one in (14, 24))]
)
def test_a_fault_costs_no_reading(row: int, tmp_path: Path) -> None:
    seed = str(secrets.randbelow(10**6))

    done, (found,) = faults(
        tmp_path, "--row", str(row), "--seed", seed, "--times", "1", "--cuts", "20"
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert (found["lost"], found["doubled"], found["broken"]) == (0, 0, [])
    assert found["injected"]
    assert found["readings"]
