"""The timeline: where the writer files each reading, and where it finds it again.

A reading stands in exactly one place: in a segment, in a chunk, or, while nobody knows when it
was made, among the unplaced. A reading of this transaction stands in memory until its end.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from collector.wire.anchor import Anchor
from collector.wire.message import Sequenced, read_form
from collector.wire.reading import instant, unix_ms
from gateway.journal.chunks import Chunks
from gateway.journal.clocks import UNSURE, Clocks, Moment, moment_of
from gateway.journal.lines import SLOT_MS, Row
from gateway.journal.schema import POSITION
from gateway.journal.segments import Place, Segments
from gateway.journal.store import Connection
from gateway.journal.unplaced import Unplaced, Waiting

AHEAD = timedelta(minutes=5)
"""A reading stamped further ahead of its receipt waits until that time has come: the newest
reading says how far the mill is known, and a wrong clock must not close what is not over."""
_FAR_MS = 2**62
_AT_ONCE = 5000  # readings that are packed at once: 10 MB of memory at fifty points each
_PACKS_KEPT = 1000
_PACKED = "INSERT INTO packs (id, slot) SELECT coalesce(max(id), 0) + 1, ? FROM packs"


class Timeline:
    """Files readings. One transaction is `begin`, any number of `take` and `anchor`, `finish`.

    Args:
        db: The journal's file.
        ahead: How far ahead of its receipt a reading may be stamped; None for no limit.
    """

    def __init__(self, db: Connection, ahead: timedelta | None) -> None:
        self._db, self._ahead = db, ahead
        self.segments, self.chunks = Segments(db), Chunks(db)
        self._unplaced, self._clocks = Unplaced(db), Clocks(db)
        self._owners: dict[int, str] = dict(db.execute("SELECT id, collector FROM streams"))
        self.touched: int = max(found or 0 for found in db.execute(POSITION).fetchone())
        slots = (slot for _, slot in self.segments.places)
        self._newest = max(slots, default=0) * SLOT_MS  # latest instant filed [ms since 1970]
        self.filed: datetime | None = None
        self._horizon = _FAR_MS
        self._rows: list[Row] = []
        self._unsure: list[tuple[Waiting, Moment]] = []
        self._hashes: dict[tuple[int, int], bytes] = {}
        self._touching = False

    def begin(self, received: datetime) -> None:
        """A transaction begins, with what was received at an instant."""
        if self._ahead is not None:
            self._horizon = unix_ms(received + self._ahead)
        self._rows, self._unsure, self._hashes = [], [], {}
        self._touching = False
        self.filed = None  # the latest instant that this transaction has filed

    def take(self, collector: str, stream: int, device: int, record: Sequenced) -> None:
        """File a reading."""
        reading = record.reading
        assert reading is not None
        self._owners[stream] = collector
        self._hashes[stream, record.seq] = record.h
        if reading.clock not in UNSURE:
            at = unix_ms(reading.at)
            if at <= self._horizon:
                self._rows.append(Row(at, stream, record.seq, device, record.form, record.h))
                return
        waiting = Waiting(
            stream, record.seq, device, collector, reading.boot, reading.up_ms, None,
            record.form, record.h,
        )  # fmt: skip
        self._unsure.append((waiting, moment_of(reading)))

    def is_ahead(self, at: datetime) -> bool:
        """Whether an instant lies further ahead of this transaction than can be."""
        return unix_ms(at) > self._horizon

    def anchor(self, collector: str, anchor: Anchor) -> None:
        """Take in an anchor, and move the stored readings that it places better.

        They move at once: what comes next may be one of them again, and is looked for there.
        """
        lowest, highest = self._clocks.add(collector, anchor)
        self._touch()
        self._correct(collector, anchor.boot, lowest, highest)

    def finish(self) -> None:
        """Write what the transaction has brought."""
        for waiting, moment in self._unsure:
            row = self._filed(waiting, moment)
            if row is not None:
                self._rows.append(row)
        self._release()
        if self._rows:
            self._touch()
            self._rows.sort(key=_by_number)
            newest = max(row.at for row in self._rows)
            self.filed, self._newest = instant(newest), max(self._newest, newest)
            self.segments.append(self.touched, self._rows)

    def hash_of(self, collector: str, stream: int, device: int, record: Sequenced) -> bytes | None:
        """The hash of the reading that is filed where one of its content would be."""
        key = (stream, record.seq)
        if key in self._hashes:
            return self._hashes[key]
        found = self.segments.hash_of(*key) or self._unplaced.hash_of(*key)
        if found is not None or record.reading is None:
            return found
        at = self._clocks.filed(collector, moment_of(record.reading))
        return None if at is None else self.chunks.hash_of(device, at // SLOT_MS, *key)

    def pack(self, slots: Collection[int]) -> int:
        """Move whole slots from the segments into chunks; how many readings moved."""
        places = sorted(
            (place for place in self.segments.places if place[1] in slots), key=_by_slot
        )
        for group in self._groups(places):
            found: dict[Place, list[Row]] = defaultdict(list)
            touched: dict[Place, int] = {}
            for number, row in self.segments.of(group):
                found[row.device, row.slot].append(row)
                touched[row.device, row.slot] = number  # segments come in order
            for place in group:
                self.chunks.merge(*place, found[place], touched[place])
        moved = sum(self.segments.places[place] for place in places)
        self.segments.drop(places)
        self._db.executemany(_PACKED, [(slot,) for slot in slots])
        self._db.execute(
            "DELETE FROM packs WHERE id <= (SELECT max(id) FROM packs) - ?", (_PACKS_KEPT,)
        )
        return moved

    def pack_due(self, long_tail: int, grace: timedelta) -> datetime | None:
        """The instant before which slots should be packed now; None while the tail is short."""
        if sum(self.segments.places.values()) < long_tail:
            return None
        before = instant(self._newest) - grace
        return before if self.packable(before) else None

    def packable(self, before: datetime) -> list[int]:
        """The oldest slots that end before an instant: as many as are moved in one go."""
        bound = unix_ms(before) // SLOT_MS
        held: Counter[int] = Counter()
        for (_, slot), count in self.segments.places.items():
            held[slot] += count * (slot < bound)
        found, readings = [], 0
        for slot in sorted(+held):
            if readings >= _AT_ONCE:
                break
            found.append(slot)
            readings += held[slot]
        return found

    def _groups(self, places: Iterable[Place]) -> Iterator[list[Place]]:
        """Places by as many readings as may stand in memory at once."""
        group: list[Place] = []
        readings = 0
        for place in places:
            if group and readings + self.segments.places[place] > _AT_ONCE:
                yield group
                group, readings = [], 0
            group.append(place)
            readings += self.segments.places[place]
        if group:
            yield group

    def _touch(self) -> None:
        """This transaction changes slots: it gets a number."""
        if not self._touching:
            self._touching = True
            self.touched += 1

    def _filed(self, waiting: Waiting, moment: Moment) -> Row | None:
        """The row of a reading; None where it has to wait, which is then written down."""
        at = self._clocks.filed(waiting.collector, moment)
        if at is None or at > self._horizon:
            self._unplaced.put(waiting._replace(due=at))
            return None
        row = Row(at, waiting.stream, waiting.seq, waiting.device, waiting.form, waiting.h)
        if moment.clock in UNSURE:
            self._unplaced.note(waiting, row.slot)
        return row

    def _release(self) -> None:
        """File readings that were stamped ahead, now that their time has come."""
        for waiting in self._unplaced.due(self._horizon):
            self._unplaced.remove(waiting)
            row = self._filed(waiting, _moment(waiting.form))
            if row is not None:
                self._rows.append(row)

    def _correct(self, collector: str, boot: str, lowest: int, highest: int) -> None:
        """Move the readings of a boot that an anchor places elsewhere."""
        for place in self._unplaced.noted(collector, boot, lowest, highest):
            self._correct_place(collector, boot, place)
        for page in self._unplaced.of(collector, boot):
            self._settle(page, remove=True)

    def _correct_place(self, collector: str, boot: str, place: Place) -> None:
        device, slot = place
        young = [row for _, row in self.segments.of([place])]
        moved = [
            waiting
            for row in [*young, *self.chunks.rows(device, slot)]
            if (waiting := self._elsewhere(row, collector, boot)) is not None
        ]
        if not moved:
            return
        keys = {(waiting.stream, waiting.seq) for waiting in moved}
        self.segments.drop([place], keys)
        self.chunks.merge(device, slot, (), self.touched, without=keys)
        self._db.execute(_PACKED, (None,))
        self._settle(moved, remove=False)

    def _elsewhere(self, row: Row, collector: str, boot: str) -> Waiting | None:
        """A reading of a boot that is filed where it should no longer be."""
        if self._owners[row.stream] != collector:
            return None
        reading = read_form(row.form)
        if reading.boot != boot or reading.clock not in UNSURE:
            return None
        if self._clocks.filed(collector, moment_of(reading)) == row.at:
            return None
        return Waiting(
            row.stream, row.seq, row.device, collector, boot, reading.up_ms, None, row.form, row.h
        )

    def _settle(self, found: Iterable[Waiting], *, remove: bool) -> None:
        """Put readings into the chunks of their time: there may be too many for a segment."""
        chunks: dict[Place, list[Row]] = defaultdict(list)
        for waiting in found:
            if remove:
                self._unplaced.remove(waiting)
            row = self._filed(waiting, _moment(waiting.form))
            if row is not None:
                chunks[row.device, row.slot].append(row)
        for (device, slot), rows in chunks.items():
            self.chunks.merge(device, slot, rows, self.touched)


def _moment(form: bytes) -> Moment:
    return moment_of(read_form(form))


def _by_slot(place: Place) -> tuple[int, int]:
    """The order in which chunks are appended."""
    return place[1], place[0]


def _by_number(row: Row) -> tuple[int, int]:
    return row.stream, row.seq
