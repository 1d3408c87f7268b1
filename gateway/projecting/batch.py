"""A batch: lines that are sent together; while an engine takes some, the next are made."""

from concurrent.futures import Future, ThreadPoolExecutor

from gateway.projections import Engine

_MOST_BYTES = 4 << 20  # an engine takes 25 MB at most; larger ones were not faster


class Batch:
    """Lines that are sent together, as many as one request may hold, one request at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lines: list[bytes] = []
        self._bytes = 0
        self._sender = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None
        self.numbers = 0

    def add(self, lines: bytes, numbers: int) -> None:
        """Take in lines.

        Raises:
            Unanswered: The engine did not take earlier ones.
        """
        self._lines.append(lines)
        self._bytes += len(lines)
        self.numbers += numbers
        if self._bytes >= _MOST_BYTES:
            self._arrive()
            self._under_way = self._sender.submit(self._engine.write, self._body())

    def flush(self) -> None:
        """Send what there is; the engine has then taken all.

        Raises:
            Unanswered: It did not.
        """
        self._arrive()
        if self._lines:
            self._engine.write(self._body())
        self._sender.shutdown()

    def _arrive(self) -> None:
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None

    def _body(self) -> bytes:
        body = b"".join(self._lines)
        self._lines, self._bytes = [], 0
        return body
