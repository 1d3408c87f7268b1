"""An oracle for networks that feed each other: prices per unit by Cramer's rule, in Fractions.

The ledger follows each input through the networks; this one asks the other way round, what a unit
of each carrier cost, and shares no code with it. For at most three networks.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import permutations

from tests.ledger import oracle


@dataclass
class Maker:
    """A utility: what it makes, and by carrier the counter of what it uses."""

    makes: str
    uses: dict[str, str]
    output: str | None = None


@dataclass
class Works:
    """A mill with networks: the machines' scene, makers by name, bought supplies by carrier."""

    scene: oracle.Scene
    makers: dict[str, Maker]
    bought: dict[str, str] = field(default_factory=dict)
    to_overhead: set[str] = field(default_factory=set)


def nets(works):
    return sorted({maker.makes for maker in works.makers.values()})


def total(works, meter, minutes):
    return sum(oracle.used(works.scene, meter, minute) for minute in minutes)


def finally_taken(works, carrier, minutes):
    taken = defaultdict(Fraction)
    scene = works.scene
    for name, jet in scene.jets.items():
        if carrier in jet.meters:
            for minute in minutes:
                stay = oracle.stay_on(scene, name, minute)
                account = (
                    oracle.account_of(stay) if stay else oracle.idle_account(scene, name, minute)
                )
                taken[account] += oracle.used(scene, jet.meters[carrier], minute)
    return taken


def primary(works, carrier, minutes):
    """Amount by counter of what enters a network from outside."""
    found = defaultdict(Fraction)
    for maker in works.makers.values():
        if maker.makes == carrier:
            for used, meter in maker.uses.items():
                if used not in nets(works):
                    found[meter] += total(works, meter, minutes)
    if carrier in works.bought:
        found[works.bought[carrier]] += total(works, works.bought[carrier], minutes)
    return found


def drawn(works, carrier, by, minutes):
    return sum(
        total(works, maker.uses[carrier], minutes)
        for maker in works.makers.values()
        if maker.makes == by and carrier in maker.uses
    )


def kept(works, carrier, used, minutes):
    """The part of a network's inputs that its takers bear."""
    if carrier not in works.to_overhead:
        return Fraction(1)
    outputs = [maker.output for maker in works.makers.values() if maker.makes == carrier]
    outputs += [works.bought[carrier]] if carrier in works.bought else []
    if None in outputs:
        return Fraction(1)
    made = sum(total(works, meter, minutes) for meter in outputs)
    return Fraction(used, made) if made > used else Fraction(1)


def determinant(matrix):
    size = range(len(matrix))
    whole = Fraction(0)
    for order in permutations(size):
        swaps = sum(order[a] > order[b] for a in size for b in size if a < b)
        product = Fraction(-1 if swaps % 2 else 1)
        for row in size:
            product *= matrix[row][order[row]]
        whole += product
    return whole


def leads_out(name, leaks, flows, seen=()):
    if leaks[name]:
        return True
    return any(
        leads_out(to, leaks, flows, (*seen, name))
        for to in flows
        if to not in seen and to != name and flows[name][to]
    )


def charged(works, minutes):
    """Amount by (input meter, account) over a window."""
    names = nets(works)
    taken = {name: finally_taken(works, name, minutes) for name in names}
    flows = {a: {b: drawn(works, a, b, minutes) for b in names} for a in names}
    used = {name: sum(taken[name].values()) + sum(flows[name].values()) for name in names}
    keeps = {name: kept(works, name, used[name], minutes) for name in names}
    leaks = {
        name: bool(sum(taken[name].values())) or not used[name] or keeps[name] < 1 for name in names
    }
    dead = {name for name in names if not leads_out(name, leaks, flows)}
    idle = dead | {name for name in names if not used[name]}
    live = [name for name in names if name not in idle]
    inputs = {name: primary(works, name, minutes) for name in names}
    amounts = defaultdict(Fraction)
    for meter in {meter for found in inputs.values() for meter in found}:
        # used × price = kept × (what came in from outside + what came from the live networks)
        matrix = [[used[a] * (a == b) - keeps[a] * flows[b][a] for b in live] for a in live]
        right = [keeps[a] * inputs[a][meter] for a in live]
        whole = determinant(matrix)
        prices = {
            name: determinant([[*row[:n], right[r], *row[n + 1 :]] for r, row in enumerate(matrix)])
            / whole
            for n, name in enumerate(live)
        }
        worth = {
            name: inputs[name][meter] + sum(flows[a][name] * prices[a] for a in live)
            for name in names
        }
        for name in live:
            for account, amount in taken[name].items():
                amounts[meter, account] += amount * prices[name]
            amounts[meter, ("overhead", "site")] += (1 - keeps[name]) * worth[name]
        for name in idle:
            amounts[meter, ("overhead", "site")] += worth[name]
    return amounts
