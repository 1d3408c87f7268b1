"""Messengers: each tells one address of all events in their order, and again until it arrives.

How far one has come stands in the books. What could not be told for a day is passed over: it
stands in the books all the same, and who hears of it so late is only misled.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime

import sqlalchemy as sa

from api.alarms.course import Kind
from api.books import Books
from api.telling import Letter, Untold, Way
from gateway.journal import FAULTS

log = logging.getLogger("api")

_LOOK_S = 5.0
_SHORTEST_WAIT_S, _LONGEST_WAIT_S = 1.0, 600.0
_LONGEST_S = 86_400.0


class Messenger:
    """Works in a thread of its own.

    Args:
        name: The address' name; its place in the books stands under it.
        way: How it is told.
        events: What it is told.
        books: Where the events are.
        site: Of which site.
        wait: Waits until something happens to an alarm, or so long. [s]
        now: The world's clock, also where the mill has another.
    """

    def __init__(  # noqa: PLR0913 - what a letter needs, and who carries it
        self,
        name: str,
        way: Way,
        events: Collection[Kind],
        *,
        books: Books,
        site: str,
        wait: Callable[[float], None],
        now: Callable[[], datetime],
    ) -> None:
        self._name, self._way, self._events = name, way, events
        self._books, self._site, self._wait, self._now = books, site, wait, now
        self._mark = f"alarms {name}"
        self._wait_s, self._failing_since = _SHORTEST_WAIT_S, 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"tell-{name}", daemon=True)

    def start(self) -> None:
        """Begin with what happens from now on, or go on where it was when it stopped."""
        if not self._books.marks.position(self._mark):
            # 0 is what no mark says: marks stand one further than what was told.
            self._books.marks.keep(self._mark, self._books.alarms.last() + 1)
        self._thread.start()

    def stop(self) -> None:
        """Stop; the telling that is under way is not waited for."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._tell():
                    self._wait(_LOOK_S)
            except (Untold, sa.exc.OperationalError, *FAULTS) as fault:
                self._wait_for(fault)

    def _tell(self) -> bool:
        """Tell the next events; whether there were any."""
        found = self._books.alarms.after(self._books.marks.position(self._mark) - 1)
        for event, alarm in found:
            if self._stopping.is_set():
                break
            if event.kind in self._events and not self._is_given_up():
                self._way.tell(Letter(self._site, event, alarm), self._now())
            self._books.marks.keep(self._mark, event.number + 1)
            self._wait_s, self._failing_since = _SHORTEST_WAIT_S, 0.0
        return bool(found)

    def _is_given_up(self) -> bool:
        since = self._failing_since
        return bool(since) and time.monotonic() - since > _LONGEST_S

    def _wait_for(self, fault: Exception) -> None:
        if not self._failing_since:
            self._failing_since = time.monotonic()
            log.warning("alarms do not reach %s; it is tried again: %s", self._name, fault)
        self._stopping.wait(self._wait_s * random.uniform(0.7, 1.0))
        self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)
