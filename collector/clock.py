"""The agent's clock: stamps from the wall, order and schedule from the time since boot."""

import asyncio
import ctypes
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from collector.wire.reading import ClockState

_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2): the kernel's clock is not disciplined


class Clock(Protocol):
    """What polling needs of time. The demo mill has another one than the mill."""

    def now(self) -> datetime:
        """The wall clock, UTC."""

    def state(self) -> ClockState:
        """How far the wall clock can be trusted."""

    def boot(self) -> str:
        """Identity of this boot."""

    def up_ms(self) -> int:
        """Time since boot, sleep included. [ms]"""

    async def until(self, up_ms: int) -> None:
        """Wait until so much time has passed since boot; at once where it has. [ms]"""


class SystemClock:
    """The machine's own clock."""

    def __init__(self) -> None:
        self._boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "")
        # Asked with every reading; to let go of the interpreter would take longer than the answer.
        self._libc = ctypes.PyDLL(None)
        # struct timex is 208 bytes on 64-bit and 128 on 32-bit Linux; modes = 0 only reads.
        self._timex = ctypes.create_string_buffer(256)

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock that the roots inject

    def state(self) -> ClockState:
        """Synchronised where the kernel says that its clock is disciplined, else informative."""
        ctypes.memset(self._timex, 0, len(self._timex))
        status = self._libc.adjtimex(self._timex)
        known = status not in (-1, _UNSYNCHRONISED)
        return ClockState.SYNCHRONISED if known else ClockState.INFORMATIVE

    def boot(self) -> str:
        """The kernel's boot id."""
        return self._boot

    def up_ms(self) -> int:
        """CLOCK_BOOTTIME. [ms]"""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    async def until(self, up_ms: int) -> None:
        """Sleep until then, and not to the end of the millisecond that has begun."""
        await asyncio.sleep(max(0.0, up_ms / 1000 - time.clock_gettime(time.CLOCK_BOOTTIME)))
