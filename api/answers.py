"""Answers: what counters counted over a period, remembered while the journal stays so.

Batches of a day share their balancing windows, so most of what one footprint asks of the meters
another has just asked. An answer knows which quarters said it; it holds while those are the same.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import is_

from api.quarters import Known, Quarters
from gateway.intervals import Counter, Measured, Whiles, measure_steady
from gateway.journal import Journal

_MOST_SLICES = 8_000
"""So many are remembered, of about a kilobyte each."""


@dataclass
class Answer:
    """What a counter showed between some bounds, where it only rose.

    Attributes:
        counter: Which.
        bounds: The bounds.
        whiles: The readings between them and some beyond.
        of: The quarters that say so.
    """

    counter: Counter
    bounds: tuple[datetime, ...]
    whiles: Whiles
    of: Sequence[Known]

    @cached_property
    def measured(self) -> Measured:
        """What it counted between each bound and the next."""
        return measure_steady(self.whiles, self.bounds, self.counter)

    def holds(self, of: Sequence[Known]) -> bool:
        """Whether the same quarters say it still."""
        return len(of) == len(self.of) and all(map(is_, of, self.of))


class Answers:
    """Answers about counters. Safe to ask from several threads.

    Args:
        journal: Where they are read.
        most: Slices that are remembered.
    """

    def __init__(self, journal: Journal, most: int = _MOST_SLICES) -> None:
        self._quarters, self._most = Quarters(journal), most
        self._known: OrderedDict[tuple[Counter, tuple[datetime, ...]], Answer] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def of(
        self, counter: Counter, bounds: Sequence[datetime], *, once: bool = False
    ) -> Answer | None:
        """What a counter showed between bounds; None where that needs a closer look.

        Args:
            counter: Which.
            bounds: Instants in rising order, at least two; each slot's edges among them.
            once: Nobody will ask for the same again: it is not remembered.
        """
        key = counter, tuple(bounds)
        found = self._quarters.around(counter, bounds)
        of = list(found.values())
        known = self._remembered(key)
        if known is not None and known.holds(of):
            lonely = self._quarters.nothing_farther(counter, bounds, known.whiles)
            return known if lonely else None
        whiles = self._quarters.whiles(counter, bounds, found)
        if whiles is None:
            return None
        answer = Answer(counter, key[1], whiles, of)
        if not once:
            self._remember(key, answer)
        return answer

    def _remembered(self, key: tuple[Counter, tuple[datetime, ...]]) -> Answer | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def _remember(self, key: tuple[Counter, tuple[datetime, ...]], answer: Answer) -> None:
        with self._lock:
            if self._known.pop(key, None) is None:
                self._held += len(answer.bounds)
            self._known[key] = answer
            while self._held > self._most:
                _, gone = self._known.popitem(last=False)
                self._held -= len(gone.bounds)
