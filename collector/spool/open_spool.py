"""An open spool: one sound file, and what is known of it in memory."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from collector.spool.file import Extent, SpoolFile
from collector.spool.renewal import renumber
from collector.spool.room import Made, Room
from collector.spool.salvage import Loss
from collector.spool.scribe import Head, Scribe
from collector.spool.thinning import KindOf
from collector.spool.window import Stored, Window
from collector.wire import chain
from collector.wire.acknowledgement import EpochAck
from collector.wire.anchor import Anchor, anchor_form
from collector.wire.birth import Birth, birth_form
from collector.wire.counts import Counts, counts_form
from collector.wire.gone import MOST_GONE, gone_form
from collector.wire.reading import ClockState, Kind, Reading, instant, stamp, unix_ms

_HEADINGS = 500

Wanted = Callable[[str, int, int], bool]
"""Whether a message is asked for: its epoch, its first number, its last."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit is to hold.

    Attributes:
        readings: The window's readings, in any order of devices.
        births: Birth of every device among them.
        now: Stamp for the records that the commit adds of itself.
        anchor: What the time was, where it is to be said.
        counts: What became of all values of intervals that are over.
    """

    readings: Sequence[Reading]
    births: Mapping[str, Birth]
    now: str
    anchor: Anchor | None
    counts: Sequence[Counts] = ()


@dataclass(slots=True)
class _Waiting:
    """What of an epoch the journal has not yet accounted for; what its numbers lack to places."""

    offset: int
    first: int
    last: int


class OpenSpool:
    """What one sound file holds. Not to be used from two threads at once."""

    def __init__(self, file: SpoolFile, site: str, collector: str) -> None:
        self.file = file
        self._names = site, collector
        self.changes = 0
        self.written = b""  # hash at the end of what a commit tried to write
        self._room = Room()
        newest, owner = file.newest(), file.owner()
        self.newest_ms = newest.newest_ms if newest else 0
        self._waiting = {e.epoch: _Waiting(e.offset, e.first, e.last) for e in file.extents()}
        if owner is not None and owner[:2] == self._names:
            self._stand(self._head_of(owner[2], newest))
        else:
            with file.transaction():
                self._begin_epoch(newest.place if newest else 0)
        # Numbers beyond these are known to the journal only if they were handed out to be sent.
        self._handed = self.head.seq

    def commit(self, what: Commit) -> None:
        """Commit one window."""
        scribe, room, self._room = self._scribe(), self._room, Room()
        with self.file.transaction():
            self._delete_released()
            self._tell_births(scribe, what)
            # By the time since boot: a clock that is set back in the window reverses nothing.
            ordered = sorted(what.readings, key=lambda reading: (reading.device, reading.up_ms))
            for device, group in groupby(ordered, key=lambda reading: reading.device):
                scribe.readings(device, what.births[device].hash, group)
            if what.anchor:
                scribe.record("anchor", "", anchor_form(what.anchor), what.now)
            for one in what.counts:
                scribe.record("counts", "", counts_form(one), what.now)
            need = 2 * len(scribe.body)
            made = room.make(self.file, need, _kinds(what.births), self._lowest)
            self._tell_made(scribe, made, what.now)
            newest_ms = max(self.newest_ms, *_known_times(what.readings))
            if scribe.messages:  # a window of nothing would stand in the place of the newest
                self._put(scribe, newest_ms)
            self.written = scribe.head.h
        self._room, self.newest_ms = room, newest_ms
        self.changes += bool(made.thinned or made.dropped)
        self._stand(scribe.head)

    def next_after(self, place: int, most: int, wanted: Wanted | None) -> list[Stored]:
        """The next messages behind a place, oldest first, up to the end of a window."""
        found: list[Stored] = []
        for at in self._places(place, wanted):
            for window in self.file.after(at - 1, 1):
                found += [
                    m for m in window.messages() if m.place > place and self._asked(m, wanted)
                ]
            if len(found) >= most:
                break
        ours = [message.last for message in found if message.epoch == self.head.epoch]
        self._handed = max([self._handed, *ours])
        return found

    def release(self, acks: Iterable[EpochAck]) -> bool:
        """Take the journal's word; the next commit deletes what it accounts for.

        Returns:
            Whether it says anything new of what waits.
        """
        moved = [self._take_word(ack) for ack in acks]
        return any(moved)

    def _take_word(self, ack: EpochAck) -> bool:
        waiting = self._waiting.get(ack.epoch)
        if waiting is None:
            return False
        first = waiting.first
        ours, is_head = self._is_ours(ack, waiting), ack.epoch == self.head.epoch
        if ours is False or ack.conflict or (is_head and _highest(ack) > self._handed):
            self._renew(ack.epoch)
        elif ours or not is_head:  # of our own numbers the next word can be told for sure
            missing = ack.missing[0][0] if ack.missing else ack.through + 1
            # Behind its last number the places are those of another epoch.
            through = min(ack.through, missing - 1, waiting.last)
            waiting.first = max(first, through + 1)
        return waiting.first > first

    def waiting(self) -> int:
        """Records that wait to be accounted for."""
        return sum(max(0, one.last - one.first + 1) for one in self._waiting.values())

    @property
    def before_newest(self) -> int:
        """Place behind which the newest window stands."""
        newest = self.file.newest()
        return newest.behind if newest else 0

    def settle(self) -> None:
        """Delete at once what is accounted for, and keep from where on the rest waits."""
        newest = self.file.newest()
        with self.file.transaction():
            self._delete_released()
            if newest and newest.epoch == self.head.epoch:
                base = self._waiting[newest.epoch].first
                self.file.put(replace(newest, base=base).proven())

    def tell_losses(self, losses: Mapping[str, Loss]) -> None:
        """Declare gone what could not be salvaged of the file before this one."""
        scribe = self._scribe()
        now = stamp(instant(self.newest_ms))
        for epoch, loss in losses.items():
            ranges = loss.ranges()
            for at in range(0, len(ranges), MOST_GONE):
                body = gone_form("spool-damaged", ranges[at : at + MOST_GONE], epoch=epoch)
                scribe.record("gone", "", body | {"unknown_after": loss.last}, now)
        if scribe.messages:
            with self.file.transaction():
                self._put(scribe, self.newest_ms)
            self._stand(scribe.head)

    def _head_of(self, epoch: str, newest: Window | None) -> Head:
        if newest and newest.epoch == epoch:
            return Head(epoch, newest.place, newest.last, newest.h)
        return self._genesis(epoch, newest.place if newest else 0)

    def _genesis(self, epoch: str, place: int) -> Head:
        return Head(epoch, place, 0, chain.genesis(*self._names, epoch))

    def _begin_epoch(self, place: int) -> None:
        name = secrets.token_hex(16)
        self.file.begin_epoch(*self._names, name)
        self._stand(self._genesis(name, place))

    def _stand(self, head: Head) -> None:
        self.head = head
        waiting = self._waiting.setdefault(head.epoch, _Waiting(head.place - head.seq, 1, 0))
        waiting.last = head.seq

    def _scribe(self) -> Scribe:
        return Scribe(*self._names, self.head)

    def _put(self, scribe: Scribe, newest_ms: int) -> None:
        base = self._waiting[self.head.epoch].first
        self.file.put(scribe.window(base=base, newest_ms=newest_ms))

    def _tell_births(self, scribe: Scribe, what: Commit) -> None:
        known = self.file.births()
        for birth in what.births.values():
            if known.get(birth.device) != birth.hash:
                scribe.record("birth", birth.device, birth_form(birth), what.now)
                self.file.know_birth(birth.device, birth.hash)

    def _delete_released(self) -> None:
        for one in self._waiting.values():
            # The newest window stays: numbers go on from it.
            through = min(one.offset + one.first, self.head.place) - 1
            self.file.delete(one.offset, through)
        self._waiting = {
            epoch: one
            for epoch, one in self._waiting.items()
            if one.first <= one.last or epoch == self.head.epoch
        }

    def _tell_made(self, scribe: Scribe, made: Made, now: str) -> None:
        for one in made.lasting:
            scribe.record(one.kind, one.device, one.body, now)
        for why, epoch, ranges in made.gone():
            whose = "" if epoch == self.head.epoch else epoch
            scribe.record("gone", "", gone_form(why, ranges, epoch=whose), now)

    def _lowest(self, epoch: str) -> int:
        return self._waiting[epoch].first if epoch in self._waiting else 2**53

    def _places(self, place: int, wanted: Wanted | None) -> Iterator[int]:
        """Places of windows in which something may be asked for."""
        while found := self.file.headings(place, _HEADINGS):
            for at, epoch, first, last in found:
                if self._waits(epoch, last) and (wanted is None or wanted(epoch, first, last)):
                    yield at
            place = found[-1][0]

    def _waits(self, epoch: str, last: int) -> bool:
        return epoch in self._waiting and last >= self._waiting[epoch].first

    def _asked(self, message: Stored, wanted: Wanted | None) -> bool:
        return self._waits(message.epoch, message.last) and (
            wanted is None or wanted(message.epoch, message.first, message.last)
        )

    def _is_ours(self, ack: EpochAck, waiting: _Waiting) -> bool | None:
        """Whether the journal counts our records; None where we no longer hold the last of them.

        A hash stands for all before it: where it is ours, they are. An older gateway names none.
        """
        if ack.h is None or ack.through < waiting.first:
            return True
        for window in self.file.after(waiting.offset + ack.through - 1, 1):
            if window.epoch == ack.epoch:
                h = window.hash_of(ack.through)
                return None if h is None else h == ack.h
        return None

    def _renew(self, epoch: str) -> None:
        """Somebody else numbers under an epoch: commit again under another what waits of it."""
        one = self._waiting[epoch]
        old = Extent(epoch, one.offset, one.first, one.last)
        before = self.head
        try:
            with self.file.transaction():
                if epoch == self.head.epoch:
                    self._begin_epoch(self.head.place)
                base = self._waiting[self.head.epoch].first
                self._stand(renumber(self.file, old, self._scribe(), base))
        except BaseException:
            self._stand(before)
            raise
        one.first = one.last + 1
        self._handed = 0 if epoch == before.epoch else self._handed
        self.changes += 1


def _highest(ack: EpochAck) -> int:
    """The highest number that the journal is known to have seen."""
    return max(ack.through, ack.missing[-1][1] + 1 if ack.missing else 0)


def _known_times(readings: Iterable[Reading]) -> Iterator[int]:
    yield 0
    for reading in readings:
        if reading.clock is not ClockState.UNKNOWN:
            yield unix_ms(reading.at)


def _kinds(births: Mapping[str, Birth]) -> KindOf:
    def kind_of(device: str, name: str) -> Kind | None:
        point = births[device].point(name) if device in births else None
        return point.kind if point else None

    return kind_of
