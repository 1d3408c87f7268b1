"""The simulator's side of the simulated clock: time passes when a client asks for it.

One JSON object a line, and one answer a line:

- ``{"until_ms": X}`` lets time pass to that unix instant, ``{"now_ms": Y}`` says where it is
- ``{"now": true}`` answers ``{"now_ms": Y, "start_ms": S, "boot": "…"}``
- ``{"hold": true}`` lets no more time pass, for ever, and answers ``{"now_ms": Y}``
- ``{"truth": true}`` answers the truth
- anything else answers ``{"refused": "why"}``
"""

import asyncio
import uuid
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

_STRIDE_MS = 300_000
"""So much at once, so that meters go on answering meanwhile. [ms]"""
LONGEST_LINE = 2**26


class Scene(Protocol):
    """What is simulated."""

    @property
    def start_ms(self) -> int:
        """When it began. [ms since 1970]"""

    @property
    def now_ms(self) -> int:
        """The simulated now. [ms since 1970]"""

    def advance(self, until_ms: int) -> None:
        """Let time pass up to that instant."""

    def truth(self) -> Mapping[str, Any]:
        """What really happened up to now, as JSON."""


class Pace:
    """Lets a scene's time pass.

    Args:
        scene: The scene.
        speed: Simulated seconds that one real second may hold at most; 0 for no limit.
        history_ms: So long from the start there is no limit. [ms]
    """

    def __init__(self, scene: Scene, *, speed: float, history_ms: int = 0) -> None:
        self._scene, self._speed = scene, speed
        self._history_until_ms = scene.start_ms + history_ms
        self._boot = uuid.uuid4().hex
        self._allowed_at = 0.0
        self._one_at_a_time = asyncio.Lock()
        self._goes_on = asyncio.Event()
        self._goes_on.set()
        self._server: asyncio.Server | None = None

    async def serve(self) -> str:
        """Listen on a free port of this machine; says where."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(orjson.dumps(await self._answer(line)) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError, asyncio.CancelledError):
            pass  # the client or the simulator goes, or a line has no end: nothing is half done
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> Mapping[str, Any]:
        try:
            request = orjson.loads(line)
        except orjson.JSONDecodeError as fault:
            return {"refused": str(fault)}
        match request:
            case {"until_ms": int() as until_ms}:
                await self._pass(until_ms)
                return {"now_ms": self._scene.now_ms}
            case {"now": True}:
                scene = self._scene
                return {"now_ms": scene.now_ms, "start_ms": scene.start_ms, "boot": self._boot}
            case {"hold": True}:
                self._goes_on.clear()
                return {"now_ms": self._scene.now_ms}
            case {"truth": True}:
                return self._scene.truth()
            case _:
                return {"refused": "until_ms, now, hold or truth"}

    async def _pass(self, until_ms: int) -> None:
        async with self._one_at_a_time:
            while (now_ms := self._scene.now_ms) < until_ms:
                to_ms = min(until_ms, now_ms + _STRIDE_MS)
                await self._breathe(to_ms - now_ms)
                await self._goes_on.wait()
                self._scene.advance(to_ms)

    async def _breathe(self, simulated_ms: int) -> None:
        """Wait as long as the speed asks; time lost while nobody asked is not made up for."""
        loop = asyncio.get_running_loop()
        if self._speed and self._scene.now_ms >= self._history_until_ms:
            due = self._allowed_at + simulated_ms / 1000 / self._speed
            self._allowed_at = max(due, loop.time())
            await asyncio.sleep(due - loop.time())
        else:
            await asyncio.sleep(0)
