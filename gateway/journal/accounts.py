"""Which numbers of an epoch are accounted for: a watermark, and ranges above it."""

from bisect import bisect_right

from collector.wire.acknowledgement import MOST_RANGES, EpochAck


class Accounted:
    """Numbers that are stored, quarantined or declared gone.

    Args:
        through: Every number up to here is.
        ranges: And these above it, both ends included, in order, apart from each other.
    """

    def __init__(self, through: int, ranges: list[tuple[int, int]] | None = None) -> None:
        self.through = through
        self.ranges = list(ranges or [])

    def has(self, seq: int) -> bool:
        """Whether a number is accounted for."""
        if seq <= self.through:
            return True
        place = bisect_right(self.ranges, (seq, float("inf"))) - 1
        return place >= 0 and seq <= self.ranges[place][1]

    def add(self, first: int, last: int) -> None:
        """Account for a range, whatever of it is already."""
        first = max(first, self.through + 1)
        if last < first:
            return
        left = bisect_right(self.ranges, (first, 0))
        if left and self.ranges[left - 1][1] >= first - 1:
            left -= 1
        right = left
        while right < len(self.ranges) and self.ranges[right][0] <= last + 1:
            first = min(first, self.ranges[right][0])
            last = max(last, self.ranges[right][1])
            right += 1
        self.ranges[left:right] = [(first, last)]

    def join(self) -> int:
        """Let the watermark rise over what has become contiguous; where it stands now."""
        while self.ranges and self.ranges[0][0] == self.through + 1:
            self.through = self.ranges.pop(0)[1]
        return self.through

    def ack(self, epoch: str) -> EpochAck:
        """What the collector is told."""
        missing = []
        after = self.through
        for first, last in self.ranges[:MOST_RANGES]:
            missing.append((after + 1, first - 1))
            after = last
        return EpochAck(epoch, self.through, tuple(missing))
