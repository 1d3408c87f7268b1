"""Reconciling: what an engine holds against the journal, by point and hour, and making it whole.

An engine's word is not evidence, so what was missing and was sent is counted there once more:
what is missing still was refused in silence. A day at a time: nothing grows with the history.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collector.wire.reading import instant, unix_ms
from gateway.journal import SLOT, Journal
from gateway.projecting.batch import Batch
from gateway.projecting.line_protocol import stamps, values
from gateway.projecting.tags import Tags
from gateway.projections import Engine, Total, Totals

HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOSE = 1e-9  # engines add in another order, and may keep 12 digits of a number

Hour = tuple[str, datetime]
"""A device, and the beginning of an hour."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison found, in numbers.

    Attributes:
        compared: Of the journal.
        missing: That the engine lacked, or had otherwise; all of them were sent again.
        refused: That it lacks still, though it said that it took them.
        foreign: That it has, the journal does not, and it cannot take out.
    """

    compared: int = 0
    missing: int = 0
    refused: int = 0
    foreign: int = 0

    def __add__(self, other: "Comparison") -> "Comparison":
        return Comparison(
            self.compared + other.compared,
            self.missing + other.missing,
            self.refused + other.refused,
            self.foreign + other.foreign,
        )


class Reconciler:
    """Compares one engine with the journal.

    Args:
        journal: What should be there.
        engine: Where.
        tags: What points are called there.
    """

    def __init__(self, journal: Journal, engine: Engine, tags: Tags) -> None:
        self._journal, self._engine, self._tags = journal, engine, tags

    def reconcile(
        self,
        start: datetime,
        end: datetime,
        *,
        leave: Callable[[], Iterable[Hour]] = lambda: (),
        told: Callable[[timedelta], None] = lambda _: None,
        lacking: Callable[[Collection[Hour]], None] = lambda _: None,
    ) -> Comparison:
        """Compare whole hours of ``[start, end)``, and send what is missing.

        Args:
            start: Rounded down to an hour.
            end: Rounded up.
            leave: Devices and slots that are still to be sent, and are no fault therefore; asked
                after each look at both sides, for the journal goes on meanwhile.
            told: Called with each stretch of time that is done.
            lacking: Called with hours that differed, a day's at a time.

        Raises:
            Unanswered: The engine does not answer.
        """
        found = Comparison()
        at, end = _whole(start), _whole(end + HOUR - timedelta(milliseconds=1))
        self._engine.settle()
        while at < end:
            until = min(at + _DAY, end)
            hours, day = self._day(at, until, leave)
            found += day
            if hours:
                lacking(hours)
            told(until - at)
            at = until
        return found

    def _day(
        self, start: datetime, end: datetime, leave: Callable[[], Iterable[Hour]]
    ) -> tuple[set[Hour], Comparison]:
        here = self._here(start, end)
        hours, found = _differing(here, self._engine.totals(start, end), leave())
        if not hours:
            return hours, found
        for device, hour in sorted(hours):
            self._engine.remove(device, hour, hour + HOUR)
        self._send(slots_of(hours))
        self._engine.settle()
        _, still = _differing(here, self._engine.totals(start, end), leave())
        found = Comparison(found.compared, found.missing, still.missing, still.foreign)
        return hours, found

    def _here(self, start: datetime, end: datetime) -> Totals:
        """What the journal has, by point and hour."""
        found: dict[tuple[str, str, int], list[float]] = defaultdict(lambda: [0, 0.0])
        for device, slot in self._journal.places(start, end):
            hour = unix_ms(_whole(slot))
            for point, (ats, numbers) in self._journal.numbers(device, slot).items():
                total = found[device, point, hour]
                total[0] += len(ats)
                total[1] += math.fsum(numbers)
        return {key: Total(int(count), total) for key, (count, total) in found.items()}

    def refill(
        self,
        start: datetime,
        end: datetime,
        told: Callable[[timedelta], None] = lambda _: None,
    ) -> int:
        """Send all of whole days, whatever is there; how many numbers that were."""
        sent = 0
        at = _whole(start)
        while at < end:
            sent += self._send(self._journal.places(at, min(end, at + _DAY)))
            told(min(end, at + _DAY) - at)
            at += _DAY
        return sent

    def _send(self, places: Iterable[tuple[str, datetime]]) -> int:
        batch = Batch(self._engine)
        for device, slot in places:
            for point, (ats, numbers) in self._journal.numbers(device, slot).items():
                begins = self._tags.head(device, point, slot)
                batch.add(values(begins, numbers, stamps(ats)), len(ats))
        batch.flush()
        return batch.numbers


def slots_of(hours: Iterable[Hour]) -> Iterator[tuple[str, datetime]]:
    """Devices and slots of hours."""
    for device, hour in sorted(hours):
        yield from ((device, hour + place * SLOT) for place in range(HOUR // SLOT))


def _differing(here: Totals, there: Totals, leave: Iterable[Hour]) -> tuple[set[Hour], Comparison]:
    """Hours of devices that are not the same, and in how many numbers."""
    left = {(device, _whole(slot)) for device, slot in leave}
    hours: set[Hour] = set()
    compared = missing = foreign = 0
    nothing = Total(0, 0.0)
    for key in here.keys() | there.keys():
        hour = (key[0], instant(key[2]))
        if hour in left:
            continue
        ours, theirs = here.get(key, nothing), there.get(key, nothing)
        compared += ours.numbers
        if _same(ours, theirs):
            continue
        hours.add(hour)
        foreign += max(0, theirs.numbers - ours.numbers)
        # As many with another sum: at least one is another number.
        missing += max(ours.numbers - theirs.numbers, int(ours.numbers == theirs.numbers))
    return hours, Comparison(compared, missing, 0, foreign)


def _same(ours: Total, theirs: Total) -> bool:
    return ours.numbers == theirs.numbers and math.isclose(
        ours.sum, theirs.sum, rel_tol=_CLOSE, abs_tol=_CLOSE * max(1, ours.numbers)
    )


def _whole(at: datetime) -> datetime:
    """The hour that an instant is in."""
    return at - (at - _EPOCH) % HOUR
