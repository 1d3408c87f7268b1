"""Which numbers of an epoch are accounted for, and whether they are links of one chain.

Numbers stand in spans. Two spans that meet are checked against each other and become one, so that
every link is checked once, whatever the order of arrival, and without looking for stored records:
a span carries what its neighbours will need.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from collector.wire import chain
from collector.wire.acknowledgement import MOST_RANGES, EpochAck


@dataclass(slots=True)
class Span:
    """Numbers that are stored, quarantined or declared gone, both ends included.

    Attributes:
        first: The first of them; 0, which stands for what is before an epoch, in the lowest span.
        last: The last of them.
        form: Form of the first one, kept until the one before it comes; None without content.
        opening: Hash that the first one claims. [32 bytes]
        h: Hash that the last one claims; None where it is not known. [32 bytes]
    """

    first: int
    last: int
    form: bytes | None = None
    opening: bytes | None = None
    h: bytes | None = None

    def follows(self, h: bytes | None) -> bool:
        """Whether its first record can be the one after a hash; what is not known can be."""
        if h is None or self.form is None:
            return True
        return chain.link(h, self.form) == self.opening


class Accounted:
    """The spans of one epoch, in order, apart from each other.

    Attributes:
        spans: The lowest begins at 0; its last number is the watermark.
        changed: First numbers of spans that are not as they were when this was last emptied.
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        self.spans = list(spans)
        self.changed: set[int] = set()

    @property
    def through(self) -> int:
        """The watermark: every number up to here is accounted for."""
        return self.spans[0].last

    @property
    def highest(self) -> int:
        """The highest number that is accounted for."""
        return self.spans[-1].last

    def has(self, seq: int) -> bool:
        """Whether a number is accounted for."""
        return seq <= self.spans[self._place(seq) - 1].last

    def holes(self, first: int, last: int) -> list[tuple[int, int]]:
        """What of a range is not accounted for, lowest first."""
        found = []
        for span in self.spans[self._place(first) - 1 :]:
            if span.first > last:
                break
            if span.first > first:
                found.append((first, span.first - 1))
            first = max(first, span.last + 1)
        return [*found, (first, last)] if first <= last else found

    def take(self, new: Span) -> tuple[int, ...]:
        """Account for a span that lies in a hole.

        Returns:
            Numbers whose records do not follow from the one before: the chain is broken there.
        """
        place, broken = self._place(new.first), []
        before = self.spans[place - 1]
        if before.last + 1 == new.first:
            if not new.follows(before.h):
                broken.append(new.first)
            before.last, before.h = new.last, new.h
            new, place = before, place - 1
        else:
            self.spans.insert(place, new)
        self.changed.add(new.first)
        if place + 1 < len(self.spans) and self.spans[place + 1].first == new.last + 1:
            after = self.spans.pop(place + 1)
            if not after.follows(new.h):
                broken.append(after.first)
            new.last, new.h = after.last, after.h
            self.changed.add(after.first)
        return tuple(broken)

    def ack(self, epoch: str, conflict: int = 0) -> EpochAck:
        """What the collector is told."""
        near = self.spans[: MOST_RANGES + 1]
        missing = tuple((a.last + 1, b.first - 1) for a, b in pairwise(near))
        return EpochAck(epoch, self.through, missing, conflict, self.spans[0].h)

    def _place(self, seq: int) -> int:
        if len(self.spans) == 1:
            return 1  # nearly always: nothing is missing
        return bisect_right(self.spans, seq, key=_first)


def _first(span: Span) -> int:
    return span.first


def begun(genesis: bytes) -> Accounted:
    """An epoch of which nothing has come."""
    return Accounted([Span(0, 0, h=genesis)])
