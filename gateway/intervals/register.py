"""A counter's readings as one line that never falls: wraps undone, dips dropped, falls held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from collector.wire.problem import Problem
from gateway.intervals.sample import Sample

_WRAP_SHARE = 10
"""A fall is a wrap where the way over the top is at most this part of the register."""
_BEYOND_ANY = Decimal(10) ** 15
"""No register of a mill counts so far: a float that does was garbled on the way."""


@dataclass(frozen=True, slots=True)
class Counter:
    """What must be known of a counter to read it.

    Attributes:
        ref: ``device.point``, for problems.
        unit: Its stored unit.
        modulus: Where it starts again at zero; None where it never does.
        every: Its polling period.
        resolution: Smallest step that it shows, where that is known.
    """

    ref: str
    unit: str
    modulus: Decimal | None
    every: timedelta
    resolution: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A reading on the unrolled line.

    Attributes:
        at: When.
        shown: What the register showed.
        total: The same without wraps and falls: never less than the step before.
    """

    at: datetime
    shown: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Swap:
    """A meter that was changed or reset, as a person decided.

    Attributes:
        at: When.
        old_last: What the old one showed last.
        new_first: What the new one showed first.
    """

    at: datetime
    old_last: Decimal
    new_first: Decimal


def unroll(
    samples: Sequence[Sample], counter: Counter, swaps: Sequence[Swap] = ()
) -> tuple[tuple[Step, ...], tuple[Problem, ...]]:
    """The readings of a counter as a line that never falls.

    A wrap is exact. A single value between two consistent ones is dropped and named. Where the
    register falls otherwise (a reset, a swap), the line runs level: nobody carries what is
    unknown, and a problem asks for a decision (rule 2).

    Args:
        samples: Its readings by time; bad ones are passed over.
        counter: What it is.
        swaps: Where it was changed: there the line goes on exactly.
    """
    problems: list[Problem] = []
    good = _without_strays(_numbers(samples), counter, problems)
    steps: list[Step] = []
    offset = Decimal(0)
    for at, shown in good:
        swap = next((one for one in swaps if steps and steps[-1].at < one.at <= at), None)
        if swap is not None:
            offset += swap.old_last - swap.new_first
        elif steps and shown < steps[-1].shown:
            before = steps[-1]
            if _wrapped(before.shown, shown, counter.modulus):
                offset += counter.modulus or 0
            else:
                offset += before.shown - shown
                problems.append(_fell(counter, before, at, shown))
        steps.append(Step(at, shown, shown + offset))
    return tuple(steps), tuple(problems)


def _numbers(samples: Sequence[Sample]) -> list[tuple[datetime, Decimal]]:
    """The crossing from floats to Decimal: a float's shortest form is what the register showed."""
    return [
        (sample.at, Decimal(repr(sample.value)))
        for sample in samples
        if isinstance(sample.value, int | float)
    ]


def _without_strays(
    values: list[tuple[datetime, Decimal]], counter: Counter, problems: list[Problem]
) -> list[tuple[datetime, Decimal]]:
    kept: list[tuple[datetime, Decimal]] = []
    for place, (at, value) in enumerate(values):
        before = kept[-1][1] if kept else None
        after = values[place + 1][1] if place + 1 < len(values) else None
        if _stray(before, value, after):
            shown = (("value", value), ("before", before), ("after", after))
            quoted = {name: "-" if one is None else f"{one:f}" for name, one in shown}
            quoted["unit"] = counter.unit
            problems.append(Problem("value-dropped", counter.ref, at, quoted))
        else:
            kept.append((at, value))
    return kept


def _stray(before: Decimal | None, value: Decimal, after: Decimal | None) -> bool:
    if abs(value) >= _BEYOND_ANY:
        return True
    if before is None or after is None or before > after:
        return False
    return (value < before or value > after) and after - before < abs(value - before)


def _wrapped(before: Decimal, after: Decimal, modulus: Decimal | None) -> bool:
    return modulus is not None and (modulus - before + after) * _WRAP_SHARE <= modulus


def _fell(counter: Counter, before: Step, at: datetime, shown: Decimal) -> Problem:
    values = {"before": f"{before.shown:f}", "after": f"{shown:f}", "unit": counter.unit}
    values |= {"since": f"{before.at:%Y-%m-%dT%H:%M:%SZ}"}
    return Problem("register-fell", counter.ref, at, values)
