"""Pending: what was read and is not yet committed; bounded, since the disk may refuse for long."""

from collections import deque
from collections.abc import Iterable

from collector.wire.reading import Reading

MOST_VALUES = 100_000
"""What an agent holds in memory while its disk refuses: about 10 MB, a quarter of an hour of 100
values a second."""


class Pending:
    """Readings in the order in which they came. The oldest go when there are too many."""

    def __init__(self, most_values: int = MOST_VALUES) -> None:
        self._most = most_values
        self._readings: deque[Reading] = deque()
        self._values = 0
        self.dropped = 0

    def add(self, reading: Reading) -> None:
        """One more."""
        self._readings.append(reading)
        self._values += _weight(reading)
        self._shed()

    def take(self) -> list[Reading]:
        """All of them, to be committed."""
        taken, self._readings, self._values = list(self._readings), deque(), 0
        return taken

    def put_back(self, readings: Iterable[Reading]) -> None:
        """They could not be committed: they come before what was read since."""
        self._readings.extendleft(reversed(list(readings)))
        self._values = sum(map(_weight, self._readings))
        self._shed()

    def _shed(self) -> None:
        while self._values > self._most:
            self._values -= _weight(self._readings.popleft())
            self.dropped += 1


def _weight(reading: Reading) -> int:
    return 1 + len(reading.values) + len(reading.bad)
