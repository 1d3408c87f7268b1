"""A bus played in virtual time: real sockets, the real connection, the real poller."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from fractions import Fraction

from collector.bus import Bus
from collector.devices import Device
from collector.modbus import BusConnection
from collector.poll import BusPoller
from collector.profiles import Limits, Probe, Profile, ProfilePoint, Register
from collector.wire.reading import Kind
from tests.collector import lines, virtual_time
from tests.collector.notebooks import Notebook
from tests.collector.slaves import Slave, tcp


def point(name: str, address: int, *, kind: Kind = Kind.GAUGE, coded: str = "uint16"):
    register = Register(address, coded)
    return ProfilePoint(
        name, kind, "holding", (register,), "", Fraction(1), None, "1", (), (), {}, "x", ""
    )


def device(
    name: str,
    unit: int,
    *,
    every_ms: int = 1000,
    addresses: Sequence[int] = (0,),
    limits: Limits | None = None,
) -> Device:
    """A device with a point of one register at each address, called after it."""
    points = tuple(point(f"p{address}", address) for address in addresses)
    profile = Profile("x", "x", "x", "x", 1, "x", limits or Limits(), None, points)
    return Device(name, "b", unit, profile, every_ms)


def meter(*points, probe: Probe | None = None, most=None) -> Device:
    """A device with these points."""
    profile = Profile("x", "x", "x", "x", 1, "x", Limits(), probe, points)
    return Device("m", "b", 1, profile, 1000, most=most or {})


class Play:
    """What a bus did while it was polled.

    Attributes:
        notebook: What was written down.
        slave: What was heard.
    """

    def __init__(self, notebook: Notebook, slave: Slave) -> None:
        self.notebook, self.slave = notebook, slave

    def good(self) -> Counter[str]:
        """Readings without any bad point, by device."""
        return Counter(r.device for r in self.notebook.readings if r.values and not r.bad)


async def _play(
    slave: Slave,
    devices: Sequence[Device],
    kind: str,
    for_s: float,
    meanwhile: Callable[[virtual_time.LoopClock], Awaitable[None]] | None,
    notebook: Notebook,
) -> None:
    async with tcp(slave, rtu=kind != "tcp") as port:
        if kind == "rtu":
            slave.baud = 9600
            bus = Bus("b", "rtu", device=lines.url(port), baud=9600)
        else:
            bus = Bus("b", kind, host="127.0.0.1", port=port)
        loop = asyncio.get_running_loop()
        clock = virtual_time.LoopClock(loop)
        poller = BusPoller(bus, devices, BusConnection(bus), clock, notebook)
        tasks = [asyncio.create_task(poller.run())]
        if meanwhile:
            tasks.append(asyncio.create_task(meanwhile(clock)))
        await asyncio.sleep(for_s)
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def play(
    slave: Slave,
    devices: Sequence[Device],
    *,
    kind: str = "tcp",
    for_s: float = 60.0,
    meanwhile: Callable[[virtual_time.LoopClock], Awaitable[None]] | None = None,
    notebook: Notebook | None = None,
) -> Play:
    """Poll devices for a while. [s]"""
    kept = notebook or Notebook()
    virtual_time.run(_play(slave, devices, kind, for_s, meanwhile, kept))
    return Play(kept, slave)
