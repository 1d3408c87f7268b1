"""What batches have reached lately: golden batches and prices, followed as results come."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any

import orjson

from api.books import Books
from api.books.results import Result
from api.golden import Finished, Golden, Key, finished, references
from api.rates import rates
from api.tariff import Tariff
from collector.wire.reading import unix_ms

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
        self._computed = ""
        self._finished: dict[str, tuple[int, list[Finished]]] = {}
        self._bodies: dict[str, dict[str, Any]] = {}
        self.references: Mapping[Key, Golden] = {}
        self.prices: Mapping[str, Decimal] = {}

    def look(self, now: datetime) -> None:
        """Take in what came since the last look, and let go of what is too long ago."""
        with self._looking:
            since = now - _BACK
            found = self._books.results.newest(_VIEW, since, _MOST, self._computed)
            for one in sorted(found, key=lambda one: one.computed):
                self._take(one)
                self._computed = one.computed
            if self._let_go(unix_ms(since)) or found:
                own = [one for _, several in self._finished.values() for one in several]
                self.references = references(own)
                known = rates(self._bodies.values(), Tariff())
                self.prices = {c: rate.kgco2e for c, rate in known.items() if rate.kgco2e}

    def _take(self, result: Result) -> None:
        """A batch's last word counts; what came before it goes."""
        body = orjson.loads(result.text)
        entry = self._books.batches.entered(result.batch)
        own = finished(entry.article if entry else "", body)
        self._finished[result.batch] = result.ended_ms or 0, own
        self._bodies.pop(result.batch, None)
        self._bodies[result.batch] = body
        while len(self._bodies) > _PRICED_BY:
            del self._bodies[next(iter(self._bodies))]

    def _let_go(self, since: int) -> bool:
        """Forget batches that ended too long ago, and the first to end where they are too many."""
        by_end = sorted(self._finished, key=lambda batch: self._finished[batch][0], reverse=True)
        gone = [
            batch
            for place, batch in enumerate(by_end)
            if place >= _MOST or self._finished[batch][0] <= since
        ]
        for batch in gone:
            del self._finished[batch]
        return bool(gone)
