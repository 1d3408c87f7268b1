"""The runs of some machines, prepared so that each question about an instant takes O(log n)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from api.ledger.accounts import Run


class Timeline:
    """Who was on, and who came next, in an order that knows no labels.

    Args:
        runs: Machine by machine in their order, each machine's by start.
    """

    __slots__ = ("_edges", "_on", "_starting", "_starts")

    def __init__(self, runs: Iterable[Run]) -> None:
        found = [run for run in runs if run.start < run.end]
        self._edges = sorted({edge for run in found for edge in (run.start, run.end)})
        self._on = _sweep(self._edges, found)
        starting: dict[datetime, list[Run]] = {}
        for run in found:
            starting.setdefault(run.start, []).append(run)
        self._starts = sorted(starting)
        self._starting = [tuple(starting[start]) for start in self._starts]

    def on(self, start: datetime, end: datetime) -> tuple[Run, ...]:
        """Runs that were on during all of a slice; the same tuple for all between two edges."""
        place = bisect_right(self._edges, start) - 1
        if place < 0 or place >= len(self._on):
            return ()
        if end <= self._edges[place + 1]:
            return self._on[place]
        return tuple(run for run in self._on[place] if end <= run.end)

    def next_runs(self, at: datetime) -> tuple[Run, ...]:
        """Those that begin first at or after an instant: one, or several together."""
        place = bisect_left(self._starts, at)
        return self._starting[place] if place < len(self._starts) else ()

    def touching(self, start: datetime, end: datetime) -> tuple[Run, ...]:
        """Runs that overlap a stretch of time."""
        first = max(0, bisect_right(self._edges, start) - 1)
        last = bisect_left(self._edges, end)
        found = {id(run): run for on in self._on[first:last] for run in on if run.end > start}
        return tuple(found.values())


def _sweep(edges: Sequence[datetime], runs: Sequence[Run]) -> list[tuple[Run, ...]]:
    """The runs that are on between each edge and the next, in the order given."""
    coming: dict[datetime, list[tuple[int, Run]]] = {}
    for place, run in enumerate(runs):
        coming.setdefault(run.start, []).append((place, run))
    on: list[tuple[int, Run]] = []
    found = []
    for start, _ in pairwise(edges):
        on = [one for one in on if one[1].end > start] + coming.get(start, [])
        on.sort(key=lambda one: one[0])
        found.append(tuple(run for _, run in on))
    return found
