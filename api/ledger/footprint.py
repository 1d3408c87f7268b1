"""A batch's footprint: its lines, and their sums by process, carrier, supply and gas."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, groupby
from operator import attrgetter
from typing import NamedTuple, TypeAlias, TypeVar

from api.ledger.factors import BIOGENIC, UNSPLIT, Factor
from api.ledger.lines import Emission, Input, Line
from api.ledger.pollutants import POLLUTANTS

_NONE = Decimal(0)
_FRACTION = Decimal("0.0001")
# Very many are summed, so it is done below the interpreter.
_CARRIER, _AMOUNT, _PRICED = attrgetter("carrier"), attrgetter("amount"), attrgetter("priced")
_INPUTS, _EMISSIONS = attrgetter("inputs"), attrgetter("emissions")
_KGCO2E, _PART, _GAS = attrgetter("kgco2e"), attrgetter("part"), attrgetter("part.factor.gas")
_FACTOR_ID, _PRIMARY = attrgetter("part.factor.id"), attrgetter("part.factor.primary")
_OWN_METER = ("direct", "standby", "utility-last-window")


class Share(NamedTuple):
    """A part of a footprint under one name; `priced` where a factor priced any of it."""

    name: str
    unit: str
    amount: Decimal
    kgco2e: Decimal
    share: Decimal
    priced: bool


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
    total = sum(map(_KGCO2E, lines), _NONE)
    every = chain.from_iterable(map(_INPUTS, lines))
    inputs = [one for one in every if one.carrier not in POLLUTANTS]
    emissions = list(chain.from_iterable(map(_EMISSIONS, inputs)))
    own = [line for line in lines if line.rule in _OWN_METER]
    whole = _size(lines)
    parts = dict(zip(map(_FACTOR_ID, emissions), map(_PART, emissions), strict=True))
    gases = {gas: list(own) for gas, own in groupby(sorted(emissions, key=_GAS), _GAS)}
    grown = gases.pop(BIOGENIC, [])
    return Footprint(
        lines=tuple(lines),
        total=total,
        by_process=_by(lines, _process, total),
        by_carrier=_by([one for one in lines if one.carrier not in POLLUTANTS], _CARRIER, total),
        by_supply=_by(inputs, _CARRIER, total),
        by_gas=tuple([_gas_share(gas, found) for gas, found in gases.items()]),
        biogenic_kg=_kg(grown),
        exempted=_by([one for one in inputs if not one.emissions], _CARRIER, total),
        direct_only=_by([one for one in inputs if one.direct_only], _CARRIER, total),
        factors=tuple([(parts[name].factor, parts[name].why) for name in sorted(parts)]),
        metered_share=_part(_size(own), whole),
        primary_share=_part(_size(filter(_PRIMARY, emissions)), whole),
        gwp_sets=tuple(sorted({part.factor.gwp_set for part in parts.values()} - {""})),
    )


def _process(line: Line) -> str:
    return "idle" if line.idle else line.run.process


def _size(found: Iterable[Line] | Iterable[Emission]) -> Decimal:
    return sum(map(abs, map(_KGCO2E, found)), _NONE)


def _by(found: Sequence[_Summed], name_of: Callable[[_Summed], str], total: Decimal) -> _Shares:
    groups = groupby(sorted(found, key=name_of), name_of)
    return tuple([_share(name, list(own), total) for name, own in groups])


def _share(name: str, own: Sequence[Line] | Sequence[Input], total: Decimal) -> Share:
    emitted = sum(map(_KGCO2E, own), _NONE)
    amount = sum(map(_AMOUNT, own), _NONE)
    priced = any(map(_PRICED, own))
    return Share(name, own[0].unit, amount, emitted, _part(emitted, total), priced)


def _gas_share(gas: str, found: Sequence[Emission]) -> GasShare:
    kg = None if gas == UNSPLIT else _kg(found)
    return GasShare(gas, kg, sum(map(_KGCO2E, found), _NONE))


def _kg(emissions: Sequence[Emission]) -> Decimal:
    return sum([one.kg for one in emissions], _NONE)


def _part(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole).quantize(_FRACTION) if whole else _NONE
