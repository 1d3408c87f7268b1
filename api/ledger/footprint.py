"""A batch's footprint: its lines, and their sums by process, carrier, supply and gas."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple, TypeAlias, TypeVar

from api.ledger.factors import BIOGENIC, UNSPLIT, Factor
from api.ledger.lines import Emission, Input, Line
from api.ledger.pollutants import POLLUTANTS

_NONE = Decimal(0)
_FRACTION = Decimal("0.0001")
_CARRIER = attrgetter("carrier")
_GAS = attrgetter("part.factor.gas")
_OWN_METER = ("direct", "standby", "utility-last-window")


class Share(NamedTuple):
    """A part of a footprint under one name; `priced` where a factor priced any of it."""

    name: str
    unit: str
    amount: Decimal
    kgco2e: Decimal
    share: Decimal
    priced: bool


T = TypeVar("T")
_Summed = TypeVar("_Summed", Line, Input)
_Shares: TypeAlias = tuple[Share, ...]


class GasShare(NamedTuple):
    """A gas of a footprint; `kg` is None for what its factors do not split."""

    gas: str
    kg: Decimal | None
    kgco2e: Decimal


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a batch carries.

    Attributes:
        lines: Its lines, runs and idling.
        total: Sum of the lines. [kgCO2e]
        by_process: Sums by process, idling under its own name.
        by_carrier: Sums by the carrier that a machine took.
        by_supply: Sums by the supply behind it: physical amounts first (rule 17).
        by_gas: Sums by gas.
        biogenic_kg: CO2 from what grew lately, beside the total and no part of it. [kg]
        exempted: Inputs that no factor prices: listed, never zero unsaid.
        direct_only: Inputs whose upstream part no factor prices.
        factors: Every factor used, with the reason why it was chosen.
        metered_share: Part of the emissions on lines of machines' own meters (rule 26).
        primary_share: Part whose amount and factor are both primary, by PACT's rule (rule 26).
        gwp_sets: With which potentials rows that do not split their gases were characterised.
    """

    lines: tuple[Line, ...]
    total: Decimal
    by_process: tuple[Share, ...]
    by_carrier: tuple[Share, ...]
    by_supply: tuple[Share, ...]
    by_gas: tuple[GasShare, ...]
    biogenic_kg: Decimal
    exempted: tuple[Share, ...]
    direct_only: tuple[Share, ...]
    factors: tuple[tuple[Factor, str], ...]
    metered_share: Decimal
    primary_share: Decimal
    gwp_sets: tuple[str, ...]


def footprint(lines: Sequence[Line]) -> Footprint:
    """Sum a batch's lines."""
    total = sum([line.kgco2e for line in lines], _NONE)
    inputs = [one for line in lines for one in line.inputs if one.carrier not in POLLUTANTS]
    emissions = [emission for one in inputs for emission in one.emissions]
    whole = sum([abs(line.kgco2e) for line in lines], _NONE)
    own = [abs(line.kgco2e) for line in lines if line.rule in _OWN_METER]
    parts = {one.part.factor.id: one.part for one in emissions}
    primary = [abs(one.kgco2e) for one in emissions if one.part.factor.primary]
    gases = _grouped(emissions, _GAS)
    grown = gases.pop(BIOGENIC, [])
    return Footprint(
        lines=tuple(lines),
        total=total,
        by_process=_by(lines, _process, total),
        by_carrier=_by([one for one in lines if one.carrier not in POLLUTANTS], _CARRIER, total),
        by_supply=_by(inputs, _CARRIER, total),
        by_gas=tuple([_gas_share(gas, gases[gas]) for gas in sorted(gases)]),
        biogenic_kg=_kg(grown),
        exempted=_by([one for one in inputs if not one.emissions], _CARRIER, total),
        direct_only=_by([one for one in inputs if one.direct_only], _CARRIER, total),
        factors=tuple([(parts[name].factor, parts[name].why) for name in sorted(parts)]),
        metered_share=_part(sum(own, _NONE), whole),
        primary_share=_part(sum(primary, _NONE), whole),
        gwp_sets=tuple(sorted({part.factor.gwp_set for part in parts.values()} - {""})),
    )


def _process(line: Line) -> str:
    return "idle" if line.idle else line.run.process


def _grouped(found: Iterable[T], name_of: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for one in found:
        name = name_of(one)
        if name in groups:
            groups[name].append(one)
        else:
            groups[name] = [one]
    return groups


def _by(found: Sequence[_Summed], name_of: Callable[[_Summed], str], total: Decimal) -> _Shares:
    groups = _grouped(found, name_of)
    return tuple([_share(name, groups[name], total) for name in sorted(groups)])


def _share(name: str, own: Sequence[Line | Input], total: Decimal) -> Share:
    amount = sum([one.amount for one in own], _NONE)
    emitted = sum([one.kgco2e for one in own], _NONE)
    priced = any([one.priced for one in own])  # noqa: C419 - of a few, a list is sooner made
    return Share(name, own[0].unit, amount, emitted, _part(emitted, total), priced)


def _gas_share(gas: str, found: Sequence[Emission]) -> GasShare:
    kg = None if gas == UNSPLIT else _kg(found)
    return GasShare(gas, kg, sum([one.kgco2e for one in found], _NONE))


def _kg(emissions: Sequence[Emission]) -> Decimal:
    return sum([one.kg for one in emissions], _NONE)


def _part(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole).quantize(_FRACTION) if whole else _NONE
