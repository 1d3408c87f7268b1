"""RFC 8785: one way to write a JSON value, so that a hash of it means something.

orjson writes shortest round-trip floats and sorts keys, as the RFC wants; it differs in three
places, which are levelled here before it writes: whole floats (``5.0`` against ``5``), numbers
that ECMAScript writes without an exponent, and keys beyond the Basic Multilingual Plane.
"""

from collections.abc import Mapping
from typing import Any

import orjson

_EXACT = 2**53


def canonical(value: object) -> bytes:
    """The RFC 8785 form of a value of dicts, lists, strings, numbers, booleans and None.

    A part that is an orjson.Fragment is in that form already and stands as it is.

    Raises:
        ValueError: A number is not finite, a whole number is beyond 2**53, or the value is
            nested too deep.
    """
    try:
        found = orjson.dumps(_levelled(value), option=orjson.OPT_SORT_KEYS)
    except TypeError as fault:
        raise ValueError(str(fault)) from fault
    except RecursionError as fault:
        raise ValueError("nested too deep") from fault
    if not found.isascii():
        _check_keys(value)
    return found


def fitted(written: bytes) -> bytes:
    """The same without the room that orjson left behind it: up to twelve times its length."""
    return bytes(memoryview(written))


def _levelled(value: object) -> object:
    kind = type(value)
    if kind is float:
        return _number(value)  # type: ignore[arg-type]
    if kind is str or kind is bool or value is None or kind is orjson.Fragment:
        return value
    if kind is int and -_EXACT <= value <= _EXACT:  # type: ignore[operator]
        return value
    if kind is dict or isinstance(value, Mapping):  # the first of the two is quickly asked
        return _table(value)  # type: ignore[arg-type]
    if isinstance(value, list | tuple):
        return [_levelled(inner) for inner in value]
    if isinstance(value, int) and abs(value) <= _EXACT:
        return int(value)
    if isinstance(value, str):
        return str(value)
    raise ValueError(f"{value!r} has no canonical form")


def _table(table: Mapping[Any, object]) -> dict[Any, object]:
    """A table's values, levelled; most are numbers, and most of them stand as they are."""
    return {
        key: value
        if type(value) is float and 1e-4 <= value < 1e15 and not value.is_integer()
        else _levelled(value)
        for key, value in table.items()
    }


def _check_keys(value: object) -> None:
    """Beyond the Basic Multilingual Plane orjson sorts otherwise than the RFC wants."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if any(ord(char) > 0xFFFF for char in key):
                raise ValueError(f"{key!r} cannot be a key")
            _check_keys(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_keys(inner)


def _number(value: float) -> object:
    if value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    if 1e-4 <= abs(value) < 1e15:
        return value
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(f"{value!r} is not a number that can be written")
    return orjson.Fragment(_ecmascript(value))


def _ecmascript(value: float) -> str:
    """Number::toString of ECMA-262, for the magnitudes where Python's repr differs."""
    sign = "-" if value < 0 else ""
    mantissa, _, power = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).rstrip("0") if fraction != "0" else whole.rstrip("0") or "0"
    point = len(whole) + int(power or 0)
    leading = len(digits) - len(digits.lstrip("0"))
    digits, point = digits[leading:], point - leading
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"
