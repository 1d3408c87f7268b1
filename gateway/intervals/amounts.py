"""Amounts of a counter between instants, each with the quality of the readings around it."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal
from itertools import pairwise

from collector.wire.problem import Problem
from gateway.intervals.curve import Curve
from gateway.intervals.register import Counted, Counter, Step, Swap, unroll
from gateway.intervals.sample import Sample

QUANTUM = Decimal("1e-9")
LONGEST_INTERPOLATED = timedelta(minutes=15)
_EXACT = Context(prec=60)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class RegisterAt:
    """A counter's value at an instant.

    Attributes:
        at: The instant.
        total: The unrolled register there, to 1e-9.
        before: The reading at or before it; None where there is none.
        after: The reading after it (the same as `before` where that is at the instant).
        held: What of `total` nobody has decided on, to 1e-9.
    """

    at: datetime
    total: Decimal
    before: Step | None
    after: Step | None
    held: Decimal = Decimal(0)

    @property
    def sure(self) -> Decimal:
        """What of `total` is certain."""
        return self.total - self.held


@dataclass(frozen=True, slots=True)
class Slice:
    """What a counter counted in ``[start, end)``.

    Attributes:
        start: Beginning.
        end: End.
        amount: Register difference, without what is held. [stored unit]
        measured: The part between readings at most two polls apart.
        interpolated: The part between readings up to 15 minutes apart.
        estimated: The rest: how it falls inside a longer gap is not known, only its sum.
        complete: Whether there are readings at or before the start and at or after the end.
        held: Counted across a fall of the register that nobody has decided on (rule 2).
    """

    start: datetime
    end: datetime
    amount: Decimal
    measured: Decimal
    interpolated: Decimal
    estimated: Decimal
    complete: bool
    held: Decimal = Decimal(0)

    @property
    def counted(self) -> Decimal:
        """All that the register counted, held or not. [stored unit]"""
        return self.amount + self.held


@dataclass(frozen=True, slots=True)
class Measured:
    """A counter over adjoining slices."""

    counter: Counter
    slices: tuple[Slice, ...]
    marks: tuple[RegisterAt, ...]
    problems: tuple[Problem, ...]


def measure(
    samples: Sequence[Sample],
    bounds: Sequence[datetime],
    counter: Counter,
    swaps: Sequence[Swap] = (),
    running: Curve | None = None,
    *,
    counted: Sequence[Counted] = (),
) -> Measured:
    """What a counter counted between each bound and the next.

    Args:
        samples: Its readings in any order, from the last at or before the first bound to the
            first at or after the last one.
        bounds: Instants in rising order, at least two.
        counter: What it is.
        swaps: What people decided where the register fell.
        running: Whether the machine behind it ran, 1 or 0: in a gap of readings that is too long
            to be interpolated, its running time shares the difference; where it is not known
            throughout, or 0, time does. The difference itself is exact.
        counted: What people decided that it counted where the register broke.

    Returns:
        One slice between each two bounds; before the first and after the last reading the line
        runs level and the slices are not complete.
    """
    steps, problems = unroll(samples, counter, swaps, counted)
    times = [step.at for step in steps]
    marks = tuple(_mark(steps, times, at, running) for at in bounds)
    slices = tuple(
        _slice(steps, times, (start, end), counter.every) for start, end in pairwise(marks)
    )
    first, last = bounds[0], bounds[-1]
    inside = tuple(p for p in problems if p.at is None or first <= p.at <= last)
    return Measured(counter, slices, marks, inside)


def _mark(
    steps: Sequence[Step], times: Sequence[datetime], at: datetime, running: Curve | None
) -> RegisterAt:
    place = bisect_right(times, at)
    before = steps[place - 1] if place else None
    after = steps[place] if place < len(steps) else None
    return register_at(at, before, after, running)


def register_at(
    at: datetime, before: Step | None, after: Step | None, running: Curve | None = None
) -> RegisterAt:
    """A counter's value at an instant, by the last reading at or before it and the first after."""
    if before is not None and before.at == at:
        return RegisterAt(
            at, before.total.quantize(QUANTUM), before, before, before.held.quantize(QUANTUM)
        )
    if before is None or after is None:
        edge = before or after
        total, held = (edge.total, edge.held) if edge else (Decimal(0), Decimal(0))
        return RegisterAt(at, total.quantize(QUANTUM), before, after, held.quantize(QUANTUM))
    share = _share(before.at, at, after.at, running)
    total = _EXACT.add(before.total, _EXACT.multiply(after.total - before.total, share))
    held = before.held
    if after.held != held:
        held = _EXACT.add(held, _EXACT.multiply(after.held - held, share))
    return RegisterAt(at, total.quantize(QUANTUM), before, after, held.quantize(QUANTUM))


def _share(before: datetime, at: datetime, after: datetime, running: Curve | None) -> Decimal:
    """Which part of the difference between two readings had been counted at an instant."""
    if running is not None and after - before > LONGEST_INTERPOLATED:
        ran, so_far = running.integral(before, after), running.integral(before, at)
        if ran and so_far is not None:
            return _EXACT.divide(so_far, ran)
    return _EXACT.divide(Decimal((at - before) // _MS), Decimal((after - before) // _MS))


def _slice(
    steps: Sequence[Step],
    times: Sequence[datetime],
    between: tuple[RegisterAt, RegisterAt],
    every: timedelta,
) -> Slice:
    start, end = between
    parts = {"measured": Decimal(0), "interpolated": Decimal(0), "estimated": Decimal(0)}
    first, last = bisect_right(times, start.at), bisect_right(times, end.at)
    so_far, seen = start.sure, times[first - 1] if start.before else None
    for step in steps[first:last]:
        sure = step.total.quantize(QUANTUM) - step.held.quantize(QUANTUM)
        gap = step.at - (seen or step.at)
        parts["estimated" if step.decided else quality_of(gap, every)] += sure - so_far
        so_far, seen = sure, step.at
    if seen is not None and seen < end.at and end.after is not None:
        gap = end.after.at - seen
        quality = "estimated" if end.after.decided else quality_of(gap, every)
        parts[quality] += end.sure - so_far
    complete = start.before is not None and end.after is not None
    amount, held = end.sure - start.sure, end.held - start.held
    return Slice(start.at, end.at, amount, **parts, complete=complete, held=held)


def quality_of(gap: timedelta, every: timedelta) -> str:
    """What is known of how a counter rose between two readings so far apart."""
    if gap <= 2 * every:
        return "measured"
    return "interpolated" if gap <= LONGEST_INTERPOLATED else "estimated"
