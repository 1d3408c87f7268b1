"""Own solar (rule 15): slot by slot, what the mill itself used of what its roof made.

Self-consumption is generation less export. It goes to all who used electricity in the slot, in
the proportion in which the slot's electricity was solar; what is exported is an account of its
own and earns nobody a credit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.ledger.accounts import Account, Posting
from api.ledger.cuts import by_slot, slot_start
from api.ledger.exact import split
from api.ledger.plant import Plant, Supply
from collector.wire.problem import Problem
from gateway.intervals import Measured

ELECTRICITY, SOLAR = "electricity", "electricity_solar"
"""What comes from the grid, and what comes from the mill's own roof: each has its own factors."""

_PERMISSIBLE = Decimal("0.02")
"""Part by which more may seem exported than generated: two meters of class 1."""


@dataclass(frozen=True, slots=True)
class Sun:
    """Own generation of a slot.

    Attributes:
        used: What the mill used of it. [kWh]
        exported: Amount by supply that went out. [kWh]
        estimated: Whether nobody counts the export, so that the load had to tell.
    """

    used: Decimal
    exported: Mapping[str, Decimal]
    estimated: bool


def suns(plant: Plant, measured: Mapping[str, Measured]) -> tuple[Supply, ...]:
    """Own generation whose counters have spoken."""
    return tuple(
        supply
        for supply in plant.supplies
        if supply.source == "solar" and all(meter in measured for meter in supply.meters)
    )


def shine(
    plant: Plant, measured: Mapping[str, Measured], load: Mapping[datetime, Decimal]
) -> tuple[dict[datetime, Sun], list[Problem]]:
    """What the mill used of its own generation, slot by slot.

    Args:
        plant: The plant.
        measured: Its counters.
        load: What meters of consumers show by slot: where export is not metered, no more than
            that can have been used. [kWh]
    """
    slots: dict[datetime, Sun] = {}
    problems: list[Problem] = []
    for supply in suns(plant, measured):
        made: dict[datetime, Decimal] = {}
        for meter in supply.meters:
            for slot, amount in by_slot(measured[meter]).items():
                made[slot] = made.get(slot, Decimal(0)) + amount
        counted = supply.export_meter in measured
        out = by_slot(measured[supply.export_meter or ""]) if counted else {}
        for slot, generated in made.items():
            before = slots.get(slot, Sun(Decimal(0), {}, estimated=False))
            if counted:
                used = max(Decimal(0), generated - out.get(slot, Decimal(0)))
            else:
                left = max(Decimal(0), load.get(slot_start(slot), Decimal(0)) - before.used)
                used = min(generated, left)
            exported = {**before.exported, supply.id: generated - used}
            guessed = before.estimated or not counted
            slots[slot] = Sun(before.used + used, exported, guessed)
        problems += _impossible(supply, made, out)
    return slots, problems


def post_exports(
    plant: Plant, measured: Mapping[str, Measured], slots: Mapping[datetime, Sun]
) -> list[Posting]:
    """What went out, from each generation meter to the account *exported*."""
    postings = []
    for supply in suns(plant, measured):
        first = measured[supply.meters[0]]
        ends = {slot_start(piece.start): piece.end for piece in first.slices}
        for slot, sun in slots.items():
            amount = sun.exported.get(supply.id, Decimal(0))
            if amount:
                guess = amount if sun.estimated else Decimal(0)
                postings.append(
                    Posting(
                        supply.meters[0],
                        SOLAR,
                        slot,
                        ends[slot_start(slot)],
                        amount,
                        amount - guess,
                        Decimal(0),
                        guess,
                        Account("exported", supply.id),
                        "exported",
                    )
                )
    return postings


def mix(postings: Sequence[Posting], slots: Mapping[datetime, Sun]) -> list[Posting]:
    """Part every posting of electricity into what the grid and what the roof brought.

    In each slot the solar parts add up to what was used of it exactly, and none is larger than
    what it is part of: nobody uses sun that did not shine. A negative remainder takes none.
    """
    if not slots:
        return list(postings)
    first = min(slots)
    by: dict[datetime, list[int]] = {}
    for place, one in enumerate(postings):
        if one.carrier == ELECTRICITY and one.amount > 0:
            by.setdefault(max(first, slot_start(one.start)), []).append(place)
    solar: dict[int, Decimal] = {}
    for slot, places in by.items():
        sun = slots.get(slot)
        if sun is not None and sun.used:
            shares = split(sun.used, [postings[place].amount for place in places])
            solar |= dict(zip(places, shares, strict=True))
    found: list[Posting] = []
    for place, one in enumerate(postings):
        part = solar.get(place)
        if not part:
            found.append(one)
            continue
        guessed = slots[max(first, slot_start(one.start))].estimated
        found += _parted(one, part, guessed=guessed)
    return found


def _parted(one: Posting, part: Decimal, *, guessed: bool) -> list[Posting]:
    weights = [one.amount - part, part]
    numbers = [split(n, weights) for n in (one.measured, one.interpolated, one.estimated)]
    names = ("measured", "interpolated", "estimated")
    grid, sun = (dict(zip(names, parts, strict=True)) for parts in zip(*numbers, strict=True))
    if guessed:
        sun = {"measured": Decimal(0), "interpolated": Decimal(0), "estimated": part}
    both = [one._replace(carrier=SOLAR, amount=part, **sun)]
    return [one._replace(amount=weights[0], **grid), *both] if weights[0] else both


def _impossible(
    supply: Supply, made: Mapping[datetime, Decimal], out: Mapping[datetime, Decimal]
) -> list[Problem]:
    generated, sent = sum(made.values(), Decimal(0)), sum(out.values(), Decimal(0))
    if sent <= generated * (1 + _PERMISSIBLE):
        return []
    values = {"supply": supply.id, "exported": f"{sent:f}", "generated": f"{generated:f}"}
    return [Problem("more-exported-than-generated", supply.id, None, values)]
