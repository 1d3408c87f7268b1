"""Ids that nobody announced: a batch id that is probably mistyped, and what was meant."""

from collections.abc import Collection, Iterable

from api.ledger.accounts import Run
from collector.wire.problem import Problem


def doubtful(
    runs: Iterable[Run], entered: Collection[str], planned: Collection[str]
) -> tuple[Problem, ...]:
    """Runs whose id is on no list, in a mill that keeps one.

    Numbers of neighbouring batches differ in one sign, so an id is doubted only where it was
    not announced and another one was: a mill that announces nothing is never asked.

    Args:
        runs: What ran.
        entered: Every batch that anybody entered.
        planned: Those of them that have not run yet.
    """
    problems = []
    for batch, run in {run.batch: run for run in runs if run.batch}.items():
        if batch in entered or not planned:
            continue
        near = min(sorted(planned), key=lambda name: edits(batch, name))
        values = {"said": batch, "nearest": near}
        if edits(batch, near) == 1:
            problems.append(Problem("batch-mistyped", run.machine, run.start, values))
        else:
            problems.append(Problem("batch-not-planned", run.machine, run.start, values))
    return tuple(problems)


def edits(one: str, other: str) -> int:
    """Signs to insert, drop, change or swap with the next, to make one text of another."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
