"""What cannot be true of a plant at once, and what it names that is not there."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from api.ledger import networks
from api.ledger.plant import Plant, signal_names
from api.ledger.pollutants import POLLUTANTS
from api.ledger.pools import CONDENSATE
from api.plant.units import UNITS
from collector import toml_files
from collector.wire.problem import Problem


def contradictions(plant: Plant, path: Path) -> list[Problem]:
    """What cannot be true at once."""
    supplied = {*networks.carriers(plant), *(supply.carrier for supply in plant.supplies)}
    if any(network.heat for network in plant.networks):
        supplied.add(CONDENSATE)
    supplied |= POLLUTANTS  # the batches make those themselves
    bare = [{"carrier": carrier} for carrier in sorted(set(plant.carrier_of().values()) - supplied)]
    found = [("meter-in-two-places", values) for values in (*_twice(plant), *_crowded(plant))]
    sharing = {name for shared in plant.shared for name in shared.machines}
    unmetered = [one.id for one in plant.machines if not one.meters and one.id not in sharing]
    found += [("meter-of-wrong-unit", values) for values in _mixed(plant)]
    found += [("unknown-machine", values) for values in _strangers(plant)]
    found += [("loop-feeds-itself", values) for values in _looped(plant)]
    found += [("signal-without-point", values) for values in _silent(plant)]
    found += [("standby-without-shifts", values) for values in _shiftless(plant)]
    found += [("carrier-without-supply", values) for values in bare]
    found += [("meter-behind-nothing", values) for values in _adrift(plant)]
    return [Problem(code, str(path), None, values) for code, values in found] + [
        Problem("machine-without-meter", f"{path}  [machines.{name}]") for name in unmetered
    ]


def _looped(plant: Plant) -> list[dict[str, str]]:
    """Networks whose whole output feeds themselves: nobody would ever carry what they use."""
    passed: dict[str, dict[str, Fraction]] = {name: {} for name in networks.carriers(plant)}
    for utility in plant.utilities:
        for carrier, _ in utility.uses:
            if carrier in passed:
                passed[carrier][utility.makes] = Fraction(1)
    taken = {carrier for machine in plant.machines for carrier, _ in machine.meters}
    taken |= {shared.carrier for shared in plant.shared}
    ends = [name for name, to in passed.items() if name in taken or not to]
    return [{"carrier": name} for name in sorted(networks.stuck(passed, ends))]


def _adrift(plant: Plant) -> list[dict[str, str]]:
    """Meters that stand behind one that cannot be above them.

    Above may only be a supply's counter of the same carrier or a sub-main: a counter whose whole
    amount somebody carries would be counted twice by what stands behind it.
    """
    carriers = plant.carrier_of()
    own = {meter for machine in plant.machines for _, meter in machine.meters}
    own |= {meter for utility in plant.utilities for _, meter in utility.uses}
    own |= {shared.meter for shared in plant.shared}
    own |= {utility.output for utility in plant.utilities if utility.output}
    return [
        {"meter": meter.ref, "above": meter.behind}
        for meter in plant.meters
        if meter.behind
        and (meter.behind in own or carriers.get(meter.ref) != carriers.get(meter.behind, "?"))
    ]


def _twice(plant: Plant) -> list[dict[str, str]]:
    """Meters that two owners claim, two supplies, or two utilities as what they made.

    A supply's meter may be its only user's own, and a utility's output its only consumer's.
    """
    supplied = [(m, f"supplies.{one.id}") for one in plant.supplies for m in one.meters]
    supplied += [
        (one.export_meter, f"supplies.{one.id} export_meter")
        for one in plant.supplies
        if one.export_meter
    ]
    made = [(one.output, f"utilities.{one.id}") for one in plant.utilities if one.output]
    found = []
    for claims in (_used(plant), supplied, made):
        places: dict[str, str] = {}
        found += [
            {"meter": meter, "one": places[meter], "other": place}
            for meter, place in claims
            if places.setdefault(meter, place) != place
        ]
    return found


def _used(plant: Plant) -> list[tuple[str, str]]:
    """Meters of those who use something, and where they stand."""
    used = [(m, f"machines.{one.id} {c}") for one in plant.machines for c, m in one.meters]
    used += [(one.meter, f"shared.{one.id}") for one in plant.shared]
    used += [(m, f"utilities.{one.id} {c}") for one in plant.utilities for c, m in one.uses]
    return used


def _crowded(plant: Plant) -> list[dict[str, str]]:
    """Supplies' meters that one user calls its own although others must stand behind them too."""
    carriers, users = plant.carrier_of(), dict(_used(plant))
    behind = {meter.ref for meter in plant.meters if meter.behind}
    found = []
    for carrier in sorted({supply.carrier for supply in plant.supplies}):
        supplies = [one for one in plant.supplies if one.carrier == carrier]
        mains = {meter: one.id for one in supplies for meter in one.meters}
        others = {m for m in users if carriers[m] == carrier} - {*mains} - behind
        fed = any(one.source == "solar" or not {*one.meters} <= {*users} for one in supplies)
        if others and not fed:
            found += [
                {"meter": meter, "one": users[meter], "other": f"supplies.{name}"}
                for meter, name in mains.items()
                if meter in users
            ]
    return found


def _mixed(plant: Plant) -> list[dict[str, str]]:
    """Meters that count a carrier in another unit than the first one: they cannot be added.

    In a network that is weighed by heat they can: mass is made heat there.
    """
    by_heat = {network.carrier for network in plant.networks if network.heat}
    units: dict[str, str] = {}
    found = []
    for meter, carrier in plant.carrier_of().items():
        unit = next((one for one in UNITS.get(carrier, ()) if meter.endswith(one)), None)
        if carrier not in by_heat and unit is not None and units.setdefault(carrier, unit) != unit:
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


def _silent(plant: Plant) -> list[dict[str, str]]:
    """Machines of which a shared meter asks a signal, and that have none of that name."""
    return [
        {"machine": machine.id, "shared": shared.id, "signal": name}
        for shared in plant.shared
        for machine in plant.machines
        if machine.id in shared.machines
        for rung in shared.drivers
        for name in signal_names(rung)
        if machine.signal(name) is None
    ]


def _shiftless(plant: Plant) -> list[dict[str, str]]:
    """Places whose standby goes to working shifts that nobody declared."""
    places = [(f"machines.{one.id}", one.standby) for one in plant.machines]
    places += [(f"shared.{one.id}", one.standby) for one in plant.shared]
    return [
        {"place": name} for name, standby in places if standby.to == "shift" and not plant.shifts
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
        signals = {**plant.signals_of(machine), **machine.signals, **machine.quantities}
        for name, ref in signals.items():
            named[ref.partition("=")[0]] = f"machines.{machine.id} {name}"
    named |= dict.fromkeys(networks.gauges(plant), "a network's gauge")
    return named | {meter.ref: f'meters."{meter.ref}"' for meter in plant.meters}


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
