"""The outbox: what of the spool is to be sent next.

Windows that are committed while the line is up go first, at once. Behind them goes what waited
before, oldest first. Then, and only of what the journal says that it lacks, what got lost on the
way is sent again.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from collector.spool import Spool, Stored
from collector.wire.acknowledgement import EpochAck

MOST_UNANSWERED = 500
"""Messages of the backlog that may be under way between here and the journal. The queues between
are then short, and a live window does not stand behind hours of backlog there. The journal answers
once a second, so this is also the rate of the backlog: 260 times real time for 15 devices that are
read every 10 s, 50 times for 100. Where the journal takes 700 a second, a live window waits less
than a second behind them."""


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
    """

    def __init__(self, spool: Spool, resend_after_s: float) -> None:
        self._spool = spool
        self._resend_after_s = resend_after_s
        self._acks: dict[str, EpochAck] = {}
        self._under_way: dict[int, tuple[Stored, float]] = {}
        self._live, self._backlog = _Cursor(0), _Cursor(0)
        self._backlog_ends, self._pass_began, self._repeating = 0, 0.0, False
        self._changes = (-1, 0)

    def begin(self, now: float) -> None:
        """A connection begins: nothing is under way; all but the newest window is backlog."""
        self._changes = self._spool.changes
        self._backlog_ends = self._spool.before_newest
        self._live, self._backlog = _Cursor(self._backlog_ends), _Cursor(0)
        self._under_way.clear()
        self._repeating, self._pass_began = False, now

    def accounted(self, acks: Iterable[EpochAck]) -> None:
        """The journal says what it has; what it lacks stays under way until its time is over."""
        self._acks = {ack.epoch: ack for ack in acks}
        self._under_way = {
            place: (message, sent)
            for place, (message, sent) in self._under_way.items()
            if self._lacks(message.epoch, message.first, message.last)
        }

    def next(self, now: float, *, backlog: bool) -> tuple[Stored, bool] | None:
        """What is to be sent next, and whether it is live; None where nothing is.

        Args:
            now: Any clock that only goes forward. [s]
            backlog: Whether there is room for more than live messages.
        """
        self._look_for_changes(now)
        message = self._read(self._live, None)
        if message:
            return message, True
        message = self._of_backlog(now) if backlog else None
        return (message, False) if message else None

    def sent(self, message: Stored, now: float) -> None:
        """A message was handed to the broker."""
        self._under_way[message.place] = (message, now)

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
        if len(self._under_way) >= MOST_UNANSWERED:
            self._expire(now)
            return None
        found = self._read(self._backlog, self._backlog_ends)
        if found is None and now - self._pass_began >= self._resend_after_s:
            self._expire(now)
            self._repeating, self._pass_began = True, now
            self._backlog, self._backlog_ends = _Cursor(0), self._live.place
            found = self._read(self._backlog, self._backlog_ends)
        return found

    def _expire(self, now: float) -> None:
        """What was not answered in time counts as lost on the way."""
        self._under_way = {
            place: (message, sent)
            for place, (message, sent) in self._under_way.items()
            if now - sent < self._resend_after_s
        }

    def _read(self, cursor: _Cursor, last: int | None) -> Stored | None:
        """The next message of a walk that is wanted; None at its end."""
        while last is None or cursor.place < last:
            if not cursor.ahead:
                cursor.ahead.extend(self._spool.next_after(cursor.place, 1, self._wanted))
            if not cursor.ahead or (last is not None and cursor.ahead[0].place > last):
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
