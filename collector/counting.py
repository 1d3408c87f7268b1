"""Counting: what became of every value that should have been read. Pure.

Per device and interval, exactly: scheduled = good + uncertain + bad + shed. What is scheduled
follows from the slots alone, what became of it from the readings, so the one proves the other.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from collector.wire.counts import Count, Counts
from collector.wire.reading import Reading, instant

EVERY_MS = 900_000
"""How long an interval is. [ms]"""
_DEVICES = 100


@dataclass(slots=True)
class _Open:
    """What is counted of one device in one interval; the last three by reason."""

    scheduled: int = 0
    good: int = 0
    uncertain: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    shed: Counter[str] = field(default_factory=Counter)

    @property
    def settled(self) -> bool:
        return self.scheduled == self.good + sum(
            counter.total() for counter in (self.uncertain, self.bad, self.shed)
        )

    @property
    def count(self) -> Count:
        return Count(self.scheduled, self.good, +self.uncertain, +self.bad, +self.shed)

    def add(self, other: "_Open") -> None:
        self.scheduled += other.scheduled
        self.good += other.good
        self.uncertain.update(other.uncertain)
        self.bad.update(other.bad)
        self.shed.update(other.shed)


class Counting:
    """Counts the values of all devices.

    An interval is of the time since boot and begins where the wall clock showed a whole quarter of
    an hour when counting began, so that a clock that is set moves no slot from one to another.

    Args:
        boot: Identity of the boot.
        up_ms: Time since boot. [ms]
        now_ms: The wall clock. [ms since 1970]
    """

    def __init__(self, boot: str, up_ms: int, now_ms: int) -> None:
        self._boot = boot
        self._shift = (now_ms - up_ms) % EVERY_MS
        self._since_ms = up_ms
        self._open: dict[int, dict[str, _Open]] = {}
        self._over: dict[str, _Open] = {}

    def scheduled(self, device: str, values: int, due_ms: int) -> None:
        """A slot of a device has come. [ms since boot]"""
        self._of(device, due_ms).scheduled += values

    def read(self, reading: Reading, due_ms: int) -> None:
        """What it brought."""
        one = self._of(reading.device, due_ms)
        one.good += len(reading.values) - len(reading.uncertain)
        if reading.uncertain:
            one.uncertain.update(reading.uncertain.values())
        if reading.bad:
            one.bad.update(reading.bad.values())

    def shed(self, device: str, values: int, reason: str, due_ms: int) -> None:
        """It was left out."""
        self._of(device, due_ms).shed[reason] += values

    def dropped(self, readings: Iterable[tuple[Reading, int]]) -> None:
        """Readings that had been counted are gone before anybody kept them."""
        for reading, due_ms in readings:
            one = self._of(reading.device, due_ms)
            one.good -= len(reading.values) - len(reading.uncertain)
            one.uncertain.subtract(reading.uncertain.values())
            one.bad.subtract(reading.bad.values())
            one.shed["memory-full"] += len(reading.values) + len(reading.bad)

    def closed(self, up_ms: int, offset_ms: int, *, stopping: bool = False) -> list[Counts]:
        """Intervals that have ended and in which nothing is open any more, oldest first.

        They stay until they are `told`.

        Args:
            up_ms: Time since boot. [ms]
            offset_ms: What the wall clock is ahead of it. [ms]
            stopping: Whether the one that goes on ends now.
        """
        found: list[Counts] = []
        for number in sorted(self._open):
            over = stopping or self._end(number) <= up_ms
            if over and all(one.settled for one in self._open[number].values()):
                found += self._counts(number, min(self._end(number), up_ms), offset_ms)
        return found

    def told(self, counts: Iterable[Counts]) -> None:
        """These are kept now."""
        for number in {(one.from_up_ms + self._shift) // EVERY_MS for one in counts}:
            for device, one in self._open.pop(number).items():
                self._over.setdefault(device, _Open()).add(one)

    def totals(self) -> dict[str, Count]:
        """All since counting began, by device."""
        totals: dict[str, _Open] = {}
        for devices in (self._over, *self._open.values()):
            for device, one in devices.items():
                totals.setdefault(device, _Open()).add(one)
        return {device: one.count for device, one in sorted(totals.items())}

    def _of(self, device: str, due_ms: int) -> _Open:
        devices = self._open.setdefault((due_ms + self._shift) // EVERY_MS, {})
        one = devices.get(device)
        if one is None:
            one = devices[device] = _Open()
        return one

    def _end(self, number: int) -> int:
        return (number + 1) * EVERY_MS - self._shift

    def _counts(self, number: int, end_ms: int, offset_ms: int) -> Iterator[Counts]:
        """One interval, in as many parts as fit into a message each."""
        start_ms = max(self._since_ms, self._end(number) - EVERY_MS)
        devices = sorted(self._open[number].items())
        for at in range(0, len(devices), _DEVICES):
            yield Counts(
                boot=self._boot,
                from_up_ms=start_ms,
                until_up_ms=end_ms,
                start=instant(start_ms + offset_ms),
                end=instant(end_ms + offset_ms),
                devices={device: one.count for device, one in devices[at : at + _DEVICES]},
            )
