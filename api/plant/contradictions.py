"""What cannot be true of a plant at once, and what it names that is not there."""

from collections.abc import Mapping
from pathlib import Path

from api.ledger.plant import Plant
from api.plant.units import UNITS
from collector import toml_files
from collector.wire.problem import Problem


def contradictions(plant: Plant, path: Path) -> list[Problem]:
    """What cannot be true at once."""
    made = {utility.makes for utility in plant.utilities}
    supplied = made | {supply.carrier for supply in plant.supplies}
    looped = [
        {"utility": utility.id, "carrier": carrier}
        for utility in plant.utilities
        for carrier, _ in utility.uses
        if carrier in made
    ]
    bare = [{"carrier": carrier} for carrier in sorted(set(plant.carrier_of().values()) - supplied)]
    found = [("meter-in-two-places", values) for values in _twice(plant)]
    found += [("meter-of-wrong-unit", values) for values in _mixed(plant)]
    found += [("unknown-machine", values) for values in _strangers(plant)]
    found += [("utility-feeds-utility", values) for values in looped]
    found += [("carrier-without-supply", values) for values in bare]
    return [Problem(code, str(path), None, values) for code, values in found]


def _twice(plant: Plant) -> list[dict[str, str]]:
    """Meters that two owners claim, two supplies, or two utilities as what they made.

    A supply's meter may be its only user's own, and a utility's output its only consumer's.
    """
    used = [(m, f"machines.{one.id} {c}") for one in plant.machines for c, m in one.meters]
    used += [(one.meter, f"shared.{one.id}") for one in plant.shared]
    used += [(m, f"utilities.{one.id} {c}") for one in plant.utilities for c, m in one.uses]
    supplied = [(m, f"supplies.{one.id}") for one in plant.supplies for m in one.meters]
    made = [(one.output, f"utilities.{one.id}") for one in plant.utilities if one.output]
    found = []
    for claims in (used, supplied, made):
        places: dict[str, str] = {}
        found += [
            {"meter": meter, "one": places[meter], "other": place}
            for meter, place in claims
            if places.setdefault(meter, place) != place
        ]
    return found


def _mixed(plant: Plant) -> list[dict[str, str]]:
    """Meters that count a carrier in another unit than the first one: they cannot be added."""
    units: dict[str, str] = {}
    found = []
    for meter, carrier in plant.carrier_of().items():
        unit = next((one for one in UNITS.get(carrier, ()) if meter.endswith(one)), None)
        if unit is not None and units.setdefault(carrier, unit) != unit:
            values = {"meter": meter, "carrier": carrier, "units": units[carrier]}
            found.append(values)
    return found


def _strangers(plant: Plant) -> list[dict[str, str]]:
    """Machines that a shared meter names and that are not there."""
    names = {machine.id for machine in plant.machines}
    return [
        {"machine": name, "shared": shared.id, "nearest": toml_files.nearest(name, names)}
        for shared in plant.shared
        for name in shared.machines
        if name not in names
    ]


def named_points(plant: Plant) -> dict[str, str]:
    """Every point that a plant names, and where."""
    named = dict.fromkeys(plant.carrier_of(), "a meter")
    for meter in plant.meters:
        named |= dict.fromkeys([meter.ref, *filter(None, [meter.behind])], f"meters.{meter.ref}")
    for machine in plant.machines:
        for key in ("batch", "running", "step", "mass"):
            ref = getattr(machine, key)
            if ref:
                named[ref] = f"machines.{machine.id} {key}"
        named |= {meter: f"machines.{machine.id} {carrier}" for carrier, meter in machine.meters}
    return named


def unknown_points(plant: Plant, path: Path, points: Mapping[str, frozenset[str]]) -> list[Problem]:
    """Points that a plant names and no device has."""
    known = [f"{device}.{point}" for device, names in points.items() for point in names]
    return [
        Problem(
            "unknown-point",
            f"{path}  {place}",
            None,
            {"point": ref, "nearest": toml_files.nearest(ref, known)},
        )
        for ref, place in named_points(plant).items()
        if ref not in known
    ]
