"""Births of our own devices: what the values that we send mean."""

from fractions import Fraction

from collector.devices import Device, DevicePoint
from collector.profiles import Register
from collector.units import decimal_text
from collector.wire.birth import Birth, Point
from collector.wire.suffixes import stored_unit


def birth_of(device: Device) -> Birth:
    """A device's birth, from its configuration and its profile."""
    return Birth(
        device=device.name,
        profile=device.profile.name,
        version=device.profile.version,
        every_ms=device.every_ms,
        ct=device.ct,
        pt=device.pt,
        points=tuple(_point(point, device.slower.get(point.name)) for point in device.points),
    )


def _point(point: DevicePoint, every_ms: int | None) -> Point:
    source = point.source
    return Point(
        name=point.name,
        unit=stored_unit(point.name),
        kind=source.kind,
        modulus=_stored(source.modulus, point.factor),
        resolution=_stored(source.resolution, point.factor),
        float_bits=_float_bits(source.registers),
        labels=source.labels,
        confidence=source.confidence,
        every_ms=every_ms,
    )


def _stored(amount: str | None, factor: Fraction) -> str | None:
    return None if amount is None else decimal_text(Fraction(amount) * factor)


def _float_bits(registers: tuple[Register, ...]) -> int | None:
    """Width of the floats that it is made of; None where an integer part stands beside them."""
    types = {register.type for register in registers}
    if not types <= {"float32", "float64"}:
        return None
    return 32 if "float32" in types else 64
