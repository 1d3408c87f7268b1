"""Thinning: what of old windows is worth its room. Pure.

A counter's register loses no kilowatt-hour when readings between two others go; only the moments
at which a batch begins or ends, or a step changes, need readings of their own.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from collector.spool.window import Stored, Window
from collector.wire import topics
from collector.wire.gone import GoneRange
from collector.wire.message import Sequenced, decode, encode_readings, reading_form
from collector.wire.reading import Kind, Reading, unix_ms

SLOT_MS = 15 * 60_000
KindOf = Callable[[str, str], Kind | None]
"""The kind of a device's point; None where nobody knows it any more."""


@dataclass(frozen=True, slots=True)
class Thinned:
    """What became of some windows: the same ones with less in them, and the numbers that went."""

    windows: tuple[Window, ...]
    gone: tuple[GoneRange, ...]


@dataclass(frozen=True, slots=True)
class _Polled:
    """Readings of one device, in their order, and when each was: boot by boot, time since it."""

    readings: tuple[Sequenced, ...]
    moments: tuple[tuple[int, int], ...]


def thin(windows: Sequence[Window], kind_of: KindOf, behind: Sequence[Window] = ()) -> Thinned:
    """Thin windows of one epoch that follow each other.

    Kept are of each device with counters, states or texts its first reading in 15 minutes, its
    last one where it is not heard again, and whatever stands around an instant at which a state or
    text changed, of that device or another. What has gauges only goes. Records that are no
    readings stay.

    Args:
        windows: What is thinned.
        kind_of: What the points are.
        behind: Windows that follow and are not thinned now: who is heard there.
    """
    opened = [[(m, _readings(m)) for m in window.messages()] for window in windows]
    every = [one for window in opened for _, found in window for one in found]
    devices = (topics.parse(m.topic).device for window in behind for m in window.messages())
    heard = {device for device in devices if device}
    kept = _kept(every, kind_of, heard)
    thinned = tuple(
        window.holding(_messages(found, kept))
        for window, found in zip(windows, opened, strict=True)
    )
    return Thinned(thinned, tuple(_ranges(one for one in every if one.seq not in kept)))


def _readings(message: Stored) -> tuple[Sequenced, ...]:
    device = topics.parse(message.topic).device
    return decode(message.payload, device).records if device else ()


def _messages(
    found: Iterable[tuple[Stored, tuple[Sequenced, ...]]], kept: set[int]
) -> Iterator[Stored]:
    for message, readings in found:
        left = [one for one in readings if one.seq in kept]
        if len(left) == len(readings):
            yield message
        elif left:
            forms = [(reading_form(_of(one), one.seq, one.birth), one.h) for one in left]
            yield replace(
                message,
                first=left[0].seq,
                last=left[-1].seq,
                place=message.place - message.last + left[-1].seq,
                payload=encode_readings(message.epoch, left[0].birth, forms),
            )


def _kept(every: Sequence[Sequenced], kind_of: KindOf, heard: Container[str | None]) -> set[int]:
    polled = _by_device(every)
    kept: set[int] = set()
    edges: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for device, one in polled.items():
        kinds = {name: kind_of(device, name) for r in one.readings for name in _names(_of(r))}
        if all(kind is Kind.GAUGE for kind in kinds.values()):
            continue
        said = {name for name, kind in kinds.items() if kind in (Kind.STATE, Kind.TEXT)}
        kept.update(_in_slots(one))
        if device not in heard:
            kept.add(one.readings[-1].seq)
        for number in _changes(one, said):
            kept.update(r.seq for r in one.readings[max(0, number - 2) : number + 2])
            edges.append((one.moments[number - 1], one.moments[number]))
        if said:  # whether something changes at the border to the next windows is not seen here
            kept.update(r.seq for r in (*one.readings[:2], *one.readings[-2:]))
    for device, one in polled.items():
        if any(kind_of(device, name) is Kind.COUNTER for name in _names(_of(one.readings[0]))):
            kept.update(_around(one, edges))
    return kept


def _by_device(every: Sequence[Sequenced]) -> dict[str, _Polled]:
    boots: dict[str, int] = {}
    found: dict[str, list[Sequenced]] = {}
    for one in every:
        boots.setdefault(_of(one).boot, len(boots))
        found.setdefault(one.device, []).append(one)
    return {
        device: _Polled(
            tuple(readings), tuple((boots[_of(r).boot], _of(r).up_ms) for r in readings)
        )
        for device, readings in found.items()
    }


def _in_slots(polled: _Polled) -> Iterator[int]:
    """The first of each quarter of an hour."""
    slot = -1
    for one in polled.readings:
        if unix_ms(_of(one).at) // SLOT_MS != slot:
            slot = unix_ms(_of(one).at) // SLOT_MS
            yield one.seq


def _changes(polled: _Polled, said: set[str]) -> Iterator[int]:
    """Places whose states or texts differ from those before."""
    shown = [{n: v for n, v in _of(r).values.items() if n in said} for r in polled.readings]
    for number, (before, now) in enumerate(pairwise(shown), start=1):
        if before != now:
            yield number


def _around(
    polled: _Polled, edges: Iterable[tuple[tuple[int, int], tuple[int, int]]]
) -> Iterator[int]:
    """What stands around the edges: the last before, the first behind, all between."""
    for before, behind in edges:
        first = max(0, bisect_right(polled.moments, before) - 1)
        last = bisect_left(polled.moments, behind)
        for one in polled.readings[first : last + 1]:
            yield one.seq


def _ranges(gone: Iterable[Sequenced]) -> Iterator[GoneRange]:
    """Numbers that follow each other as one range, with the hash of its last."""
    span: GoneRange | None = None
    for one in sorted(gone, key=lambda one: one.seq):
        if span is not None and one.seq == span.last + 1:
            span = GoneRange(span.first, one.seq, one.h)
        else:
            if span is not None:
                yield span
            span = GoneRange(one.seq, one.seq, one.h)
    if span is not None:
        yield span


def _names(reading: Reading) -> Iterator[str]:
    yield from reading.values
    yield from reading.bad


def _of(one: Sequenced) -> Reading:
    assert one.reading is not None
    return one.reading
