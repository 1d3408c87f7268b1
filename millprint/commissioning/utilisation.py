"""How busy a bus will be, before anything runs: what its reads take of the time.

Frames are counted to the byte; how long a device thinks is not known before it is asked, so that
much is assumed (`THINKING_MS`, `TCP_MS`) and said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from collector.bus import Bus
from collector.configuration import Configuration
from collector.devices import Device
from collector.plan import Request, plan
from collector.wire.problem import Problem

THINKING_MS = 20.0
"""Between question and answer on a serial line. [ms]"""
TCP_MS = 10.0
"""A question and its answer over TCP. [ms]"""

_BITS_A_CHARACTER = 11
_QUESTION_BYTES, _ANSWER_BYTES = 8, 5
_SILENCE_CHARACTERS, _LEAST_SILENCE_MS = 3.5, 1.75  # Modbus over serial line, 2.5.1.1


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
    rounds = [(device, plan(device.points, device.profile.limits)) for device in devices]
    took = [
        sum(request_ms(bus, device, request) for request in requests) for device, requests in rounds
    ]
    return Load(
        bus,
        len(devices),
        sum(len(requests) * 1000 / device.every_ms for device, requests in rounds),
        sum(ms / device.every_ms for ms, device in zip(took, devices, strict=True)),
        max(took, default=0.0),
    )


def request_ms(bus: Bus, device: Device, request: Request) -> float:
    """What one read takes of its bus. [ms]"""
    pause = float(device.profile.limits.pause_ms)
    if bus.kind == "tcp":
        return TCP_MS + pause
    character_ms = _BITS_A_CHARACTER * 1000 / bus.baud
    silence = max(_SILENCE_CHARACTERS * character_ms, _LEAST_SILENCE_MS)
    frames = (_QUESTION_BYTES + _ANSWER_BYTES + 2 * request.count) * character_ms
    return frames + THINKING_MS + max(silence, pause)


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
