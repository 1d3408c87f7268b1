"""Clocks: under which instant a reading is filed, by what its agent knew of the time.

A synchronised clock is believed. A reading without a clock waits for an anchor of its boot; one
whose clock was only informative is moved where an anchor shows it off by more than a second.
"""

from bisect import bisect_left
from typing import NamedTuple

from collector.wire.anchor import Anchor
from collector.wire.reading import ClockState, Reading, unix_ms
from gateway.journal.store import Connection

_ALLOWED_MS = 1000
_MOST_BOOTS = 1000

UNSURE = (ClockState.UNKNOWN, ClockState.INFORMATIVE)
"""Clocks that an anchor may correct."""


class Moment(NamedTuple):
    """What a reading says of its time."""

    clock: ClockState
    at: int
    boot: str
    up_ms: int


def moment_of(reading: Reading) -> Moment:
    """What a reading says of its time."""
    return Moment(reading.clock, unix_ms(reading.at), reading.boot, reading.up_ms)


class Clocks:
    """The anchors of every collector's boots."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._known: dict[tuple[str, str], list[tuple[int, int]]] = {}

    def filed(self, collector: str, moment: Moment) -> int | None:
        """Under which instant a reading is filed; None while nobody knows. [ms since 1970]"""
        if moment.clock not in UNSURE:
            return moment.at
        anchors = self._anchors(collector, moment.boot)
        if not anchors:
            return None if moment.clock is ClockState.UNKNOWN else moment.at
        up_ms, at = min(anchors, key=lambda anchor: (abs(anchor[0] - moment.up_ms), anchor))
        placed = max(0, at - (up_ms - moment.up_ms))
        off = abs(placed - moment.at) > _ALLOWED_MS
        return placed if off or moment.clock is ClockState.UNKNOWN else moment.at

    def add(self, collector: str, anchor: Anchor) -> tuple[int, int]:
        """Take in an anchor; the span of its boot for which it is the nearest. [ms since boot]"""
        anchors = self._anchors(collector, anchor.boot)
        found = (anchor.up_ms, unix_ms(anchor.at))
        place = bisect_left(anchors, found)
        if found not in anchors[place : place + 1]:
            anchors.insert(place, found)
            self._db.execute(
                "INSERT INTO anchors VALUES (?, ?, ?, ?)", (collector, anchor.boot, *found)
            )
        below = [up_ms for up_ms, _ in anchors if up_ms < anchor.up_ms]
        above = [up_ms for up_ms, _ in anchors if up_ms > anchor.up_ms]
        lowest = (below[-1] + anchor.up_ms) // 2 if below else 0
        return lowest, -(-(above[0] + anchor.up_ms) // 2) if above else 2**53

    def _anchors(self, collector: str, boot: str) -> list[tuple[int, int]]:
        found = self._known.get((collector, boot))
        if found is None:
            if len(self._known) >= _MOST_BOOTS:
                self._known.clear()
            found = self._known[collector, boot] = self._db.execute(
                "SELECT up_ms, at FROM anchors WHERE collector = ? AND boot = ? ORDER BY 1, 2",
                (collector, boot),
            ).fetchall()
        return found
