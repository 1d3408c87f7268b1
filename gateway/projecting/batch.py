"""A batch: lines that are sent together, as many as one request may hold."""

from gateway.projections import Engine

_MOST_BYTES = 4 << 20  # an engine takes 25 MB at most; larger ones were not faster


class Batch:
    """Lines that are sent together, as many as one request may hold."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lines: list[str] = []
        self._bytes = 0
        self.numbers = 0

    def add(self, lines: str, numbers: int) -> None:
        """Take in lines."""
        self._lines.append(lines)
        self._bytes += len(lines)
        self.numbers += numbers
        if self._bytes >= _MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what there is."""
        if self._lines:
            self._engine.write("".join(self._lines).encode())
            self._lines, self._bytes = [], 0
