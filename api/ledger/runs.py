"""Runs from what a machine says of itself (PLC points): which batch, and which step."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from api.ledger.accounts import Run
from api.ledger.plant import Machine
from collector.wire.problem import Problem
from gateway.intervals import Sample

BATCH_ID = re.compile(r"[\w#](?:[\w.+#\- ]{0,38}[\w#])?")
"""A batch id: 1 to 40 letters (of any script), digits, ``_ . + # -``, and blanks inside."""

_LONGEST_SURE_EDGE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a machine showed at an instant: the id (empty where none), and the process."""

    at: datetime
    said: str
    process: str


def find_runs(
    machine: Machine, batches: Sequence[Sample], steps: Sequence[Sample], until: datetime
) -> tuple[tuple[Run, ...], tuple[Problem, ...]]:
    """What ran on a machine.

    A run begins with the first reading that shows its batch (or its process) and ends with the
    first that shows another; a batch that is present but paused is still a run (rule 6). An id
    that is away for less than the machine's `settle`, or empty for no longer than its `restart`,
    and then the same again, never left.

    Args:
        machine: The machine.
        batches: Samples of its batch point, by time; bad ones are passed over.
        steps: Samples of its step point, by time.
        until: How far its readings reach.
    """
    shown = _settled(machine, _shown(machine, batches, steps))
    if not shown:
        return (), ()
    starts = [next(group) for _, group in groupby(shown, key=lambda one: (one.said, one.process))]
    ends = [start.at for start in starts[1:]] + [max(until, shown[-1].at)]
    runs: list[Run] = []
    problems = list(_edges_in_gaps(machine, shown))
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        said = start.said
        if not said:
            continue
        batch = said if BATCH_ID.fullmatch(said) else ""
        if not batch:
            problems.append(Problem("strange-batch-id", machine.id, start.at, {"said": repr(said)}))
        going_on = place == len(starts) - 1
        runs.append(Run(machine.id, batch, start.process, start.at, end, going_on, said))
    return tuple(runs), tuple(problems)


def _shown(machine: Machine, batches: Sequence[Sample], steps: Sequence[Sample]) -> list[_Shown]:
    """What was shown, reading by reading; a step that is not read stays as it was."""
    step_at = {sample.at: sample.value for sample in steps if sample.value is not None}
    shown: list[_Shown] = []
    for sample in batches:
        if sample.value is None:
            continue
        said, step = _said(sample.value), step_at.get(sample.at)
        same = step is None and bool(shown) and shown[-1].said == said
        process = shown[-1].process if same else _process(machine, step)
        shown.append(_Shown(sample.at, said, process))
    return shown


def _said(value: object) -> str:
    """The id; registers of zeros are how a PLC says that there is none."""
    said = str(value).strip()
    return said if said.strip("0.") or not said else ""


def _process(machine: Machine, step: object) -> str:
    if isinstance(step, int | float):
        return machine.processes.get(int(step), machine.process)
    return machine.process


def _settled(machine: Machine, shown: Sequence[_Shown]) -> list[_Shown]:
    """The same without flickers, without restarts, and without ids that were half typed."""
    stays = _rejoined(machine, [list(group) for _, group in groupby(shown, lambda one: one.said)])
    parts: list[list[_Shown]] = []  # from the end: what is half typed goes to what became of it
    for place in reversed(range(len(stays))):
        stay, after = stays[place], parts[-1][0] if parts else None
        if stay[0].said and after is not None and after.at - stay[0].at < machine.settle:
            heir = after if after.said else stays[place - 1][-1] if place else stay[0]
            stay = [replace(one, said=heir.said, process=heir.process) for one in stay]
        parts.append(stay)
    return [one for part in reversed(parts) for one in part]


def _rejoined(machine: Machine, stays: Sequence[list[_Shown]]) -> list[list[_Shown]]:
    """Stays of one id each, those of the same id joined over what only flickered between them."""
    joined: list[list[_Shown]] = []
    place = 0
    while place < len(stays):
        stay = list(stays[place])
        while (back := _return(machine, stays, place)) is not None:
            last = stay[-1]
            for between in stays[place + 1 : back]:
                stay += [replace(one, said=last.said, process=last.process) for one in between]
            stay += stays[back]
            place = back
        joined.append(stay)
        place += 1
    return joined


def _return(machine: Machine, stays: Sequence[list[_Shown]], place: int) -> int | None:
    """Where the id of a stay is back, if it never really left."""
    said = stays[place][0].said
    empty = bool(said)  # whether nothing but emptiness was shown since
    for later in range(place + 2, len(stays)):
        empty = empty and not stays[later - 1][0].said
        away = stays[later][0].at - stays[place + 1][0].at
        if away >= machine.settle and not (empty and away <= machine.restart):
            return None
        if stays[later][0].said == said:
            return later
    return None


def _edges_in_gaps(machine: Machine, shown: Sequence[_Shown]) -> Sequence[Problem]:
    """Changes of batch that nobody saw happen: the edge may be minutes off."""
    return [
        Problem(
            "run-edge-in-gap",
            machine.id,
            after.at,
            {"from": before.said or "-", "to": after.said or "-", "minutes": _minutes(gap)},
        )
        for before, after in pairwise(shown)
        if before.said != after.said and (gap := after.at - before.at) > _LONGEST_SURE_EDGE
    ]


def _minutes(gap: timedelta) -> str:
    return str(round(gap.total_seconds() / 60))
