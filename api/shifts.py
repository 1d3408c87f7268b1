"""Shifts: what the machines did around a period, from the books and what machines weighed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from api.books import Books
from api.ledger.accounts import Run
from api.ledger.machines import Shift
from api.ledger.plant import Plant
from api.meters import Meters


class Shifts:
    """Puts together who ran what, when, and with how much fabric."""

    def __init__(self, books: Books, meters: Meters) -> None:
        self._books, self._meters = books, meters

    def around(self, plant: Plant, start: datetime, end: datetime) -> Shift:
        """What the machines did around a period: its runs, and the next one of each machine."""
        found = self._books.runs.between(start, end)
        by_machine: dict[str, list[Run]] = {machine.id: [] for machine in plant.machines}
        for run in found:
            by_machine.setdefault(run.machine, []).append(run)
        for machine, runs in by_machine.items():
            following = self._books.runs.neighbour(machine, end, later=True)
            if following is not None:
                runs.append(following)
        batches = {run.batch for runs in by_machine.values() for run in runs if run.batch}
        # All their runs, also those beyond the period: a batch weighs the same for all who ask.
        whole = {batch: self._books.runs.of(batch) for batch in batches}
        for run in (run for own in whole.values() for run in own):
            if run not in by_machine.setdefault(run.machine, []):
                by_machine[run.machine].append(run)
        for runs in by_machine.values():
            runs.sort(key=lambda run: run.start)
        rated = {m.id: Decimal(m.rated_kw) for m in plant.machines if m.rated_kw}
        return Shift(by_machine, self._masses(plant, whole), rated, self._meters.known_until(plant))

    def accepted(self, plant: Plant, batch: str, runs: Sequence[Run]) -> tuple[Decimal | None, str]:
        """A batch's mass, and who says so. [kg]

        What was entered of it, else what was stated with its runs, else what a split or a merge
        left it, else what a machine weighed.
        """
        entry = self._books.batches.entered(batch)
        if entry is not None and entry.accepted_kg is not None:
            return Decimal(entry.accepted_kg), "entered"
        stated = self._books.runs.kg(batch)
        if stated is not None:
            return Decimal(stated), "runs"
        handed = self._books.genealogy.kg(batch)
        if handed is not None:
            return handed, "genealogy"
        for run in runs:
            machine = plant.machine(run.machine)
            weighed = self._meters.weighed(machine.mass, run) if machine and machine.mass else None
            if machine and machine.mass and weighed is not None:
                return weighed, machine.mass
        return None, ""

    def scope(self, plant: Plant, runs: Sequence[Run]) -> tuple[datetime, datetime]:
        """From the idling before its first run to the end of its last."""
        starts = []
        for run in runs:
            machine = plant.machine(run.machine)
            longest = machine.standby.longest if machine else timedelta(0)
            before = self._books.runs.neighbour(run.machine, run.start, later=False)
            idle_from = run.start - longest
            starts.append(max(idle_from, before.end) if before else idle_from)
        return min(starts), max(run.end for run in runs)

    def _masses(self, plant: Plant, runs: Mapping[str, Sequence[Run]]) -> dict[str, Decimal]:
        """Mass of each batch that has one. [kg]"""
        weighed = {batch: self.accepted(plant, batch, own)[0] for batch, own in runs.items()}
        return {batch: mass for batch, mass in weighed.items() if mass}
