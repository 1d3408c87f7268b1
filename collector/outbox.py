"""The outbox: what of the spool is to be sent next.

Windows that are committed while the line is up go first, at once. Behind them goes what waited
before, oldest first, many messages at a time. Then, and only of what the journal says that it
lacks, what got lost on the way is sent again.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from collector.pace import MOST_ALONE, Bundling, Pace
from collector.spool import Spool, Stored
from collector.wire import topics
from collector.wire.acknowledgement import EpochAck
from collector.wire.bundle import AROUND_A_MESSAGE, MOST_MESSAGES, bundle
from collector.wire.message import MOST_BYTES


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to the broker at once.

    Attributes:
        topic: Where it goes.
        payload: What goes there.
        messages: The messages that it holds: one, or those of a bundle.
        live: Whether it holds a window just committed.
    """

    topic: str
    payload: bytes
    messages: tuple[Stored, ...]
    live: bool = False

    @property
    def bundled(self) -> bool:
        """Whether it is a bundle."""
        return len(self.messages) > 1


class _Sent(NamedTuple):
    """A message that is under way between here and the journal."""

    epoch: str
    first: int
    last: int
    size: int
    at: float
    bundled: bool


@dataclass(slots=True)
class _Cursor:
    """How far one walk over the spool has come, and what it has read ahead: one window."""

    place: int
    ahead: deque[Stored] = field(default_factory=deque)


class Outbox:
    """Chooses what to send over one connection after another.

    Args:
        spool: What waits.
        resend_after_s: How long what was sent may go unanswered. [s]

    Attributes:
        bundling: Whether the backlog goes in bundles.
    """

    def __init__(self, spool: Spool, resend_after_s: float) -> None:
        self._spool = spool
        self._resend_after_s = resend_after_s
        self.bundling, self._pace = Bundling(), Pace()
        self._acks: dict[str, EpochAck] = {}
        self._under_way: dict[int, _Sent] = {}
        self._bytes = 0
        self._live, self._backlog = _Cursor(0), _Cursor(0)
        self._backlog_ends, self._pass_began, self._repeating = 0, 0.0, False
        self._changes = (-1, 0)

    def begin(self, now: float) -> None:
        """A connection begins: nothing is under way; all but the newest window is backlog."""
        self._changes = self._spool.changes
        self._backlog_ends = self._spool.before_newest
        self._live, self._backlog = _Cursor(self._backlog_ends), _Cursor(0)
        self._keep({})
        self._repeating, self._pass_began = False, now

    def accounted(self, acks: Iterable[EpochAck], now: float) -> None:
        """The journal says what it has; what it lacks stays under way until its time is over."""
        self._acks = {ack.epoch: ack for ack in acks}
        lacking = {
            place: sent
            for place, sent in self._under_way.items()
            if self._lacks(sent.epoch, sent.first, sent.last)
        }
        gone = self._keep(lacking)
        if any(sent.bundled for sent in gone):
            self.bundling.arrived()
        self._pace.answered(sum(sent.size for sent in gone), now)

    def next(self, now: float, *, backlog: bool) -> Parcel | None:
        """What is to be sent next; None where nothing is.

        Args:
            now: Any clock that only goes forward. [s]
            backlog: Whether there is room for more than live messages.
        """
        self._look_for_changes(now)
        message = self._read(self._live, None)
        if message:
            return Parcel(message.topic, message.payload, (message,), live=True)
        message = self._of_backlog(now) if backlog else None
        return self._parcel(message) if message else None

    def sent(self, parcel: Parcel, now: float) -> None:
        """A parcel was handed to the broker."""
        for one in parcel.messages:
            size = len(one.payload)
            sent = _Sent(one.epoch, one.first, one.last, size, now, parcel.bundled)
            self._under_way[one.place] = sent
            self._bytes += size

    def _look_for_changes(self, now: float) -> None:
        """What was read ahead may be thinned by now, and another file have other places."""
        changes = self._spool.changes
        if changes[0] != self._changes[0]:
            self.begin(now)
        elif changes != self._changes:
            self._live.ahead.clear()
            self._backlog.ahead.clear()
        self._changes = changes

    def _of_backlog(self, now: float) -> Stored | None:
        if self._is_enough():
            self._expire(now)
            return None
        found = self._read(self._backlog, self._backlog_ends)
        if found is None and now - self._pass_began >= self._resend_after_s:
            self._expire(now)
            self._repeating, self._pass_began = True, now
            self._backlog, self._backlog_ends = _Cursor(0), self._live.place
            found = self._read(self._backlog, self._backlog_ends)
        return found

    def _is_enough(self) -> bool:
        alone = not self.bundling and len(self._under_way) >= MOST_ALONE
        return alone or self._bytes >= self._pace.bytes

    def _parcel(self, first: Stored) -> Parcel:
        """A message of the backlog, and with it what follows, where that may go together."""
        messages, room = [first], MOST_BYTES - len(first.payload) - AROUND_A_MESSAGE
        while self.bundling and len(messages) < MOST_MESSAGES:
            more = self._read(self._backlog, self._backlog_ends, room - AROUND_A_MESSAGE)
            if more is None:
                break
            messages.append(more)
            room -= len(more.payload) + AROUND_A_MESSAGE
        if len(messages) == 1:
            return Parcel(first.topic, first.payload, (first,))
        addresses = [topics.parse(one.topic) for one in messages]
        payload = bundle(
            (address.device, one.payload) for address, one in zip(addresses, messages, strict=True)
        )
        topic = topics.backlog(addresses[0].site, addresses[0].collector)
        return Parcel(topic, payload, tuple(messages))

    def _expire(self, now: float) -> None:
        """What was not answered in time counts as lost on the way."""
        waits = {
            place: sent
            for place, sent in self._under_way.items()
            if now - sent.at < self._resend_after_s
        }
        if any(sent.bundled for sent in self._keep(waits)):
            self.bundling.unanswered()

    def _keep(self, under_way: dict[int, _Sent]) -> list[_Sent]:
        """This is still under way; what no longer is."""
        gone = [sent for place, sent in self._under_way.items() if place not in under_way]
        self._under_way = under_way
        self._bytes = sum(sent.size for sent in under_way.values())
        return gone

    def _read(self, cursor: _Cursor, last: int | None, room: float = inf) -> Stored | None:
        """The next message of a walk that is wanted; None at its end, or where it is too large."""
        while last is None or cursor.place < last:
            if not cursor.ahead:
                cursor.ahead.extend(self._spool.next_after(cursor.place, 1, self._wanted))
            if not cursor.ahead or (last is not None and cursor.ahead[0].place > last):
                break
            if len(cursor.ahead[0].payload) > room:
                break
            message = cursor.ahead.popleft()
            cursor.place = message.place
            if message.place not in self._under_way:
                return message
        return None

    def _wanted(self, epoch: str, first: int, last: int) -> bool:
        lacks = self._lacks(epoch, first, last)
        return lacks is True or (lacks is None and not self._repeating)

    def _lacks(self, epoch: str, first: int, last: int) -> bool | None:
        """Whether the journal lacks any of these numbers; None where it has not said."""
        ack = self._acks.get(epoch)
        if ack is None or not ack.missing:
            return ack is None or last > ack.through
        if any(low <= last and first <= high for low, high in ack.missing):
            return True
        return False if last <= ack.missing[-1][1] else None
