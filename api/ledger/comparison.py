"""Two periods beside each other: by how much a kilogram changed, and what of it the mix explains.

With groups g of a kilogram's share s and intensity i, before and after, the change of Σ s·i is
exactly Σ (s₁ - s₀)(i₀ + i₁)/2, which is the mix, and Σ (i₁ - i₀)(s₀ + s₁)/2, which is the groups'
own. What was made in one of the periods alone has no intensity in the other; it is taken as
unchanged, so that all it does is counted as mix.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

_PER_KG = Decimal("1e-6")
_PART = Decimal("1e-4")


class Made(NamedTuple):
    """What of one group was made in a period, and what it carried or took.

    Attributes:
        kg: Accepted mass. [kg]
        amount: In any one unit.
    """

    kg: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """A kilogram before and after, in the amounts' unit per kilogram.

    Attributes:
        before: Before.
        after: After.
        by: The difference; negative where it became less.
        part: The difference as a part of before; None where that was nothing.
        mix: What of the difference comes of other things being made.
        own: And what of the things themselves: by = mix + own, exactly.
    """

    before: Decimal
    after: Decimal
    by: Decimal
    part: Decimal | None
    mix: Decimal
    own: Decimal


def change(before: Mapping[str, Made], after: Mapping[str, Made]) -> Change | None:
    """By how much a kilogram changed; None where one of the periods made nothing."""
    masses = [sum((one.kg for one in made.values()), Decimal(0)) for made in (before, after)]
    if not all(masses):
        return None
    amounts = [sum((one.amount for one in made.values()), Decimal(0)) for made in (before, after)]
    first, last = (
        (amount / mass).quantize(_PER_KG) for amount, mass in zip(amounts, masses, strict=True)
    )
    mix = Decimal(0)
    for name in before.keys() | after.keys():
        was, now = before.get(name), after.get(name)
        share = (now.kg / masses[1] if now else 0) - (was.kg / masses[0] if was else 0)
        each = [one.amount / one.kg for one in (was, now) if one is not None and one.kg]
        mix += share * sum(each, Decimal(0)) / max(1, len(each))
    mix = mix.quantize(_PER_KG)
    by = last - first
    part = (by / first).quantize(_PART) if first else None
    return Change(first, last, by, part, mix, by - mix)
