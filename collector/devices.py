"""Devices: what is on a bus, and the points that each of them has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from collector.profiles import Profile, ProfilePoint, moved

_PULSES = "pulses"
_KINDS = 256
"""So many kinds of devices share their points: a mill has many meters of a model."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """A point that counts the pulses of an input.

    Attributes:
        point: Its name; the suffix is the unit of `each`.
        input: Input of the device, such as ``di0``.
        each: What one pulse is worth, in the stored unit, a decimal.
    """

    point: str
    input: str
    each: str


@dataclass(frozen=True, slots=True)
class DevicePoint:
    """A point of a certain device, its ratios and pulses known.

    Attributes:
        name: Its name; the suffix is the stored unit.
        source: The profile's point whose registers it reads.
        factor: Stored units per unit of the sum of those registers.
    """

    name: str
    source: ProfilePoint
    factor: Fraction


@dataclass(frozen=True, slots=True)
class Device:
    """A meter or PLC on a bus.

    Attributes:
        name: Unique in its site.
        bus: Name of its bus.
        unit: Its number there.
        profile: Its register map.
        every_ms: Polling period. [ms]
        ct: Current transformer ratio, a decimal.
        pt: Voltage transformer ratio, a decimal.
        pulses: Where given, only these points are read.
        only: Where given, only these of the profile's points are read.
        most: Most that a gauge can show, or a counter can count in an hour, a decimal, by point.
        base: Where the profile's addresses count from.
        slower: Period of points that are not read in every slot, a multiple of the device's, by
            point. [ms]
    """

    name: str
    bus: str
    unit: int
    profile: Profile
    every_ms: int
    ct: str = "1"
    pt: str = "1"
    pulses: tuple[Pulse, ...] = ()
    only: tuple[str, ...] = ()
    most: Mapping[str, str] = field(default_factory=dict)
    base: int = 0
    slower: Mapping[str, int] = field(default_factory=dict)

    def resting(self, slot: int) -> frozenset[str]:
        """Points that are not read in a slot; slots are counted since 1970."""
        at_ms = slot * self.every_ms
        return frozenset(name for name, every_ms in self.slower.items() if at_ms % every_ms)

    @property
    def points(self) -> tuple[DevicePoint, ...]:
        """Its points: the profile's, or those that its pulses make."""
        if self.pulses:
            return _counted(self.profile, self.pulses, self.base)
        return _chosen(self.profile, self.only, self.ct, self.pt, self.base)


@lru_cache(maxsize=_KINDS)
def _counted(profile: Profile, pulses: tuple[Pulse, ...], base: int) -> tuple[DevicePoint, ...]:
    inputs = pulse_inputs(profile)
    return tuple(
        DevicePoint(
            pulse.point,
            moved(inputs[pulse.input], base),
            inputs[pulse.input].to_stored * Fraction(pulse.each),
        )
        for pulse in pulses
    )


@lru_cache(maxsize=_KINDS)
def _chosen(
    profile: Profile, only: tuple[str, ...], ct: str, pt: str, base: int
) -> tuple[DevicePoint, ...]:
    ratios = {"ct": Fraction(ct), "pt": Fraction(pt)}
    points = []
    for point in profile.points:
        if only and point.name not in only:
            continue
        factor = point.to_stored
        for ratio in point.ratios:
            factor *= ratios[ratio]
        points.append(DevicePoint(point.name, moved(point, base), factor))
    return tuple(points)


def pulse_inputs(profile: Profile) -> dict[str, ProfilePoint]:
    """Inputs of a model that count pulses, by the name that a configuration uses: ``di0``."""
    return {
        point.name.removesuffix("_pulses"): point
        for point in profile.points
        if point.unit == _PULSES
    }
