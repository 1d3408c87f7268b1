"""An oracle for mains, sub-mains and the roof: slot by slot in Fractions of quanta.

It shares no code with the ledger: it knows only which meter hangs below which.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from tests.ledger import oracle


@dataclass
class Tree:
    """Electricity of a mill: a main, sub-mains below it, machines below one or the other."""

    scene: oracle.Scene
    main: str
    below: dict[str, str] = field(default_factory=dict)  # meter: the sub-main above it
    sub_mains: list[str] = field(default_factory=list)
    sun: str | None = None
    export: str | None = None
    shares: set[str] = field(default_factory=set)  # of these nodes what is unmetered is shared


def counted(tree, meter, slot):
    minutes = range(slot * oracle.SLOT, (slot + 1) * oracle.SLOT)
    return sum(oracle.used(tree.scene, meter, minute) for minute in minutes)


def consumers(tree):
    return [jet.meters["electricity"] for jet in tree.scene.jets.values()]


def sunlight(tree, slot):
    """What was used of the sun, and what went out."""
    if tree.sun is None:
        return 0, 0
    made = counted(tree, tree.sun, slot)
    if tree.export is not None:
        used = max(0, made - counted(tree, tree.export, slot))
    else:
        used = min(made, sum(counted(tree, meter, slot) for meter in consumers(tree)))
    return used, made - used


def remainder(tree, node, slot):
    """What a node saw and nothing right below it did."""
    known = [*consumers(tree), *tree.sub_mains]
    below = [m for m in known if tree.below.get(m, tree.main) == node and m != node]
    left = counted(tree, node, slot) - sum(counted(tree, meter, slot) for meter in below)
    return left + (sunlight(tree, slot)[0] if node == tree.main else 0)


def carried(tree, slot):
    """Amount by (meter, account) of a slot, remainders shared as declared, sun and grid as one."""
    amounts = defaultdict(Fraction)
    for name, jet in tree.scene.jets.items():
        for minute in range(slot * oracle.SLOT, (slot + 1) * oracle.SLOT):
            stay = oracle.stay_on(tree.scene, name, minute)
            account = (
                oracle.account_of(stay) if stay else oracle.idle_account(tree.scene, name, minute)
            )
            meter = jet.meters["electricity"]
            amounts[meter, account] += oracle.used(tree.scene, meter, minute)
    own = dict(amounts)
    for node in [tree.main, *tree.sub_mains]:
        left = remainder(tree, node, slot)
        bearers = {("unmetered", account[1], *account[2:]): Fraction(0) for _, account in own}
        for (meter, account), amount in own.items():
            inside = node == tree.main or tree.below.get(meter) == node
            if inside and account[0] in ("run", "standby") and account[2] is not None:
                bearers["unmetered", account[1], *account[2:]] += amount
        whole = sum(bearers.values())
        if node not in tree.shares or not whole:
            amounts[node, ("unmetered", "grid" if node == tree.main else node)] += left
            continue
        for account, weight in bearers.items():
            amounts[node, account] += left * weight / whole
    return amounts


def solar(tree, slot):
    """The sun's part of each positive amount of a slot."""
    used, _ = sunlight(tree, slot)
    positive = {key: amount for key, amount in carried(tree, slot).items() if amount > 0}
    whole = sum(positive.values())
    return {key: amount * used / whole for key, amount in positive.items()} if whole else {}
