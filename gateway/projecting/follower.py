"""The follower: sends an engine what has changed in the journal, from a kept position on.

The position is kept after what it stands for was sent, so that a crash between sends twice and
never too little. Of a slot that still fills, only what is new is sent, as long as nothing came in
between what was sent before.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from gateway.journal import SLOT, Journal
from gateway.projecting.batch import Batch
from gateway.projecting.kept import Kept
from gateway.projecting.line_protocol import stamps, values
from gateway.projecting.tags import Tags
from gateway.projections import Engine

READINGS = "readings"
_PAGE = 2_000  # slots that are looked at before the position is kept
_MOST_REMEMBERED = 20_000

Changed = Sequence[tuple[str, datetime]]


class _Sent(NamedTuple):
    """What was sent of a device's slot.

    Attributes:
        through: The last instant. [ms since 1970]
        numbers: How many.
    """

    through: int
    numbers: int


class Follower:
    """Keeps one engine filled with readings.

    Args:
        journal: What is projected.
        engine: Where to.
        tags: What points are called there.
        kept: Where the position is kept.
    """

    def __init__(self, journal: Journal, engine: Engine, tags: Tags, kept: Kept) -> None:
        self._journal, self._engine, self._tags, self._kept = journal, engine, tags, kept
        self._sent: OrderedDict[tuple[str, datetime], _Sent] = OrderedDict()

    def step(self) -> int | None:
        """Send the next page of what has changed; how many numbers that were, None without one.

        Raises:
            Unanswered: The engine does not take it; nothing is forgotten.
        """
        before = where(self._journal, self._kept, self._engine.target, READINGS)
        position, changed = self._journal.changed_since(before, _PAGE)
        if position == before:
            return None
        sent = self._send(changed)
        self._kept.keep(self._engine.target, READINGS, position)
        return sent

    def _send(self, changed: Changed) -> int:
        batch, sent = Batch(self._engine), {}
        for device, slot in changed:
            sent[device, slot] = self._slot(device, slot, batch)
        batch.flush()
        for place, one in sent.items():
            self._remember(place, one)
        return batch.numbers

    def _slot(self, device: str, slot: datetime, batch: Batch) -> _Sent:
        numbers = self._journal.numbers(device, slot)
        before = self._sent.get((device, slot), _Sent(-1, 0))
        old = sum(bisect_right(ats, before.through) for ats, _ in numbers.values())
        if old < before.numbers:  # readings have moved to another time
            self._engine.remove(device, slot, slot + SLOT)
        through = before.through if old == before.numbers else -1
        known: Sequence[int] = ()
        ends: list[bytes] = []
        for point, (ats, found) in numbers.items():
            first = bisect_right(ats, through)
            if ats is not known:  # most points of a device are read at the same instants
                known, ends = ats, stamps(ats[first:])
            if ends:
                begins = self._tags.head(device, point, slot)
                batch.add(values(begins, found[first:] if first else found, ends), len(ends))
        return _Sent(
            max((ats[-1] for ats, _ in numbers.values()), default=-1),
            sum(len(ats) for ats, _ in numbers.values()),
        )

    def _remember(self, place: tuple[str, datetime], sent: _Sent) -> None:
        self._sent[place] = sent
        self._sent.move_to_end(place)
        if len(self._sent) > _MOST_REMEMBERED:
            self._sent.popitem(last=False)


def where(journal: Journal, kept: Kept, target: str, feed: str) -> int:
    """How far a feed was sent; 0 where the journal has never come so far: it was set back."""
    position = kept.position(target, feed)
    return position if position <= journal.position() else 0
