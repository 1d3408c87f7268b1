"""Plausibility: values that a device said and that cannot be, or hardly. Pure.

A counter that falls, or counts more in an hour than it can, is not believed until it stays where it
is: a spurious zero is not a day's energy when it is over. What is only strange is kept, in doubt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from collector.devices import Device, DevicePoint
from collector.wire.reading import Kind, Value
from collector.wire.suffixes import stored_unit

ABOVE_RATING = "above-rating"
FELL = "fell"
FROZEN = "frozen"
IMPLAUSIBLE = "implausible"

_MOST_OF_ANYTHING = 1e12
"""Words in the wrong order make floats like 2e27."""
_OVERSHOOT = 1.2
_LITTLE = 0.05
"""Of its whole range: by no more has a counter moved that may have begun again at its end."""
_BELIEVED_AFTER = 3
_STEPS = 10
_STANDS_MS = 600_000
"""A gauge that shows the same for so long is compared with what its counter counted. [ms]"""
_AWAY = 0.2
_HOUR_MS = 3_600_000
_RATES = {"kWh": "kW", "kg": "kg/h", "m3": "m3/h", "m3_0c": "m3_0c/h"}
_OTHER_WAY = ("export", "return", "total")


@dataclass(slots=True)
class _Counter:
    """A counter, the gauge that says how fast it should count, and what it did."""

    name: str
    most_an_hour: float | None
    rate: str
    step: float
    modulus: float | None = None
    last: float | None = None
    last_ms: int = 0
    doubted: float = 0.0
    doubts: int = 0
    due: float = 0.0
    stood: tuple[Value, int, float] | None = None  # what the gauge shows, since when, and then

    def judge(self, value: float, rate: Value | None, up_ms: int) -> tuple[str, str]:
        """Why it has no value, and why it is in doubt; empty where there is no reason."""
        if self.last is None:
            self._believe(value, up_ms)
            return "", ""
        hours = max(up_ms - self.last_ms, 0) / _HOUR_MS
        wrong = self._wrong(value - self.last, hours)
        if wrong:
            steady = self.doubts and value >= self.doubted
            self.doubts, self.doubted = self.doubts + 1 if steady else 1, value
            if self.doubts < _BELIEVED_AFTER:
                return wrong, ""
            self._believe(value, up_ms)
            return "", wrong
        moved = value != self.last
        self.due = 0.0 if moved or not isinstance(rate, int | float) else self.due + rate * hours
        self._believe(value, up_ms)
        return "", FROZEN if self.due > _STEPS * max(self.step, abs(value) * 2**-23) else ""

    def frozen(self, rate: Value | None, up_ms: int) -> bool:
        """Whether the gauge shows the same for long, and the counter says otherwise."""
        if not isinstance(rate, int | float) or rate < 0 or self.last is None:
            return False
        if self.stood is None or self.stood[0] != rate or self.last < self.stood[2]:
            self.stood = rate, up_ms, self.last
        _, since_ms, before = self.stood
        counted, expected = self.last - before, rate * (up_ms - since_ms) / _HOUR_MS
        if up_ms - since_ms < _STANDS_MS or not counted:
            return False
        least = _STEPS * max(self.step, abs(self.last) * 2**-23)
        return abs(counted - expected) > max(least, _AWAY * expected)

    def _wrong(self, more: float, hours: float) -> str:
        if more < 0 and self.modulus and more + self.modulus <= _LITTLE * self.modulus:
            more += self.modulus  # it began again
        if more < 0:
            return FELL
        if self.most_an_hour is None:
            return ""
        bearable = _OVERSHOOT * self.most_an_hour * hours + _STEPS * self.step
        return ABOVE_RATING if more > bearable else ""

    def _believe(self, value: float, up_ms: int) -> None:
        self.last, self.last_ms, self.doubts = value, up_ms, 0


class Plausibility:
    """Judges what one device says.

    Args:
        device: The device; `Device.most` says what its gauges can show and its counters can count.
    """

    def __init__(self, device: Device) -> None:
        points = device.points
        most = {name: float(limit) for name, limit in device.most.items()}
        self._counters = tuple(
            _Counter(
                point.name,
                most.get(point.name),
                _rate_of(point, points),
                _stored(point.source.resolution, point) or 0.0,
                _stored(point.source.modulus, point),
            )
            for point in points
            if point.source.kind is Kind.COUNTER
        )
        gauges = {point.name for point in points if point.source.kind is Kind.GAUGE}
        self._limits = tuple((name, _OVERSHOOT * most[name]) for name in most if name in gauges)
        floats = [point for point in points if _is_float(point)]
        self._floats = tuple(point.name for point in floats)
        self._texts = any(point.source.kind is Kind.TEXT for point in points)
        self._probe = device.profile.probe

    def judge(self, values: dict[str, Value], bad: dict[str, str], up_ms: int) -> dict[str, str]:
        """Take what cannot be out of `values`, and say why.

        Args:
            values: By point; loses what is not believed.
            bad: Receives why.
            up_ms: When they were read, time since boot. [ms]

        Returns:
            Why values that stay are in doubt, by point.
        """
        uncertain: dict[str, str] = {}
        if self._floats and not self._bearable(values):
            for name in _larger(values, self._floats):
                del values[name]
                bad[name] = IMPLAUSIBLE
        for counter in self._counters:
            self._count(counter, values, bad, uncertain, up_ms)
        for name, limit in self._limits:
            uncertain.update(dict.fromkeys(_larger(values, (name,), limit), ABOVE_RATING))
        if self._fails_its_probe(values):
            return dict.fromkeys(values, IMPLAUSIBLE)
        return uncertain

    def _bearable(self, values: Mapping[str, Value]) -> bool:
        """Whether no number is nonsense; quickly, since hardly one ever is."""
        if self._texts or not values:
            return False
        numbers = values.values()
        return min(numbers) >= -_MOST_OF_ANYTHING and max(numbers) <= _MOST_OF_ANYTHING  # type: ignore[operator]

    @staticmethod
    def _count(
        counter: _Counter,
        values: dict[str, Value],
        bad: dict[str, str],
        uncertain: dict[str, str],
        up_ms: int,
    ) -> None:
        value = values.get(counter.name)
        if value is None or isinstance(value, str):
            return
        rate = values.get(counter.rate)
        wrong, doubt = counter.judge(value, rate, up_ms)
        if counter.frozen(rate, up_ms):
            uncertain[counter.rate] = FROZEN
        if wrong:
            del values[counter.name]
            bad[counter.name] = wrong
        elif doubt:
            uncertain[counter.name] = doubt

    def _fails_its_probe(self, values: Mapping[str, Value]) -> bool:
        """Whether the point by which its profile is recognised shows what cannot be there.

        Nothing there is something else: a meter without voltage still shows its energy.
        """
        probe = self._probe
        value = values.get(probe.point) if probe else None
        if probe is None or not value or isinstance(value, str):
            return False
        return not probe.low <= value <= probe.high


def _larger(
    values: Mapping[str, Value], names: tuple[str, ...], most: float = _MOST_OF_ANYTHING
) -> list[str]:
    """Those of these points that are further from 0 than that."""
    found = []
    for name in names:
        value = values.get(name, 0.0)
        if not isinstance(value, str) and not -most <= value <= most:
            found.append(name)
    return found


def _rate_of(counter: DevicePoint, points: tuple[DevicePoint, ...]) -> str:
    """The one gauge that shows how fast a counter counts; none where that is not sure."""
    unit = _RATES.get(stored_unit(counter.name))
    if unit is None or any(word in counter.name for word in _OTHER_WAY):
        return ""
    counters = [p for p in points if p.source.kind is Kind.COUNTER and _same_way(p, counter)]
    rates = [p for p in points if p.source.kind is Kind.GAUGE and stored_unit(p.name) == unit]
    return rates[0].name if len(rates) == len(counters) == 1 else ""


def _same_way(point: DevicePoint, other: DevicePoint) -> bool:
    return stored_unit(point.name) == stored_unit(other.name) and not any(
        word in point.name for word in _OTHER_WAY
    )


def _stored(said: str | None, point: DevicePoint) -> float | None:
    """What a profile says in the device's unit, in the stored one."""
    return float(Fraction(said) * point.factor) if said else None


def _is_float(point: DevicePoint) -> bool:
    return any(register.type in ("float32", "float64") for register in point.source.registers)
