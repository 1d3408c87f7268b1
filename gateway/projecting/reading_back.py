"""Reading back: numbers of points for plots, from the journal, or from an engine for long ones."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from gateway.journal import Journal
from gateway.projections import Number, Series, Unanswered

T = TypeVar("T")
LONG = timedelta(days=2)
"""A shorter plot is read from the journal: it is complete to the second."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_DAY = timedelta(days=1)

log = logging.getLogger("gateway")


class JournalSeries:
    """Numbers out of the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def between(self, device: str, point: str, start: datetime, end: datetime) -> list[Number]:
        """Good numbers in ``[start, end)``, by time."""
        samples = self._journal.samples(device, point, start, end)
        found = {
            one.at: one.value
            for one in samples
            if one.quality == "good" and isinstance(one.value, int | float)
        }
        return list(found.items())

    def last_at_or_before(self, device: str, point: str, at: datetime) -> Number | None:
        """The last good number at or before an instant."""
        while True:
            found = self._journal.last_at_or_before(device, point, at)
            if found is None:
                return None
            # Of what was read at one instant, something good may stand before what is not.
            good = self.between(device, point, found.at, found.at + _MS)
            if good:
                return good[-1]
            at = found.at - _MS

    def thinned(
        self, device: str, point: str, start: datetime, end: datetime, every: timedelta
    ) -> list[Number]:
        """The last good number of each stretch, stamped with the stretch's beginning."""
        found: dict[datetime, float] = {}
        while start < end:  # a day at a time: a year of readings is not held at once
            until = min(end, start + _DAY)
            for at, value in self.between(device, point, start, until):
                found[at - (at - _EPOCH) % every] = value
            start = until
        return list(found.items())


class LongFrom:
    """Numbers of long plots out of an engine, and out of the journal where it does not answer.

    Args:
        near: The journal's.
        far: The engine's.
    """

    def __init__(self, near: Series, far: Series) -> None:
        self._near, self._far = near, far

    def between(self, device: str, point: str, start: datetime, end: datetime) -> list[Number]:
        """Good numbers in ``[start, end)``, by time."""
        return self._either(end - start, lambda one: one.between(device, point, start, end))

    def last_at_or_before(self, device: str, point: str, at: datetime) -> Number | None:
        """The last good number at or before an instant."""
        return self._near.last_at_or_before(device, point, at)

    def thinned(
        self, device: str, point: str, start: datetime, end: datetime, every: timedelta
    ) -> list[Number]:
        """The last good number of each stretch, stamped with the stretch's beginning."""
        return self._either(end - start, lambda one: one.thinned(device, point, start, end, every))

    def _either(self, length: timedelta, ask: Callable[[Series], T]) -> T:
        if length >= LONG:
            try:
                return ask(self._far)
            except Unanswered as fault:
                log.warning("a long plot is answered by the journal: %s", fault)
        return ask(self._near)
