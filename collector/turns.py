"""Turns: devices that are due at once begin one after the other. Pure.

A mill reads all its meters at the same second. Begun together, each waits for those before it, now
a little longer and now a little shorter; begun in turn, each finds the processor idle.
"""

from collections.abc import Mapping, Sequence

from collector.devices import Device

MOST_MS = 500
"""All have begun by then, and so soon that what a slot's edge is asked for stands near it. [ms]"""
_PART = 2


def turns(lines: Sequence[Sequence[Device]], most_ms: int = MOST_MS) -> Mapping[str, int]:
    """How long behind the edge of its slots each device begins, by name. [ms]

    Those of one bus are as far apart as can be, and those of the others stand between them. The
    first begins at the edge.

    Args:
        lines: The devices of each bus.
        most_ms: Within how long all begin, and within half of their period. [ms]
    """
    order = sorted(
        ((place + at / len(lines)) / len(devices), at, device.name, device.every_ms)
        for at, devices in enumerate(lines)
        for place, device in enumerate(devices)
    )
    return {
        name: min(most_ms, every_ms // _PART) * turn // len(order)
        for turn, (_, _, name, every_ms) in enumerate(order)
    }
