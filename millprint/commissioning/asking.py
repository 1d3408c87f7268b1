"""Asking one device once: every register of it as it came, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from collector.bus import BusFault, RegisterReader
from collector.decode import Block
from collector.devices import Device
from collector.plan import Request, plan
from collector.wire.reading import Value


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device said.

    Attributes:
        values: Good values by point, in stored units.
        bad: Why a point has no value.
        raw: The registers of a point as they came, where any came.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    bad: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


async def ask(device: Device, line: RegisterReader) -> Answer:
    """Read all points of a device, in the requests that the agent would use."""
    limits = device.profile.limits
    values: dict[str, Value] = {}
    bad: dict[str, str] = {}
    raw: dict[str, tuple[int, ...]] = {}
    for request in plan(device.points, limits):
        try:
            words = await line.read(
                device.unit,
                request.table,
                request.address,
                request.count,
                pause_ms=limits.pause_ms,
            )
        except BusFault as fault:
            bad |= {point.name: fault.reason for point in request.points}
            continue
        Block(request).decode(words, values, bad)
        raw |= {point.name: _own(point.name, request, tuple(words)) for point in request.points}
    return Answer(values, bad, raw)


def _own(name: str, request: Request, words: tuple[int, ...]) -> tuple[int, ...]:
    """The registers of one point among those of its request."""
    point = next(one for one in request.points if one.name == name)
    return tuple(
        word
        for register in point.source.registers
        for word in words[register.address - request.address : register.end - request.address]
    )
