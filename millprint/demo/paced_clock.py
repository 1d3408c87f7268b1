"""The agent's side of the simulated clock.

Time stands still until everybody who polls is waiting; then what was read is committed, and the
simulator is asked for the next instant at which somebody has something to do.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Self

import orjson

from collector.wire.reading import ClockState, instant
from millprint.demo.pace import LONGEST_LINE


class PaceLine:
    """A connection to a simulator's pace port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, host: str, port: int) -> Self:
        """Connect to a pace port; OSError where nobody listens."""
        return cls(*await asyncio.open_connection(host, port, limit=LONGEST_LINE))

    async def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """One question and its answer; ConnectionError where the simulator has gone."""
        self._writer.write(orjson.dumps(request) + b"\n")
        await self._writer.drain()
        line = await self._reader.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("the simulator has gone")
        answer: dict[str, Any] = orjson.loads(line)
        return answer

    async def truth(self) -> dict[str, Any]:
        """What really happened up to now."""
        return await self.ask({"truth": True})

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)


class PacedClock:
    """A clock that passes only when all its participants wait.

    Args:
        line: The simulator.
        hello: Its answer to ``{"now": true}``.
        participants: How many tasks wait on this clock; time passes when that many do.
        before_advance: Awaited before time passes: commits what was read.
    """

    def __init__(
        self,
        line: PaceLine,
        hello: Mapping[str, Any],
        participants: int,
        before_advance: Callable[[], Awaitable[None]],
    ) -> None:
        self._line, self._participants = line, participants
        self._before_advance = before_advance
        self._start_ms, self._now_ms = int(hello["start_ms"]), int(hello["now_ms"])
        self._boot = str(hello["boot"])
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    @classmethod
    async def connect(
        cls,
        host: str,
        port: int,
        *,
        participants: int,
        before_advance: Callable[[], Awaitable[None]],
    ) -> Self:
        """The clock of the simulator whose pace port that is; OSError where there is none."""
        line = await PaceLine.connect(host, port)
        return cls(line, await line.ask({"now": True}), participants, before_advance)

    def now(self) -> datetime:
        """The simulated wall clock, UTC."""
        return instant(self._now_ms)

    def state(self) -> ClockState:
        """Always synchronised: there is no other clock in this world."""
        return ClockState.SYNCHRONISED

    def boot(self) -> str:
        """Identity of the simulator's run."""
        return self._boot

    def up_ms(self) -> int:
        """Time since the simulated start. [ms]"""
        return self._now_ms - self._start_ms

    async def until(self, up_ms: int) -> None:
        """Wait until so much time has passed since the start; at once where it has. [ms]"""
        if up_ms <= self.up_ms():
            return
        woken = asyncio.get_running_loop().create_future()
        place = (up_ms, woken)
        self._waiting.append(place)
        try:
            if len(self._waiting) >= self._participants:
                await self._advance()
            await woken
        finally:
            if place in self._waiting:
                self._waiting.remove(place)

    async def _advance(self) -> None:
        """Let time pass to the first that has something to do, and wake who is due."""
        await self._before_advance()
        next_ms = min(up_ms for up_ms, _ in self._waiting)
        answer = await self._line.ask({"until_ms": self._start_ms + next_ms})
        self._now_ms = int(answer["now_ms"])
        due = [place for place in self._waiting if place[0] <= self.up_ms()]
        self._waiting = [place for place in self._waiting if place not in due]
        for _, woken in due:
            if not woken.done():
                woken.set_result(None)

    async def close(self) -> None:
        """Hang up; the simulator's time stands still."""
        await self._line.close()
