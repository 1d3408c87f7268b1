"""The report: one batch's footprint from journal, books, plant and factors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from api.books import Books
from api.calendar import windows
from api.ledger.accounts import Run
from api.ledger.attribute import Attribution, attribute
from api.ledger.factors import Factor, Price, Question, price
from api.ledger.footprint import Footprint, footprint
from api.ledger.genealogy import Carried, Event, Own, carried_by, family, kilograms
from api.ledger.lines import lines_of
from api.ledger.plant import Plant
from api.ledger.utilities import Window
from api.meters import INSTANT, Meters, meters_around
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
        relatives: Tallies of the batches that handed something on to it.
        events: What happened in its family (rule 21).
    """

    batch: str
    plant: Plant
    runs: tuple[Run, ...]
    final: bool
    attribution: Attribution
    measured: Mapping[str, Measured]
    scope: tuple[datetime, datetime]
    problems: tuple[Problem, ...]
    relatives: tuple["Tally", ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A batch's tally, priced.

    Attributes:
        tally: The physical side.
        view: ``inventory`` or ``footprint``.
        accepted_kg: Its mass that counts under its own name; None where nobody says it. [kg]
        accepted_from: Who says so: a point, or ``entered``.
        footprint: The result of its own runs.
        problems: What is wrong.
        carried: What it carries in the end, with what its family handed on.
    """

    tally: Tally
    view: str
    accepted_kg: Decimal | None
    accepted_from: str
    footprint: Footprint
    problems: tuple[Problem, ...]
    carried: Carried


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
        about = tally.runs[0].start if tally.runs else tally.scope[0]
        question = Question(view, "location", plant.region, about, asked)
        prices, problems = self._prices(plant, tally.measured, question)
        makers = {one.makes: one.id for one in plant.utilities}
        lines = lines_of(tally.batch, found.postings, found.charges, makers, prices)
        accepted_kg, accepted_from = self.shifts.accepted(plant, tally.batch, tally.runs)
        relatives = [self.price(one, view, asked) for one in tally.relatives]
        own = [(tally.batch, line) for line in lines]
        own += [(one.tally.batch, line) for one in relatives for line in one.footprint.lines]
        uses = [Own(batch, line.run.start, line.kgco2e) for batch, line in own]
        return Report(
            tally=tally,
            view=view,
            accepted_kg=kilograms(tally.batch, accepted_kg, tally.events),
            accepted_from=accepted_from,
            footprint=footprint(lines),
            problems=(*tally.problems, *problems, *(p for one in relatives for p in one.problems)),
            carried=carried_by(tally.batch, tally.events, uses),
        )

    def ripe(self, batch: str) -> bool:
        """Whether a batch can be final: its runs have ended and its windows are closed."""
        names, _ = family(batch, self._books.genealogy.relatives([batch]))
        runs = tuple(run for name in names for run in self._books.runs.of(name))
        if not runs or any(run.going_on for run in runs):
            return False
        plant = in_force(self.plants, runs[0].start)
        _, end = self.shifts.scope(plant, runs)
        return all(
            self.meters.reported(plant, utility) >= edge
            for utility in plant.utilities
            for _, edge in windows(utility.balance_over, plant.timezone, end - INSTANT, end)
        )

    def tally(self, batch: str) -> Tally | None:
        """The physical side of a batch as it stands; None where nothing of it is known."""
        names, events = family(batch, self._books.genealogy.relatives([batch]))
        found = {name: tally for name in names if (tally := self._own(name)) is not None}
        own = found.pop(batch, None)
        if not events or not (own or found):
            return own
        relatives = tuple(found.values())
        own = own or _without_runs(batch, relatives[0])
        return replace(
            own,
            final=own.final and all(one.final for one in relatives),
            scope=(
                min(one.scope[0] for one in (own, *relatives)),
                max(one.scope[1] for one in (own, *relatives)),
            ),
            relatives=relatives,
            events=events,
        )

    def _own(self, batch: str) -> Tally | None:
        """The tally of a batch's own runs; None where no run of it is known."""
        runs = tuple(self._books.runs.of(batch))
        if not runs:
            return None
        plant = in_force(self.plants, runs[0].start)
        start, end = self.shifts.scope(plant, runs)
        spans = {
            utility.id: windows(utility.balance_over, plant.timezone, start, end)
            for utility in plant.utilities
        }
        wide = self._hull(start, end, spans)
        shift = self.shifts.around(plant, *wide)
        # As the shift saw them: the books may have been written between the two looks.
        seen = (run for found in shift.runs.values() for run in found if run.batch == batch)
        runs = tuple(sorted(seen, key=lambda run: (run.start, run.machine))) or runs
        measured = self.meters.measure(plant, self._needed(plant, runs), shift.every_run(), *wide)
        closing = {utility.id: self.meters.reported(plant, utility) for utility in plant.utilities}
        marked = {
            name: [Window(a, b, closed=b <= closing[name]) for a, b in found]
            for name, found in spans.items()
        }
        attribution = attribute(plant, shift, marked, measured)
        around = {meter for one in plant.utilities for meter in meters_around(plant, one)}
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
            meters += meters_around(plant, utility)
        return list(dict.fromkeys(meters))

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


def _without_runs(batch: str, relative: Tally) -> Tally:
    """The tally of a batch that has only what others handed on to it."""
    nothing = Attribution((), (), (), ())
    return replace(
        relative, batch=batch, runs=(), final=True, attribution=nothing, measured={}, problems=()
    )
