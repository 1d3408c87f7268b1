"""Pending: what was read and is not yet committed; bounded, since the disk may refuse for long."""

from collections import deque
from collections.abc import Iterable

from collector.wire.reading import Reading

MOST_VALUES = 100_000
"""What an agent holds in memory while its disk refuses: about 10 MB, a quarter of an hour of 100
values a second."""


def window_ms(asked_ms: int, values_s: float) -> int:
    """How long a window is: as asked, or until half of what memory holds is read. [ms]

    Args:
        asked_ms: As configured. [ms]
        values_s: Values, and one more for each reading, a second.
    """
    return min(asked_ms, int(500 * MOST_VALUES / values_s)) if values_s else asked_ms


class Pending:
    """Readings in the order in which they came, each with the time of its slot.

    The oldest go when there are too many, and are handed to who lets them go.
    """

    def __init__(self, most_values: int = MOST_VALUES) -> None:
        self._most = most_values
        self._readings: deque[tuple[Reading, int]] = deque()
        self._values = 0
        self.dropped = 0

    def add(self, reading: Reading, due_ms: int) -> list[tuple[Reading, int]]:
        """One more; what had to go for it."""
        self._readings.append((reading, due_ms))
        self._values += _weight(reading)
        return self._shed()

    def take(self) -> list[tuple[Reading, int]]:
        """All of them, to be committed."""
        taken, self._readings, self._values = list(self._readings), deque(), 0
        return taken

    def put_back(self, readings: Iterable[tuple[Reading, int]]) -> list[tuple[Reading, int]]:
        """They could not be committed: they come before what was read since."""
        self._readings.extendleft(reversed(list(readings)))
        self._values = sum(_weight(reading) for reading, _ in self._readings)
        return self._shed()

    def _shed(self) -> list[tuple[Reading, int]]:
        gone: list[tuple[Reading, int]] = []
        while self._values > self._most:
            gone.append(self._readings.popleft())
            self._values -= _weight(gone[-1][0])
        self.dropped += len(gone)
        return gone


def _weight(reading: Reading) -> int:
    return 1 + len(reading.values) + len(reading.bad)
