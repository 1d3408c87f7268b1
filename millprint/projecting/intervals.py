"""Intervals: what each meter of the plant counted in each quarter of an hour, as the ledger has it.

They follow the journal from a position of their own, so that readings wait for none of them. A
changed slot changes the amounts as far as the readings around it: a register between two readings
lies on the line through them. What people decide of a meter later shows when it is rebuilt.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from api.ledger.plant import Plant
from api.meters import Meters
from api.plant import in_force
from collector.wire.reading import unix_ms
from gateway.journal import SLOT, Journal
from gateway.projecting.batch import Batch
from gateway.projecting.follower import where
from gateway.projecting.kept import Kept
from gateway.projecting.line_protocol import line
from gateway.projecting.tags import Tags
from gateway.projections import INTERVAL, Engine

INTERVALS = "intervals"
_PAGE = 500
_MOST_SLOTS = 96  # that are measured at once

Slots = set[datetime]


class Intervals:
    """Sends one engine the intervals of what has changed.

    Args:
        journal: What is followed.
        meters: What measures.
        plants: Every snapshot, oldest first.
        tags: What meters are called.
        kept: Where the position is kept.
    """

    def __init__(
        self,
        journal: Journal,
        meters: Meters,
        plants: tuple[Plant, ...],
        tags: Tags,
        kept: Kept,
    ) -> None:
        self._journal, self._meters, self._plants = journal, meters, plants
        self._tags, self._kept = tags, kept
        self._carriers = {plant.digest: plant.carrier_of() for plant in plants}

    def step(self, engine: Engine) -> int | None:
        """Send the next page; how many intervals that were, None where nothing has changed."""
        before = where(self._journal, self._kept, engine.target, INTERVALS)
        position, changed = self._journal.changed_since(before, _PAGE)
        if position == before:
            return None
        sent = self.send(engine, changed)
        self._kept.keep(engine.target, INTERVALS, position)
        return sent

    def send(self, engine: Engine, places: Iterable[tuple[str, datetime]]) -> int:
        """Send the intervals around devices and slots; how many."""
        batch = Batch(engine)
        for meter, slots in self._touched(places).items():
            for first, last in _stretches(slots):
                self._send(meter, first, last, batch)
        batch.flush()
        return batch.numbers

    def _touched(self, changed: Iterable[tuple[str, datetime]]) -> dict[str, Slots]:
        """Slots to be measured by meter."""
        own: dict[str, set[str]] = defaultdict(set)
        for ref in (ref for carriers in self._carriers.values() for ref in carriers):
            own[ref.partition(".")[0]].add(ref)
        found: dict[str, Slots] = defaultdict(set)
        for device, slot in changed:
            for meter in own.get(device, ()):
                found[meter].update(self._around(meter, slot))
        return found

    def _around(self, meter: str, slot: datetime) -> Iterator[datetime]:
        first, _ = self._meters.around(meter, slot)
        _, last = self._meters.around(meter, slot + SLOT)
        at = _slot_of(first)
        while at < last:
            yield at
            at += SLOT

    def _send(self, meter: str, first: datetime, last: datetime, batch: Batch) -> None:
        count = (last - first) // SLOT + 1
        measured = self._meters.each(meter, [first + place * SLOT for place in range(count + 1)])
        device, _, point = meter.partition(".")
        for one in measured.slices if measured else ():
            plant = in_force(self._plants, one.start)
            if one.complete and meter in self._carriers[plant.digest]:
                share = float(one.measured / one.amount) if one.amount else 1.0
                fields = {"amount": float(one.amount), "measured_share": share}
                tags = self._tags.of(device, point, one.start)
                batch.add(line(INTERVAL, tags, fields, unix_ms(one.start)), 1)


def _slot_of(at: datetime) -> datetime:
    return at - timedelta(milliseconds=unix_ms(at) % (SLOT // timedelta(milliseconds=1)))


def _stretches(slots: Slots) -> Iterator[tuple[datetime, datetime]]:
    """First and last of slots that follow each other, not too many at once."""
    stretch: list[datetime] = []
    for slot in sorted(slots):
        if stretch and (slot - stretch[-1] > SLOT or len(stretch) >= _MOST_SLOTS):
            yield stretch[0], stretch[-1]
            stretch = []
        stretch.append(slot)
    if stretch:
        yield stretch[0], stretch[-1]
