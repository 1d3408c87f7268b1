"""How busy a bus will be, before anything runs: what its reads take of the time.

Frames are counted to the byte; how long a device thinks is not known before it is asked, so that
much is assumed (`collector.cost`) and said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from collector.bus import Bus
from collector.configuration import Configuration
from collector.cost import cost_of
from collector.devices import Device
from collector.plan import plan
from collector.wire.problem import Problem


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
    rounds: list[tuple[Device, int]] = []
    took: list[float] = []
    for device in devices:
        limits = device.profile.limits
        cost = cost_of(bus, pause_ms=limits.pause_ms)
        requests = plan(device.points, limits, cost)
        rounds.append((device, len(requests)))
        took.append(sum(cost.of(request.count) for request in requests) / 1000)
    return Load(
        bus,
        len(devices),
        sum(requests * 1000 / device.every_ms for device, requests in rounds),
        sum(ms / device.every_ms for ms, device in zip(took, devices, strict=True)),
        max(took, default=0.0),
    )


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
