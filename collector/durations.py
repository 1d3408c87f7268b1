"""Durations as configuration files write them: ``500ms``, ``10s``, ``15min``, ``1h``, ``1d``."""

import re
from fractions import Fraction

_UNITS_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_FORM = re.compile(r"(\d+(?:\.\d+)?) ?([a-z]+)", re.ASCII)


def milliseconds(text: str) -> int:
    """How long that is. [ms]

    Raises:
        ValueError: It is no duration, or no whole number of milliseconds; names the units.
    """
    match = _FORM.fullmatch(text)
    if match is None or match[2] not in _UNITS_MS:
        raise ValueError(f"{text!r} is no duration such as 500ms, 10s, 15min, 1h or 1d")
    exact = Fraction(match[1]) * _UNITS_MS[match[2]]
    if exact.denominator != 1:
        raise ValueError(f"{text!r} is no whole number of milliseconds")
    return int(exact)
