"""How a number stands in registers: our own encoding, the counterpart of the agent's decoding."""

import struct
from fractions import Fraction

from collector.profiles import Order, Register

_LIMITS = {
    "uint16": (0, 2**16 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint32": (0, 2**32 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint64": (0, 2**64 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
_FLOATS = {"float32": ">f", "float64": ">d"}


def is_float(register: Register) -> bool:
    """Whether it holds a floating point number."""
    return register.type in _FLOATS


def number_words(register: Register, raw: Fraction | float) -> tuple[int, ...]:
    """A number as 16-bit words; what the type cannot hold is cut at its limits.

    Args:
        register: How it is coded.
        raw: The number in the device's unit, divided by the register's scale.
    """
    if register.type in _FLOATS:
        coded = struct.pack(_FLOATS[register.type], float(raw))
    else:
        low, high = _LIMITS[register.type]
        held = min(high, max(low, round(raw)))
        coded = held.to_bytes(2 * register.count, "big", signed=low < 0)
    return _ordered(coded, register.order)


def text_words(register: Register, text: str) -> tuple[int, ...]:
    """A text as words, ASCII, padded with spaces."""
    length = 2 * register.count
    coded = text.encode("ascii", "replace")[:length].ljust(length)
    return _ordered(coded, "BADC" if register.order in ("BADC", "DCBA") else "ABCD")


def _ordered(big_endian: bytes, order: Order) -> tuple[int, ...]:
    within = "<" if order in ("BADC", "DCBA") else ">"
    words = struct.unpack(f"{within}{len(big_endian) // 2}H", big_endian)
    return words[::-1] if order in ("CDAB", "DCBA") else words
