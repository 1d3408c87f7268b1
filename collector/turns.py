"""Turns: devices that are due at once begin one after the other. Pure.

A mill reads all its meters at the same second. Begun together, each waits for those before it, now
a little longer and now a little shorter; begun in turn, each finds the processor idle.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from collector.devices import Device

MOST_MS = 500
"""All have begun by then, and so soon that what a slot's edge is asked for stands near it. [ms]"""
_HALVES = 2
_TOGETHER = 10
"""So many buses are asked at once, in less than a millisecond: to wake up for each alone, with the
processor's caches full of other things, costs twice as much. [devices]"""
_MANY_VALUES_S = 10_000
"""Of 50,000 half were lost with turns, which nobody has explained; 5,000 are well. [values/s]"""


def turns(lines: Sequence[Sequence[Device]], most_ms: int = MOST_MS) -> Mapping[str, int]:
    """How long behind the edge of its slots each device begins, by name. [ms]

    The first begin at the edge. Those of one bus are as far apart as can be. Where very many values
    are read all begin there.

    Args:
        lines: The devices of each bus.
        most_ms: Within how long all begin, and within half of their period. [ms]
    """
    every = [device for devices in lines for device in devices]
    if sum(1000 * len(device.points) / device.every_ms for device in every) > _MANY_VALUES_S:
        most_ms = 0
    groups = list(_groups(lines))
    return {
        device.name: min(most_ms, device.every_ms // _HALVES) * turn // len(groups)
        for turn, group in enumerate(groups)
        for device in group.values()
    }


def _groups(lines: Sequence[Sequence[Device]]) -> Iterator[Mapping[int, Device]]:
    """Devices that begin together, by number of their bus."""
    order = sorted(
        (Fraction(place, len(devices)), at, place)
        for at, devices in enumerate(lines)
        for place in range(len(devices))
    )
    group: dict[int, Device] = {}
    for _, at, place in order:
        if at in group or len(group) == _TOGETHER:
            yield group
            group = {}
        group[at] = lines[at][place]
    if group:
        yield group
