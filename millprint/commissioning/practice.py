"""A meter to practise on: any profile, with a load that a mill could have.

Its counters count, its gauges move a little, and registers that the profile does not know are
refused, as on the real device.
"""

import math
import os
import termios
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from typing_extensions import override

from collector.profiles import Identity, Profile, ProfilePoint, Register, Table, moved
from collector.wire.reading import Kind
from collector.wire.suffixes import stored_unit
from millprint.commissioning import sunspec
from millprint.demo.meters import Meter, Moment, Shown
from millprint.demo.modbus_server import Wire
from millprint.demo.registers import text_words

SUNSPEC_PLACE = 40_000
_COMMON_MODEL, _COMMON_LENGTH = 1, 66
_SPEEDS = {
    getattr(termios, f"B{baud}"): baud
    for baud in (300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400)
}

_GAUGES = {
    "V": 230.0,
    "A": 12.5,
    "kW": 8.2,
    "kvar": 1.3,
    "Hz": 50.0,
    "kPa_abs": 701.0,
    "kPa_gauge": 600.0,
    "°C": 61.0,
    "m/s": 1.4,
    "m/min": 210.0,
    "kg/h": 850.0,
    "kg/m3": 4.2,
    "m3/h": 3.2,
    "m3_0c/h": 41.0,
    "L": 2_500.0,
    "kg": 480.0,
    "s": 1_772_338_500.0,
}
_OTHER_GAUGE = 6.3
_PHASES = {"l1": 0.0, "l2": 0.004, "l3": -0.006}
_SWING, _SWING_S = 0.01, 60.0
_COUNTER_START, _COUNTER_STEP, _COUNTER_AN_HOUR = 18_230.4, 517.25, 36.0
_STATE, _TEXT = 2.0, "B2409"


class PracticeMeter:
    """One simulated device as its bus sees it.

    Args:
        profile: What it is.
        now: The time. [s]
        base: Where its registers begin, if its profile lets a device say so.
    """

    def __init__(self, profile: Profile, now: Callable[[], float], base: int | None = None) -> None:
        self.base = _base(profile) if base is None else base
        points = tuple(moved(point, self.base) for point in profile.points)
        self._profile = replace(profile, points=points)
        self._now, self._began = now, now()
        self._meter = Meter(
            self._profile, {}, self._shown, lambda: Moment(second=int(now()), tariff=0)
        )
        self._said = dict(_chain(profile, self.base) if profile.sunspec else ())
        if profile.identity is not None:
            self._said |= _identity(profile.identity, profile)

    def words(self, table: Table, address: int, count: int) -> Sequence[int]:
        """Registers, all of one instant; `Unanswerable` as the real device would."""
        asked = [(table, at) for at in range(address, address + count)]
        if all(one in self._said for one in asked):
            return [self._said[one] for one in asked]
        return self._meter.words(table, address, count)

    def _shown(self) -> Shown:
        elapsed_s = self._now() - self._began
        return {
            point.name: _value(point, number, elapsed_s)
            for number, point in enumerate(self._profile.points)
        }


class SpeedMinded(Wire):
    """A line that is only heard by those who listen at its speed.

    A pseudo terminal has no speed of its own, but it knows which one its user has set; parity it
    forgets.
    """

    def __init__(self, baud: int) -> None:
        self._baud = baud
        self.path = ""

    @override
    def deliver(self, frame: bytes, send: Callable[[bytes], None]) -> None:
        """Send an answer, unless the other side listens at another speed."""
        end = os.open(self.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            speed = termios.tcgetattr(end)[4]
        finally:
            os.close(end)
        if _SPEEDS.get(speed, self._baud) == self._baud:
            send(frame)


def _base(profile: Profile) -> int:
    """Where its registers begin if nobody says: behind SunSpec's common model, or at its own."""
    if profile.sunspec is None:
        return profile.base or 0
    return SUNSPEC_PLACE + len(sunspec.MARK) + 2 + _COMMON_LENGTH


def _value(point: ProfilePoint, number: int, elapsed_s: float) -> float | str:
    if point.kind is Kind.TEXT:
        return _TEXT
    if point.kind is Kind.STATE:
        return _STATE
    if point.kind is Kind.COUNTER:
        return _COUNTER_START + _COUNTER_STEP * number + _COUNTER_AN_HOUR * elapsed_s / 3600
    middle = _GAUGES.get(stored_unit(point.name), _OTHER_GAUGE)
    phase = next((more for name, more in _PHASES.items() if f"_{name}_" in point.name), 0.0)
    swing = 0.0 if stored_unit(point.name) in ("Hz", "s") else _SWING
    return middle * (1 + phase + swing * math.sin(2 * math.pi * elapsed_s / _SWING_S))


def _identity(identity: Identity, profile: Profile) -> dict[tuple[Table, int], int]:
    table = identity.table or profile.points[0].table
    register = Register(identity.address, identity.type, words=identity.words)
    said = identity.says[0]
    words = text_words(register, said) if identity.type == "string" else (int(said),)
    return {(table, identity.address + at): word for at, word in enumerate(words)}


def _chain(profile: Profile, base: int) -> Iterator[tuple[tuple[Table, int], int]]:
    """The mark, the common model, this one, and the end."""
    last = max(register.end for point in profile.points for register in point.registers)
    length = last - 2
    common = base - _COMMON_LENGTH - 2
    written = {
        common - 2: sunspec.MARK,
        common: (_COMMON_MODEL, _COMMON_LENGTH),
        base: (profile.sunspec or 0, length),
        base + 2 + length: (0xFFFF, 0),
    }
    for at, words in written.items():
        for offset, word in enumerate(words):
            yield ("holding", at + offset), word
