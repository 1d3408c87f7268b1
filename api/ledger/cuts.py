"""Where each meter's line must be cut: at slot edges, and where its carrier changes hands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from api.ledger.accounts import Run
from api.ledger.plant import Plant, Standby
from gateway.intervals import Measured

SLOT = timedelta(minutes=15)
_NONE = Decimal(0)


def slot_start(at: datetime) -> datetime:
    """Beginning of the slot (15 minutes, UTC) that an instant falls into."""
    # Quarters of an hour of UTC begin on quarters of a clock's hour: so said, it is quickly done.
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def slot_end(at: datetime) -> datetime:
    """End of the slot that an instant ends or falls into."""
    start = slot_start(at)
    return start if start == at else start + SLOT


def slot_edges(start: datetime, end: datetime) -> list[datetime]:
    """The instants that begin or end a slot, or the period itself, in order."""
    first = slot_start(start) + SLOT
    count = max(0, -((first - end) // SLOT))
    return [start, *(first + step * SLOT for step in range(count)), end]


def stretched(slots: Iterable[datetime]) -> list[tuple[datetime, datetime]]:
    """Slots by their beginnings, as stretches of time: those that follow each other are one."""
    found: list[tuple[datetime, datetime]] = []
    for slot in sorted(set(slots)):
        if found and found[-1][1] == slot:
            found[-1] = found[-1][0], slot + SLOT
        else:
            found.append((slot, slot + SLOT))
    return found


def cuts(
    plant: Plant,
    runs: Sequence[Run],
    start: datetime,
    end: datetime,
    work_shifts: Sequence[tuple[datetime, datetime]] = (),
) -> Mapping[str, tuple[datetime, ...]]:
    """The bounds of every meter's slices in a period.

    Args:
        plant: The plant.
        runs: Runs that touch the period, and each machine's next one after it.
        start: Beginning of the period.
        end: Its end.
        work_shifts: Working shifts around it, UTC: they cut where standby goes to them.
    """
    by_machine: dict[str, list[Run]] = {}
    for run in runs:
        by_machine.setdefault(run.machine, []).append(run)
    slots = slot_edges(start, end)
    bounds = {meter: set(slots) for meter in plant.carrier_of()}
    for machine in plant.machines:
        own = _edges(by_machine.get(machine.id, ()), machine.standby, work_shifts)
        for _, meter in machine.meters:
            bounds[meter] |= own
    for shared in plant.shared:
        for name in shared.machines:
            own = _edges(by_machine.get(name, ()), shared.standby, work_shifts)
            bounds[shared.meter] |= own
    return {
        meter: tuple(sorted(edge for edge in found if start <= edge <= end))
        for meter, found in bounds.items()
    }


def by_slot(one: Measured, *, with_held: bool = False) -> dict[datetime, Decimal]:
    """A meter's amounts by the slot that they fall into; its slices may be cut finer."""
    found: dict[datetime, Decimal] = {}
    for piece in one.slices:  # none, where it is asked about an instant
        key = max(one.slices[0].start, slot_start(piece.start))
        found[key] = found.get(key, _NONE) + (piece.counted if with_held else piece.amount)
    return found


def _edges(
    runs: Sequence[Run], standby: Standby, work_shifts: Sequence[tuple[datetime, datetime]]
) -> set[datetime]:
    """Where runs begin and end, and where idling around them changes hands."""
    edges = {edge for run in runs for edge in (run.start, run.end)}
    edges |= {run.start - standby.longest for run in runs}
    if standby.to == "shift":
        edges |= {run.end + standby.longest for run in runs}
        edges |= {edge for shift in work_shifts for edge in shift}
    return edges
