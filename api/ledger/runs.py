"""Runs from what a machine says of itself (PLC points): which batch, and which step."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from api.ledger.accounts import Run
from api.ledger.plant import Machine
from collector.wire.problem import Problem
from gateway.intervals import Sample

BATCH_ID = re.compile(r"[\w#](?:[\w.+#\- ]{0,38}[\w#])?")
"""A batch id: 1 to 40 letters (of any script), digits, ``_ . + # -``, and blanks inside."""

_LONGEST_SURE_EDGE = timedelta(minutes=15)


def find_runs(
    machine: Machine, batches: Sequence[Sample], steps: Sequence[Sample], until: datetime
) -> tuple[tuple[Run, ...], tuple[Problem, ...]]:
    """What ran on a machine.

    A run begins with the first reading that shows its batch (or its process) and ends with the
    first that shows another; a batch that is present but paused is still a run (rule 6).

    Args:
        machine: The machine.
        batches: Samples of its batch point, by time; bad ones are passed over.
        steps: Samples of its step point, by time.
        until: How far its readings reach.
    """
    shown = _shown(machine, batches, steps)
    if not shown:
        return (), ()
    starts = [next(group) for _, group in groupby(shown, key=lambda one: (one[1], one[2]))]
    ends = [start[0] for start in starts[1:]] + [max(until, shown[-1][0])]
    runs: list[Run] = []
    problems = list(_edges_in_gaps(machine, shown))
    for place, ((start, said, process), end) in enumerate(zip(starts, ends, strict=True)):
        if not said:
            continue
        batch = said if BATCH_ID.fullmatch(said) else ""
        if not batch:
            problems.append(Problem("strange-batch-id", machine.id, start, {"said": repr(said)}))
        going_on = place == len(starts) - 1
        runs.append(Run(machine.id, batch, process, start, end, going_on, said))
    return tuple(runs), tuple(problems)


def _shown(
    machine: Machine, batches: Sequence[Sample], steps: Sequence[Sample]
) -> list[tuple[datetime, str, str]]:
    """When a batch was shown, which, and its process; a step that is not read stays as it was."""
    step_at = {sample.at: sample.value for sample in steps if sample.value is not None}
    shown: list[tuple[datetime, str, str]] = []
    for sample in batches:
        if sample.value is None:
            continue
        said, step = str(sample.value).strip(), step_at.get(sample.at)
        same = step is None and bool(shown) and shown[-1][1] == said
        shown.append((sample.at, said, shown[-1][2] if same else _process(machine, step)))
    return shown


def _process(machine: Machine, step: object) -> str:
    if isinstance(step, int | float):
        return machine.processes.get(int(step), machine.process)
    return machine.process


def _edges_in_gaps(
    machine: Machine, shown: Sequence[tuple[datetime, str, str]]
) -> Sequence[Problem]:
    """Changes of batch that nobody saw happen: the edge may be minutes off."""
    return [
        Problem(
            "run-edge-in-gap",
            machine.id,
            after[0],
            {"from": before[1] or "-", "to": after[1] or "-", "minutes": _minutes(before, after)},
        )
        for before, after in pairwise(shown)
        if before[1] != after[1] and after[0] - before[0] > _LONGEST_SURE_EDGE
    ]


def _minutes(before: tuple[datetime, str, str], after: tuple[datetime, str, str]) -> str:
    return str(round((after[0] - before[0]).total_seconds() / 60))
