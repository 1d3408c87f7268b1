"""Virtual time: a day passes while real sockets are served; nobody waits.

Where nothing is ready and somebody waits for a time, that time comes at once.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from typing_extensions import override

from collector.wire.reading import ClockState

T = TypeVar("T")
START = datetime(2026, 3, 1, 4, 15, 0, 300_000, tzinfo=UTC)
_LOOKS = 4
"""What is written to a socket of this machine is there at once, or after a look or two."""


class _Jumping(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1000.0

    @override
    def select(self, timeout: float | None = None):
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        for _ in range(_LOOKS):
            ready = super().select(0)
            if ready:
                return ready
        self.now_s += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop in whose time nothing takes long."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    @override
    def time(self) -> float:
        return self._jumping.now_s


class LoopClock:
    """The agent's clock, by a loop's time; the wall can be set.

    Attributes:
        step: How far the wall clock was set from where it was.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._began = loop, loop.time()
        self.step = timedelta(0)

    def now(self) -> datetime:
        return START + timedelta(seconds=self._loop.time() - self._began) + self.step

    def state(self) -> ClockState:
        return ClockState.SYNCHRONISED

    def boot(self) -> str:
        return "boot"

    def up_ms(self) -> int:
        return int((self._loop.time() - self._began) * 1000 + 0.001) + 5000

    async def until(self, up_ms: int) -> None:
        due = self._began + (up_ms - 5000) / 1000
        if due > self._loop.time():
            await asyncio.sleep(due - self._loop.time())


def run(scene: Coroutine[object, object, T]) -> T:
    """Play a scene in virtual time. A pseudo-terminal is too slow for it."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(scene)
