"""Water and pollution of a batch, beside its carbon: sums of its footprint's own lines.

What no meter measures is not there, which is not 0. Where only some of the runs are measured the
sum says how many of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import chain
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
    runs = [_held(run["lines"]) for run in body["runs"]]
    idle = _held(body["idle"])
    kg = Decimal(body["accepted_kg"] or 0)
    there = {*idle}.union(*runs)
    return {
        one.name: _sum(one, [run.get(one.name, ()) for run in runs], idle.get(one.name, ()), kg)
        if one.name in there
        else None
        for one in BURDENS
    }


def _held(lines: Iterable[_Line]) -> dict[str, list[Decimal]]:
    """What lines hold of each burden: in what made it, else in what was taken; never twice."""
    found: dict[str, list[Decimal]] = defaultdict(list)
    for line in lines:
        made = set()
        for one in line["inputs"]:
            name = _burden(one["carrier"], one["unit"])
            if name is not None:
                made.add(name)
                found[name].append(Decimal(one["amount"]))
        own = _burden(line["carrier"], line["unit"])
        if own is not None and own not in made:
            found[own].append(Decimal(line["amount"]))
    return found


@cache
def _burden(carrier: str, unit: str) -> str | None:
    """Which burden a carrier is, where it is one."""
    of_unit = [one.name for one in BURDENS if one.unit == unit and carrier.startswith(one.carriers)]
    return of_unit[0] if of_unit else None


def _sum(
    burden: Burden, runs: Sequence[Sequence[Decimal]], idle: Sequence[Decimal], kg: Decimal
) -> dict[str, Any]:
    amount = sum(chain(*runs, idle), Decimal(0))
    return {
        "amount": f"{amount:f}",
        "unit": burden.unit,
        "per_kg": f"{(amount / kg).quantize(_PER_KG):f}" if kg else None,
        "runs_measured": sum(bool(run) for run in runs),
        "runs": len(runs),
    }


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
