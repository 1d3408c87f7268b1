"""What the mill pays for a unit of each carrier; pages turn waste into money with it. Pure.

Nothing that is accounted depends on it: money is shown beside kilograms, never instead of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

CENT = Decimal("0.01")
UNITS = {
    "electricity": "kWh",
    "natural_gas": "m3_0c",
    "steam": "kg",
    "water": "m3",
    "compressed_air": "m3",
    "wastewater": "m3",
}
"""Carriers that may have a price, and the unit that it is for."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices by carrier.

    Attributes:
        currency: Of all of them; empty where nobody said any.
        per_unit: By carrier, for a unit of `UNITS`. [currency/unit]
    """

    currency: str = ""
    per_unit: Mapping[str, Decimal] = field(default_factory=dict)

    def per(self, carrier: str, unit: str) -> Decimal | None:
        """What a unit costs; None where nobody said so. [currency/unit]"""
        price = self.per_unit.get(carrier)
        return price if price is not None and UNITS.get(carrier) == unit else None
