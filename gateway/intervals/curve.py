"""A gauge or a state over time: each value holds until the next, and not for ever."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise

from gateway.intervals.sample import Sample

LONGEST_HELD = timedelta(minutes=15)
"""A value that no reading has renewed for so long is no longer known."""
_MS = timedelta(milliseconds=1)
_HOUR_MS = Decimal(3_600_000)


class Curve:
    """What a point showed; sums over any stretch of it in O(log n).

    Args:
        samples: Its readings in any order; a bad one ends what the one before it said.
        state: Count the time in this state (as 1); None takes the values as they are.
    """

    __slots__ = ("_areas", "_known_ms", "_rises", "_times", "_until", "_values")

    def __init__(self, samples: Sequence[Sample], *, state: int | None = None) -> None:
        numbers: dict[datetime, Decimal | None] = {}
        for sample in samples:
            found = [numbers.get(sample.at), _number(sample, state)]
            numbers[sample.at] = max((one for one in found if one is not None), default=None)
        self._times = sorted(numbers)
        ends = [*self._times[1:], self._times[-1] + LONGEST_HELD] if numbers else []
        self._values = [numbers[at] for at in self._times]
        self._until = [
            min(end, at + LONGEST_HELD) if value is not None else at
            for at, value, end in zip(self._times, self._values, ends, strict=True)
        ]
        spans = list(zip(self._times, self._until, self._values, strict=True))
        lengths = [(end - at) // _MS for at, end, _ in spans]
        areas = [(value or 0) * ms for (_, _, value), ms in zip(spans, lengths, strict=True)]
        self._known_ms = list(accumulate(lengths, initial=0))
        self._areas = list(accumulate(areas, initial=Decimal(0)))
        steps = [
            max(Decimal(0), b - a) if a is not None and b is not None else Decimal(0)
            for a, b in pairwise(self._values)
        ]
        self._rises = list(accumulate([Decimal(0), *steps], initial=Decimal(0)))

    def known(self, start: datetime, end: datetime) -> bool:
        """Whether a value holds at every moment of ``[start, end)``."""
        return self._at(end)[0] - self._at(start)[0] == (end - start) // _MS

    def integral(self, start: datetime, end: datetime) -> Decimal | None:
        """Value × time; None where it is not known throughout. [unit × h]"""
        if not self.known(start, end):
            return None
        return (self._at(end)[1] - self._at(start)[1]) / _HOUR_MS

    def rise(self, start: datetime, end: datetime) -> Decimal | None:
        """Sum of its rises, without its falls; None where it is not known throughout. [unit]"""
        if not self.known(start, end):
            return None
        first, last = (bisect_right(self._times, at) for at in (start, end))
        return self._rises[last] - self._rises[first]

    def _at(self, at: datetime) -> tuple[int, Decimal]:
        """Milliseconds known, and value × milliseconds, up to an instant."""
        place = bisect_right(self._times, at)
        if not place:
            return 0, Decimal(0)
        own = (min(at, self._until[place - 1]) - self._times[place - 1]) // _MS
        value = self._values[place - 1] or Decimal(0)
        return self._known_ms[place - 1] + own, self._areas[place - 1] + value * own


def _number(sample: Sample, state: int | None) -> Decimal | None:
    """A reading as a number of at least 0; what draws less than nothing draws nothing."""
    if sample.value is None or isinstance(sample.value, str):
        return None
    if state is not None:
        return Decimal(int(sample.value == state))
    return max(Decimal(0), Decimal(repr(sample.value)))
