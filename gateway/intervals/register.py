"""A counter's readings as one line that never falls: wraps undone, strays dropped, falls held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from collector.wire.problem import Problem
from gateway.intervals.sample import Sample
from gateway.intervals.strays import Shown, without_strays

_WRAP_SHARE = 10
"""A fall is a wrap where the way over the top is at most this part of the register."""
_SLACK = timedelta(minutes=15)
"""Registers that step coarsely or are sent late show a quarter of an hour's amount at once."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Counter:
    """What must be known of a counter to read it.

    Attributes:
        ref: ``device.point``, for problems.
        unit: Its stored unit.
        modulus: Where it starts again at zero; None where it never does.
        every: Its polling period.
        limit: The most that it can count; None where nobody said. [unit per hour]
    """

    ref: str
    unit: str
    modulus: Decimal | None
    every: timedelta
    limit: Decimal | None = None

    def most(self, gap: timedelta) -> Decimal | None:
        """The most that it can have counted between two readings; None where nobody said."""
        if self.limit is None:
            return None
        return self.limit * Decimal((abs(gap) + _SLACK) / _HOUR)

    def wraps(self, before: Shown, after: Shown) -> bool:
        """Whether a fall is a wrap: a short way over the top."""
        if self.modulus is None or not before.value < self.modulus:
            return False
        rise = self.modulus - before.value + after.value
        most = self.most(after.at - before.at)
        return rise * _WRAP_SHARE <= self.modulus and (most is None or rise <= most)


@dataclass(frozen=True, slots=True)
class Swap:
    """A person's decision about a meter that was changed or reset.

    Attributes:
        at: When.
        old_last: What the old meter showed last.
        new_first: What the new one showed first.
    """

    at: datetime
    old_last: Decimal
    new_first: Decimal


@dataclass(frozen=True, slots=True)
class Counted:
    """A person's decision on what was counted where a register broke: as good as an estimate.

    Attributes:
        at: A moment between the readings around the break.
        amount: What flowed between them; 0 where nothing did. [stored unit]
    """

    at: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """A reading on the unrolled line.

    Attributes:
        at: When.
        shown: What the register showed.
        total: The same without wraps and falls: never less than the step before.
        held: What of `total` was counted across falls that nobody has decided on.
        decided: Whether a person said what was counted since the step before.
    """

    at: datetime
    shown: Decimal
    total: Decimal
    held: Decimal = Decimal(0)
    decided: bool = False


class _Rise(NamedTuple):
    """From one reading to the next: what is certain, what is held, and what is wrong."""

    counted: Decimal
    held: Decimal = Decimal(0)
    code: str = ""
    decided: bool = False


def unroll(
    samples: Sequence[Sample],
    counter: Counter,
    swaps: Sequence[Swap] = (),
    counted: Sequence[Counted] = (),
) -> tuple[tuple[Step, ...], tuple[Problem, ...]]:
    """The readings of a counter as a line that never falls.

    A wrap is exact, and so is a swap that a person entered. Spurious values are dropped and
    named. Where the register falls otherwise (a reset, a swap), nobody carries what is unknown,
    and a problem asks for a decision (rule 2); where the counter's limit shows that it can have
    begun again at zero, what it shows since is *held*. One that leaps further than it can count
    is treated likewise.

    Args:
        samples: Its readings in any order; bad ones are passed over.
        counter: What it is.
        swaps: Where people say that it was changed or reset.
        counted: What people say that it counted where it broke.
    """
    problems: list[Problem] = []
    steps: list[Step] = []
    for face in _faces(_numbers(samples), swaps):
        kept = without_strays(face, counter, problems)
        if not kept:
            continue
        total, held = (steps[-1].total, steps[-1].held) if steps else (kept[0].value, Decimal(0))
        steps.append(Step(kept[0].at, kept[0].value, total, held))
        for before, after in pairwise(kept):
            rise = _settled(_rise(before, after, counter), before, after, counted)
            total, held = total + rise.counted + rise.held, held + rise.held
            steps.append(Step(after.at, after.value, total, held, rise.decided))
            if rise.code:
                problems.append(_unsure(counter, before, after, rise))
    return tuple(steps), tuple(problems)


def _numbers(samples: Sequence[Sample]) -> list[Shown]:
    """The crossing from floats to Decimal: a float's shortest form is what the register showed.

    By time, each value of an instant once: the order of arrival does not matter.
    """
    return sorted(
        {
            Shown(sample.at, Decimal(repr(sample.value)))
            for sample in samples
            if isinstance(sample.value, int | float)
        }
    )


def _faces(shown: Sequence[Shown], swaps: Sequence[Swap]) -> Iterator[list[Shown]]:
    """The readings of each meter that stood there; where one was swapped, a person read both."""
    face: list[Shown] = []
    rest = list(shown)
    for swap in sorted(swaps, key=lambda one: one.at):
        if not shown or not shown[0].at < swap.at <= shown[-1].at:
            continue  # what lies beyond the readings is none of theirs
        face += [one for one in rest if one.at < swap.at]
        rest = [one for one in rest if one.at >= swap.at]
        yield [*face, Shown(swap.at, swap.old_last, by_hand=True)]
        face = [Shown(swap.at, swap.new_first, by_hand=True)]
    yield face + rest


def _rise(before: Shown, after: Shown, counter: Counter) -> _Rise:
    by_hand = before.by_hand or after.by_hand
    most = counter.most(after.at - before.at)
    if after.value >= before.value:
        rise = after.value - before.value
        if most is None or rise <= most:
            return _Rise(rise)
        return _Rise(Decimal(0), code="swap-contradicts" if by_hand else "register-leapt")
    if counter.wraps(before, after):
        return _Rise((counter.modulus or Decimal(0)) - before.value + after.value)
    if by_hand:
        return _Rise(Decimal(0), code="swap-contradicts")
    since_zero = most is not None and 0 <= after.value <= most
    return _Rise(Decimal(0), after.value if since_zero else Decimal(0), "register-fell")


def _settled(rise: _Rise, before: Shown, after: Shown, counted: Sequence[Counted]) -> _Rise:
    """A rise as a person decided, where the register cannot say; the last word counts."""
    said = [one.amount for one in counted if before.at < one.at <= after.at] if rise.code else []
    return _Rise(said[-1], decided=True) if said else rise


def _unsure(counter: Counter, before: Shown, after: Shown, rise: _Rise) -> Problem:
    values = {"before": f"{before.value:f}", "after": f"{after.value:f}", "unit": counter.unit}
    values |= {"since": f"{before.at:%Y-%m-%dT%H:%M:%SZ}", "held": f"{rise.held:f}"}
    if rise.code == "swap-contradicts":
        return Problem("swap-contradicts", counter.ref, after.at, values)
    if rise.code == "register-leapt":
        return Problem("register-leapt", counter.ref, after.at, values)
    return Problem("register-fell", counter.ref, after.at, values)
