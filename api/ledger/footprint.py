"""A batch's footprint: its lines, and their sums by process, carrier, supply and gas."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from api.ledger.factors import UNSPLIT, Factor
from api.ledger.lines import Input, Line


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a footprint under one name; `priced` where a factor priced any of it."""

    name: str
    unit_of: str
    amount: Decimal
    kgco2e: Decimal
    share: Decimal
    priced: bool


@dataclass(frozen=True, slots=True)
class GasShare:
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
        exempted: Inputs that no factor prices: listed, never zero unsaid.
        factors: Every factor used, with the reason why it was chosen.
        metered_share: Part of the total on lines of machines' own meters (rule 26).
    """

    lines: tuple[Line, ...]
    total: Decimal
    by_process: tuple[Share, ...]
    by_carrier: tuple[Share, ...]
    by_supply: tuple[Share, ...]
    by_gas: tuple[GasShare, ...]
    exempted: tuple[Share, ...]
    factors: tuple[tuple[Factor, str], ...]
    metered_share: Decimal


def footprint(lines: Sequence[Line]) -> Footprint:
    """Sum a batch's lines."""
    total = sum((line.kgco2e for line in lines), Decimal(0))
    inputs = [one for line in lines for one in line.inputs]
    own = [line for line in lines if line.rule in ("direct", "standby", "utility-last-window")]
    return Footprint(
        lines=tuple(lines),
        total=total,
        by_process=_by(lines, _process, total),
        by_carrier=_by(lines, lambda line: line.carrier, total),
        by_supply=_by(inputs, lambda one: one.carrier, total),
        by_gas=_by_gas(inputs),
        exempted=_by([one for one in inputs if not one.priced], lambda one: one.carrier, total),
        factors=_factors(inputs),
        metered_share=_part(sum((line.kgco2e for line in own), Decimal(0)), total),
    )


def _process(line: Line | Input) -> str:
    if isinstance(line, Input):
        return line.carrier
    return "idle" if line.idle else line.run.process


def _by(
    found: Iterable[Line] | Iterable[Input], name_of: Callable[[Line | Input], str], total: Decimal
) -> tuple[Share, ...]:
    groups: dict[str, list[Line | Input]] = {}
    for one in found:
        groups.setdefault(name_of(one), []).append(one)
    return tuple(
        Share(
            name,
            group[0].meter.split(", ")[0],
            sum((one.amount for one in group), Decimal(0)),
            sum((one.kgco2e for one in group), Decimal(0)),
            _part(sum((one.kgco2e for one in group), Decimal(0)), total),
            any(one.priced for one in group),
        )
        for name, group in sorted(groups.items())
    )


def _by_gas(inputs: Sequence[Input]) -> tuple[GasShare, ...]:
    gases: dict[str, list[tuple[Decimal, Decimal]]] = {}
    for one in inputs:
        for emission in one.emissions:
            gas = emission.part.factor.gas
            gases.setdefault(gas, []).append((emission.kg, emission.kgco2e))
    return tuple(
        GasShare(
            gas,
            None if gas == UNSPLIT else sum((kg for kg, _ in found), Decimal(0)),
            sum((kgco2e for _, kgco2e in found), Decimal(0)),
        )
        for gas, found in sorted(gases.items())
    )


def _factors(inputs: Sequence[Input]) -> tuple[tuple[Factor, str], ...]:
    found = {
        emission.part.factor.id: (emission.part.factor, emission.part.why)
        for one in inputs
        for emission in one.emissions
    }
    return tuple(found[name] for name in sorted(found))


def _part(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole).quantize(Decimal("0.0001")) if whole else Decimal(0)
