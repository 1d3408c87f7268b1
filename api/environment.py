"""Water and pollution of a batch, beside its carbon: sums of its footprint's own lines.

What no meter measures is not there, which is not 0. Where only some of the runs are measured the
sum says how many of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.ledger.pollutants import COD_DISCHARGED, VOC

_WATERS = ("water", "soft_water", "hot_water")
_PER_KG = Decimal("1e-9")
_Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Burden:
    """A kind of water or pollution: its name, its unit, and which carriers are of it."""

    name: str
    unit: str
    carriers: tuple[str, ...]

    def amounts(self, line: _Line) -> list[Decimal]:
        """What a line holds of it: in what made it, else in what was taken; never twice."""
        made = [one for one in line["inputs"] if self._is(one)]
        return [Decimal(one["amount"]) for one in made or ([line] if self._is(line) else [])]

    def _is(self, one: Mapping[str, Any]) -> bool:
        return one["unit"] == self.unit and str(one["carrier"]).startswith(self.carriers)


BURDENS: Sequence[Burden] = (
    Burden("water", "m3", _WATERS),
    Burden("wastewater", "m3", ("wastewater",)),
    Burden("cod_removed", "kg", ("cod_aerobic", "cod_anaerobic", "cod_shallow", "cod_deep")),
    Burden("cod_discharged", "kg", (COD_DISCHARGED,)),
    Burden("voc", "kg", (VOC,)),
)


def environment(body: Mapping[str, Any]) -> dict[str, dict[str, Any] | None]:
    """Water and pollution of a footprint by name; None for what nothing measures.

    Args:
        body: The footprint.

    Returns:
        Amount, unit, amount per accepted kilogram, and in how many of the runs it was measured.
    """
    kg = Decimal(body["accepted_kg"] or 0)
    return {one.name: _sum(one, body, kg) for one in BURDENS}


def _sum(burden: Burden, body: Mapping[str, Any], kg: Decimal) -> dict[str, Any] | None:
    runs = [list(_amounts(burden, run["lines"])) for run in body["runs"]]
    idle = list(_amounts(burden, body["idle"]))
    found = [amount for run in runs for amount in run] + idle
    if not found:
        return None
    amount = sum(found, Decimal(0))
    return {
        "amount": f"{amount:f}",
        "unit": burden.unit,
        "per_kg": f"{(amount / kg).quantize(_PER_KG):f}" if kg else None,
        "runs_measured": sum(bool(run) for run in runs),
        "runs": len(runs),
    }


def _amounts(burden: Burden, lines: Sequence[_Line]) -> Iterator[Decimal]:
    for line in lines:
        yield from burden.amounts(line)


def together(
    found: Sequence[tuple[Mapping[str, Mapping[str, Any] | None], Decimal]],
) -> dict[str, dict[str, Any] | None]:
    """The water and pollution of several batches, per kilogram of those of which it was measured.

    Args:
        found: Of each batch what `environment` says, and its accepted mass. [kg]
    """
    return {one.name: _added([(each[one.name], kg) for each, kg in found]) for one in BURDENS}


def _added(found: Sequence[tuple[Mapping[str, Any] | None, Decimal]]) -> dict[str, Any] | None:
    known = [(one, kg) for one, kg in found if one is not None]
    if not known:
        return None
    amount = sum((Decimal(one["amount"]) for one, _ in known), Decimal(0))
    kg = sum((kg for _, kg in known), Decimal(0))
    return {
        "amount": f"{amount:f}",
        "unit": known[0][0]["unit"],
        "per_kg": f"{(amount / kg).quantize(_PER_KG):f}" if kg else None,
        "batches_measured": len(known),
        "batches": len(found),
    }
