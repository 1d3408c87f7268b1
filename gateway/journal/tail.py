"""The tail in memory: what is not yet packed, by device and slot, for the readers of one process.

It is brought up to date inside a reader's own transaction, segment by segment, and lets go of the
slots that were packed since: tail and chunks together are one moment of the file.
"""

from collections import defaultdict
from collections.abc import Mapping

from gateway.intervals.sample import Sample
from gateway.journal import Numbers
from gateway.journal.columns import between, first, last
from gateway.journal.gaps import Gap
from gateway.journal.lines import SLOT_MS, Row, said, unpack
from gateway.journal.segments import Place
from gateway.journal.store import Connection
from gateway.journal.young import Young

State = tuple[int | None, int | None]
"""Highest segment and highest pack of the file."""
_STATE = "SELECT (SELECT max(id) FROM segments), (SELECT max(id) FROM packs)"


class Tail:
    """The readings of the segments. Not to be used from two threads at once."""

    def __init__(self) -> None:
        self.state: State = (None, None)
        self._generation = 0  # of the chunks
        self._forget()

    def _forget(self) -> None:
        self._young: dict[int, dict[int, Young]] = defaultdict(dict)
        self._homes: dict[Place, set[int]] = defaultdict(set)
        self._newest: dict[int, Row] = {}
        self._looked: dict[int, int] = {}
        self._seen = 0

    def refresh(self, db: Connection) -> None:
        """Take in what was stored and packed since the last time."""
        state: State = db.execute(_STATE).fetchone()
        if state == self.state:
            return
        if state[1] != self.state[1]:
            self._let_go(db, self.state[1] or 0)
            self._generation += 1
        for number, body in db.execute(
            "SELECT id, body FROM segments WHERE id > ? ORDER BY id", (self._seen,)
        ):
            for row in unpack(body):
                self._take(number, row)
            self._seen = number
        self.state = state

    def samples(self, device: int, point: str, start: int, end: int) -> list[Sample]:
        """Values of a point in ``[start, end)`` [ms since 1970], by time."""
        slots = self._young.get(device, {})
        return [
            sample
            for slot in sorted(slots)
            if start < (slot + 1) * SLOT_MS and slot * SLOT_MS < end
            if (column := slots[slot].column(point)) is not None
            for sample in between(column, start, end)
        ]

    def numbers(self, place: Place) -> dict[str, Numbers]:
        """What is good and a number of a device and slot, by point."""
        young = self._young.get(place[0], {}).get(place[1])
        if young is None:
            return {}
        columns = ((point, young.column(point)) for point in young.points)
        return {point: column.numbers() for point, column in columns if column is not None}

    def quarters(
        self, device: int, point: str, slots: tuple[int, int], known: Mapping[int, int]
    ) -> dict[int, tuple[int, Numbers | None]]:
        """What a counter showed, by slot between two, both included.

        Args:
            device: Whose.
            point: Which.
            slots: The first and the last.
            known: Last segments of slots whose readings need not be told again.

        Returns:
            The last segment of each slot in which anything of the device stands here, and the
            readings without the bad ones; None where they are known, doubtful or texts.
        """
        found: dict[int, tuple[int, Numbers | None]] = {}
        for slot, young in self._young.get(device, {}).items():
            if slots[0] <= slot <= slots[1]:
                newest, column = max(self._homes[device, slot]), young.column(point)
                numbers: Numbers | None = ((), ())
                if known.get(slot) == newest:
                    numbers = None
                elif column is not None:
                    numbers = column.plain()
                found[slot] = newest, numbers
        return found

    def last(self, device: int, point: str, at: int) -> Sample | None:
        """The last value that is not bad, at or before an instant. [ms since 1970]"""
        slots = self._young.get(device)
        if not slots:
            return None
        for slot in sorted(slots, reverse=True):
            column = slots[slot].column(point) if slot * SLOT_MS <= at else None
            found = last(column, at) if column else None
            if found is not None:
                return found
        return None

    def first(self, device: int, point: str, at: int) -> Sample | None:
        """The first value that is not bad, after an instant. [ms since 1970]"""
        slots = self._young.get(device, {})
        for slot in sorted(slots):
            column = slots[slot].column(point) if (slot + 1) * SLOT_MS > at else None
            found = first(column, at) if column else None
            if found is not None:
                return found
        return None

    def newest(self, device: int) -> tuple[Row | None, bool, int]:
        """The newest reading of a device that is known here.

        Returns:
            The reading; whether the chunks were looked at, as they stand now; and the generation
            with which to `offer` what they hold.
        """
        looked = self._looked.get(device) == self._generation
        return self._newest.get(device), looked, self._generation

    def offer(self, device: int, row: Row | None, generation: int) -> None:
        """The newest reading of a device, chunks included, as it was in a generation."""
        if generation == self._generation:
            self._looked[device] = generation
            if row is not None:
                self._raise(row)

    def last_before(self, device: int, gap: Gap) -> int:
        """Instant of the last reading of a device that no gap stands before; 0 where none is.

        [ms since 1970]
        """
        slots = self._young.get(device, {})
        found = (slots[slot].last_before(gap) for slot in sorted(slots, reverse=True))
        return next((at for at in found if at), 0)

    def slots(self, device: int) -> list[int]:
        """Slots of which something of a device stands here."""
        return sorted(self._young.get(device, ()))

    def places(self) -> list[Place]:
        """Devices and slots of which something stands here."""
        return [(device, slot) for device, slots in self._young.items() for slot in slots]

    def homes(self, place: Place) -> list[int]:
        """Segments that hold readings of a device and slot."""
        return sorted(self._homes.get(place, ()))

    def changed(self, position: int) -> dict[Place, int]:
        """Places with a segment after a position, and the last such segment."""
        return {
            place: max(numbers) for place, numbers in self._homes.items() if max(numbers) > position
        }

    def _take(self, number: int, row: Row) -> None:
        slots = self._young[row.device]
        young = slots.get(row.slot)
        if young is None:
            young = slots[row.slot] = Young(row.slot)
        young.add(row.at, row.stream, row.seq, said(row))
        self._homes[row.device, row.slot].add(number)
        self._raise(row)

    def _raise(self, row: Row) -> None:
        known = self._newest.get(row.device)
        if known is None or row > known:
            self._newest[row.device] = row

    def _let_go(self, db: Connection, known: int) -> None:
        packs = db.execute("SELECT id, slot FROM packs WHERE id > ? ORDER BY id", (known,))
        following = known + 1
        for number, slot in packs.fetchall():
            if number != following or slot is None:
                self._forget()  # readings were moved, or the log goes back not far enough
                return
            following += 1
            for device, slots in self._young.items():
                slots.pop(slot, None)
                self._homes.pop((device, slot), None)
