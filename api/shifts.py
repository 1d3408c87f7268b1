"""Shifts: what the machines did around a period, from the books and what machines said."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from typing_extensions import override

from api.books import Books
from api.calendar import work_shifts
from api.ledger.accounts import Run
from api.ledger.machines import Shift
from api.ledger.plant import Plant
from api.meters import INSTANT, Meters
from gateway.intervals import Curve


class Shifts:
    """Puts together who ran what, when, and with how much fabric."""

    def __init__(self, books: Books, meters: Meters) -> None:
        self._books, self._meters = books, meters

    def around(self, plant: Plant, start: datetime, end: datetime) -> Shift:
        """What the machines did around a period: its runs, and the next one of each machine."""
        working = work_shifts(plant.shifts, plant.timezone, start, end)
        # Standby that goes to a working shift goes to all of its runs, also beyond the period.
        since = min([start, *(one[0] for one in working)])
        until = max([end, *(one[1] for one in working)])
        found = {machine.id: list[Run]() for machine in plant.machines}
        for run in self._books.runs.between(since, until):
            found.setdefault(run.machine, []).append(run)
        for machine, runs in found.items():
            following = self._books.runs.neighbour(machine, until, later=True)
            if following is not None:
                at = following.start
                together = self._books.runs.between(at, at + INSTANT)
                runs += [run for run in together if run.machine == machine and run.start == at]
        batches = {run.batch for runs in found.values() for run in runs if run.batch}
        # All their runs, also those beyond the period: a batch weighs the same for all who ask.
        whole = self._books.runs.of_each(sorted(batches))
        for run in (run for own in whole.values() for run in own):
            if run not in found.setdefault(run.machine, []):
                found[run.machine].append(run)
        for runs in found.values():
            runs.sort(key=lambda run: (run.start, run.end))
        return Shift(
            found,
            self._masses(plant, whole),
            {m.id: Decimal(m.rated_kw) for m in plant.machines if m.rated_kw},
            self._meters.known_until(plant),
            self._quantities(plant, whole),
            _Curves(self._meters, plant, start, end),
            working,
            {m.id: Decimal(m.beside_kw) for m in plant.machines if m.beside_kw},
        )

    def accepted(self, plant: Plant, batch: str, runs: Sequence[Run]) -> tuple[Decimal | None, str]:
        """A batch's mass, and who says so. [kg]

        What was entered of it, else what was stated with its runs, else what a split or a merge
        left it, else what a machine weighed.
        """
        return self._accepted(plant, {batch: runs})[batch]

    def scope(self, plant: Plant, runs: Sequence[Run]) -> tuple[datetime, datetime]:
        """From the idling before its first run to the end of its last, or of their shifts."""
        edges = [edge for run in runs for edge in (self._idle_from(plant, run), run.end)]
        for run in runs:
            if any(one.to == "shift" for one in plant.standbys(run.machine)):
                working = work_shifts(plant.shifts, plant.timezone, run.start, run.end)
                edges += [edge for shift in working for edge in shift]
        return min(edges), max(edges)

    def _idle_from(self, plant: Plant, run: Run) -> datetime:
        """Since when idling before a run may be its: after the last one, or of its whole group."""
        machine = plant.machine(run.machine)
        since = run.start - (machine.standby.longest if machine else timedelta(0))
        before = self._books.runs.neighbour(run.machine, run.start, later=False)
        own = max(since, before.end) if before else since
        groups = (one for one in plant.shared if run.machine in one.machines)
        return min([own, *(run.start - one.standby.longest for one in groups)])

    def _masses(self, plant: Plant, runs: Mapping[str, Sequence[Run]]) -> dict[str, Decimal]:
        """What each batch is said to weigh, as far as anybody says; the ledger judges it. [kg]"""
        said = self._accepted(plant, runs)
        return {batch: mass for batch, (mass, _) in said.items() if mass is not None}

    def _accepted(
        self, plant: Plant, runs: Mapping[str, Sequence[Run]]
    ) -> dict[str, tuple[Decimal | None, str]]:
        entered, stated = self._books.batches.kg(runs), self._books.runs.kg(runs)
        points = {machine.id: machine.mass for machine in plant.machines if machine.mass}
        found: dict[str, tuple[Decimal | None, str]] = {}
        for batch, own in runs.items():
            handed = self._books.genealogy.handed(batch)
            if batch in entered:
                found[batch] = Decimal(entered[batch]), "entered"
            elif batch in stated:
                found[batch] = Decimal(stated[batch]), "runs"
            elif handed is not None and all(run.start >= handed.at for run in own):
                found[batch] = handed.kg, "genealogy"
            else:
                found[batch] = self._shown(points, own)
        return found

    def _quantities(
        self, plant: Plant, runs: Mapping[str, Sequence[Run]]
    ) -> dict[str, dict[str, Decimal]]:
        """Length, area, pieces and passes of each batch, as machines show them."""
        found: dict[str, dict[str, Decimal]] = {}
        for kind in ("length", "area", "pieces", "passes"):
            points = {m.id: ref for m in plant.machines if (ref := m.quantities.get(kind))}
            shown = {batch: self._shown(points, own)[0] for batch, own in runs.items() if points}
            found[kind] = {batch: number for batch, number in shown.items() if number is not None}
        return found

    def _shown(self, points: Mapping[str, str], runs: Sequence[Run]) -> tuple[Decimal | None, str]:
        """What the first machine that shows a batch's quantity showed last, and where."""
        for run in runs:
            point = points.get(run.machine)
            shown = self._meters.shown_last(point, run) if point else None
            if point and shown is not None:
                return shown, point
        return None, ""


class _Curves(Mapping[tuple[str, str], Curve]):
    """The signals of a plant over a period, each read when it is first asked for."""

    def __init__(self, meters: Meters, plant: Plant, start: datetime, end: datetime) -> None:
        self._meters, self._period = meters, (start, end)
        self._refs = {
            (machine.id, name): ref
            for machine in plant.machines
            for name, ref in plant.signals_of(machine).items()
        }
        self._read: dict[tuple[str, str], Curve] = {}

    @override
    def __getitem__(self, key: tuple[str, str]) -> Curve:
        if key not in self._read:
            self._read[key] = self._meters.curve(self._refs[key], *self._period)
        return self._read[key]

    @override
    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._refs)

    @override
    def __len__(self) -> int:
        return len(self._refs)
