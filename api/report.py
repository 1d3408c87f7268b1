"""The report: one batch's footprint from journal, books, plant and factors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.books import Books
from api.calendar import Span, spans, with_last_closed
from api.ledger import networks
from api.ledger.accounts import Run
from api.ledger.attribute import Attribution, attribute
from api.ledger.cuts import slot_end, slot_start
from api.ledger.factors import Factor, Price, Question, price
from api.ledger.footprint import Footprint, footprint
from api.ledger.lines import lines_of
from api.ledger.plant import Plant
from api.ledger.pools import Window
from api.ledger.priced import priced
from api.meters import INSTANT, Meters, meters_around, meters_beside
from api.plant import in_force
from api.shifts import Shifts
from collector.wire.problem import Problem
from gateway.intervals import Measured
from gateway.journal import Journal


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
        self._books, self._catalogue = books, catalogue
        self.plants = plants
        self.meters = Meters(journal)
        self.shifts = Shifts(books, self.meters)

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
        makers = {name: networks.made_by(plant, name) for name in networks.carriers(plant)}
        lines = lines_of(tally.batch, found.postings, found.charges, makers, prices)
        accepted_kg, accepted_from = self.shifts.accepted(plant, tally.batch, tally.runs)
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
        runs = tuple(self._books.runs.of(batch))
        if not runs or any(run.going_on for run in runs):
            return False
        plant = in_force(self.plants, runs[0].start)
        _, end = self.shifts.scope(plant, runs)
        return all(
            self.meters.reported(plant, names) >= edge
            for names in networks.joined(plant)
            for _, edge in spans(plant, end - INSTANT, end)[networks.window_key(plant, names)]
        )

    def tally(self, batch: str) -> Tally | None:
        """The physical side of a batch as it stands; None where no run of it is known."""
        runs = tuple(self._books.runs.of(batch))
        if not runs:
            return None
        plant = in_force(self.plants, runs[0].start)
        start, end = self.shifts.scope(plant, runs)
        closing = {
            networks.window_key(plant, names): self.meters.reported(plant, names)
            for names in networks.joined(plant)
        }
        found = with_last_closed(plant, spans(plant, start, end), closing)
        wide = self._hull(start, end, found, whole_slots=bool(meters_beside(plant)))
        shift = self.shifts.around(plant, *wide)
        # As the shift saw them: the books may have been written between the two looks.
        seen = (run for found in shift.runs.values() for run in found if run.batch == batch)
        runs = tuple(sorted(seen, key=lambda run: (run.start, run.machine))) or runs
        measured = self.meters.measure(plant, self._needed(plant, runs), shift.every_run(), *wide)
        marked = {
            name: [Window(a, b, closed=b <= closing[name]) for a, b in own]
            for name, own in found.items()
        }
        gauges = self.meters.gauges(plant, *wide)
        attribution = attribute(plant, shift, marked, measured, gauges)
        around = {*meters_around(plant, networks.carriers(plant)), *meters_beside(plant)}
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
            problems=(*attribution.problems, *self.meters.silent(waiting, shift.known_until)),
        )

    @staticmethod
    def _hull(
        start: datetime, end: datetime, found: Mapping[str, Sequence[Span]], *, whole_slots: bool
    ) -> Span:
        edges = [edge for own in found.values() for span in own for edge in span]
        first, last = min([start, *edges]), max([end, *edges])
        return (slot_start(first), slot_end(last)) if whole_slots else (first, last)

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
        meters += meters_around(plant, networks.carriers(plant)) + meters_beside(plant)
        return list(dict.fromkeys(meters))

    def _prices(
        self, plant: Plant, measured: Mapping[str, Measured], question: Question
    ) -> tuple[dict[str, Price], list[Problem]]:
        prices: dict[str, Price] = {}
        problems: list[Problem] = []
        for carrier, unit in priced(plant, measured).items():
            prices[carrier], found = price(
                carrier, unit, self._catalogue.factors, self._catalogue.gwp, question
            )
            problems += found
        return prices, problems
