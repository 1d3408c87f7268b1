"""The journal's readers: connections of their own, one a thread, around one tail in memory."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

import orjson

from collector.wire.birth import Birth, read_birth
from collector.wire.counts import Counts
from collector.wire.message import read_form
from collector.wire.reading import ClockState, Reading, instant, unix_ms
from gateway.intervals.sample import Sample
from gateway.journal import Chain, Claim, Evidence, Numbers, Quarter, Version, evidence
from gateway.journal.columns import Block, between, first, joined, last
from gateway.journal.counts import counts_between
from gateway.journal.gaps import first_gaps, last_packed
from gateway.journal.lines import SLOT_MS, Row, unpack
from gateway.journal.schema import POSITION, chunk_id
from gateway.journal.search import FORWARDS, blocks, first_found, newer
from gateway.journal.store import Connection, Store
from gateway.journal.streams import accounted_of
from gateway.journal.tail import Tail

T = TypeVar("T")
_OF_SLOT = (
    "SELECT columns, (SELECT max(id) FROM segments), (SELECT max(id) FROM packs) "
    "FROM chunks WHERE id = ?"
)
_TOUCHED = "SELECT device, slot, touched FROM chunks WHERE touched > ? AND touched <= ?"
_PAGE_END = "SELECT touched FROM chunks WHERE touched > ? ORDER BY touched LIMIT 1 OFFSET ?"
_TOUCHED_AT = "SELECT slot, touched FROM chunks WHERE device = ? AND slot BETWEEN ? AND ?"
_COLUMNS = "SELECT columns FROM chunks WHERE id = ?"
_PLACES = "SELECT slot, device FROM chunks WHERE id >= ? AND id < ?"
_FAR = 2**62
_NO_NUMBERS: Numbers = ((), ())


class Reader:
    """Reads one journal, which must exist."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._local = threading.local()
        self._lock = threading.Lock()
        self._tail = Tail()
        self._births: dict[str, Birth] = {}
        self._numbers: dict[str, int] = {}
        self._damage: tuple[str, ...] = ()

    def readings(self, device: str, start: datetime, end: datetime) -> Iterator[Reading]:
        """Readings of a device in ``[start, end)``, by time.

        A slot at a time: the file may grow while they are read, and nothing is held open.
        """
        number, begins, ends = self._number(device), unix_ms(start), unix_ms(end)
        for slot in self._slots(number, begins // SLOT_MS, (ends - 1) // SLOT_MS):
            for row in self._rows(number, slot):
                if begins <= row.at < ends:
                    yield _shown(row)

    def samples(self, device: str, point: str, start: datetime, end: datetime) -> list[Sample]:
        """Values of a point in ``[start, end)``, bad ones included, by time."""
        number, begins, ends = self._number(device), unix_ms(start), unix_ms(end)
        with self._moment(lambda tail: tail.samples(number, point, begins, ends)) as (db, young):
            bounds = (number, begins // SLOT_MS, (ends - 1) // SLOT_MS)
            found = [
                sample
                for slot, columns in db.walk(FORWARDS, bounds)
                if columns and (column := Block(slot, columns).column(point))
                for sample in between(column, begins, ends)
            ]
        # Both are in order; sorting keeps equal instants as they stand: what was packed, first.
        return sorted(found + young, key=_at) if found and young else found or young

    def last_at_or_before(self, device: str, point: str, at: datetime) -> Sample | None:
        """The last value of a point that is not bad, at or before an instant."""
        number, bound = self._number(device), unix_ms(at)
        return self._of_slot(number, point, bound) or self._of_any_slot(number, point, bound)

    def first_after(self, device: str, point: str, at: datetime) -> Sample | None:
        """The first value of a point that is not bad, after an instant."""
        number, bound = self._number(device), unix_ms(at)
        with self._moment(lambda tail: tail.first(number, point, bound)) as (db, young):
            chunks = blocks(db, number, bound // SLOT_MS, descending=False)
            packed = first_found(first, chunks, point, bound)
        return min(filter(None, (packed, young)), key=_at, default=None)

    def latest(self, device: str) -> Reading | None:
        """The newest reading of a device."""
        number = self._number(device)
        with self._moment(lambda tail: tail.newest(number)) as (db, found):
            row, looked, generation = found
            if not looked:
                row = newer(db, number, row)
                with self._lock:
                    self._tail.offer(number, row, generation)
        return None if row is None else _shown(row)

    def gaps(self, devices: Collection[str]) -> Mapping[str, datetime]:
        """Instant of each device's last reading before the first that is known to be missing."""
        gaps = first_gaps(self._db, devices)
        if not gaps:
            return {}  # nearly always
        # A gap that was filled since only makes the answer more careful.
        found = gaps.values()
        with self._moment(lambda tail: [tail.last_before(*one) for one in found]) as (db, young):
            packed = [last_packed(db, *one) for one in found]
        return {name: instant(max(two)) for name, *two in zip(gaps, young, packed, strict=True)}

    def birth(self, hash_: str) -> Birth | None:
        """The birth of that hash."""
        if hash_ not in self._births:
            row = self._db.execute("SELECT body FROM births WHERE hash = ?", (hash_,)).fetchone()
            if row is None:
                return None
            self._births[hash_] = read_birth(orjson.loads(row[0]))
        return self._births[hash_]

    def newest_birth(self, device: str) -> Birth | None:
        """The last birth that a device was given."""
        row = self._db.execute(
            "SELECT hash FROM births WHERE device = ? ORDER BY id DESC LIMIT 1", (device,)
        ).fetchone()
        return self.birth(row[0]) if row else None

    def devices(self) -> tuple[str, ...]:
        """Every device that ever wrote here."""
        return tuple(name for (name,) in self._db.execute("SELECT name FROM devices ORDER BY name"))

    def numbers(self, device: str, slot: datetime) -> Mapping[str, Numbers]:
        """What is good and a number of a device in a slot, by point: instants and values."""
        number, at = self._number(device), unix_ms(slot) // SLOT_MS
        with self._moment(lambda tail: tail.numbers((number, at))) as (db, young):
            row = db.execute(_OF_SLOT, (chunk_id(number, at),)).fetchone()
        block = Block(at, row[0]) if row and row[0] else None
        return joined(block.numbers() if block else {}, young)

    def quarters(
        self, device: str, point: str, start: datetime, end: datetime, known: Mapping[int, Version]
    ) -> dict[int, Quarter]:
        """What a counter showed, slot by slot, by beginning of the slot. [ms since 1970]"""
        number = self._number(device)
        bounds = unix_ms(start) // SLOT_MS, (unix_ms(end) - 1) // SLOT_MS
        last = {slot // SLOT_MS: version[1] for slot, version in known.items()}
        found: dict[int, Quarter] = {}
        with self._moment(lambda tail: tail.quarters(number, point, bounds, last)) as (db, young):
            touched = dict.fromkeys(young, 0) | dict(db.execute(_TOUCHED_AT, (number, *bounds)))
            for slot, position in touched.items():
                newest, numbers = young.get(slot, (0, _NO_NUMBERS))
                version, begins = (position, newest), slot * SLOT_MS
                if known.get(begins) == version:
                    numbers = None
                elif position and numbers is not None:
                    numbers = self._plain(db, chunk_id(number, slot), point, numbers)
                found[begins] = Quarter(version, numbers)
        return found

    @staticmethod
    def _plain(db: Connection, chunk: int, point: str, young: Numbers) -> Numbers | None:
        """A point's readings in a slot, where they stand in one place and none is doubtful."""
        row = db.execute(_COLUMNS, (chunk,)).fetchone()
        column = Block(chunk >> 16, row[0]).column(point) if row and row[0] else None
        if column is None:
            return young
        return None if young[0] else column.plain()

    def places(self, start: datetime, end: datetime) -> list[tuple[str, datetime]]:
        """Devices and slots of ``[start, end)`` in which anything stands, by slot."""
        lowest, highest = unix_ms(start) // SLOT_MS, (unix_ms(end) - 1) // SLOT_MS
        with self._moment(Tail.places) as (db, young):
            found = {(slot, device) for device, slot in young if lowest <= slot <= highest}
            bounds = (chunk_id(0, lowest), chunk_id(0, highest + 1))
            found.update(db.execute(_PLACES, bounds))
            names: dict[int, str] = dict(db.execute("SELECT id, name FROM devices"))
        return [(names[device], instant(slot * SLOT_MS)) for slot, device in sorted(found)]

    def span(self) -> tuple[datetime, datetime] | None:
        """From the first slot in which anything stands to the end of the last one."""
        with self._moment(Tail.places) as (db, young):
            slots = [slot for _, slot in young]
            ids = db.execute("SELECT min(id), max(id) FROM chunks").fetchone()
        slots += [id_ >> 16 for id_ in ids if id_ is not None]
        if not slots:
            return None
        return instant(min(slots) * SLOT_MS), instant((max(slots) + 1) * SLOT_MS)

    def position(self) -> int:
        """The position of whatever is here: what changes from now on comes after it."""
        return max(found or 0 for found in self._db.execute(POSITION).fetchone())

    def changed_since(
        self, position: int, most: int | None = None
    ) -> tuple[int, tuple[tuple[str, datetime], ...]]:
        """Slots of devices that changed after a position; and the position to ask from next."""
        with self._moment(lambda tail: tail.changed(position)) as (db, young):
            bound = _FAR
            if most is not None:
                row = db.execute(_PAGE_END, (position, most - 1)).fetchone()
                bound = row[0] if row else bound
            # What was touched in one transaction is told together.
            changed = {place: at for place, at in young.items() if at <= bound}
            for *at, touched in db.execute(_TOUCHED, (position, bound)):
                place = (at[0], at[1])
                changed[place] = max(touched, changed.get(place, 0))
            names: dict[int, str] = dict(db.execute("SELECT id, name FROM devices"))
        slots = tuple((names[device], instant(slot * SLOT_MS)) for device, slot in changed)
        return max(changed.values(), default=position), slots

    def chains(self) -> tuple[Chain, ...]:
        """The state of every epoch."""
        chains = []
        db = self._db
        with db.moment():
            rows = db.execute("SELECT id, collector, epoch, conflict FROM streams").fetchall()
            for number, collector, epoch, conflict in rows:
                breaks = db.execute("SELECT seq FROM breaks WHERE stream = ?", (number,))
                ack = accounted_of(db, number).ack(epoch, conflict)
                chains.append(Chain(collector, ack, tuple(seq for (seq,) in breaks)))
        return tuple(chains)

    def counts(self, devices: Collection[str], start: datetime, end: datetime) -> Iterator[Counts]:
        """What collectors say became of these devices' reads."""
        return counts_between(self._db, devices, start, end)

    def quarantined(self) -> int:
        """Messages that were set aside."""
        return int(self._db.execute("SELECT count(*) FROM quarantine").fetchone()[0])

    def unplaced(self) -> Mapping[str, int]:
        """Readings by collector that are stored and have no trusted time yet."""
        return dict(self._db.execute("SELECT collector, count(*) FROM unplaced GROUP BY collector"))

    def claims(self) -> tuple[Claim, ...]:
        """Devices that two collectors say are theirs."""
        rows = self._db.execute(
            "SELECT name, owner, collector FROM claims JOIN devices ON id = device ORDER BY 1, 3"
        )
        return tuple(Claim(*row) for row in rows)

    def examine(self) -> tuple[str, ...]:
        """Check the whole file, page by page, which may take minutes; what is wrong with it."""
        self._damage = self._store.examine()
        return self._damage

    def damage(self) -> tuple[str, ...]:
        """What the last examination found; nothing where the file is sound."""
        return self._damage

    def evidence(self, collector: str, epoch: str, first: int, last: int) -> Iterator[Evidence]:
        """What stands under the numbers of an epoch, both ends included, in order of number."""
        return evidence.evidence(self._store, collector, epoch, first, last)

    def set_aside(self, collector: str, epoch: str) -> tuple[tuple[int, int], ...]:
        """Ranges of numbers that messages in quarantine say they hold."""
        return evidence.set_aside(self._store, collector, epoch)

    def strays(self) -> Iterator[Evidence]:
        """Readings and records of no epoch that the journal knows."""
        return evidence.strays(self._store)

    def unfaithful(self) -> Iterator[tuple[str, datetime]]:
        """Device and slot of each chunk whose values are not those of its readings."""
        return evidence.unfaithful(self._store)

    @property
    def _db(self) -> Connection:
        db: Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = self._store.for_reading()
        return db

    @contextmanager
    def _moment(self, ask: Callable[[Tail], T]) -> Iterator[tuple[Connection, T]]:
        """One moment of the journal, and what the tail answers in it."""
        db = self._db
        with db.moment():
            # The lock is taken before the first SELECT, which is when the moment begins: it is
            # never before the one that the tail already knows.
            with self._lock:
                self._tail.refresh(db)
                found = ask(self._tail)
            yield db, found

    def _of_slot(self, device: int, point: str, bound: int) -> Sample | None:
        """The last value, where the instant's own chunk has one: nearly always.

        It is asked in one statement, which is one moment of the file by itself.
        """
        slot = bound // SLOT_MS
        row = self._db.execute(_OF_SLOT, (chunk_id(device, slot),)).fetchone()
        if row is None or not row[0]:
            return None
        column = Block(slot, row[0]).column(point)
        packed = last(column, bound) if column else None
        if packed is None:
            return None
        with self._lock:
            if self._tail.state != row[1:]:
                return None
            young = self._tail.last(device, point, bound)
        return packed if young is None else max(packed, young, key=_at)

    def _of_any_slot(self, number: int, point: str, bound: int) -> Sample | None:
        """The last value, wherever it is."""
        with self._moment(lambda tail: tail.last(number, point, bound)) as (db, young):
            chunks = blocks(db, number, bound // SLOT_MS, descending=True)
            packed = first_found(last, chunks, point, bound)
        return max(filter(None, (packed, young)), key=_at, default=None)

    def _number(self, device: str) -> int:
        number = self._numbers.get(device)
        if number is None:
            row = self._db.execute("SELECT id FROM devices WHERE name = ?", (device,)).fetchone()
            if row is None:
                return -1
            number = self._numbers[device] = int(row[0])
        return number

    def _slots(self, device: int, lowest: int, highest: int) -> list[int]:
        """Slots that hold readings of a device, young or packed, in order."""
        with self._moment(lambda tail: tail.slots(device)) as (db, young):
            packed = db.execute(
                "SELECT slot FROM chunks WHERE device = ? AND slot BETWEEN ? AND ?",
                (device, lowest, highest),
            )
            found = {slot for (slot,) in packed}
        return sorted(found.union(slot for slot in young if lowest <= slot <= highest))

    def _rows(self, device: int, slot: int) -> list[Row]:
        """All readings of a device and slot, in order."""
        with self._moment(lambda tail: tail.homes((device, slot))) as (db, homes):
            bodies = db.execute(
                "SELECT body FROM chunks WHERE id = ? AND body IS NOT NULL",
                (chunk_id(device, slot),),
            ).fetchall()
            for number in homes:
                bodies += db.execute("SELECT body FROM segments WHERE id = ?", (number,))
        rows = (row for (body,) in bodies for row in _unpacked(body))
        return sorted(row for row in rows if (row.device, row.slot) == (device, slot))


@lru_cache(maxsize=4)
def _unpacked(body: bytes) -> tuple[Row, ...]:
    """A body's rows; history in a segment spreads over many slots, which are asked one by one."""
    return tuple(unpack(body))


def _shown(row: Row) -> Reading:
    """A reading as readers see it: under the instant that it is filed under."""
    reading = read_form(row.form)
    at = instant(row.at)
    if at == reading.at and reading.clock is not ClockState.UNKNOWN:
        return reading
    return replace(reading, at=at, clock=ClockState.RELATIVE)


def _at(sample: Sample) -> datetime:
    return sample.at
