"""What batches have reached lately: golden batches and prices, followed as results come."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any

import orjson

from api.alarms.loads import prices
from api.books import Books
from api.books.results import Result
from api.golden import Finished, Golden, Key, finished, references

_BACK = timedelta(days=90)
"""A recipe, a season or a machine changes: what was reached earlier is no reference any more."""
_MOST = 2000
_PRICED_BY = 20
_VIEW = "footprint"


class Goldens:
    """Follows the results of the last ninety days.

    Attributes:
        references: The golden batches, by article and process.
        prices: kgCO2e per stored unit of each carrier, by the footprints that came last.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self._looking = Lock()  # alarms and pages look, each in a thread of its own
        self._change: int | None = None
        self._finished: dict[str, list[Finished]] = {}
        self._bodies: dict[str, dict[str, Any]] = {}
        self.references: Mapping[Key, Golden] = {}
        self.prices: Mapping[str, Decimal] = {}

    def look(self, now: datetime) -> None:
        """Take in what came since the last look."""
        with self._looking:
            self._look(now)

    def _look(self, now: datetime) -> None:
        if self._change is None:
            found = self._books.results.newest(_VIEW, now - _BACK, _MOST)[::-1]
            self._change = max((one.change or 0 for one in found), default=0)
        else:
            found = self._books.results.since(_VIEW, self._change)
        if not found:
            return
        for one in found:
            self._take(one)
            self._change = max(self._change, one.change or 0)
        while len(self._finished) > _MOST:
            del self._finished[next(iter(self._finished))]
        self.references = references(one for own in self._finished.values() for one in own)
        self.prices = prices(self._bodies.values())

    def _take(self, result: Result) -> None:
        """A batch's last word counts; what came before it goes."""
        body = orjson.loads(result.text)
        entry = self._books.batches.entered(result.batch)
        for known in (self._finished, self._bodies):
            known.pop(result.batch, None)
        self._finished[result.batch] = finished(entry.article if entry else "", body)
        self._bodies[result.batch] = body
        while len(self._bodies) > _PRICED_BY:
            del self._bodies[next(iter(self._bodies))]
