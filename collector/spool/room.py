"""Room: what a full spool gives up, the least valuable first, and what is said of it.

Thinning comes first, and for a nearly full disk too; the oldest windows are dropped only when
nothing is left to thin. Making room begins when the file is nearly full and ends well below that,
so that it is not done at every commit, and no commit does more than a few slices of it. What must
last, births and anchors, is told again by the commit that drops it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from collector.spool.file import SpoolFile
from collector.spool.thinning import SLOT_MS, KindOf, thin
from collector.spool.window import Stored, Window
from collector.wire import topics
from collector.wire.gone import MOST_GONE, GoneRange
from collector.wire.message import Sequenced, decode

_FULL, _ENOUGH = 0.95, 0.85
_SLICES = 4
_SLICE_WINDOWS = 256
_SLICE_BYTES = 1_000_000  # not compressed; opened they take some twenty times as much memory
_DROPPED_WINDOWS = 32

LowestOf = Callable[[str], int]
"""The lowest number of an epoch that the journal does not account for."""


@dataclass(slots=True)
class Made:
    """What room-making did.

    Attributes:
        thinned: Numbers that were thinned out, each piece with its epoch.
        dropped: What was dropped, by epoch: all of it up to a number.
        lasting: Records that were dropped and are to be told again.
    """

    thinned: list[tuple[str, tuple[GoneRange, ...]]] = field(default_factory=list)
    dropped: dict[str, GoneRange] = field(default_factory=dict)
    lasting: list[Sequenced] = field(default_factory=list)

    def gone(self) -> Iterator[tuple[str, str, tuple[GoneRange, ...]]]:
        """Why, whose numbers, which: a record each."""
        for epoch, ranges in self.thinned:
            for at in range(0, len(ranges), MOST_GONE):
                yield "thinned", epoch, ranges[at : at + MOST_GONE]
        for epoch, span in self.dropped.items():
            yield "spool-full", epoch, (span,)


class Room:
    """Makes room in one file; a commit that fails takes a new one."""

    def __init__(self) -> None:
        self._making = False
        self._thinned_through = 0

    def make(self, file: SpoolFile, need: int, kind_of: KindOf, lowest: LowestOf) -> Made:
        """Make room for a window, within its transaction.

        Args:
            file: The spool's file.
            need: What the window takes. [bytes]
            kind_of: What the points are.
            lowest: From which number on an epoch is still of interest.
        """
        made = Made()
        most = min(file.max_bytes, file.disk_bytes)
        self._making = self._making or file.used_bytes + need > most * _FULL
        slices = 0
        while self._making and (slices < _SLICES or file.used_bytes + need > most * _FULL):
            self._making = file.used_bytes + need > most * _ENOUGH
            # For a disk that others fill nothing is dropped: that may pass, and memory waits.
            full = file.used_bytes + need > file.max_bytes * _ENOUGH
            if not self._making or not (
                self._thin(file, kind_of, made) or (full and _drop(file, lowest, made))
            ):
                break
            slices += 1
        return made

    def _thin(self, file: SpoolFile, kind_of: KindOf, made: Made) -> bool:
        """Thin the oldest slice; whether there was one."""
        newest = file.newest()
        if newest is None:
            return False
        old_ms = newest.newest_ms - 2 * SLOT_MS  # in less there is little to thin
        found = file.unthinned(self._thinned_through, newest.place, _SLICE_WINDOWS)
        windows = list(_slice(window for window in found if window.newest_ms < old_ms))
        if not windows:
            return False
        whole = _whole_slots(windows)
        thinned = thin(windows[:whole], kind_of, windows[whole:])
        for window in thinned.windows:
            if any(True for _ in window.messages()):
                file.put(window)
            else:
                file.delete(window.place - 1, window.place)
        self._thinned_through = windows[whole - 1].place
        made.thinned.append((windows[0].epoch, thinned.gone))
        return True


def _slice(windows: Iterator[Window]) -> Iterator[Window]:
    """Windows of one epoch, and no more than can be worked through quickly."""
    size, epoch = 0, ""
    for window in windows:
        size += window.size
        if epoch and (epoch != window.epoch or size > _SLICE_BYTES):
            return
        epoch = window.epoch
        yield window


def _whole_slots(windows: Sequence[Window]) -> int:
    """How many of the windows make whole quarters of an hour; all where there is no border.

    Who is thinned in pieces of a quarter keeps one reading of each piece.
    """
    slots = [window.newest_ms // SLOT_MS for window in windows]
    return slots.index(slots[-1]) or len(windows)


def _drop(file: SpoolFile, lowest: LowestOf, made: Made) -> bool:
    """Let the oldest windows go; whether there were any besides the newest.

    All below the last that goes is declared gone anew: what said so before may go with it.
    """
    newest = file.newest()
    oldest = list(file.after(0, _DROPPED_WINDOWS))
    windows = [window for window in oldest if newest is None or window.place < newest.place]
    for window in windows:
        made.lasting += [one for message in window.messages() for one in _lasting(message)]
        first = lowest(window.epoch)
        if first <= window.last:
            made.dropped[window.epoch] = GoneRange(first, window.last, window.h)
    if windows:
        file.delete(0, windows[-1].place)
    return bool(windows)


def _lasting(message: Stored) -> Iterable[Sequenced]:
    """Records that are told again: births, anchors, and what is said of other epochs.

    A ``gone`` record of its own epoch says nothing that its dropping does not say.
    """
    if topics.parse(message.topic).device:
        return ()
    records = decode(message.payload, None).records
    return [one for one in records if one.kind != "gone" or "epoch" in one.body]
