"""Attempts to sign in: after a few that failed, the next has to wait, longer each time."""

import threading
from collections import OrderedDict, deque
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

FREE = {"name": 5, "address": 20}
"""So many may fail at once: of one name; of one address, which a whole office may share."""
LONGEST = timedelta(minutes=5)
"""Nobody waits longer: who knows a name must not be able to keep its owner out for a day."""
NOTED = 20
"""So many that failed are noted within an hour; of more it is said how many they were."""
_FORGOTTEN_AFTER = timedelta(hours=1)
_MOST = 10_000


@dataclass(slots=True)
class _Failed:
    """How often in a row, and when last."""

    times: int
    at: datetime


class Attempts:
    """Attempts by kind (``name``, ``address``) and what they are of; in memory, safe from threads.

    An attempt counts as failed from its beginning, so that many at once are no way around.
    """

    def __init__(self) -> None:
        self._failed: OrderedDict[tuple[str, str], _Failed] = OrderedDict()
        self._noted: deque[datetime] = deque(maxlen=NOTED)
        self._unnoted = 0
        self._lock = threading.Lock()

    def to_note(self, now: datetime) -> int | None:
        """How many failed since the last that was noted; None where this one is not noted either.

        Whoever can fail as often as he likes must not be able to fill the disk with it.
        """
        with self._lock:
            if len(self._noted) == NOTED and now - self._noted[0] < _FORGOTTEN_AFTER:
                self._unnoted += 1
                return None
            self._noted.append(now)
            before, self._unnoted = self._unnoted, 0
            return before

    def begin(self, of: Collection[tuple[str, str]], now: datetime) -> timedelta:
        """How long to wait; nothing where the attempt may be made, which then counts."""
        with self._lock:
            wait = max((self._wait(one, now) for one in of), default=timedelta(0))
            for one in of if not wait else ():
                failed = self._failed.setdefault(one, _Failed(0, now))
                failed.times, failed.at = failed.times + 1, now
                self._failed.move_to_end(one)
            while len(self._failed) > _MOST:
                self._failed.popitem(last=False)
            return wait

    def succeeded(self, of: Collection[tuple[str, str]]) -> None:
        """It was no failure: what was counted of it is forgotten."""
        with self._lock:
            for one in of:
                self._failed.pop(one, None)

    def _wait(self, one: tuple[str, str], now: datetime) -> timedelta:
        failed = self._failed.get(one)
        if failed is None:
            return timedelta(0)
        if now - failed.at > _FORGOTTEN_AFTER:
            del self._failed[one]
            return timedelta(0)
        over = failed.times - FREE[one[0]]
        must = min(LONGEST, timedelta(seconds=2 ** min(over, 10))) if over >= 0 else timedelta(0)
        return max(timedelta(0), failed.at + must - now)
