"""Anchors and steps: what the wall clock does against the time since boot.

Polling follows the time since boot alone, so that a step moves no schedule; here it is only seen.
"""

import logging
from datetime import UTC, datetime, timedelta

from collector.clock import Clock
from collector.wire.anchor import Anchor
from collector.wire.reading import ClockState, instant, unix_ms

log = logging.getLogger("collector.clock")

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No reading of this program is older: a clock that shows less starts from nowhere."""
_STEP_MS = 1000
_ANCHOR_EVERY_MS = 24 * 3_600_000
_BACKWARDS = timedelta(seconds=1)


class WatchedClock:
    """A clock whose wall time is not believed where it is known to be wrong.

    Synchronised is what the kernel calls disciplined. Unknown is a time before the newest reading
    that the spool holds, or before this program was written: a board without a battery starts
    like that. All else is informative, as on a machine that nobody synchronises.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._floor = EARLIEST
        self._offset_ms: int | None = None
        self._anchored: tuple[str, int, int] | None = None  # boot, offset, time since boot

    def not_before(self, newest: datetime | None) -> None:
        """It was once as late as this."""
        if newest is not None:
            self._floor = max(self._floor, newest - _BACKWARDS)

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return self._clock.now()

    def state(self) -> ClockState:
        """How far the wall clock can be trusted."""
        state = self._clock.state()
        if state is ClockState.SYNCHRONISED:
            return state
        early = self._clock.now() < self._floor
        return ClockState.UNKNOWN if early else ClockState.INFORMATIVE

    def boot(self) -> str:
        """Identity of this boot."""
        return self._clock.boot()

    def up_ms(self) -> int:
        """Time since boot. [ms]"""
        return self._clock.up_ms()

    async def until(self, up_ms: int) -> None:
        """Wait until so much time has passed since boot. [ms]"""
        await self._clock.until(up_ms)

    def look(self) -> Anchor | None:
        """See whether the wall clock was set; an anchor where one is due.

        One is due when the time is synchronised and none was made in this boot, the last one no
        longer holds, or a day has passed since.
        """
        up_ms, now_ms = self._clock.up_ms(), unix_ms(self._clock.now())
        offset_ms = now_ms - up_ms
        if self._offset_ms is not None and abs(offset_ms - self._offset_ms) > _STEP_MS:
            step_s = (offset_ms - self._offset_ms) / 1000
            log.warning("the wall clock was set by %+.1f s to %s", step_s, instant(now_ms))
        self._offset_ms = offset_ms
        if self.state() is not ClockState.SYNCHRONISED or not self._due(offset_ms, up_ms):
            return None
        return Anchor(self._clock.boot(), up_ms, instant(now_ms), "kernel")

    def made(self, anchor: Anchor) -> None:
        """An anchor is committed: the next is due when this one no longer holds."""
        self._anchored = anchor.boot, unix_ms(anchor.at) - anchor.up_ms, anchor.up_ms

    def _due(self, offset_ms: int, up_ms: int) -> bool:
        if self._anchored is None or self._anchored[0] != self._clock.boot():
            return True
        _, anchored_ms, since_ms = self._anchored
        return abs(offset_ms - anchored_ms) > _STEP_MS or up_ms - since_ms >= _ANCHOR_EVERY_MS
