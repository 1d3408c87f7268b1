"""Amounts where a counter only ever rose, as it nearly always does: without looking twice.

A while in which each reading is at or above the one before, and within the counter's limit, has
nothing to be dropped, unrolled or held: its first and its last reading say all of it. What comes
out is what `measure` makes of the same readings, to the last digit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import sub
from typing import NamedTuple

from collector.wire.reading import instant
from gateway.intervals.amounts import (
    QUANTUM,
    Measured,
    RegisterAt,
    Slice,
    quality_of,
    register_at,
)
from gateway.intervals.register import Counter, Step
from gateway.intervals.strays import BEYOND_ANY

_MS = timedelta(milliseconds=1)
_NONE = Decimal(0)
_FINEST = -12
"""Exponent down to which differences of what registers show are exact."""
_AT_ONCE = timedelta(0)


class Steady(NamedTuple):
    """The readings of a while in which a counter only rose.

    Attributes:
        first_at: When the first was made, [ms since 1970]
        first: and what it showed.
        last_at: When the last was made, [ms since 1970]
        last: and what it showed.
        readings: How many there are.
        widest: Longest time between two of them. [ms]
        parts: Of the rise by quality; None where all of it is measured.
    """

    first_at: int
    first: float
    last_at: int
    last: float
    readings: int
    widest: int
    parts: dict[str, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Whiles:
    """A counter's readings around a period, all steady.

    Attributes:
        before: Those before the first bound, by time.
        within: Those between each bound and the next, the earlier one included; None where there
            are none.
        after: Those at or after the last bound.
    """

    before: Sequence[Steady]
    within: Sequence[Steady | None]
    after: Sequence[Steady]

    def every(self) -> list[Steady]:
        """All of them, by time."""
        return [*self.before, *(one for one in self.within if one), *self.after]


def only_rising(ats: Sequence[int], values: Sequence[float], counter: Counter) -> Steady | None:
    """What readings come to; None where they do not only rise, or rise further than can be.

    Args:
        ats: Instants, by time. [ms since 1970]
        values: What the register showed; at least one.
        counter: What it is.
    """
    gaps, shown = list(map(sub, ats[1:], ats)), list(values)
    found = Steady(ats[0], shown[0], ats[-1], shown[-1], len(ats), max(gaps, default=0))
    if min(gaps, default=1) <= 0 or shown != sorted(shown):
        return None
    if not (_is_exact(found.first) and _is_exact(found.last)):
        return None
    most = counter.most(_AT_ONCE)
    if most is not None and _decimal(found.last) - _decimal(found.first) > most:
        each = (Steady(at, value, at, value, 1, 0) for at, value in zip(ats, shown, strict=True))
        if not follow(list(each), counter):
            return None
    if found.widest * _MS <= 2 * counter.every:
        return found
    parts: dict[str, Decimal] = {}
    for gap, (before, after) in zip(gaps, pairwise(shown), strict=True):
        rise = _decimal(after).quantize(QUANTUM) - _decimal(before).quantize(QUANTUM)
        _add(parts, gap * _MS, rise, counter.every)
    return found._replace(parts=parts)


def follow(whiles: Sequence[Steady], counter: Counter) -> bool:
    """Whether each while stands at or above the one before it, and not too far."""
    for before, after in pairwise(whiles):
        if after.first_at <= before.last_at or after.first < before.last:
            return False
        most = counter.most((after.first_at - before.last_at) * _MS)
        if most is not None and _decimal(after.first) - _decimal(before.last) > most:
            return False
    return True


def longest_gap(whiles: Sequence[Steady]) -> timedelta:
    """The longest time without a reading, within whiles or between them."""
    own = max((one.widest for one in whiles), default=0)
    return _MS * max([own, *(b.first_at - a.last_at for a, b in pairwise(whiles))])


def measure_steady(found: Whiles, bounds: Sequence[datetime], counter: Counter) -> Measured:
    """What a counter counted between each bound and the next.

    Args:
        found: Its readings, as far as `measure` would look; each while may follow the one before.
        bounds: Instants in rising order, at least two.
        counter: What it is.
    """
    own = [_Ends(one, _first(one), _last(one)) if one else None for one in found.within]
    marks = tuple(_marks(found, own, bounds))
    slices = tuple(
        _slice(start, end, one, counter.every)
        for (start, end), one in zip(pairwise(marks), own, strict=True)
    )
    return Measured(counter, slices, marks, ())


class _Ends(NamedTuple):
    """Readings between two bounds, and the first and the last of them."""

    whole: Steady
    first: Step
    last: Step


def _marks(
    found: Whiles, own: Sequence[_Ends | None], bounds: Sequence[datetime]
) -> Iterator[RegisterAt]:
    """The register at each bound, by the readings next to it."""
    nexts = [_first(found.after[0]) if found.after else None]
    for one in reversed(own):
        nexts.append(one.first if one else nexts[-1])
    last = _last(found.before[-1]) if found.before else None
    for at, following, one in zip(bounds, reversed(nexts), [*own, None], strict=True):
        exactly = following is not None and following.at == at
        yield register_at(at, following if exactly else last, following)
        last = one.last if one else last


def _slice(start: RegisterAt, end: RegisterAt, own: _Ends | None, every: timedelta) -> Slice:
    amount = end.total - start.total
    if _is_measured(start, end, own, every):
        parts = {"measured": amount}
    else:
        parts = _parts(start, end, own, every)
    return Slice(
        start.at,
        end.at,
        amount,
        parts.get("measured", _NONE),
        parts.get("interpolated", _NONE),
        parts.get("estimated", _NONE),
        complete=start.before is not None and end.after is not None,
        held=end.held - start.held,
    )


def _is_measured(start: RegisterAt, end: RegisterAt, own: _Ends | None, every: timedelta) -> bool:
    """Whether all readings around and between two marks follow each other as they should."""
    before, after = start.before, end.after
    if before is None or after is None or (own is not None and own.whole.parts is not None):
        return False
    first, last = (own.first, own.last) if own else (after, before)
    longest = 2 * every
    return first.at - before.at <= longest and after.at - last.at <= longest


def _parts(
    start: RegisterAt, end: RegisterAt, own: _Ends | None, every: timedelta
) -> dict[str, Decimal]:
    """What was counted between two marks, by quality."""
    parts: dict[str, Decimal] = {}
    known, seen = start.total, start.before.at if start.before else None
    if own is not None:
        whole, first, last = own
        began = first.total.quantize(QUANTUM)
        if first.at != start.at:
            _add(parts, first.at - (seen or first.at), began - known, every)
        known, seen = last.total.quantize(QUANTUM), last.at
        if whole.parts is not None:
            for quality, part in whole.parts.items():
                parts[quality] = parts.get(quality, _NONE) + part
        elif whole.readings > 1:
            _add(parts, _AT_ONCE, known - began, every)
    following = end.after
    if following is not None and (seen is not None or following.at == end.at):
        _add(parts, following.at - (seen or following.at), end.total - known, every)
    return parts


def _add(parts: dict[str, Decimal], gap: timedelta, rise: Decimal, every: timedelta) -> None:
    quality = quality_of(gap, every)
    parts[quality] = parts.get(quality, _NONE) + rise


def _first(one: Steady) -> Step:
    return _step(one.first_at, one.first)


def _last(one: Steady) -> Step:
    return _step(one.last_at, one.last)


def _step(at: int, shown: float) -> Step:
    number = _decimal(shown)
    return Step(instant(at), number, number)


def _decimal(shown: float) -> Decimal:
    """What a register showed: a float's shortest form, as it was written."""
    return Decimal(repr(shown))


def _is_exact(shown: float) -> bool:
    number = _decimal(shown)
    exponent = number.as_tuple().exponent
    return abs(number) < BEYOND_ANY and isinstance(exponent, int) and exponent >= _FINEST
