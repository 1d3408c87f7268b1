"""Learning a register: from what it holds and what the meter's face shows, how it is coded. Pure.

Every type and byte order is tried; of each, the power of ten that leads to what was shown. What
fits every look is returned, the likeliest first.
"""

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from collector.exact import CODES, shortest32, shortest64
from collector.profiles import WORDS, Order, RegisterType
from collector.units import decimal_text

MOST_WORDS = 4
"""As many registers as the widest type takes."""

# 32 bits are what most meters count in. Sixteen come last: low word first, a small counter of 32
# bits looks the same until it passes 65535, and read as 16 it would then start again.
_TYPES: tuple[RegisterType, ...] = (
    "float32", "uint32", "int32", "float64", "uint64", "int64", "uint16", "int16",
)  # fmt: skip
_ORDERS: tuple[Order, ...] = ("ABCD", "CDAB", "BADC", "DCBA")
_ONE_WORD_ORDERS: tuple[Order, ...] = ("ABCD", "BADC")
_LARGEST_POWER = 9


@dataclass(frozen=True, slots=True)
class Look:
    """What registers held while the meter's face showed a value.

    Attributes:
        words: The registers from the learned address on, one to four. [0 to 65535 each]
        shown: What the face showed, with all its digits.
    """

    words: tuple[int, ...]
    shown: Decimal


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a register is coded.

    Attributes:
        type: Its type.
        order: Its bytes.
        scale: What the raw number is multiplied by, a decimal.
    """

    type: RegisterType
    order: Order
    scale: str

    def value(self, words: Sequence[int]) -> Fraction | None:
        """What registers come to; None where that is no number, or they are too few."""
        raw = _raw(self.type, self.order, words)
        return None if raw is None else raw * Fraction(self.scale)


def learn(looks: Sequence[Look]) -> list[Decoding]:
    """Every decoding that leads to what was shown, the likeliest first.

    Args:
        looks: Two or more, between which the value changed.
    """
    return [one for one in _candidates(looks[0]) if all(_leads(one, look) for look in looks)]


def same(one: Decoding, other: Decoding, looks: Sequence[Look]) -> bool:
    """Whether two decodings come to the same in all these looks."""
    return all(one.value(look.words) == other.value(look.words) for look in looks)


def _candidates(look: Look) -> Iterator[Decoding]:
    for type_ in _TYPES:
        for order in _ONE_WORD_ORDERS if WORDS[type_] == 1 else _ORDERS:
            for power in _powers(_raw(type_, order, look.words), look.shown):
                decoding = Decoding(type_, order, decimal_text(Fraction(10) ** power))
                if _leads(decoding, look):
                    yield decoding


def _powers(raw: Fraction | None, shown: Decimal) -> list[int]:
    """The powers of ten between a raw number and what is shown, the nearest to 0 first."""
    if not raw or not shown:
        return []
    ratio = abs(Fraction(shown) / raw)
    digits = len(str(ratio.numerator)) - len(str(ratio.denominator))
    near = range(digits - 1, digits + 2)
    return sorted((power for power in near if abs(power) <= _LARGEST_POWER), key=abs)


def _leads(decoding: Decoding, look: Look) -> bool:
    """Whether it comes to what was shown: rounded or cut off at the last digit of the face."""
    value = decoding.value(look.words)
    exponent = look.shown.as_tuple().exponent
    if value is None or not value or not isinstance(exponent, int):
        return False
    return abs(value - Fraction(look.shown)) < Fraction(10) ** exponent


def _raw(type_: RegisterType, order: Order, words: Sequence[int]) -> Fraction | None:
    count = WORDS[type_]
    if len(words) < count:
        return None
    if order in ("CDAB", "DCBA"):
        words = words[count - 1 :: -1]
    within = "<" if order in ("BADC", "DCBA") else ">"
    coded = struct.pack(f"{within}{count}H", *words[:count])
    (raw,) = struct.unpack(f">{CODES[type_]}", coded)
    if not isinstance(raw, float):
        return Fraction(raw)
    if not math.isfinite(raw):
        return None
    return Fraction(*(shortest32(raw) if type_ == "float32" else shortest64(raw)))
