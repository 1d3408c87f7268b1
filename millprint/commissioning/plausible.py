"""Plausible values: what a meter in a mill may show, by unit.

The ranges are wide on purpose: they tell a right register map from a shifted one or a wrong word
order, whose floats are 1e-38 or 1e+30, and not a good load from a bad one.
"""

from typing import Literal, TypeAlias

from collector.wire.reading import Value
from collector.wire.suffixes import stored_unit

Verdict: TypeAlias = Literal["plausible", "implausible", "silent"]

_RANGES: dict[str, tuple[float, float]] = {
    "kWh": (0.001, 1e10),
    "kvarh": (0.001, 1e10),
    "kVAh": (0.001, 1e10),
    "kW": (1e-4, 1e6),
    "kvar": (1e-4, 1e6),
    "kVA": (1e-4, 1e6),
    "V": (1.0, 50_000.0),
    "A": (0.001, 20_000.0),
    "Hz": (45.0, 65.0),
    "1": (0.001, 1.0),
    "kg": (0.001, 1e10),
    "kg/h": (0.001, 1e6),
    "m3": (0.001, 1e10),
    "m3_0c": (0.001, 1e10),
    "m3_20c": (0.001, 1e10),
    "m3/h": (1e-4, 1e5),
    "m3_0c/h": (1e-4, 1e5),
    "L": (0.01, 1e6),
    "kPa_abs": (0.1, 1e5),
    "kPa_gauge": (0.1, 1e5),
    "°C": (0.1, 500.0),
    "m/s": (0.001, 100.0),
    "m/min": (0.1, 2_000.0),
    "kg/m3": (0.01, 2_000.0),
    "%": (0.01, 100.0),
}
"""Least and largest magnitude; a vortex's own frequency is no mains frequency, see below."""

_NOT_MAINS = "vortex_hz"


def verdict(point: str, value: Value) -> Verdict:
    """Whether a value speaks for the register map it was read with.

    Zero, texts, states and pulses speak neither for nor against it.
    """
    if isinstance(value, str) or not value or point == _NOT_MAINS:
        return "silent"
    within = _RANGES.get(stored_unit(point))
    if within is None:
        return "silent"
    low, high = within
    return "plausible" if low <= abs(value) <= high else "implausible"
