"""Processes killed in mid-run: no reading missing, none twice, and the footprints agree.

Readings are counted by the oracle of the fault runs, which shares nothing with the code that wrote
them.
"""

import re
import shutil
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from millprint.demo.mill_file import SHIPPED_MILL, load
from millprint.demo.play import compare, until_final
from millprint.demo.stage import Casting, Stage
from millprint.installation import opened
from tests.faults.oracle import forms, others


@pytest.fixture
def casting(tmp_path: Path) -> Casting:
    text = SHIPPED_MILL.read_text(encoding="utf-8")
    path = tmp_path / "short.toml"
    path.write_text(re.sub(r"batches_per_jet = \d+", "batches_per_jet = 1", text), encoding="utf-8")
    return Casting(mill_file=path, mill=load(path), seed=11, speed=0, once=True)


def kill(stage: Stage, name: str) -> None:
    process = stage.child(name).process
    assert process is not None
    process.kill()
    process.wait()


PLAN = ((20, "collector"), (40, "server"), (60, "broker"), (80, "collector"), (95, "server"))
"""When at the mill, in minutes, and who dies. Mosquitto keeps nothing: its data die with it."""


def play_and_kill(stage: Stage) -> None:
    plan = list(PLAN)
    for progress in until_final(stage):
        hours, minutes = progress.said[:2], progress.said[3:5]
        if plan and int(hours) * 60 + int(minutes) >= plan[0][0]:
            kill(stage, plan.pop(0)[1])
    assert not plan, "the mill was done before all had been killed"


def test_killed_collector_server_and_broker_lose_nothing_and_double_nothing(
    casting: Casting, tmp_path: Path
) -> None:
    with opened(Stage(tmp_path / "stage", casting), keep=True) as stage:
        play_and_kill(stage)
        outcome = compare(stage)
        starts = {child.name: child.starts for child in stage.household.children}

    assert starts == {"broker": 2, "server": 3, "collector": 3}
    assert outcome.agrees, [one.sentence() for one in outcome.differences]

    journal = tmp_path / "stage" / "var" / "journal.db"
    found = forms(journal)
    numbers = Counter(form["seq"] for form in found) + Counter(others(journal))
    assert set(numbers.values()) == {1}
    assert set(numbers) == set(range(1, max(numbers) + 1))

    instants: dict[object, list[datetime]] = {}
    for form in found:
        at = datetime.fromisoformat(str(form["at"]))
        instants.setdefault(form["device"], []).append(at)
    for device, times in instants.items():
        steps = Counter(after - before for before, after in pairwise(sorted(times)))
        # Killed between its commit and the next tick of the simulated clock, a collector comes
        # back to the same instant and rightly reads it again, under a number of its own.
        again = steps.pop(timedelta(0), 0)
        assert again <= starts["collector"] - 1, device
        assert set(steps) == {timedelta(seconds=10)}, device
    shutil.rmtree(tmp_path / "stage")
