"""Room: what a full spool gives up, the least valuable first, and what is said of it.

Thinning comes first; the oldest windows are dropped only when nothing is left to thin. Making room
begins when the file is nearly full and ends well below that, so that it is not done at every
commit, and no commit does more than a few slices of it.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

import orjson

from collector.spool.file import SpoolFile
from collector.spool.thinning import SLOT_MS, KindOf, thin
from collector.spool.window import Stored, Window
from collector.wire.gone import MOST_GONE, GoneRange

_FULL, _ENOUGH = 0.95, 0.85
_SLICES = 4
_SLICE_WINDOWS = 256
_SLICE_BYTES = 2_000_000
_DROPPED_WINDOWS = 32

Gone = tuple[str, str, list[GoneRange]]
"""Why, whose numbers, which."""


class Room:
    """Makes room in one file; a commit that fails takes a new one."""

    def __init__(self) -> None:
        self._making = False
        self._thinned_through = 0
        self._dropped_through = 0

    def make(self, file: SpoolFile, need: int, kind_of: KindOf) -> list[Gone]:
        """Make room for a window, within its transaction; what is to be declared gone.

        Args:
            file: The spool's file.
            need: What the window takes. [bytes]
            kind_of: What the points are.
        """
        gone: list[Gone] = []
        full, enough = int(file.max_bytes * _FULL), int(file.max_bytes * _ENOUGH)
        self._making = self._making or file.used_bytes + need > full
        for done in range(10**6):
            used = file.used_bytes + need
            if not self._making or used <= enough:
                self._making = False
                break
            if done >= _SLICES and used <= full:
                break
            given_up = self._thin(file, kind_of)
            if given_up is None:
                given_up = self._drop(file)
            if given_up is None:
                break
            gone += [part for one in given_up for part in _parts(one)]
        return gone

    def _thin(self, file: SpoolFile, kind_of: KindOf) -> list[Gone] | None:
        """Thin the oldest slice; None where nothing is left to thin."""
        newest = file.newest()
        if newest is None:
            return None
        old_ms = newest.newest_ms - 2 * SLOT_MS  # in less there is little to thin
        found = file.unthinned(self._thinned_through, newest.place, _SLICE_WINDOWS)
        windows = list(_slice(window for window in found if window.newest_ms < old_ms))
        if not windows:
            return None
        thinned = thin(windows, kind_of)
        for window in thinned.windows:
            if any(True for _ in window.messages()):
                file.put(window)
            else:
                file.delete(window.place - 1, window.place)
        self._thinned_through = windows[-1].place
        return [("thinned", windows[0].epoch, list(thinned.gone))]

    def _drop(self, file: SpoolFile) -> list[Gone] | None:
        """Let the oldest windows go; None where there is only the newest."""
        newest = file.newest()
        oldest = list(file.after(self._dropped_through, _DROPPED_WINDOWS))
        windows = [window for window in oldest if newest is None or window.place < newest.place]
        if not windows:
            return None
        self._dropped_through = windows[-1].place
        return [
            ("spool-full", epoch, _joined(r for window in group for r in _dropped(file, window)))
            for epoch, group in groupby(windows, key=lambda window: window.epoch)
        ]


def _slice(windows: Iterator[Window]) -> Iterator[Window]:
    """Windows of one epoch, and no more than can be worked through quickly."""
    size, epoch = 0, None
    for window in windows:
        size += len(window.body)
        if epoch not in (None, window.epoch) or (size > _SLICE_BYTES and epoch is not None):
            return
        epoch = window.epoch
        yield window


def _dropped(file: SpoolFile, window: Window) -> list[GoneRange]:
    """Drop what a window holds of readings; the numbers that went."""
    messages = list(window.messages())
    kept = [message for message in messages if _lasting(message)]
    if messages and len(kept) == len(messages):
        return []
    if kept:
        file.put(window.holding(kept))
    else:
        file.delete(window.place - 1, window.place)
    return list(_between(window, kept))


def _lasting(message: Stored) -> bool:
    """Whether a message stays: births, anchors, and what is said of other epochs, are small.

    A ``gone`` record of this epoch says nothing that its own dropping does not say.
    """
    body = orjson.loads(message.payload)
    return any(r["kind"] != "gone" or "epoch" in r["body"] for r in body.get("records", ()))


def _between(window: Window, kept: list[Stored]) -> Iterator[GoneRange]:
    """The numbers of a window that are not in the messages kept."""
    after = window.first
    for message in kept:
        if message.first > after:
            yield GoneRange(after, message.first - 1)
        after = message.last + 1
    if after <= window.last:
        yield GoneRange(after, window.last, window.h)


def _joined(ranges: Iterable[GoneRange]) -> list[GoneRange]:
    """Ranges that touch, as one."""
    found: list[GoneRange] = []
    for one in ranges:
        if found and found[-1].last + 1 == one.first:
            found[-1] = GoneRange(found[-1].first, one.last, one.h)
        else:
            found.append(one)
    return found


def _parts(one: Gone) -> Iterator[Gone]:
    """As many records as the ranges need."""
    why, epoch, ranges = one
    for at in range(0, len(ranges), MOST_GONE):
        yield why, epoch, ranges[at : at + MOST_GONE]
