"""The report: one batch's footprint from journal, books, plant and factors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from api.books import Books
from api.calendar import windows
from api.ledger.accounts import Run
from api.ledger.attribute import Attribution, attribute
from api.ledger.cuts import cuts
from api.ledger.factors import Factor, Price, Question, price
from api.ledger.footprint import Footprint, footprint
from api.ledger.lines import lines_of
from api.ledger.machines import Shift
from api.ledger.plant import Plant, Utility
from api.ledger.utilities import Window
from api.plant import in_force
from collector.wire.problem import Problem
from gateway.intervals import Counter, Measured, measure
from gateway.journal import Journal

_INSTANT = timedelta(milliseconds=1)
_SILENT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The factors and warming potentials in use."""

    factors: tuple[Factor, ...]
    gwp: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Tally:
    """The physical side of a batch: who carries what, before any factor (rule 17).

    Attributes:
        batch: Which.
        plant: The plant that holds for it.
        runs: Its runs.
        final: Whether every window that it touches is closed and every meter has reported past.
        attribution: Who carries what of the period.
        measured: Every meter that was used.
        scope: The period that the result depends on.
        problems: What is wrong.
    """

    batch: str
    plant: Plant
    runs: tuple[Run, ...]
    final: bool
    attribution: Attribution
    measured: Mapping[str, Measured]
    scope: tuple[datetime, datetime]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A batch's tally, priced.

    Attributes:
        tally: The physical side.
        view: ``inventory`` or ``footprint``.
        accepted_kg: Its mass; None where nobody says it. [kg]
        accepted_from: Who says so: a point, or ``entered``.
        footprint: The result.
        problems: What is wrong.
    """

    tally: Tally
    view: str
    accepted_kg: Decimal | None
    accepted_from: str
    footprint: Footprint
    problems: tuple[Problem, ...]


class Reporter:
    """Computes reports. Holds no state of its own but the plant and the catalogue."""

    def __init__(
        self, journal: Journal, books: Books, plants: tuple[Plant, ...], catalogue: Catalogue
    ) -> None:
        self._journal, self._books = journal, books
        self.plants, self._catalogue = plants, catalogue

    def report(self, batch: str, view: str, asked: datetime) -> Report | None:
        """The footprint of a batch as it stands; None where no run of it is known."""
        tally = self.tally(batch)
        return None if tally is None else self.price(tally, view, asked)

    def price(self, tally: Tally, view: str, asked: datetime) -> Report:
        """Price a tally.

        Args:
            tally: The physical side.
            view: ``inventory`` or ``footprint``.
            asked: Time of computation: factors published later are not used.
        """
        plant, found = tally.plant, tally.attribution
        question = Question(view, "location", plant.region, tally.runs[0].start, asked)
        prices, problems = self._prices(plant, tally.measured, question)
        makers = {one.makes: one.id for one in plant.utilities}
        lines = lines_of(tally.batch, found.postings, found.charges, makers, prices)
        accepted_kg, accepted_from = self.accepted(plant, tally.batch, tally.runs)
        return Report(
            tally=tally,
            view=view,
            accepted_kg=accepted_kg,
            accepted_from=accepted_from,
            footprint=footprint(lines),
            problems=(*tally.problems, *problems),
        )

    def ripe(self, batch: str) -> bool:
        """Whether a batch can be final: its runs have ended and its windows are closed."""
        runs = tuple(self._books.runs_of(batch))
        if not runs or any(run.going_on for run in runs):
            return False
        plant = in_force(self.plants, runs[0].start)
        _, end = self._scope(plant, runs)
        return all(
            self._reported(plant, utility) >= edge
            for utility in plant.utilities
            for _, edge in windows(utility.balance_over, plant.timezone, end - _INSTANT, end)
        )

    def tally(self, batch: str) -> Tally | None:
        """The physical side of a batch as it stands; None where no run of it is known."""
        runs = tuple(self._books.runs_of(batch))
        if not runs:
            return None
        plant = in_force(self.plants, runs[0].start)
        start, end = self._scope(plant, runs)
        spans = {
            utility.id: windows(utility.balance_over, plant.timezone, start, end)
            for utility in plant.utilities
        }
        wide = self._hull(start, end, spans)
        shift = self.shift(plant, *wide)
        # As the shift saw them: the books may have been written between the two looks.
        seen = (run for found in shift.runs.values() for run in found if run.batch == batch)
        runs = tuple(sorted(seen, key=lambda run: (run.start, run.machine))) or runs
        measured = self.measure(plant, self._needed(plant, runs), shift, *wide)
        closing = {utility.id: self._reported(plant, utility) for utility in plant.utilities}
        marked = {
            name: [Window(a, b, closed=b <= closing[name]) for a, b in found]
            for name, found in spans.items()
        }
        attribution = attribute(plant, shift, marked, measured)
        around = {meter for one in plant.utilities for meter in _around(plant, one)}
        waiting = [
            meter
            for meter, one in measured.items()
            if any(
                mark.after is None
                for mark in one.marks
                if mark.at <= (wide[1] if meter in around else end)
            )
        ]
        ended = not any(run.going_on for run in runs)
        return Tally(
            batch=batch,
            plant=plant,
            runs=runs,
            final=ended and not waiting and all(w.closed for ws in marked.values() for w in ws),
            attribution=attribution,
            measured=measured,
            scope=wide,
            problems=(*attribution.problems, *self._silent(waiting, shift.known_until)),
        )

    def shift(self, plant: Plant, start: datetime, end: datetime) -> Shift:
        """What the machines did around a period: its runs, and the next one of each machine."""
        found = self._books.runs_between(start, end)
        by_machine: dict[str, list[Run]] = {machine.id: [] for machine in plant.machines}
        for run in found:
            by_machine.setdefault(run.machine, []).append(run)
        for machine, runs in by_machine.items():
            following = self._books.neighbour(machine, end, later=True)
            if following is not None:
                runs.append(following)
        batches = {run.batch for runs in by_machine.values() for run in runs if run.batch}
        # All their runs, also those beyond the period: a batch weighs the same for all who ask.
        whole = {batch: self._books.runs_of(batch) for batch in batches}
        for run in (run for own in whole.values() for run in own):
            if run not in by_machine.setdefault(run.machine, []):
                by_machine[run.machine].append(run)
        for runs in by_machine.values():
            runs.sort(key=lambda run: run.start)
        rated = {m.id: Decimal(m.rated_kw) for m in plant.machines if m.rated_kw}
        return Shift(by_machine, self._masses(plant, whole), rated, self.known_until(plant))

    def _masses(self, plant: Plant, runs: Mapping[str, Sequence[Run]]) -> dict[str, Decimal]:
        """Mass of each batch that has one. [kg]"""
        weighed = {batch: self.accepted(plant, batch, own)[0] for batch, own in runs.items()}
        return {batch: mass for batch, mass in weighed.items() if mass}

    def measure(
        self,
        plant: Plant,
        meters: Iterable[str],
        shift: Shift,
        start: datetime,
        end: datetime,
    ) -> dict[str, Measured]:
        """Amounts of meters over a period, cut where the ledger needs them cut."""
        bounds = cuts(plant, [run for runs in shift.runs.values() for run in runs], start, end)
        found = {}
        for meter in meters:
            counter = self.counter(meter)
            if counter is not None:
                found[meter] = self._measure(counter, bounds[meter])
        return found

    def counter(self, meter: str) -> Counter | None:
        """What is known of a counter by its device's last birth."""
        device, _, name = meter.partition(".")
        birth = self._journal.newest_birth(device)
        point = birth.point(name) if birth else None
        if birth is None or point is None:
            return None
        return Counter(
            ref=meter,
            unit=point.unit,
            modulus=Decimal(point.modulus) if point.modulus else None,
            every=timedelta(milliseconds=birth.every_ms),
            resolution=Decimal(point.resolution) if point.resolution else None,
        )

    def known_until(self, plant: Plant) -> datetime:
        """How far the readings of the plant reach: the newest of any machine."""
        devices = {meter.partition(".")[0] for meter in plant.carrier_of()}
        latest = [self._journal.latest(device) for device in devices]
        return max((one.at for one in latest if one), default=plant.valid_from)

    def accepted(self, plant: Plant, batch: str, runs: Sequence[Run]) -> tuple[Decimal | None, str]:
        """A batch's mass, and who says so: what was entered, else what a machine weighed. [kg]"""
        entry = self._books.batch(batch)
        if entry is not None and entry.accepted_kg is not None:
            return Decimal(entry.accepted_kg), "entered"
        for run in runs:
            machine = plant.machine(run.machine)
            if machine is None or machine.mass is None:
                continue
            device, _, point = machine.mass.partition(".")
            sample = self._journal.last_at_or_before(device, point, run.end - _INSTANT)
            if (
                sample is not None
                and sample.at >= run.start
                and isinstance(sample.value, float | int)
            ):
                return Decimal(repr(sample.value)), machine.mass
        return None, ""

    def _measure(self, counter: Counter, bounds: Sequence[datetime]) -> Measured:
        device, _, point = counter.ref.partition(".")
        samples = self._journal.samples(device, point, bounds[0], bounds[-1] + _INSTANT)
        before = self._journal.last_at_or_before(device, point, bounds[0])
        after = self._journal.first_after(device, point, bounds[-1])
        around = [one for one in (before, *samples, after) if one is not None]
        # One more on each side: what is spurious shows only between two that are not.
        if before is not None:
            earlier = self._journal.last_at_or_before(device, point, before.at - _INSTANT)
            around += [earlier] if earlier else []
        if after is not None:
            later = self._journal.first_after(device, point, after.at)
            around += [later] if later else []
        unique = {sample.at: sample for sample in around}
        return measure([unique[at] for at in sorted(unique)], bounds, counter)

    def _scope(self, plant: Plant, runs: Sequence[Run]) -> tuple[datetime, datetime]:
        """From the idling before its first run to the end of its last."""
        starts = []
        for run in runs:
            machine = plant.machine(run.machine)
            longest = machine.standby.longest if machine else timedelta(0)
            before = self._books.neighbour(run.machine, run.start, later=False)
            idle_from = run.start - longest
            starts.append(max(idle_from, before.end) if before else idle_from)
        return min(starts), max(run.end for run in runs)

    @staticmethod
    def _hull(
        start: datetime,
        end: datetime,
        spans: Mapping[str, Sequence[tuple[datetime, datetime]]],
    ) -> tuple[datetime, datetime]:
        edges = [edge for found in spans.values() for span in found for edge in span]
        return min([start, *edges]), max([end, *edges])

    @staticmethod
    def _needed(plant: Plant, runs: Sequence[Run]) -> list[str]:
        """Meters that a batch's footprint depends on."""
        names = {run.machine for run in runs}
        meters = [
            meter
            for machine in plant.machines
            if machine.id in names
            for _, meter in machine.meters
        ]
        meters += [one.meter for one in plant.shared if names & set(one.machines)]
        for utility in plant.utilities:
            meters += _around(plant, utility)
        return list(dict.fromkeys(meters))

    def _reported(self, plant: Plant, utility: Utility) -> datetime:
        """How far every meter around a utility has reported."""
        meters = _around(plant, utility)
        latest = [self._journal.latest(meter.partition(".")[0]) for meter in meters]
        return min(one.at if one else plant.valid_from for one in latest)

    def _silent(self, meters: Iterable[str], now: datetime) -> tuple[Problem, ...]:
        """Meters of a batch that have said nothing for a quarter of an hour."""
        problems = []
        for meter in meters:
            latest = self._journal.latest(meter.partition(".")[0])
            if latest is None or now - latest.at > _SILENT:
                since = f"{latest.at:%Y-%m-%dT%H:%M:%SZ}" if latest else "-"
                problems.append(Problem("meter-silent", meter, now, {"since": since}))
        return tuple(problems)

    def _prices(
        self, plant: Plant, measured: Mapping[str, Measured], question: Question
    ) -> tuple[dict[str, Price], list[Problem]]:
        carriers = plant.carrier_of()
        made = {utility.makes for utility in plant.utilities}
        prices: dict[str, Price] = {}
        problems: list[Problem] = []
        for meter, one in measured.items():
            carrier = carriers[meter]
            if carrier in made or carrier in prices:
                continue
            prices[carrier], found = price(
                carrier,
                one.counter.unit,
                self._catalogue.factors,
                self._catalogue.gwp,
                question,
            )
            problems += found
        return prices, problems


def _around(plant: Plant, utility: Utility) -> list[str]:
    """Counters that a utility's balance needs: its own, and those of whoever takes its output."""
    meters = [meter for _, meter in utility.uses]
    meters += [utility.output] if utility.output else []
    meters += [
        meter
        for machine in plant.machines
        for carrier, meter in machine.meters
        if carrier == utility.makes
    ]
    meters += [one.meter for one in plant.shared if one.carrier == utility.makes]
    return meters
