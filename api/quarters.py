"""Quarters: what counters showed by quarters of an hour, remembered while the journal stays so.

Nearly every footprint asks for hours that another has asked for before, and nearly always a
counter only rose in them: two of its readings say it then. What is remembered says of which
version of the journal's slot it is, so that nobody has to be told where late readings came.
"""

import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from api.ledger.cuts import SLOT, slot_end, slot_start
from collector.wire.reading import instant, unix_ms
from gateway.intervals import Counter, Steady, Whiles, follow, only_rising
from gateway.journal import Journal, Numbers, Version

AROUND = 3
"""Readings beyond each end of a period: what is spurious shows only among some that are not."""
_BEYOND = 4 * SLOT
"""So far beyond each end they are looked for."""
_MOST = 30_000
"""Quarters that are remembered, of a few hundred bytes each."""
_SLOT_MS = SLOT // timedelta(milliseconds=1)
_INSTANT = timedelta(milliseconds=1)


class _Odd(Exception):
    """Readings that need a closer look."""


@dataclass(slots=True)
class Known:
    """What is known of a counter's slot.

    Attributes:
        version: Of which version of it.
        whole: What was read in it: nothing, what is steady, or False: neither.
        cut: Where it was cut the last time, [ms since 1970] and what was read from there on.
    """

    version: Version
    whole: Steady | bool | None
    cut: tuple[tuple[int, ...], tuple[Steady | None, ...]] = ((), ())


class Quarters:
    """Steady quarters of counters. Safe to ask from several threads.

    Args:
        journal: Where they are read.
        most: How many are remembered.
    """

    def __init__(self, journal: Journal, most: int = _MOST) -> None:
        self._journal, self._most = journal, most
        self._known: OrderedDict[Counter, dict[int, Known]] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def around(self, counter: Counter, bounds: Sequence[datetime]) -> dict[int, Known]:
        """What is known of the slots between bounds and around them, of a counter's device."""
        start, end = slot_start(bounds[0]), slot_end(bounds[-1])
        return self._quarters(counter, start - _BEYOND, end + _BEYOND)

    def whiles(
        self, counter: Counter, bounds: Sequence[datetime], found: dict[int, Known]
    ) -> Whiles | None:
        """The readings between bounds and some beyond; None where they need a closer look.

        Args:
            counter: Whose.
            bounds: Instants in rising order, at least two; each slot's edges among them.
            found: What is known around them.
        """
        start, end = slot_start(bounds[0]), slot_end(bounds[-1])
        edges = list(dict.fromkeys([start, *bounds, end]))
        try:
            parts = self._between(counter, [unix_ms(at) for at in edges], found)
            first, last = (edges.index(at) for at in (bounds[0], bounds[-1]))
            before = _outwards(parts[:first][::-1], _slots(start, start - _BEYOND), found)
            after = _outwards(parts[last:], _slots(end, end + _BEYOND), found)
        except _Odd:
            return None
        whiles = Whiles(before[::-1], parts[first:last], after)
        sound = follow(whiles.every(), counter) and self.nothing_farther(counter, bounds, whiles)
        return whiles if sound else None

    def nothing_farther(self, counter: Counter, bounds: Sequence[datetime], found: Whiles) -> bool:
        """Whether no reading stands farther away where those near by are too few to tell."""
        device, _, point = counter.ref.partition(".")
        start, end = slot_start(bounds[0]) - _BEYOND, slot_end(bounds[-1]) + _BEYOND
        if not _enough(found.before) and self._journal.last_at_or_before(
            device, point, start - _INSTANT
        ):
            return False
        return _enough(found.after) or not self._journal.first_after(device, point, end - _INSTANT)

    def _quarters(self, counter: Counter, start: datetime, end: datetime) -> dict[int, Known]:
        """What is known of the slots in which anything of a counter's device stands."""
        with self._lock:
            own = self._known.get(counter, {})
            known = {slot: own[slot] for slot in _slots(start, end) if slot in own}
        device, _, point = counter.ref.partition(".")
        versions = {slot: one.version for slot, one in known.items()}
        found: dict[int, Known] = {}
        for slot, one in self._journal.quarters(device, point, start, end, versions).items():
            if versions.get(slot) == one.version:
                found[slot] = known[slot]
            else:
                found[slot] = Known(one.version, _seen(one.numbers, counter))
        self._remember(counter, found)
        return found

    def _remember(self, counter: Counter, found: dict[int, Known]) -> None:
        with self._lock:
            own = self._known.setdefault(counter, {})
            self._known.move_to_end(counter)
            self._held -= len(own)
            own.update(found)
            self._held += len(own)
            while self._held > self._most:
                _, gone = self._known.popitem(last=False)
                self._held -= len(gone)

    def _between(
        self, counter: Counter, edges: Sequence[int], found: dict[int, Known]
    ) -> list[Steady | None]:
        """The readings between each edge and the next; slots that runs cut are read again."""
        parts: list[Steady | None] = []
        for slot, pairs in groupby(pairwise(edges), lambda pair: pair[0] // _SLOT_MS * _SLOT_MS):
            own = list(pairs)
            if own[-1][1] > slot + _SLOT_MS:
                raise _Odd
            known = found.get(slot)
            whole = _steady(known)
            if known is None or whole is None or len(own) == 1:
                parts += [whole] * len(own)
                continue
            starts = tuple(start for start, _ in own)
            before, pieces = known.cut
            if before != starts:
                pieces = self._cut(counter, slot, starts)
                known.cut = starts, pieces
            parts += pieces
        return parts

    def _cut(self, counter: Counter, slot: int, starts: Sequence[int]) -> tuple[Steady | None, ...]:
        """The readings of a slot from each of some instants to the next."""
        device, _, point = counter.ref.partition(".")
        begins = instant(slot)
        read = self._journal.quarters(device, point, begins, begins + SLOT, {})
        numbers = read[slot].numbers if slot in read else ((), ())
        if numbers is None:
            raise _Odd
        ats, values = numbers
        places = [0, *(bisect_left(ats, at) for at in starts[1:]), len(ats)]
        return tuple(
            only_rising(ats[first:end], values[first:end], counter) if first < end else None
            for first, end in pairwise(places)
        )


def _seen(numbers: Numbers | None, counter: Counter) -> Steady | bool | None:
    if numbers is None:
        return False
    return (only_rising(*numbers, counter) or False) if numbers[0] else None


def _steady(known: Known | None) -> Steady | None:
    found = known.whole if known else None
    if isinstance(found, bool):
        raise _Odd
    return found


def _slots(start: datetime, end: datetime) -> range:
    """Beginnings of the slots from an instant to another, or back to it. [ms since 1970]"""
    first, last = unix_ms(start), unix_ms(end)
    if first <= last:
        return range(first, last, _SLOT_MS)
    return range(first - _SLOT_MS, last - 1, -_SLOT_MS)


def _outwards(
    nearest: Iterable[Steady | None], slots: Iterable[int], found: dict[int, Known]
) -> list[Steady]:
    """Readings beyond a period, the nearest first: as many as tell what is spurious in it."""
    own = [one for one in nearest if one]
    for slot in slots:
        if _enough(own):
            break
        one = _steady(found.get(slot))
        own += [one] if one else []
    return own


def _enough(whiles: Iterable[Steady]) -> bool:
    return sum(one.readings for one in whiles) >= AROUND
