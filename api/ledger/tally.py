"""A tally: who carries what of a batch, before any factor (rule 17). Small enough to be kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from api.ledger.accounts import Run
from api.ledger.factors import Price
from api.ledger.genealogy import Event, Heir
from api.ledger.lines import MILLIGRAM, Input, Line, Reads
from api.ledger.pollutants import POLLUTANTS
from collector.wire.problem import Problem
from collector.wire.reading import instant, unix_ms

_OF = itemgetter(0, 1)
_BARE = 12
"""As long is a line's form where nobody counted its reads."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A batch that used something: its prices are those of its own place and time.

    Attributes:
        batch: Which.
        region: Where, as narrow as factors are chosen.
        about: When it used what it used.
    """

    batch: str
    region: str
    about: datetime


@dataclass(frozen=True, slots=True)
class Intake:
    """What of a batch's supplies one batch took, itself or a relative: all that a total depends on.

    Attributes:
        batch: Who took it.
        region: Where, as narrow as factors are chosen.
        about: When it was used.
        amounts: Carrier, unit and amount of each input of each line.
    """

    batch: str
    region: str
    about: datetime
    amounts: tuple[tuple[str, str, Decimal], ...]

    @property
    def wanted(self) -> tuple[tuple[str, str], ...]:
        """Carriers and units that need a price."""
        return tuple(dict.fromkeys(map(_OF, self.amounts)))


@dataclass(frozen=True, slots=True)
class Tally:
    """The physical side of a batch.

    Attributes:
        batch: Which.
        region: Where, as narrow as factors are chosen: CN-ZJ-keqiao.
        runs: Its runs, by time, and those of relatives of which it carries something; none where
            late data took them all away.
        final: Whether every window that it touches is closed and every meter has reported past.
        lines: What it took, without prices.
        accepted_kg: Its mass; None where nobody says it. [kg]
        accepted_from: Who says so: a point, or ``entered``.
        scope: The period that the result depends on.
        problems: What is wrong.
        origins: Who used what it carries; none where nobody is related to it: itself alone.
        events: What happened in its family (rule 21).
    """

    batch: str
    region: str
    runs: tuple[Run, ...]
    final: bool
    lines: tuple[Line, ...]
    accepted_kg: Decimal | None
    accepted_from: str
    scope: tuple[datetime, datetime]
    problems: tuple[Problem, ...]
    origins: tuple[Origin, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def about(self) -> datetime:
        """When it used what it used: the beginning of its first run."""
        return self.runs[0].start if self.runs else self.scope[0]

    @property
    def ended(self) -> datetime:
        """The end of its last run: the month of it is the batch's."""
        return max((run.end for run in self.runs), default=self.scope[1])

    @property
    def intakes(self) -> tuple[Intake, ...]:
        """What needs a price, by who used it."""
        kin = self.origins or (Origin(self.batch, self.region, self.about),)
        return tuple(
            [Intake(one.batch, one.region, one.about, self._amounts_of(one.batch)) for one in kin]
        )

    def _amounts_of(self, origin: str) -> tuple[tuple[str, str, Decimal], ...]:
        alone = not self.origins
        own = [line for line in self.lines if alone or line.run.batch == origin]
        return tuple(
            [
                (one.carrier, one.unit, one.amount)
                for line in own
                for one in line.inputs
                if one.carrier not in POLLUTANTS
            ]
        )

    def origin_of(self, line: Line) -> str:
        """Which batch used a line."""
        return line.run.batch if self.origins else self.batch


def withdrawn(last: Tally) -> Tally:
    """What is left of a batch whose runs were taken away: that it was there, and nothing."""
    problem = Problem("batch-withdrawn", last.batch, last.ended)
    return replace(
        last,
        runs=(),
        lines=(),
        accepted_kg=None,
        accepted_from="",
        final=True,
        problems=(problem,),
        origins=(),
        events=(),
    )


def carried(intake: Intake, prices: Mapping[tuple[str, str], Price]) -> Decimal:
    """What an intake comes to: as a footprint would say, without making one. [kgCO2e]"""
    per_unit = {key: [part.kgco2e for part in price.parts] for key, price in prices.items()}
    return sum(
        (
            (amount * kgco2e).quantize(MILLIGRAM)
            for carrier, unit, amount in intake.amounts
            for kgco2e in per_unit[carrier, unit]
        ),
        Decimal(0),
    )


def intakes_from_form(form: Sequence[Any]) -> tuple[Intake, ...]:
    """The same as those of the tally that a form says, without making the tally."""
    _, batch, region, runs, _, lines, _, _, scope, _, *kin = form
    if kin:
        return from_form(form).intakes
    starts = [run[2] for run in runs]
    inputs = (one for line in lines for one in line[-1])
    amounts = tuple(
        (carrier, unit, Decimal(amount))
        for carrier, _, unit, amount in inputs
        if carrier not in POLLUTANTS
    )
    return (Intake(batch, region, instant(min(starts) if starts else scope[0]), amounts),)


def form_of(tally: Tally) -> list[Any]:
    """A tally as plain lists and strings, the shortest that says it all."""
    place = {run: number for number, run in enumerate(tally.runs)}
    return [
        1,
        tally.batch,
        tally.region,
        [_run_form(run, tally.batch) for run in tally.runs],
        tally.final,
        [_line_form(line, place[line.run]) for line in tally.lines],
        None if tally.accepted_kg is None else str(tally.accepted_kg),
        tally.accepted_from,
        [unix_ms(at) for at in tally.scope],
        [
            [one.code, one.where, unix_ms(one.at) if one.at else None, dict(one.values)]
            for one in tally.problems
        ],
        *([_kin_form(tally)] if tally.events else []),
    ]


def from_form(form: Sequence[Any]) -> Tally:
    """The tally that a form says."""
    _, batch, region, runs, final, lines, accepted, accepted_from, scope, problems, *kin = form
    known = tuple(_run(one, batch) for one in runs)
    start, end = scope
    origins, events = kin[0] if kin else ((), ())
    return Tally(
        batch=batch,
        region=region,
        runs=known,
        final=final,
        lines=tuple(_line(one, known) for one in lines),
        accepted_kg=None if accepted is None else Decimal(accepted),
        accepted_from=accepted_from,
        scope=(instant(start), instant(end)),
        problems=tuple(
            Problem(code, where, None if at is None else instant(at), values)
            for code, where, at, values in problems
        ),
        origins=tuple(Origin(name, place, instant(about)) for name, place, about in origins),
        events=tuple(_event(*one) for one in events),
    )


def _run_form(run: Run, batch: str) -> list[Any]:
    said = [run.machine, run.process, unix_ms(run.start), unix_ms(run.end), run.going_on, run.said]
    return said if run.batch == batch else [*said, run.batch]


def _run(form: Sequence[Any], batch: str) -> Run:
    machine, process, start, end, going_on, said, *other = form
    name = other[0] if other else batch
    return Run(machine, name, process, instant(start), instant(end), going_on, said)


def _kin_form(tally: Tally) -> list[Any]:
    return [
        [[one.batch, one.region, unix_ms(one.about)] for one in tally.origins],
        [
            [
                one.number,
                one.kind,
                unix_ms(one.at),
                list(one.parents),
                [[heir.batch, None if heir.kg is None else str(heir.kg)] for heir in one.heirs],
                one.by,
                one.reason,
            ]
            for one in tally.events
        ],
    ]


def _event(number: int, kind: str, at: int, *rest: Any) -> Event:
    parents, heirs, by, reason = rest
    takers = tuple(Heir(batch, None if kg is None else Decimal(kg)) for batch, kg in heirs)
    return Event(number, kind, instant(at), tuple(parents), takers, by, reason)


def _line_form(line: Line, run: int) -> list[Any]:
    return [
        run,
        line.idle,
        line.carrier,
        line.meter,
        line.unit,
        *_texts((line.amount, line.measured, line.interpolated, line.estimated)),
        line.rule,
        line.utility,
        *([list(line.reads)] if line.reads else []),
        [[one.carrier, one.meter, one.unit, *_texts((one.amount,))] for one in line.inputs],
    ]


def _line(form: Sequence[Any], runs: Sequence[Run]) -> Line:
    run, *of, amount, measured, interpolated, estimated, rule, utility = form[:11]
    numbers = map(Decimal, (amount, measured, interpolated, estimated))
    inputs = [Input(carrier, meter, unit, Decimal(used)) for carrier, meter, unit, used in form[-1]]
    reads = Reads(*form[11]) if len(form) > _BARE else None
    return Line._make((runs[run], *of, *numbers, rule, utility, tuple(inputs), Decimal(0), reads))


def _texts(numbers: Iterable[Decimal]) -> list[str]:
    return [str(number) for number in numbers]
