"""Asking one device once: every register of it as it came, and what it means."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from typing_extensions import override

from collector.bus import BusFault, RegisterReader
from collector.decode import Block
from collector.devices import Device
from collector.plan import Request, plan
from collector.profiles import Table
from collector.wire.reading import Value

_LEFT_ALONE = "backed-off"
_WAIT_S, _TIMES = 0.05, 100


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
    """Read all points of a device, in the requests that the agent would use.

    One that says nothing to the first is not asked on: who is waited for is a technician.
    """
    limits = device.profile.limits
    values: dict[str, Value] = {}
    bad: dict[str, str] = {}
    raw: dict[str, tuple[int, ...]] = {}
    silence = ""
    for request in plan(device.points, limits):
        if silence and not raw:
            bad |= dict.fromkeys((point.name for point in request.points), silence)
            continue
        try:
            words = await line.read(
                device.unit,
                request.table,
                request.address,
                request.count,
                pause_ms=limits.pause_ms,
            )
        except BusFault as fault:
            bad |= dict.fromkeys((point.name for point in request.points), fault.reason)
            silence = fault.reason if fault.silent else silence
            continue
        Block(request).decode(words, values, bad)
        raw |= {point.name: _own(point.name, request, tuple(words)) for point in request.points}
    return Answer(values, bad, raw)


@dataclass(frozen=True, slots=True)
class Patient(RegisterReader):
    """A line that waits where a unit is left alone for a while, instead of giving up.

    A unit that did not answer one question may still answer it late; until it cannot any more, it
    is asked nothing. The agent goes on with others meanwhile; a technician asks this one.
    """

    line: RegisterReader

    @override
    async def read(
        self, unit: int, table: Table, address: int, count: int, *, pause_ms: int = 0
    ) -> Sequence[int]:
        for _ in range(_TIMES):
            try:
                return await self.line.read(unit, table, address, count, pause_ms=pause_ms)
            except BusFault as fault:
                if fault.reason != _LEFT_ALONE:
                    raise
            await asyncio.sleep(_WAIT_S)
        raise BusFault(_LEFT_ALONE)

    @override
    async def close(self) -> None:
        await self.line.close()


def _own(name: str, request: Request, words: tuple[int, ...]) -> tuple[int, ...]:
    """The registers of one point among those of its request."""
    point = next(one for one in request.points if one.name == name)
    return tuple(
        word
        for register in point.source.registers
        for word in words[register.address - request.address : register.end - request.address]
    )
