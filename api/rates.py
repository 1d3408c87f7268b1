"""What a unit of each carrier is worth, as footprints of batches say it. Pure.

A machine that idles draws steam and power now, and what that emits is known only when its window
is closed. Until then a kilogram of steam is taken to carry what it carried in the batches that
are final.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.tariff import Tariff


@dataclass(frozen=True, slots=True)
class Rate:
    """What a unit of a carrier carries.

    Attributes:
        unit: The stored unit.
        kgco2e: Emissions of one; None where no factor prices it. [kgCO2e/unit]
        money: Its price; None where nobody said what it, or what it is made of, costs.
    """

    unit: str
    kgco2e: Decimal | None
    money: Decimal | None


def rates(bodies: Iterable[Mapping[str, Any]], tariff: Tariff) -> dict[str, Rate]:
    """What a unit of each carrier carried in these footprints; of a made one, its loss too."""
    amounts: dict[tuple[str, str], Decimal] = {}
    kgco2e: dict[str, Decimal] = {}
    money: dict[str, Decimal | None] = {}
    for line in (line for body in bodies for line in _lines(body)):
        carrier, amount = line["carrier"], Decimal(line["amount"])
        key = (carrier, line["unit"])
        amounts[key] = amounts.get(key, Decimal(0)) + amount
        if line["kgco2e"] is not None:
            kgco2e[carrier] = kgco2e.get(carrier, Decimal(0)) + Decimal(line["kgco2e"])
        spent, before = spent_on(line, tariff), money.get(carrier, Decimal(0))
        money[carrier] = None if spent is None or before is None else before + spent
    return {
        carrier: Rate(unit, _per(kgco2e.get(carrier), whole), _per(money[carrier], whole))
        for (carrier, unit), whole in amounts.items()
        if whole > 0
    }


def spent_on(line: Mapping[str, Any], tariff: Tariff) -> Decimal | None:
    """What a line cost: by its own price, else by the prices of what it was made from."""
    own = tariff.per(line["carrier"], line["unit"])
    if own is not None:
        return own * Decimal(line["amount"])
    costs = [
        price * Decimal(one["amount"])
        for one in line["inputs"]
        if (price := tariff.per(one["carrier"], one["unit"])) is not None
    ]
    return sum(costs, Decimal(0)) if costs else None


def _lines(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for run in body["runs"]:
        yield from run["lines"]
    yield from body["idle"]


def _per(total: Decimal | None, whole: Decimal) -> Decimal | None:
    return None if total is None else total / whole
