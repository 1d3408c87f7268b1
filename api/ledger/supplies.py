"""Supplies and the tree of meters behind them (rule 9): what a meter saw and none below it did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal

from api.ledger import networks
from api.ledger.accounts import Account, Posting
from api.ledger.cuts import by_slot, slot_start
from api.ledger.exact import split
from api.ledger.plant import Plant, Supply
from api.ledger.solar import ELECTRICITY, Sun, mix, post_exports, shine, suns
from collector.wire.problem import Problem
from gateway.intervals import Measured

USUAL_ACCURACY = Decimal("0.01")
"""Permissible error of a meter whose class nobody declared."""
_ROUGH = Context(prec=28)
_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the tree where meters stand behind others.

    Attributes:
        name: The supply, or the sub-main's own counter.
        carrier: What flows.
        mains: Counters of what comes in, side by side.
        below: Counters right behind them.
        unmetered: Who carries what none of those saw: ``stand`` or ``share``.
        top: Whether it is a supply's.
    """

    name: str
    carrier: str
    mains: tuple[str, ...]
    below: tuple[str, ...]
    unmetered: str
    top: bool


def nodes(plant: Plant) -> tuple[Node, ...]:
    """Every node of the plant's meters, sub-mains first: what they leave is known before."""
    behind = {meter.ref: meter.behind for meter in plant.meters if meter.behind}
    terms = {meter.ref: meter.unmetered for meter in plant.meters}
    carriers = plant.carrier_of()
    carried = _carried(plant)
    subs = [
        Node(ref, carriers[ref], (ref,), _behind(plant, {ref}), terms.get(ref, "stand"), top=False)
        for ref in dict.fromkeys(behind.values())
        if ref in carriers and ref not in _counted(plant) and ref not in carried
    ]
    tops: list[Node] = []
    borne: set[str] = set()
    for supply in plant.supplies:
        if supply.source == "solar" or supply.carrier in networks.carriers(plant):
            continue
        mains = tuple(meter for meter in supply.meters if meter not in carried)
        below = list(_behind(plant, set(supply.meters)))
        if mains and supply.carrier not in borne:
            borne.add(supply.carrier)  # of several supplies the first bears what stands nowhere
            below += [meter for meter in meters_behind(plant, supply) if meter not in behind]
        if mains:
            tops.append(
                Node(supply.id, supply.carrier, mains, tuple(below), supply.unmetered, top=True)
            )
    return (*subs, *tops)


def meters_behind(plant: Plant, supply: Supply) -> tuple[str, ...]:
    """All meters of the same carrier that are no supply's own: they stand behind one."""
    carriers = plant.carrier_of()
    outputs = {utility.output for utility in plant.utilities}
    counted = _counted(plant)
    return tuple(
        meter
        for meter, carrier in carriers.items()
        if carrier == supply.carrier and meter not in counted and meter not in outputs
    )


def beneath(found: Sequence[Node], node: Node) -> tuple[str, ...]:
    """All counters behind a node, however deep."""
    by_main = {main: one for one in found for main in one.mains if not one.top}
    deep = list(node.below)
    for meter in deep:  # grows while it is walked: the tree has no loop, the plant was checked
        if meter in by_main:
            deep += by_main[meter].below
    return tuple(dict.fromkeys(deep))


def load(postings: Iterable[Posting]) -> dict[datetime, Decimal]:
    """What consumers' meters show of electricity, slot by slot. [kWh]"""
    found: dict[datetime, Decimal] = {}
    for one in postings:
        if one.carrier == ELECTRICITY:
            key = slot_start(one.start)
            found[key] = found.get(key, _NONE) + one.amount
    return found


def post_supplies(
    plant: Plant, measured: Mapping[str, Measured], carried: Sequence[Posting]
) -> tuple[list[Posting], list[Problem]]:
    """All postings of a period, with what no meter saw, what was exported, and what was solar.

    Args:
        plant: The plant.
        measured: Its counters.
        carried: What the meters of consumers were posted as.
    """
    shown = load(carried) if suns(plant, measured) else {}
    sun, problems = shine(plant, measured, shown)
    left, found = post_unmetered(plant, measured, carried, sun)
    problems += found
    postings = [*carried, *left, *post_exports(plant, measured, sun)]
    return mix(postings, sun), problems


def post_unmetered(
    plant: Plant,
    measured: Mapping[str, Measured],
    carried: Sequence[Posting],
    sun: Mapping[datetime, Sun],
) -> tuple[list[Posting], list[Problem]]:
    """Main minus what stands behind it, node by node and slot by slot, signed and never clipped.

    Args:
        plant: The plant.
        measured: Its counters.
        carried: What consumers' meters were posted as.
        sun: What the mill used of its own generation: it comes in beside the electricity main.
    """
    postings: list[Posting] = []
    problems: list[Problem] = []
    found = nodes(plant)
    unlit = bool(sun)
    for node in found:
        mains = [meter for meter in node.mains if meter in measured]
        lit = node.top and node.carrier == ELECTRICITY and unlit
        left = _remainders(node, measured, sun if lit and mains else {})
        unlit = unlit and not (lit and mains)
        problems += _too_negative(plant, node, left, measured)
        if node.unmetered == "share":
            behind = set(beneath(found, node))
            left = _to_consumers(plant, left, [one for one in carried if one.meter in behind])
        postings += left
    return postings, problems


def _remainders(
    node: Node, measured: Mapping[str, Measured], sun: Mapping[datetime, Sun]
) -> list[Posting]:
    subs: dict[datetime, Decimal] = {}
    for meter in node.below:
        shown = by_slot(measured[meter], with_held=True) if meter in measured else {}
        for slot, amount in shown.items():
            subs[slot] = subs.get(slot, _NONE) + amount
    postings = []
    account = Account("unmetered", node.name)
    for place, main in enumerate(meter for meter in node.mains if meter in measured):
        for piece in measured[main].slices:
            amount = piece.amount
            if place == 0:  # of several mains side by side the first bears what stands behind
                amount -= subs.get(piece.start, _NONE)
                amount += sun[piece.start].used if piece.start in sun else _NONE
            postings.append(_posting(main, node.carrier, piece.start, piece.end, amount, account))
    return postings


def _to_consumers(
    plant: Plant, left: Sequence[Posting], carried: Sequence[Posting]
) -> list[Posting]:
    """A node's remainders by the metered amounts of those behind it, as lines of their own."""
    utilities = {utility.id for utility in plant.utilities}
    by: dict[datetime, dict[Account, Decimal]] = {}
    for one in carried:
        bears = one.account.run is not None or one.account.name in utilities
        if bears and one.account.kind != "held" and one.amount > 0:
            slot = by.setdefault(slot_start(one.start), {})
            account = Account("unmetered", one.account.name, one.account.run)
            slot[account] = slot.get(account, Decimal(0)) + one.amount
    shared: list[Posting] = []
    for one in left:
        weights = by.get(slot_start(one.start))
        if not weights or not one.amount:
            shared.append(one)
            continue
        shares = split(one.amount, list(weights.values()))
        shared += [
            one._replace(amount=share, measured=share, account=account, rule="unmetered-share")
            for account, share in zip(weights, shares, strict=True)
        ]
    return shared


def _posting(
    meter: str, carrier: str, start: datetime, end: datetime, amount: Decimal, account: Account
) -> Posting:
    return Posting(meter, carrier, start, end, amount, amount, _NONE, _NONE, account, "remainder")


def _too_negative(
    plant: Plant, node: Node, left: Sequence[Posting], measured: Mapping[str, Measured]
) -> list[Problem]:
    """Whether meters show more below than above, beyond their combined permissible error."""
    total = sum((one.amount for one in left), Decimal(0))
    limits = [_limit(plant, m, measured[m]) for m in (*node.mains, *node.below) if m in measured]
    error = _ROUGH.sqrt(sum((limit * limit for limit in limits), Decimal(0)))
    if total >= -error:
        return []
    through = sum(
        (piece.amount for m in node.mains if m in measured for piece in measured[m].slices),
        Decimal(0),
    )
    values = {"supply": node.name, "left": f"{total:f}", "through": f"{through:f}"}
    return [Problem("sub-meters-above-main", node.name, None, values)]


def _limit(plant: Plant, meter: str, one: Measured) -> Decimal:
    return accuracy(plant, meter) * sum((piece.amount for piece in one.slices), Decimal(0))


def accuracy(plant: Plant, meter: str) -> Decimal:
    """Part of what it shows by which a meter may err: its class, or what is usual."""
    declared = plant.meter(meter).accuracy
    return USUAL_ACCURACY if declared is None else declared


def _behind(plant: Plant, mains: set[str]) -> tuple[str, ...]:
    return tuple(meter.ref for meter in plant.meters if meter.behind in mains)


def _counted(plant: Plant) -> set[str]:
    """Counters at the mill's border."""
    mains = {meter for supply in plant.supplies for meter in supply.meters}
    return mains | {supply.export_meter for supply in plant.supplies if supply.export_meter}


def _carried(plant: Plant) -> set[str]:
    """Counters whose amounts somebody carries: they leave no remainder."""
    own = {meter for machine in plant.machines for _, meter in machine.meters}
    own |= {meter for utility in plant.utilities for _, meter in utility.uses}
    return own | {shared.meter for shared in plant.shared}
