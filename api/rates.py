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

_Key = tuple[str, str]
"""A carrier and the unit that it is counted in."""


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
    amounts: dict[_Key, Decimal] = {}
    priced: dict[_Key, Decimal] = {}
    kgco2e: dict[_Key, Decimal] = {}
    money: dict[_Key, Decimal | None] = {}
    for line in (line for body in bodies for line in _lines(body)):
        key, amount = (line["carrier"], line["unit"]), Decimal(line["amount"])
        _add(amounts, key, amount)
        if line["kgco2e"] is not None:
            _add(priced, key, amount)
            _add(kgco2e, key, Decimal(line["kgco2e"]))
        spent, before = spent_on(line, tariff), money.get(key, Decimal(0))
        money[key] = None if spent is None or before is None else before + spent
    return {
        key[0]: Rate(key[1], _per(kgco2e.get(key), priced.get(key)), _per(money[key], whole))
        for key, whole in amounts.items()
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


def _add(sums: dict[_Key, Decimal], key: _Key, amount: Decimal) -> None:
    sums[key] = sums.get(key, Decimal(0)) + amount


def _per(total: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return total / whole if total is not None and whole else None
