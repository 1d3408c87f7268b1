"""A simulated meter or PLC: a profile, what flows through it, and the registers that come of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from collector.profiles import Profile, Register, Table
from collector.wire.problem import Problem, Refused
from millprint.demo.counters import Counter
from millprint.demo.machine import Flow
from millprint.demo.mill import Device
from millprint.demo.modbus_server import ILLEGAL_ADDRESS, ILLEGAL_VALUE, Unanswerable
from millprint.demo.points import PLC_COUNTERS, counter_of
from millprint.demo.registers import number_words, text_words

Shown: TypeAlias = Mapping[str, float | str]
"""Values by point, in stored units."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a meter needs to know of the simulated now: which second, and which tariff counts."""

    second: int
    tariff: int


class Meter:
    """One device as its bus sees it.

    Args:
        profile: Its register map.
        counters: Those of its counters that count something, by point.
        show: Its other values, by point; a point not named there shows zero or nothing.
        moment: The simulated now.
    """

    def __init__(
        self,
        profile: Profile,
        counters: Mapping[str, Counter],
        show: Callable[[], Shown],
        moment: Callable[[], Moment],
    ) -> None:
        self._profile = profile
        self._counters, self._show, self._moment = counters, show, moment
        self._image: dict[Table, dict[int, int]] = {
            table: _holes(profile, table) for table in ("holding", "input")
        }
        # A gauge needs no more than a float: raw numbers per stored unit, by point.
        self._points = {
            point.name: (point, float(1 / point.to_stored / Fraction(point.registers[0].scale)))
            for point in profile.points
        }
        self._taken_at = -1

    def words(self, table: Table, address: int, count: int) -> Sequence[int]:
        """Registers, all of one instant; `Unanswerable` as the real device would."""
        limits = self._profile.limits
        if count > limits.registers_per_request:
            raise Unanswerable(ILLEGAL_VALUE)
        if limits.even and (address % 2 or count % 2):
            raise Unanswerable(ILLEGAL_ADDRESS)
        self._take()
        image = self._image[table]
        try:
            return [image[at] for at in range(address, address + count)]
        except KeyError:
            raise Unanswerable(ILLEGAL_ADDRESS) from None

    def _take(self) -> None:
        """Bring the image up to now."""
        moment = self._moment()
        if moment.second == self._taken_at:
            return
        self._taken_at = moment.second
        for name, counter in self._counters.items():
            point = self._points[name][0]
            for register, words in zip(point.registers, counter.words(moment.tariff), strict=True):
                self._put(point.table, register, words)
        for name, value in self._show().items():
            if name in self._points and name not in self._counters:
                point, per_stored = self._points[name]
                register = point.registers[0]
                if isinstance(value, str):
                    words = text_words(register, value)
                else:
                    words = number_words(register, value * per_stored)
                self._put(point.table, register, words)

    def _put(self, table: Table, register: Register, words: tuple[int, ...]) -> None:
        self._image[table].update(enumerate(words, start=register.address))


def _holes(profile: Profile, table: Table) -> dict[int, int]:
    """Zeros wherever the device has registers, and between them where it may be read over."""
    registers = sorted(
        (register.address, register.end)
        for point in profile.points
        if point.table == table
        for register in point.registers
    )
    image: dict[int, int] = {}
    before: int | None = None
    for start, end in registers:
        near = before is not None and start - before <= profile.limits.longest_hole
        image.update(dict.fromkeys(range(before if near and before else start, end), 0))
        before = end if before is None else max(before, end)
    return image


def counters_of(
    device: Device, profile: Profile, flows: Mapping[str, Flow], *, factor: Fraction, where: str
) -> dict[str, Counter]:
    """A device's counters that count something, by point of its profile.

    Args:
        device: The device.
        profile: Its map.
        flows: The flows of its machine, by carrier.
        factor: What its counters make of a true unit; 1 unless tampered with.
        where: Its place in the mill file.

    Raises:
        Refused: The profile has no point for what the device is to measure.
    """
    counters = {}
    for name, carrier, each in _counted(device, flows):
        point = profile.point(name)
        if point is None:
            raise Refused(_no_point(device, name, where))
        start = Fraction(str(device.registers.get(name, 0))) / point.to_stored
        per_stored = factor / Fraction(each) / point.to_stored
        counters[name] = Counter(point, start, flows[carrier], per_stored)
    for name in device.registers:
        if name not in counters:
            raise Refused(_no_point(device, name, where))
    return counters


def _counted(device: Device, flows: Mapping[str, Flow]) -> list[tuple[str, str, str]]:
    """Point of the profile, carrier, and stored units that one unit of the point is worth."""
    if device.carrier == "plc":
        return [(PLC_COUNTERS[c], c, "1") for c in flows if c in PLC_COUNTERS]
    point = counter_of(device)
    if point in device.pulses:
        pulses = device.pulses[point]
        return [(f"{pulses.input}_pulses", device.carrier, pulses.each)]
    sent = (
        [("energy_export_kwh", "export", "1")]
        if device.carrier == "electricity" and "export" in flows
        else []
    )
    return [(point, device.carrier, "1"), *sent]


def _no_point(device: Device, point: str, where: str) -> Problem:
    values = {"point": point, "profile": device.profile, "measures": device.measures}
    return Problem("mill-no-such-point", where, values=values)
