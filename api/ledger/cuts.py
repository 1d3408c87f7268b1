"""Where each meter's line must be cut: at slot edges, and where its carrier changes hands."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from api.ledger.accounts import Run
from api.ledger.plant import Plant
from collector.wire.reading import EPOCH
from gateway.intervals import Measured

SLOT = timedelta(minutes=15)


def slot_start(at: datetime) -> datetime:
    """Beginning of the slot (15 minutes, UTC) that an instant falls into."""
    return EPOCH + (at - EPOCH) // SLOT * SLOT


def slot_end(at: datetime) -> datetime:
    """End of the slot that an instant ends or falls into."""
    start = slot_start(at)
    return start if start == at else start + SLOT


def slot_edges(start: datetime, end: datetime) -> list[datetime]:
    """The instants that begin or end a slot, or the period itself, in order."""
    first = slot_start(start) + SLOT
    count = max(0, -((first - end) // SLOT))
    return [start, *(first + step * SLOT for step in range(count)), end]


def cuts(
    plant: Plant, runs: Sequence[Run], start: datetime, end: datetime
) -> Mapping[str, tuple[datetime, ...]]:
    """The bounds of every meter's slices in a period.

    Args:
        plant: The plant.
        runs: Runs that touch the period, and each machine's next one after it.
        start: Beginning of the period.
        end: Its end.
    """
    slots = set(slot_edges(start, end))
    at_machine: dict[str, set[datetime]] = {}
    for machine in plant.machines:
        own = [run for run in runs if run.machine == machine.id]
        edges = {edge for run in own for edge in (run.start, run.end)}
        edges |= {run.start - machine.standby.longest for run in own}
        at_machine[machine.id] = {edge for edge in edges if start < edge < end}
    bounds: dict[str, set[datetime]] = {meter: set(slots) for meter in plant.carrier_of()}
    for machine in plant.machines:
        for _, meter in machine.meters:
            bounds[meter] |= at_machine[machine.id]
    for shared in plant.shared:
        for name in shared.machines:
            bounds[shared.meter] |= at_machine.get(name, set())
    return {meter: tuple(sorted(found)) for meter, found in bounds.items()}


def by_slot(one: Measured) -> dict[datetime, Decimal]:
    """A meter's amounts by the slot that they fall into; its slices may be cut finer."""
    first = one.slices[0].start
    found: dict[datetime, Decimal] = {}
    for piece in one.slices:
        key = max(first, slot_start(piece.start))
        found[key] = found.get(key, Decimal(0)) + piece.amount
    return found
