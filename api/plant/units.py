"""Carriers and lengths of time, as the plant's files write them."""

from collections.abc import Mapping
from datetime import timedelta

from collector.wire.problem import Problem, Refused

UNITS: Mapping[str, tuple[str, ...]] = {
    "electricity": ("_kwh",),
    "steam": ("_kg", "_kwh"),
    "natural_gas": ("_m3_0c", "_m3_20c"),
    "lpg": ("_kg",),
    "anthracite": ("_kg",),
    "bituminous_coal": ("_kg",),
    "sub_bituminous_coal": ("_kg",),
    "lignite": ("_kg",),
    "coke": ("_kg",),
    "wood": ("_kg",),
    "solid_biomass": ("_kg",),
    "fuel_oil": ("_kg", "_m3"),
    "diesel": ("_kg", "_m3"),
    "water": ("_m3",),
    "soft_water": ("_m3",),
    "hot_water": ("_m3",),
    "heat": ("_kwh",),
    "compressed_air": ("_m3_0c", "_m3_20c"),
    "thermal_oil_heat": ("_kwh",),
    "condensate": ("_kg",),
    "wastewater": ("_m3",),
    "voc": ("_kg",),
}
"""Carriers, and how a counter of each must end: a gas without its reference is refused (rule 4)."""

_DURATIONS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}


def duration(text: str, where: str) -> timedelta:
    """A length of time such as ``30s``, ``30min``, ``4h``, ``1d``; `Refused` where it is none."""
    for suffix, name in _DURATIONS.items():
        number = text.removesuffix(suffix)
        if number != text and number.isdecimal() and int(number) > 0:
            return timedelta(**{name: int(number)})
    raise Refused(Problem("bad-duration", where, None, {"value": text}))
