"""A device's quarter of an hour in memory, point by point: what chunks are made of.

Numbers stand in arrays, eight bytes each, for the tail of a journal is held in memory whole.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from collector.wire.reading import Value, instant
from gateway.intervals.sample import Sample
from gateway.journal import Numbers
from gateway.journal.gaps import Gap
from gateway.journal.lines import SLOT_MS

NOTHING = float("nan")
"""Stands where a reading has no number for a point; no reading can hold it."""
_EXACT = 2**53

Mark = tuple[str, str]
"""Quality and reason of a value that is not simply good."""


class Column(Protocol):
    """One point's samples of one device and slot, young or packed."""

    @property
    def start(self) -> int:
        """Where the slot begins. [ms since 1970]"""

    @property
    def ats(self) -> Sequence[int]:
        """When each reading was made, in order. [ms since the slot's start]"""

    def sample(self, place: int) -> Sample | None:
        """What a reading says of the point; None where it does not speak of it."""

    def numbers(self) -> Numbers:
        """All that is good and a number, by time."""

    def plain(self) -> Numbers | None:
        """The same; None where some value is doubtful, or is a text."""


def as_written(number: float) -> float | int:
    """A number as its form has it: RFC 8785 writes whole numbers without a point."""
    return int(number) if number.is_integer() and abs(number) <= _EXACT else number


def doubtful(marks: Mapping[int, Mark]) -> bool:
    """Whether a value among them is there and not good."""
    return any(quality == "uncertain" for quality, _ in marks.values())


class Series:
    """One point's values in a slot, one a reading."""

    def __init__(self, missing: int) -> None:
        self.values: array[float] | list[Value] = array("d", [NOTHING]) * missing
        self.marks: dict[int, Mark] = {}

    def insert(self, place: int, value: Value) -> None:
        """Put a value where its reading stands."""
        if self.marks and place < len(self.values):
            self.marks = {n + (n >= place): mark for n, mark in self.marks.items()}
        if isinstance(self.values, array):
            if not isinstance(value, str):
                self.values.insert(place, value)
                return
            self.values = list(self.values)
        self.values.insert(place, value)

    def value(self, place: int) -> Value | None:
        """The value of a reading; None where there is none."""
        value = self.values[place]
        if isinstance(value, str):
            return value
        return None if value != value else as_written(float(value))


class Young:
    """The readings of one device in one slot, by instant, stream and number."""

    def __init__(self, slot: int) -> None:
        self.start = slot * SLOT_MS
        self.ats = array("I")
        self.births: list[str] = []
        self.points: dict[str, Series] = {}
        self._keys: list[tuple[int, int]] = []

    def add(self, at: int, stream: int, seq: int, body: Mapping[str, Any]) -> None:
        """Take in what a reading's form says, filed under an instant."""
        place = self._place(at - self.start, (stream, seq))
        self.ats.insert(place, at - self.start)
        self._keys.insert(place, (stream, seq))
        self.births.insert(place, sys.intern(body["birth"]))
        before, values = len(self.ats) - 1, body["values"]
        for name, value in values.items():
            self._series(name, before).insert(place, value)
        if "bad" in body or "uncertain" in body:
            self._mark(place, body, before)
        if len(values) < len(self.points):
            for series in self.points.values():
                if len(series.values) == before:
                    series.insert(place, NOTHING)

    def column(self, point: str) -> "YoungColumn | None":
        """One point's samples."""
        series = self.points.get(point)
        return None if series is None else YoungColumn(self, series)

    def last_before(self, gap: Gap) -> int:
        """Instant of the last reading that no gap stands before; 0 where none is. [ms]"""
        for place in range(len(self.ats) - 1, -1, -1):
            if not gap.is_before(*self._keys[place]):
                return self.start + self.ats[place]
        return 0

    def _mark(self, place: int, body: Mapping[str, Any], before: int) -> None:
        for name, reason in body.get("bad", {}).items():
            if name not in body["values"]:
                self._series(name, before).insert(place, NOTHING)
                self.points[name].marks[place] = ("bad", reason)
        for name, reason in body.get("uncertain", {}).items():
            if reason and name in body["values"]:
                self.points[name].marks[place] = ("uncertain", reason)

    def _series(self, name: str, missing: int) -> Series:
        series = self.points.get(name)
        if series is None:
            series = self.points[name] = Series(missing)
        return series

    def _place(self, offset: int, key: tuple[int, int]) -> int:
        place = bisect_right(self.ats, offset)
        while place and self.ats[place - 1] == offset and self._keys[place - 1] > key:
            place -= 1
        return place


class YoungColumn:
    """One point's samples in a slot in memory."""

    def __init__(self, young: Young, series: Series) -> None:
        self.start, self.ats = young.start, young.ats
        self._births, self._series = young.births, series

    def sample(self, place: int) -> Sample | None:
        """What a reading says of the point; None where it does not speak of it."""
        value = self._series.value(place)
        mark = self._series.marks.get(place)
        if value is None and mark is None:
            return None
        quality, reason = mark or ("good", "")
        at = instant(self.start + self.ats[place])
        return Sample(at, value, quality, reason, self._births[place])

    def numbers(self) -> Numbers:
        """All that is good and a number, by time."""
        marks = self._series.marks
        good = [
            (self.start + at, value)
            for place, at in enumerate(self.ats)
            if place not in marks and isinstance(value := self._series.value(place), int | float)
        ]
        return [at for at, _ in good], [value for _, value in good]

    def plain(self) -> Numbers | None:
        """The same; None where some value is doubtful, or is a text."""
        texts = isinstance(self._series.values, list)
        return None if texts or doubtful(self._series.marks) else self.numbers()
