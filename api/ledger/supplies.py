"""Supplies and the meters behind them (rule 9): what the main meter saw and no other did."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from api.ledger.accounts import Account, Posting
from api.ledger.cuts import slot_start
from api.ledger.plant import Plant, Supply
from collector.wire.problem import Problem
from gateway.intervals import Measured

_PERMISSIBLE = Decimal("0.01")
"""Part of a supply by which its sub-meters may show more; classes and CTs will refine it."""


def meters_behind(plant: Plant, supply: Supply) -> tuple[str, ...]:
    """Meters of the same carrier that stand behind a supply's own."""
    carriers = plant.carrier_of()
    outputs = {utility.output for utility in plant.utilities}
    counted = {meter for one in plant.supplies for meter in one.meters}
    return tuple(
        meter
        for meter, carrier in carriers.items()
        if carrier == supply.carrier and meter not in counted and meter not in outputs
    )


def post_unmetered(
    plant: Plant, measured: Mapping[str, Measured]
) -> tuple[list[Posting], list[Problem]]:
    """Main minus sub-meters, signed and never clipped, slot by slot."""
    postings: list[Posting] = []
    problems: list[Problem] = []
    for supply in plant.supplies:
        behind = meters_behind(plant, supply)
        carried = {meter for one in plant.machines for _, meter in one.meters}
        carried |= {meter for utility in plant.utilities for _, meter in utility.uses}
        carried |= {shared.meter for shared in plant.shared}
        for meter in supply.meters:
            if meter not in carried and meter in measured:
                postings += _remainder(supply, meter, behind, measured)
    for supply in plant.supplies:
        problems += _too_negative(supply, postings, measured)
    return postings, problems


def _remainder(
    supply: Supply, main: str, behind: tuple[str, ...], measured: Mapping[str, Measured]
) -> list[Posting]:
    first = supply.meters.index(main) == 0  # of several mains the first bears the sub-meters
    subs = [_by_slot(measured[meter]) for meter in behind if meter in measured] if first else []
    postings = []
    for piece in measured[main].slices:
        below = sum((sub.get(piece.start, Decimal(0)) for sub in subs), Decimal(0))
        account = Account("unmetered", supply.id)
        amount = piece.amount - below
        postings.append(
            Posting(
                main,
                supply.carrier,
                piece.start,
                piece.end,
                amount,
                amount,
                Decimal(0),
                Decimal(0),
                account,
                "remainder",
            )
        )
    return postings


def _by_slot(one: Measured) -> dict[datetime, Decimal]:
    """A meter's amounts by the slot that they fall into; its slices are cut finer."""
    first = one.slices[0].start
    found: dict[datetime, Decimal] = {}
    for piece in one.slices:
        key = max(first, slot_start(piece.start))
        found[key] = found.get(key, Decimal(0)) + piece.counted
    return found


def _too_negative(
    supply: Supply, postings: list[Posting], measured: Mapping[str, Measured]
) -> list[Problem]:
    left = sum((p.amount for p in postings if p.account.name == supply.id), Decimal(0))
    through = sum(
        (piece.amount for m in supply.meters if m in measured for piece in measured[m].slices),
        Decimal(0),
    )
    if left >= -through * _PERMISSIBLE:
        return []
    values = {"supply": supply.id, "left": f"{left:f}", "through": f"{through:f}"}
    return [Problem("sub-meters-above-main", supply.id, None, values)]
