"""A recording through real Modbus, a real broker and the journal, as a person replays it."""

import json
import random
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from millprint.command import app
from tests.e2e.test_demo import millprint

ROWS = 300


def load(folder: Path, seed: int, step: timedelta) -> tuple[Path, dict[str, Decimal]]:
    """Random amounts, and what they are by month."""
    draw, at = random.Random(seed), datetime(2025, 10, 25)  # noqa: DTZ001 - as a file has it
    months: dict[str, Decimal] = {}
    lines = ["zeit;menge"]
    for _ in range(ROWS):
        month, at = f"{at:%Y-%m}", at + step
        amount = Decimal(draw.randrange(10**5)) / 100
        months[month] = months.get(month, Decimal(0)) + amount
        lines.append(f"{at:%d.%m.%Y %H:%M};{amount}")
    path = folder / "load.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path, months


@pytest.mark.parametrize(
    ("profile", "zone", "step"),
    [
        ("acrel-adl400", "Asia/Seoul", timedelta(minutes=15)),
        pytest.param(  # float32
            "eastron-sdm630", "Asia/Kolkata", timedelta(hours=1), marks=pytest.mark.long
        ),
    ],
)
def test_every_interval_of_a_random_load_comes_back(
    tmp_path: Path, profile: str, zone: str, step: timedelta
):
    path, months = load(tmp_path, seed=len(zone), step=step)
    answer = tmp_path / "replay.json"

    done = millprint(
        *("replay", str(path), "--column", "menge", "--profile", profile),
        *("--timezone", zone, "--json", str(answer)),
    )

    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(answer.read_text(encoding="utf-8"))
    assert said["intervals"] == ROWS
    assert said["missing"] == said["differ"] == 0
    read = {one["month"]: Decimal(one["journal"]) for one in said["months"]}
    assert read.keys() == months.keys()
    # A float32 that shows 150,000 moves in steps of 1/64.
    step = Decimal("0.01") if profile == "acrel-adl400" else Decimal("0.04")
    assert all(abs(read[name] - total) <= step for name, total in months.items())


def test_what_cannot_be_replayed_is_said_and_nothing_started(tmp_path: Path):
    path, _ = load(tmp_path, 1, timedelta(hours=1))

    for arguments, says in (
        (("--column", "mange"), "mange"),
        (("--column", "menge", "--profile", "acrel-adl401"), "acrel-adl400"),
        (("--column", "menge", "--point", "volume_m3"), "volume_m3"),
        (("--column", "menge", "--timezone", "Asia/Nowhere"), "Asia/Nowhere"),
    ):
        done = CliRunner().invoke(app, ["replay", str(path), *arguments])
        assert done.exit_code == 2, done.output
        assert says in done.stderr
