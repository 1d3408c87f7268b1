"""Plant tags: to which machine, line and carrier a point belongs, by the plant of its time."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from api.ledger.plant import Machine, Plant
from api.plant import in_force

Said = dict[str, dict[str, str]]


class PlantTags:
    """Tags by ``device.point`` and by ``device``.

    ``role`` says what a meter counts: what a ``machine``, a ``shared`` group or a ``utility``
    takes, what is ``made`` by a utility, a ``supply``, or what of one is sent out again
    (``export``); ``owner`` names it.

    Args:
        plants: Every snapshot, oldest first.
    """

    def __init__(self, plants: tuple[Plant, ...]) -> None:
        self._plants = plants
        self._said = {plant.digest: _said(plant) for plant in plants}

    def __call__(self, at: datetime) -> Mapping[str, Mapping[str, str]]:
        """What the plant in force at an instant says."""
        return self._said[in_force(self._plants, at).digest]


def _said(plant: Plant) -> Said:
    found: Said = {}
    for machine in plant.machines:
        own = {"role": "machine", "owner": machine.id, "machine": machine.id, "line": machine.line}
        for ref in _refs(machine):
            found.setdefault(ref.partition(".")[0], own)
            found.setdefault(ref, own)
    for role, owner, refs in _owned(plant):
        for ref in refs:
            found.setdefault(ref, {"role": role, "owner": owner})
    for ref, carrier in plant.carrier_of().items():
        found[ref] = found.get(ref, {}) | {"carrier": carrier}
    return found


def _refs(machine: Machine) -> list[str]:
    said = (machine.batch, machine.running, machine.step, machine.mass)
    return [ref for _, ref in machine.meters] + [ref for ref in said if ref]


def _owned(plant: Plant) -> Iterator[tuple[str, str, list[str]]]:
    for shared in plant.shared:
        yield "shared", shared.id, [shared.meter]
    for supply in plant.supplies:
        yield "supply", supply.id, list(supply.meters)
        yield "export", supply.id, [supply.export_meter] if supply.export_meter else []
    for utility in plant.utilities:
        output = [utility.output] if utility.output else []
        yield "made", utility.id, output
        yield "utility", utility.id, [ref for _, ref in utility.uses]
