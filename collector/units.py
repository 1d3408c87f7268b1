"""Units: how a device's own unit becomes the stored one.

Stored units are fixed. MWh, t and barg exist only on devices and in exports. All conversions of
the house stand here; each is an exact fraction.
"""

from fractions import Fraction

_PERIODIC_DIGITS = 15

_TO_STORED: dict[tuple[str, str], Fraction] = {
    ("Wh", "kWh"): Fraction(1, 1000),
    ("MWh", "kWh"): Fraction(1000),
    ("GJ", "kWh"): Fraction(10**9, 3_600_000),
    ("MJ", "kWh"): Fraction(10**6, 3_600_000),
    ("varh", "kvarh"): Fraction(1, 1000),
    ("VAh", "kVAh"): Fraction(1, 1000),
    ("W", "kW"): Fraction(1, 1000),
    ("MW", "kW"): Fraction(1000),
    ("GJ/h", "kW"): Fraction(10**6, 3600),
    ("var", "kvar"): Fraction(1, 1000),
    ("VA", "kVA"): Fraction(1, 1000),
    ("t", "kg"): Fraction(1000),
    ("t/h", "kg/h"): Fraction(1000),
    ("L", "m3"): Fraction(1, 1000),
    ("L/h", "m3/h"): Fraction(1, 1000),
    ("bar_abs", "kPa_abs"): Fraction(100),
    ("MPa_abs", "kPa_abs"): Fraction(1000),
    ("barg", "kPa_gauge"): Fraction(100),
    ("MPa_gauge", "kPa_gauge"): Fraction(1000),
}


def conversion(device_unit: str, stored: str) -> Fraction:
    """How many stored units one unit on the device is.

    Raises:
        ValueError: The one cannot become the other without a further fact.
    """
    if device_unit == stored:
        return Fraction(1)
    try:
        return _TO_STORED[device_unit, stored]
    except KeyError:
        raise ValueError(f"{device_unit!r} does not become {stored!r}") from None


def decimal_text(number: Fraction) -> str:
    """A fraction as a plain decimal; one without end is rounded to 15 decimals."""
    digits = 0
    while digits < _PERIODIC_DIGITS and (number * 10**digits).denominator != 1:
        digits += 1
    scaled = round(number * 10**digits)
    sign, whole = ("-" if scaled < 0 else ""), abs(scaled)
    if not digits:
        return f"{sign}{whole}"
    return f"{sign}{whole // 10**digits}.{whole % 10**digits:0{digits}d}"
