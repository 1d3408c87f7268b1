"""Spans of time that something was on: how much of an interval they fill."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import accumulate


class Spans:
    """Spans of time, joined where they touch or overlap; asked in O(log n)."""

    __slots__ = ("_before", "_ends", "_starts")

    def __init__(self, spans: Iterable[tuple[datetime, datetime]]) -> None:
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        for start, end in sorted(spans):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            elif start < end:
                self._starts.append(start)
                self._ends.append(end)
        lengths = (b - a for a, b in zip(self._starts, self._ends, strict=True))
        self._before = list(accumulate(lengths, initial=timedelta(0)))

    def within(self, start: datetime, end: datetime) -> timedelta:
        """How long of ``[start, end)`` they fill."""
        return self._until(end) - self._until(start)

    def _until(self, at: datetime) -> timedelta:
        place = bisect_right(self._starts, at)
        if not place:
            return timedelta(0)
        return self._before[place - 1] + min(at, self._ends[place - 1]) - self._starts[place - 1]
