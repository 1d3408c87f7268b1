"""Amounts of a counter between instants, each with the quality of the readings around it."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal
from itertools import pairwise

from collector.wire.problem import Problem
from gateway.intervals.register import Counter, Step, Swap, unroll
from gateway.intervals.sample import Sample

QUANTUM = Decimal("1e-9")
_LONGEST_INTERPOLATED = timedelta(minutes=15)
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
    """

    at: datetime
    total: Decimal
    before: Step | None
    after: Step | None


@dataclass(frozen=True, slots=True)
class Slice:
    """What a counter counted in ``[start, end)``.

    Attributes:
        start: Beginning.
        end: End.
        amount: Register difference. [stored unit]
        measured: The part between readings at most two polls apart.
        interpolated: The part between readings up to 15 minutes apart.
        estimated: The rest: how it falls inside a longer gap is not known, only its sum.
        complete: Whether there are readings at or before the start and at or after the end.
    """

    start: datetime
    end: datetime
    amount: Decimal
    measured: Decimal
    interpolated: Decimal
    estimated: Decimal
    complete: bool


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
) -> Measured:
    """What a counter counted between each bound and the next.

    Args:
        samples: Its readings by time, from the last at or before the first bound to the first
            at or after the last one.
        bounds: Instants in rising order, at least two.
        counter: What it is.
        swaps: Where it was changed or reset.

    Returns:
        One slice between each two bounds; before the first and after the last reading the line
        runs level and the slices are not complete.
    """
    steps, problems = unroll(samples, counter, swaps)
    times = [step.at for step in steps]
    marks = tuple(_mark(steps, times, at) for at in bounds)
    slices = tuple(
        _slice(steps, times, (start, end), counter.every) for start, end in pairwise(marks)
    )
    first, last = bounds[0], bounds[-1]
    inside = tuple(p for p in problems if p.at is None or first <= p.at <= last)
    return Measured(counter, slices, marks, inside)


def _mark(steps: Sequence[Step], times: Sequence[datetime], at: datetime) -> RegisterAt:
    place = bisect_right(times, at)
    before = steps[place - 1] if place else None
    after = steps[place] if place < len(steps) else None
    if before is not None and before.at == at:
        return RegisterAt(at, before.total.quantize(QUANTUM), before, before)
    if before is None or after is None:
        edge = before or after
        total = edge.total if edge else Decimal(0)
        return RegisterAt(at, total.quantize(QUANTUM), before, after)
    share = _EXACT.divide(Decimal((at - before.at) // _MS), Decimal((after.at - before.at) // _MS))
    rise = _EXACT.multiply(after.total - before.total, share)
    return RegisterAt(at, _EXACT.add(before.total, rise).quantize(QUANTUM), before, after)


def _slice(
    steps: Sequence[Step],
    times: Sequence[datetime],
    between: tuple[RegisterAt, RegisterAt],
    every: timedelta,
) -> Slice:
    start, end = between
    amount = end.total - start.total
    parts = {"measured": Decimal(0), "interpolated": Decimal(0), "estimated": Decimal(0)}
    at, total = start.at, start.total
    last = times[bisect_right(times, start.at) - 1] if start.before else None
    for step in steps[bisect_right(times, start.at) : bisect_right(times, end.at)]:
        rise = step.total.quantize(QUANTUM) - total
        parts[_quality(step.at - (last or step.at), every)] += rise
        at, total, last = step.at, total + rise, step.at
    if at < end.at and end.after is not None and last is not None:
        parts[_quality(end.after.at - last, every)] += end.total - total
    complete = start.before is not None and end.after is not None
    return Slice(start.at, end.at, amount, **parts, complete=complete)


def _quality(gap: timedelta, every: timedelta) -> str:
    if gap <= 2 * every:
        return "measured"
    return "interpolated" if gap <= _LONGEST_INTERPOLATED else "estimated"
