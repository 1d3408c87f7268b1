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
_TOGETHER, _GROUPS = 10, 10
"""So many buses are asked at once, which takes less than a millisecond; of a large mill as many as
make so many groups. To wake up for each alone, with the processor's caches full of other things,
costs twice as much."""


def turns(lines: Sequence[Sequence[Device]], most_ms: int = MOST_MS) -> Mapping[str, int]:
    """How long behind the edge of its slots each device begins, by name. [ms]

    The first begin at the edge. Those of one bus are as far apart as can be.

    Args:
        lines: The devices of each bus.
        most_ms: Within how long all begin, and within half of their period. [ms]
    """
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
    most = max(_TOGETHER, len(order) // _GROUPS)
    group: dict[int, Device] = {}
    for _, at, place in order:
        if at in group or len(group) == most:
            yield group
            group = {}
        group[at] = lines[at][place]
    if group:
        yield group
