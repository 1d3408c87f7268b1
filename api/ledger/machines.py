"""Meters of machines to runs and standby.

Own ones to their run (rule 6), shared ones by a ladder of drivers (rule 7), and what a machine
uses between runs to standby (rule 8).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.ledger.accounts import Account, Posting, Run, posting
from api.ledger.drivers import Case, driver
from api.ledger.exact import split
from api.ledger.plant import Machine, Plant, SharedMeter
from gateway.intervals import Slice


@dataclass(frozen=True, slots=True)
class Shift:
    """What the machines did: the facts that rules divide by.

    Attributes:
        runs: All runs, by machine, each machine's in order.
        masses_kg: Mass by batch, where known.
        rated_kw: Rated power by machine, where declared.
        known_until: How far the readings reach: later, nobody can know of a next run.
    """

    runs: Mapping[str, Sequence[Run]]
    masses_kg: Mapping[str, Decimal]
    rated_kw: Mapping[str, Decimal]
    known_until: datetime

    def every_run(self) -> tuple[Run, ...]:
        """All runs, machine by machine."""
        return tuple(run for runs in self.runs.values() for run in runs)

    def on(self, machines: Iterable[str], start: datetime, end: datetime) -> tuple[Run, ...]:
        """Runs that were on during all of a slice, in an order that knows no labels."""
        return tuple(
            run
            for machine in machines
            for run in self.runs.get(machine, ())
            if run.start <= start and end <= run.end
        )

    def next_run(self, machine: str, at: datetime) -> Run | None:
        """The first run on a machine that begins at or after an instant."""
        later = (run for run in self.runs.get(machine, ()) if run.start >= at)
        return min(later, key=lambda run: run.start, default=None)

    def case(self, start: datetime, end: datetime, runs: tuple[Run, ...]) -> Case:
        """A slice and its runs, for a driver."""
        hours: dict[tuple[str, str], Decimal] = {}
        for found in self.runs.values():
            for run in found:
                seconds = Decimal((run.end - run.start).total_seconds())
                key = (run.machine, run.batch)
                hours[key] = hours.get(key, Decimal(0)) + seconds / 3600
        return Case(start, end, runs, self.masses_kg, hours, self.rated_kw)


def post_machine(
    machine: Machine, meter: str, slices: Iterable[Slice], shift: Shift
) -> list[Posting]:
    """Post a machine's own meter."""
    carrier = next(carrier for carrier, own in machine.meters if own == meter)
    postings = []
    for piece in slices:
        runs = shift.on([machine.id], piece.start, piece.end)
        if runs:
            postings += _to_runs(meter, carrier, piece, runs, ("mass", "equal"), shift)
        else:
            account, rule = _idle(machine, piece, shift)
            postings.append(posting(meter, carrier, piece, account, rule))
    return postings


def post_shared(
    shared: SharedMeter, plant: Plant, slices: Iterable[Slice], shift: Shift
) -> list[Posting]:
    """Post a meter that several machines share: one rung for the whole group and slice."""
    postings = []
    for piece in slices:
        runs = shift.on(shared.machines, piece.start, piece.end)
        if runs:
            postings += _to_runs(shared.meter, shared.carrier, piece, runs, shared.drivers, shift)
        else:
            account = Account("overhead", plant.site)
            postings.append(posting(shared.meter, shared.carrier, piece, account, "group-idle"))
    return postings


def _to_runs(
    meter: str,
    carrier: str,
    piece: Slice,
    runs: tuple[Run, ...],
    ladder: Sequence[str],
    shift: Shift,
) -> list[Posting]:
    if len(runs) == 1:
        return [posting(meter, carrier, piece, account_of(runs[0]), "direct")]
    case = shift.case(piece.start, piece.end, runs)
    for rung in ladder:
        weights = driver(rung).weights(case)
        if weights is not None and sum(weights) > 0:
            break
    else:
        rung, weights = "equal", [Decimal(1)] * len(runs)
    shares = zip(*(split(number, weights) for number in _numbers(piece)), strict=True)
    return [
        posting(meter, carrier, _part(piece, share), account_of(run), rung)
        for run, share in zip(runs, shares, strict=True)
    ]


def _idle(machine: Machine, piece: Slice, shift: Shift) -> tuple[Account, str]:
    following = shift.next_run(machine.id, piece.end)
    overhead = Account("overhead", machine.id), "standby-too-long"
    if machine.standby.to == "overhead":
        return Account("overhead", machine.id), "standby"
    if following is not None:
        near = piece.start >= following.start - machine.standby.longest
        return (Account("standby", machine.id, following), "standby") if near else overhead
    over = piece.end <= shift.known_until - machine.standby.longest
    return overhead if over else (Account("standby", machine.id), "standby")


def account_of(run: Run) -> Account:
    """The account of a run; of one whose batch nobody could read, *held*."""
    return Account("run" if run.batch else "held", run.machine, run)


def _numbers(piece: Slice) -> tuple[Decimal, ...]:
    return piece.amount, piece.measured, piece.interpolated, piece.estimated


def _part(piece: Slice, share: tuple[Decimal, ...]) -> Slice:
    amount, measured, interpolated, estimated = share
    return Slice(piece.start, piece.end, amount, measured, interpolated, estimated, piece.complete)
