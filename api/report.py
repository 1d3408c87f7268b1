"""The report: what one batch used, from journal, books and plant, and the prices beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.books import Books
from api.calendar import Span, spans, with_last_closed
from api.derivation import Derivation, Piece, in_family
from api.ledger import networks
from api.ledger.accounts import Run
from api.ledger.attribute import attribute
from api.ledger.cuts import slot_end, slot_start, stretched
from api.ledger.factors import Catalogue
from api.ledger.genealogy import family
from api.ledger.lines import Line, declared, lines_of, together
from api.ledger.plant import Plant
from api.ledger.pools import Window
from api.ledger.tally import Tally
from api.meters import INSTANT, Meters, meters_around, meters_beside, told_by
from api.plant import Stretch, in_force, stretches
from api.pricing import Priced, Pricer, Report
from api.reads import with_reads
from api.shifts import Shifts
from collector.wire.problem import Problem
from gateway.intervals import Measured
from gateway.journal import Journal


class Reporter:
    """Derives what batches used. Holds no state of its own but the plant and the prices."""

    def __init__(
        self, journal: Journal, books: Books, plants: tuple[Plant, ...], catalogue: Catalogue
    ) -> None:
        self._books = books
        self.pricer = Pricer(catalogue)
        self._journal, self.plants = journal, plants
        self.meters = Meters(journal, books)
        self.shifts = Shifts(books, self.meters)

    def report(self, batch: str, view: str, asked: datetime) -> Report | None:
        """The footprint of a batch as it stands; None where no run of it is known."""
        found = self.derive(batch)
        return None if found is None else self.pricer.price(found.tally, Priced(view, asked))

    def ripe(self, batch: str) -> bool:
        """Whether a batch can be final: its family's runs have ended and windows are closed."""
        names, _ = family(batch, self._books.genealogy.relatives([batch]))
        own = [runs for name in names if (runs := tuple(self._books.runs.of(name)))]
        return bool(own) and all(self._ripe(runs) for runs in own)

    def knows(self, batch: str) -> bool:
        """Whether any run of a batch, or of one that handed something on to it, is known."""
        names, _ = family(batch, self._books.genealogy.relatives([batch]))
        return any(self._books.runs.of(name) for name in names)

    def _ripe(self, runs: Sequence[Run]) -> bool:
        if any(run.going_on for run in runs):
            return False
        _, end = self.shifts.scope(in_force(self.plants, runs[0].start), runs)
        plant = in_force(self.plants, end - INSTANT)
        return all(
            self.meters.reported(plant, names) >= edge
            for names in networks.joined(plant)
            for _, edge in spans(plant, end - INSTANT, end)[networks.window_key(plant, names)]
        )

    def reach(self, device: str, slots: Iterable[datetime]) -> list[Span]:
        """The times in which amounts may be others where readings of slots have come late."""
        carriers = [meter for plant in self.plants for meter in plant.carrier_of()]
        own = dict.fromkeys(one for one in carriers if one.partition(".")[0] == device)
        return [self.meters.reach(device, own, *one) for one in stretched(slots)]

    def derive(self, batch: str) -> Derivation | None:
        """The physical side of a batch as it stands; None where no run of its family is known."""
        names, events = family(batch, self._books.genealogy.relatives([batch]))
        found = {name: own for name in names if (own := self._own(name)) is not None}
        if not found or not events:
            return found.get(batch)
        own = found.get(batch)
        tally = own.tally if own else None
        weighed = (
            (tally.accepted_kg, tally.accepted_from)
            if tally
            else self.shifts.accepted(self.plants[-1], batch, ())
        )
        return in_family(batch, weighed, found, events)

    def _own(self, batch: str) -> Derivation | None:
        """What a batch used by itself; None where no run of it is known."""
        runs = tuple(self._books.runs.of(batch))
        if not runs:
            return None
        first = in_force(self.plants, runs[0].start)
        period = self.shifts.scope(first, runs)
        found = [self._piece(batch, runs, one) for one in stretches(self.plants, *period)]
        # As the shifts saw them: the books may have been written between the two looks.
        runs = tuple(dict.fromkeys(run for one in found for run in one.runs)) or runs
        accepted_kg, accepted_from = self.shifts.accepted(first, batch, runs)
        tally = Tally(
            batch=batch,
            region=first.place,
            runs=tuple(sorted(runs, key=lambda run: (run.start, run.machine))),
            final=all(one.closed for one in found) and not any(run.going_on for run in runs),
            lines=(
                *with_reads(
                    self._journal,
                    together(line for one in found for line in _lines(batch, one.piece)),
                ),
                *self._declared(batch, runs),
            ),
            accepted_kg=accepted_kg,
            accepted_from=accepted_from,
            scope=(min(one.scope[0] for one in found), max(one.scope[1] for one in found)),
            problems=tuple(problem for one in found for problem in one.problems),
        )
        return Derivation(tally, tuple(one.piece for one in found), tally.lines)

    def _piece(self, batch: str, runs: Sequence[Run], stretch: Stretch) -> "_Found":
        plant, start, end = stretch.plant, stretch.start, stretch.end
        closing = {
            networks.window_key(plant, names): self.meters.reported(plant, names)
            for names in networks.joined(plant)
        }
        whole = with_last_closed(plant, spans(plant, start, end), closing)
        found = {name: stretch.within(own) for name, own in whole.items()}
        wide = _hull(start, end, found, whole_slots=bool(meters_beside(plant)))
        shift = self.shifts.around(plant, *wide)
        seen = tuple(run for run in shift.every_run() if run.batch == batch)
        needed = self._needed(plant, seen or runs)
        refs = [*needed, *told_by(plant)]
        gaps = [self.meters.missing_since(refs)]  # asked before and after: readings keep coming
        measured = self.meters.measure(plant, needed, shift.every_run(), *wide)
        marked = {
            name: [Window(a, b, closed=b <= closing[name]) for a, b in own]
            for name, own in found.items()
        }
        attribution = attribute(plant, shift, marked, measured, self.meters.gauges(plant, *wide))
        gaps.append(self.meters.missing_since(refs))
        waiting = _waiting(plant, measured, end, wide[1])
        silent = self.meters.silent(waiting, shift.known_until)
        return _Found(
            piece=Piece(batch, plant, attribution, measured),
            runs=seen,
            closed=not waiting
            and all(gap is None or gap >= wide[1] for gap in gaps)
            and all(w.closed for ws in marked.values() for w in ws),
            scope=wide,
            problems=(*attribution.problems, *silent, *self.meters.expired(plant, measured, start)),
        )

    def _declared(self, batch: str, runs: Sequence[Run]) -> list[Line]:
        """What people declared that a batch used and no meter counts (rule 16)."""
        return [
            declared(
                min(runs, key=lambda run: (not run.start <= entry.at < run.end, run.start)),
                entry.body["carrier"],
                entry.body["unit"],
                Decimal(entry.body["amount"]),
                f"entry-{entry.id}",
            )
            for entry in self._books.entries.of("emission", batch)
        ]

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


@dataclass(frozen=True, slots=True)
class _Found:
    """A piece, and what is known of it."""

    piece: Piece
    runs: tuple[Run, ...]
    closed: bool
    scope: Span
    problems: tuple[Problem, ...]


def _hull(
    start: datetime, end: datetime, found: Mapping[str, Sequence[Span]], *, whole_slots: bool
) -> Span:
    edges = [edge for own in found.values() for span in own for edge in span]
    first, last = min([start, *edges]), max([end, *edges])
    return (slot_start(first), slot_end(last)) if whole_slots else (first, last)


def _lines(batch: str, piece: Piece) -> tuple[Line, ...]:
    found = piece.attribution
    plant = piece.plant
    makers = {name: networks.made_by(plant, name) for name in networks.carriers(plant)}
    units = {meter: one.counter.unit for meter, one in piece.measured.items()}
    return lines_of(batch, found.postings, found.charges, makers, units)


def _waiting(
    plant: Plant, measured: Mapping[str, Measured], end: datetime, wide_end: datetime
) -> list[str]:
    """Meters that have not reported past what is needed of them."""
    around = {*meters_around(plant, networks.carriers(plant)), *meters_beside(plant)}
    return [
        meter
        for meter, one in measured.items()
        if any(
            mark.after is None
            for mark in one.marks
            if mark.at <= (wide_end if meter in around else end)
        )
    ]
