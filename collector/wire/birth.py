"""A birth: what a device's values mean. Readings carry its hash, so that old ones stay readable."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from collector.wire.canonical import canonical
from collector.wire.reading import Kind


@dataclass(frozen=True, slots=True)
class Point:
    """One named quantity of a device; its unit is its name's suffix.

    Attributes:
        name: Such as ``energy_import_kwh``.
        unit: Stored unit, such as ``kWh``; empty for states and texts.
        kind: Counter, gauge, state or text.
        modulus: Where a counter starts again at zero, in the stored unit as a decimal; None
            where it never does.
        resolution: Smallest step that the register can show, in the stored unit as a decimal;
            None where it is not known (a float register: its spacing).
        float_bits: 32 or 64 where the register is a float, else None.
        labels: Names of a state's values, such as ``{"2": "heat"}``.
        confidence: How well the register's address is sourced, as the profile says it.
        every_ms: Its own polling period where that is longer than the device's, else None. [ms]
    """

    name: str
    unit: str
    kind: Kind
    modulus: str | None = None
    resolution: str | None = None
    float_bits: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    confidence: str = ""
    every_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Birth:
    """A device as it was when its readings were made.

    Attributes:
        device: Name of the device.
        profile: Name of its profile, and `version` the profile's own version.
        version: Version of the profile.
        every_ms: Its polling period. [ms]
        ct: Current transformer ratio that its values were multiplied by, as a decimal.
        pt: Voltage transformer ratio likewise.
        points: Its points.
        hash: 32 hex digits over the canonical form: what readings carry.
    """

    device: str
    profile: str
    version: int
    every_ms: int
    ct: str
    pt: str
    points: tuple[Point, ...]
    hash: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        # Once: it is asked for with every reading.
        digest = hashlib.sha256(canonical(birth_form(self))).hexdigest()
        object.__setattr__(self, "hash", digest[:32])

    def point(self, name: str) -> Point | None:
        """The point of that name, if the device has it."""
        return next((point for point in self.points if point.name == name), None)


def birth_form(birth: Birth) -> dict[str, Any]:
    """A birth as JSON."""
    return {
        "device": birth.device,
        "profile": birth.profile,
        "version": birth.version,
        "every_ms": birth.every_ms,
        "ct": birth.ct,
        "pt": birth.pt,
        "points": [_point_form(point) for point in birth.points],
    }


def _point_form(point: Point) -> dict[str, Any]:
    form = {
        "name": point.name,
        "unit": point.unit,
        "kind": point.kind.value,
        "modulus": point.modulus,
        "resolution": point.resolution,
        "float_bits": point.float_bits,
        "labels": dict(point.labels),
        "confidence": point.confidence,
        "every_ms": point.every_ms,
    }
    return {key: value for key, value in form.items() if value not in (None, "", {})}


def read_birth(form: Mapping[str, Any]) -> Birth:
    """A birth from JSON; ValueError where a field is missing or of the wrong kind."""
    try:
        return Birth(
            device=str(form["device"]),
            profile=str(form["profile"]),
            version=int(form["version"]),
            every_ms=int(_positive(form["every_ms"]) or 0),
            ct=str(form["ct"]),
            pt=str(form["pt"]),
            points=tuple(read_point(point) for point in form["points"]),
        )
    except (KeyError, TypeError) as fault:
        raise ValueError(f"not a birth: {fault}") from fault


def read_point(form: Mapping[str, Any]) -> Point:
    """A point from JSON; ValueError, KeyError or TypeError where it is none."""
    return Point(
        name=str(form["name"]),
        unit=str(form.get("unit", "")),
        kind=Kind(form["kind"]),
        modulus=_positive(form.get("modulus")),
        resolution=_positive(form.get("resolution")),
        float_bits=form.get("float_bits"),
        labels=dict(form.get("labels", {})),
        confidence=str(form.get("confidence", "")),
        every_ms=None if form.get("every_ms") is None else int(_positive(form["every_ms"]) or 0),
    )


def _positive(number: object) -> str | None:
    """A number above zero as a decimal; None stays None."""
    if number is None:
        return None
    try:
        value = Decimal(str(number))
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0:
        raise ValueError(f"{number!r} is no number above 0")
    return str(number)
