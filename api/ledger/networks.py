"""Networks (rule 12): makers and buyers of a carrier on one side, those who take it on the other.

Utilities may feed each other, also in a loop: steam heats the water works whose water the boiler
takes. What a network's inputs come to for those who finally take something is the solution of
one small linear system, found in fractions, so that nothing is rounded on the way.
"""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from api.ledger.plant import Network, Plant, Supply, Utility


def carriers(plant: Plant) -> tuple[str, ...]:
    """Carriers that flow in a network: what utilities make, and what is declared as one."""
    made = [utility.makes for utility in plant.utilities]
    return tuple(dict.fromkeys([*made, *(network.carrier for network in plant.networks)]))


def terms(plant: Plant, carrier: str) -> Network:
    """The terms of a carrier's network."""
    declared = (network for network in plant.networks if network.carrier == carrier)
    return next(declared, Network(carrier))


def bought(plant: Plant, carrier: str) -> tuple[Supply, ...]:
    """Supplies that feed a network."""
    if carrier not in carriers(plant):
        return ()
    return tuple(supply for supply in plant.supplies if supply.carrier == carrier)


def joined(plant: Plant) -> tuple[tuple[str, ...], ...]:
    """The sets of networks that feed each other; each is balanced over one window (rule 11)."""
    names = carriers(plant)
    above = {name: name for name in names}

    def top(name: str) -> str:
        while above[name] != name:
            name = above[name]
        return name

    for utility in plant.utilities:
        for carrier, _ in utility.uses:
            if carrier in above:
                above[top(carrier)] = top(utility.makes)
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(top(name), []).append(name)
    return tuple(tuple(one) for one in found.values())


def makers(plant: Plant, names: Collection[str]) -> tuple[Utility, ...]:
    """The utilities that make any of these carriers."""
    return tuple(utility for utility in plant.utilities if utility.makes in names)


def made_by(plant: Plant, carrier: str) -> str:
    """Who makes or buys a network's carrier, in words."""
    names = [one.id for one in makers(plant, [carrier])]
    names += [one.id for one in bought(plant, carrier)]
    return ", ".join(names)


def window_key(plant: Plant, names: Sequence[str]) -> str:
    """Under which name the windows of a set stand: its first utility's, else its carrier's."""
    return next((utility.id for utility in makers(plant, names)), names[0])


def gauges(plant: Plant) -> tuple[str, ...]:
    """Gauges that networks are weighed by."""
    heats = [network.heat for network in plant.networks if network.heat]
    found = [gauge for heat in heats for gauge in (heat.pressure, heat.temperature)]
    for utility in plant.utilities:
        one = utility.treatment
        if one is not None:
            found += [one.cod_in, one.cod_out, one.nitrogen_in]
            found += [gauge for _, gauge in one.cod_of]
    return tuple(gauge for gauge in dict.fromkeys(found) if gauge)


def stuck(passed: Mapping[str, Mapping[str, Fraction]], ends: Collection[str]) -> set[str]:
    """Networks from which nothing ever reaches anyone: their whole output feeds themselves.

    Args:
        passed: Of each network, the part of it that each other network takes.
        ends: Networks of which something leaves the set.
    """
    reached = set(ends)
    while True:
        more = {name for name, to in passed.items() if any(to[n] for n in reached & set(to))}
        if more <= reached:
            return set(passed) - reached
        reached |= more


def visits(passed: Mapping[str, Mapping[str, Fraction]]) -> dict[str, dict[str, Fraction]]:
    """How much of a unit that enters one network comes through each: (I - S)⁻¹, exactly.

    Args:
        passed: S: of each network, the part of it that each other network takes. From each a way
            must lead out (see `stuck`), so that the system has one solution.
    """
    names = list(passed)
    size = len(names)
    rows = [
        [Fraction(a == b) - passed[a].get(b, Fraction(0)) for b in names]
        + [Fraction(a == b) for b in names]
        for a in names
    ]
    for column in range(size):
        pivot = next(row for row in range(column, size) if rows[row][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for row in range(size):
            if row != column and rows[row][column]:
                times = rows[row][column]
                rows[row] = [
                    value - times * own for value, own in zip(rows[row], rows[column], strict=True)
                ]
    return {
        name: {other: rows[place][size + n] for n, other in enumerate(names)}
        for place, name in enumerate(names)
    }
