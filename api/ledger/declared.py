"""The declared value of a product (rule 25): its batches over a period, by accepted kilograms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

LIMIT = Decimal("0.03")
"""Part of the whole that a declared value may leave out."""
_PER_KG = Decimal("1e-6")
_PART = Decimal("1e-4")


@dataclass(frozen=True, slots=True)
class Member:
    """A batch of the product.

    Attributes:
        batch: Which.
        kgco2e: What it carries. [kgCO2e]
        accepted_kg: Its accepted mass; 0 where all of it was scrapped. [kg]
    """

    batch: str
    kgco2e: Decimal
    accepted_kg: Decimal

    @property
    def per_kg(self) -> Decimal | None:
        """What a kilogram of it carries; None where nothing was accepted. [kgCO2e/kg]"""
        return (self.kgco2e / self.accepted_kg).quantize(_PER_KG) if self.accepted_kg else None


@dataclass(frozen=True, slots=True)
class Spread:
    """How far batches lie apart, each by its own kilogram. [kgCO2e/kg]"""

    low: Decimal
    high: Decimal
    deviation: Decimal


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that the value leaves out.

    Attributes:
        why: ``unmetered``, ``factor-missing`` or ``upstream-missing``.
        carrier: Of what; empty for what no meter saw.
        unit: Its unit.
        amount: How much of it.
        kgco2e: What it may come to; None where nobody has said. [kgCO2e]
        source: Who says so.
    """

    why: str
    carrier: str
    unit: str
    amount: Decimal | None
    kgco2e: Decimal | None
    source: str = ""


def spread(members: Iterable[Member]) -> Spread | None:
    """The lowest and highest batch, and the standard deviation weighted by accepted mass.

    With weights w and intensities x: sqrt(Σ w (x - m)² / Σ w), m being Σ w x / Σ w.
    """
    found = [(one.accepted_kg, one.kgco2e / one.accepted_kg) for one in members if one.accepted_kg]
    if not found:
        return None
    mass = sum((kg for kg, _ in found), Decimal(0))
    mean = sum((kg * each for kg, each in found), Decimal(0)) / mass
    variance = sum((kg * (each - mean) ** 2 for kg, each in found), Decimal(0)) / mass
    each = [own for _, own in found]
    return Spread(*(one.quantize(_PER_KG) for one in (min(each), max(each), variance.sqrt())))


def exempted_share(total: Decimal, omissions: Sequence[Omission]) -> Decimal | None:
    """Part of the whole, omissions included, that is left out; None where one is not known."""
    known = [one.kgco2e for one in omissions if one.kgco2e is not None]
    if len(known) < len(omissions):
        return None
    left_out = sum(known, Decimal(0))
    whole = total + left_out
    return (left_out / whole).quantize(_PART) if whole else Decimal(0)
