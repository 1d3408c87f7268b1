"""Ranges of numbers, both ends included."""

from collections.abc import Iterable, Iterator


def without(
    ranges: Iterable[tuple[int, int]], taken: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """What is left of ranges (in order, apart from each other) when others are taken out."""
    holes = sorted(taken)
    place = 0
    for first, last in ranges:
        at = first
        while place < len(holes) and holes[place][1] < at:
            place += 1
        ahead = place
        while at <= last and ahead < len(holes) and holes[ahead][0] <= last:
            if holes[ahead][0] > at:
                yield at, holes[ahead][0] - 1
            at = max(at, holes[ahead][1] + 1)
            ahead += 1
        if at <= last:
            yield at, last
