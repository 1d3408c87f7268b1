"""A notebook for pollers: what they write down, to be looked at."""

from collector.devices import Device
from collector.refusals import Refusals
from collector.wire.reading import Reading


class Notebook:
    """Keeps everything.

    Attributes:
        readings: In their order.
        due: When the slot of each was. [ms since boot]
        scheduled: Device and time of every slot.
        left_out: Device, time and reason of those that were.
        known: What is known from before, by device.
    """

    def __init__(self, known: dict[str, Refusals] | None = None) -> None:
        self.readings: list[Reading] = []
        self.due: list[int] = []
        self.scheduled: list[tuple[str, int]] = []
        self.left_out: list[tuple[str, int, str]] = []
        self.known = known or {}

    def schedule(self, device: Device, values: int, due_ms: int) -> None:
        self.scheduled.append((device.name, due_ms))

    def take(self, reading: Reading, due_ms: int) -> None:
        self.readings.append(reading)
        self.due.append(due_ms)

    def leave_out(self, device: Device, values: int, due_ms: int, reason: str) -> None:
        self.left_out.append((device.name, due_ms, reason))

    def refusals(self, device: Device) -> Refusals:
        return self.known.setdefault(device.name, Refusals())
