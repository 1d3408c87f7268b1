"""How busy a bus will be, before anything runs: what its reads take of the time.

Frames are counted to the byte; how long a device thinks is not known before it is asked, so that
much is assumed (`collector.cost`) and said.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import lcm

from collector.bus import Bus
from collector.configuration import Configuration
from collector.cost import cost_of
from collector.devices import Device
from collector.plan import plan
from collector.wire.problem import Problem

_MOST_SLOTS = 10_000
"""Of a device that are looked at, where its rates hardly ever meet."""


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a bus will be.

    Attributes:
        bus: The bus.
        devices: How many devices are on it.
        requests_s: Requests in a second. [1/s]
        share: Part of the time that it is busy; more than 1 cannot be. [1]
        slowest_ms: What one round of the device that takes longest takes. [ms]
    """

    bus: Bus
    devices: int
    requests_s: float
    share: float
    slowest_ms: float


def loads(configuration: Configuration) -> list[Load]:
    """How busy each bus of a configuration will be."""
    return [
        load_of(bus, [device for device in configuration.devices if device.bus == bus.name])
        for bus in configuration.buses
    ]


def load_of(bus: Bus, devices: Sequence[Device]) -> Load:
    """How busy a bus will be with these of its devices."""
    requests_s, share, slowest_ms = 0.0, 0.0, 0.0
    for device in devices:
        for often, requests, took_ms in _rounds(bus, device):
            requests_s += often * requests * 1000 / device.every_ms
            share += often * took_ms / device.every_ms
            slowest_ms = max(slowest_ms, took_ms)
    return Load(bus, len(devices), requests_s, share, slowest_ms)


def _rounds(bus: Bus, device: Device) -> Iterator[tuple[float, int, float]]:
    """Kinds of slots of a device: part of all slots, requests in one, and what it takes. [ms]"""
    limits = device.profile.limits
    cost = cost_of(bus, pause_ms=limits.pause_ms)
    slots = min(_MOST_SLOTS, lcm(*device.slower.values(), device.every_ms) // device.every_ms)
    kinds = Counter(device.resting(slot) for slot in range(slots))
    for resting, many in kinds.items():
        points = [point for point in device.points if point.name not in resting]
        requests = plan(points, limits, cost)
        took_ms = sum(cost.of(request.count) for request in requests) / 1000
        yield many / slots, len(requests), took_ms


def overloaded(configuration: Configuration, place: str) -> list[Problem]:
    """The buses that cannot keep the pace that is asked of them; `place` is the file."""
    return [
        Problem(
            "bus-overloaded",
            f"{place}  [buses.{load.bus.name}]",
            values={"busy": f"{load.share:.0%}", "requests": f"{load.requests_s:.1f}"},
        )
        for load in loads(configuration)
        if load.share > 1
    ]
