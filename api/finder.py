"""The finder: keeps the books' runs in step with what the machines said, late data included."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from api.books import Books
from api.ledger.plant import Machine, Plant
from api.ledger.runs import find_runs
from collector.wire.problem import Problem
from gateway.journal import Journal

_MARK = "runs-found"
_INSTANT = timedelta(milliseconds=1)


class Finder:
    """Finds runs anew from the earliest slot that changed.

    Attributes:
        changed: Devices and slots that changed in the last round.
        problems: What is wrong with the runs, by machine.
    """

    def __init__(self, journal: Journal, books: Books, plants: Sequence[Plant]) -> None:
        self._journal, self._books, self._plants = journal, books, plants
        self._position = self._kept = books.marks.position(_MARK)
        self.changed: tuple[tuple[str, datetime], ...] = ()
        self.problems: dict[str, tuple[Problem, ...]] = {}

    @property
    def position(self) -> int:
        """How far the journal was followed."""
        return self._position

    def advance(self) -> tuple[set[datetime], set[str]]:
        """Take in what changed in the journal since the last time; `keep` makes it last.

        Returns:
            The slots that changed, and the batches whose runs were found anew.
        """
        self._position, changed = self._journal.changed_since(self._position)
        self.changed = changed
        batches: set[str] = set()
        plant = self._plants[-1]
        for machine in plant.machines:
            device = (machine.batch or "").partition(".")[0]
            slots = [slot for name, slot in changed if name == device]
            if slots:
                batches.update(self._find(machine, min(slots)))
        return {slot for _, slot in changed}, batches

    def keep(self) -> None:
        """Remember how far the journal was followed, once all that follows from it is kept."""
        if self._position != self._kept:
            self._books.marks.keep(_MARK, self._position)
            self._kept = self._position

    def go_back(self) -> None:
        """Take in again, the next time, what followed from nothing that is kept."""
        self._position = self._kept

    def _find(self, machine: Machine, changed: datetime) -> set[str]:
        before = self._books.runs.neighbour(machine.id, changed, later=False)
        covers = before is not None and (before.going_on or before.end >= changed)
        since = before.start if before is not None and covers else changed
        batch_device, _, batch_point = (machine.batch or "").partition(".")
        latest = self._journal.latest(batch_device)
        if latest is None:
            return set()
        until = latest.at + _INSTANT
        batches = self._journal.samples(batch_device, batch_point, since, until)
        step_device, _, step_point = (machine.step or "").partition(".")
        steps = self._journal.samples(step_device, step_point, since, until) if machine.step else []
        runs, problems = find_runs(machine, batches, steps, latest.at)
        self._books.runs.replace(machine.id, since, runs)
        self.problems[machine.id] = problems
        return {run.batch for run in runs}
