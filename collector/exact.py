"""Exactness: what makes the value of a raw number, rounding once and only at the end. Pure.

A value is the float nearest to (decimal that the device shows) × factor. What a float32 shows is
the shortest decimal that is that float32: a meter that says 230.2 is not at 230.1999969482422.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from struct import Struct
from typing import Any, TypeAlias

from collector.profiles import Register
from collector.wire.reading import Value


class Bad(str):
    """Why a point has no value; never a value itself."""

    __slots__ = ()


NO_VALUE = Bad("no-value")
NOT_A_NUMBER = Bad("not-a-number")
NOT_PRINTABLE = Bad("not-printable")
TOO_LARGE = Bad("too-large")

Decoded: TypeAlias = Value | Bad
Raw: TypeAlias = Any  # what struct gives: an int, a float or bytes, by the register's type
Finish: TypeAlias = Callable[[Raw], Decoded]
Exactly: TypeAlias = Callable[[float], tuple[int, int]]

CODES = {
    "uint16": "H",
    "int16": "h",
    "uint32": "I",
    "int32": "i",
    "uint64": "Q",
    "int64": "q",
    "float32": "f",
    "float64": "d",
}
"""How `struct` calls each type of register."""

_EXACT_INT = 2**53
_LARGEST_EXPONENT = 10
"""Of a scale factor, either way (SunSpec, `sunssf`)."""
_FLOAT32 = Struct(">f")
_FLOAT32_EXACT_INT = 2.0**24
_POWERS_OF_TWO = (0.5, -0.5)
_ROUNDS = 1.5 * 2.0**52
_frexp = math.frexp
_MOST_POWER = 12  # 24 bits of a float32 and 28 of 5**12 are fewer than the 53 of a float


def _scales(exponent: int) -> tuple[float, int, float, float, int]:
    """Powers of ten that give a float32 of an exponent its digits; products are exact.

    Decimals of the second lie so close that the nearest is that float32. Of those of the first at
    most one is, and where a shorter decimal is, it is the same number.

    Returns:
        The first, also as a whole number, and how near a product has to be to a whole number; then
        the second, as both.
    """
    sure = next(p for p in range(_MOST_POWER + 1) if 10**p >= 2.0 ** (24 - exponent))
    coarse = max(0, sure - 1)
    within = 2.0 ** (exponent - 25) * 10**coarse
    return 10.0**coarse, 10**coarse, within, 10.0**sure, 10**sure


_SCALES = {exponent: _scales(exponent) for exponent in range(-9, 25)}


@lru_cache(maxsize=1024)  # a mill has many meters of a model, and each has many points
def finisher(register: Register, factor: Fraction, absent: tuple[int, ...]) -> Finish:
    """What makes a value of a raw number of that register.

    Args:
        register: Where it stands.
        factor: Stored units per unit on the device.
        absent: Raw patterns that mean "no value".
    """
    if register.type == "string":
        return _text
    ratio = Fraction(register.scale) * factor
    read = _EXACTLY.get(register.type)
    if read is None:
        finish = _integer(ratio)
    elif register.type == "float32" and ratio == 1:
        finish = shown32
    else:
        finish = _fraction(read, ratio)
    patterns, nan = _absent(register, absent)
    if not patterns and not nan:
        return finish

    def unless_absent(raw: Raw) -> Decoded:
        return NO_VALUE if raw in patterns or (nan and raw != raw) else finish(raw)

    return unless_absent


def _absent(register: Register, absent: tuple[int, ...]) -> tuple[frozenset[Raw], bool]:
    """The raw numbers that mean "no value", and whether a NaN is one of them."""
    width = 2 * register.count
    read = Struct(f">{CODES[register.type]}")
    raws = [read.unpack(code.to_bytes(width, "big"))[0] for code in absent if not code >> 8 * width]
    return frozenset(raw for raw in raws if raw == raw), any(raw != raw for raw in raws)


def _integer(ratio: Fraction) -> Finish:
    numerator, denominator = ratio.as_integer_ratio()
    if denominator == 1:

        def whole(raw: int) -> Decoded:
            number = raw * numerator
            # JSON's numbers are floats: a larger one would not survive the wire as it is.
            return number if -_EXACT_INT <= number <= _EXACT_INT else float(number)

        return whole

    def divided(raw: int) -> Decoded:
        return raw * numerator / denominator  # int / int is rounded once, correctly

    return divided


def _fraction(read: Exactly, ratio: Fraction) -> Finish:
    numerator, denominator = ratio.as_integer_ratio()

    def scaled(raw: float) -> Decoded:
        try:
            top, bottom = read(raw)
            return top * numerator / (bottom * denominator)
        except (OverflowError, ValueError):
            return TOO_LARGE if math.isfinite(raw) else NOT_A_NUMBER

    def plain(raw: float) -> Decoded:
        try:
            top, bottom = read(raw)
        except (OverflowError, ValueError):
            return NOT_A_NUMBER
        return top / bottom

    return plain if ratio == 1 else scaled


def shortest32(number: float) -> tuple[int, int]:
    """The decimal with the fewest digits that is this float32, as numerator and denominator.

    230.2 is (2302000, 10000), though the float32 is 230.1999969482422.

    Args:
        number: A finite float32. [any]
    """
    mantissa, exponent = math.frexp(number)
    # Below a power of two floats lie closer than above it, so half a step tells nothing there.
    if exponent not in _SCALES or mantissa in _POWERS_OF_TWO:
        whole = number.is_integer() and abs(number) <= _FLOAT32_EXACT_INT
        return (int(number), 1) if whole else _shortest32_by_trial(number)
    coarse, its_denominator, within, scale, denominator = _SCALES[exponent]
    product = number * coarse
    digits = round(product)
    if -within < digits - product < within:
        return digits, its_denominator
    return round(number * scale), denominator


def shown32(number: float) -> Decoded:
    """What a meter shows whose float32 this is: `shortest32` as a value, in half the time.

    Most of what meters say passes here. Digits stay floats, since they are far below 2**53: a sum
    with `_ROUNDS` rounds them to a whole number, and the division rounds as that of integers does.
    """
    mantissa, exponent = _frexp(number)
    scales = _SCALES.get(exponent)
    if scales is None or mantissa in _POWERS_OF_TWO or number - number:  # of infinity not 0
        return _shown32_slowly(number)
    coarse, _, within, scale, _ = scales
    product = number * coarse
    digits = product + _ROUNDS - _ROUNDS
    if -within < digits - product < within:
        return digits / coarse
    return (number * scale + _ROUNDS - _ROUNDS) / scale


def _shown32_slowly(number: float) -> Decoded:
    if not math.isfinite(number):
        return NOT_A_NUMBER
    digits, denominator = shortest32(number)
    return digits / denominator


def _shortest32_by_trial(number: float) -> tuple[int, int]:
    text = f"{number:.9g}"
    for form in ("%.6g", "%.7g", "%.8g"):
        candidate = form % number
        if _FLOAT32.unpack(_FLOAT32.pack(float(candidate)))[0] == number:
            text = candidate
            break
    return Decimal(text).as_integer_ratio()


def shortest64(number: float) -> tuple[int, int]:
    """The decimal with the fewest digits that is this float, as numerator and denominator.

    Args:
        number: A finite float. [any]
    """
    return Decimal(repr(number)).as_integer_ratio()


_EXACTLY: dict[str, Exactly] = {"float32": shortest32, "float64": shortest64}


def _text(raw: bytes) -> Decoded:
    try:
        text = raw.strip(b" \0").decode()
    except UnicodeDecodeError:
        return NOT_PRINTABLE
    return text if text.isprintable() else NOT_PRINTABLE


class Sum:
    """Adds what several registers hold, exactly, and rounds once."""

    __slots__ = ("_parts",)

    def __init__(
        self, registers: tuple[Register, ...], factor: Fraction, absent: tuple[int, ...]
    ) -> None:
        self._parts = tuple(_share(register, factor, absent) for register in registers)

    def __call__(self, *raws: Raw) -> Decoded:
        """The sum, or why there is none."""
        total = Fraction(0)
        for part, raw in zip(self._parts, raws, strict=True):
            share = part(raw)
            if isinstance(share, Bad):
                return share
            total += share
        try:
            return total.numerator / total.denominator
        except OverflowError:
            return TOO_LARGE


class PowerOfTen:
    """Scales what a register holds by the power of ten that another one holds."""

    __slots__ = ("_share",)

    def __init__(self, register: Register, factor: Fraction, absent: tuple[int, ...]) -> None:
        self._share = _share(register, factor, absent)

    def __call__(self, raw: Raw, exponent: int) -> Decoded:
        """The value, or why there is none."""
        share = self._share(raw)
        if isinstance(share, Bad):
            return share
        # 0x8000 is SunSpec's "not implemented", and no meter is as fine or coarse as the others.
        if not -_LARGEST_EXPONENT <= exponent <= _LARGEST_EXPONENT:
            return NO_VALUE
        value = share * Fraction(10) ** exponent
        return value.numerator / value.denominator


def _share(
    register: Register, factor: Fraction, absent: tuple[int, ...]
) -> Callable[[Raw], Fraction | Bad]:
    ratio = Fraction(register.scale) * factor
    patterns, nan = _absent(register, absent)
    read = _EXACTLY.get(register.type)

    def share(raw: Raw) -> Fraction | Bad:
        if raw in patterns or (nan and raw != raw):
            return NO_VALUE
        if read is None:
            return Fraction(raw) * ratio
        return Fraction(*read(raw)) * ratio if math.isfinite(raw) else NOT_A_NUMBER

    return share
