"""The journal's one writer: identity, chain, quarantine and watermark in one transaction."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import MappingProxyType

from collector.wire import topics
from collector.wire.acknowledgement import EpochAck
from collector.wire.anchor import read_anchor
from collector.wire.birth import Birth, read_birth
from collector.wire.bundle import unbundle
from collector.wire.canonical import canonical
from collector.wire.gone import RENUMBERED, read_gone
from collector.wire.message import MOST_BYTES, Sequenced, decode
from collector.wire.reading import Reading, stamp
from collector.wire.third_party import decode_third_party, is_third_party
from collector.wire.topics import Address
from gateway.journal import Arrival, Outcome, third_parties
from gateway.journal.accounts import Span
from gateway.journal.devices import Devices
from gateway.journal.poison import salvage, within
from gateway.journal.store import Store
from gateway.journal.streams import Stream, Streams
from gateway.journal.third_parties import ThirdParties
from gateway.journal.timeline import AHEAD, Timeline

_LONG_TAIL = 20_000  # readings: beyond it, slots are packed before the calendar says so
_GRACE = timedelta(minutes=5)  # a slot is packed so long after its end: late readings cost a merge
_TOO_MANY = "more epochs or devices than can be"
_MOST_UNSENT = 100_000_000  # numbers above the highest seen that a damaged spool may give up


class Writer:
    """Writes one journal. Not to be used from two threads at once.

    Args:
        store: Where it stands.
        site: Whose journal it is.
        ahead: How far ahead of its receipt a reading may be stamped; None for no limit.
        moved: Collectors by device, where a device no longer belongs to the one that brought it.

    Raises:
        Damaged: What is there cannot be trusted.
    """

    def __init__(
        self,
        store: Store,
        *,
        site: str,
        ahead: timedelta | None = AHEAD,
        moved: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._store, self._site, self._ahead, self._moved = store, site, ahead, moved
        self._open()

    def _open(self) -> None:
        self._db = self._store.for_writing()
        try:
            self._load()
            with self._transaction():
                self._devices.move()
        except BaseException:
            self._db.close()  # half of it in memory must store nothing
            raise

    def reopen(self) -> None:
        """Close the store after a fault, open it again and check it.

        Raises:
            Damaged: What is there cannot be trusted.
            FAULTS: It cannot be opened now.
        """
        self._db.close()
        self._open()

    def store(self, arrivals: Sequence[Arrival], received: datetime) -> Outcome:
        """Store what arrived, in one transaction; when it returns, the records are safe.

        Raises:
            FAULTS: Nothing of it is stored, and nothing may be acknowledged.
        """
        outcomes: Counter[str] = Counter()
        with self._transaction():
            self._timeline.begin(received)
            self._third_parties.begin()
            for arrival in arrivals:
                outcomes.update(self._store_one(arrival, received))
            self._timeline.finish()
            self._streams.keep()
        return Outcome(
            outcomes["stored"],
            outcomes["duplicates"],
            outcomes["quarantined"],
            self._timeline.filed,
        )

    def acks(self, collector: str) -> tuple[EpochAck, ...]:
        """What is accounted for of each epoch of a collector."""
        return tuple(stream.ack for stream in self._streams if stream.collector == collector)

    def collectors(self) -> tuple[str, ...]:
        """Every collector that ever wrote here."""
        return tuple(sorted({stream.collector for stream in self._streams}))

    def pack(self, before: datetime) -> int:
        """Move whole slots before an instant into compressed chunks; readings moved."""
        moved = 0
        while more := self.pack_some(before):
            moved += more
        return moved

    def pack_some(self, before: datetime) -> int:
        """Move as many of them as one transaction takes; readings moved."""
        slots = self._timeline.packable(before)
        if not slots:
            return 0
        with self._transaction():
            return self._timeline.pack(slots)

    def pack_due(self) -> datetime | None:
        """The instant before which slots should be packed now; None while the tail is short."""
        return self._timeline.pack_due(_LONG_TAIL, _GRACE)

    def close(self) -> None:
        """Close the store."""
        self._db.close()

    def _store_one(self, arrival: Arrival, received: datetime) -> Iterable[str]:
        address = arrival.address
        if address.site != self._site:
            return self._set_aside(arrival, received, f"the site here is {self._site!r}")
        if address.kind == "backlog":
            return self._store_bundle(arrival, received)
        if address.device is not None and is_third_party(arrival.payload):
            return self._store_third_party(arrival, address.device, received)
        try:
            message = decode(arrival.payload, address.device)
        except ValueError as fault:
            return self._store_spoiled(arrival, received, str(fault))
        return self._store_records(arrival, received, message.epoch, message.records)

    def _store_bundle(self, arrival: Arrival, received: datetime) -> Iterable[str]:
        """Store its messages as if each had come under its own topic."""
        try:
            messages = unbundle(arrival.payload)
        except ValueError as fault:
            return self._set_aside(arrival, received, str(fault))
        names = arrival.address.site, arrival.address.collector
        outcomes: list[str] = []
        for device, payload in messages:
            address = Address(*names, device, "readings" if device else "records")
            topic = topics.readings(*names, device) if device else topics.records(*names)
            outcomes += self._store_one(Arrival(address, topic, payload), received)
        return outcomes

    def _store_records(
        self, arrival: Arrival, received: datetime, epoch: str, records: Iterable[Sequenced]
    ) -> list[str]:
        stream = self._streams.of(arrival.address.collector, epoch)
        whys = [self._store_record(stream, record) if stream else _TOO_MANY for record in records]
        return self._outcomes(arrival, received, whys)

    def _store_third_party(self, arrival: Arrival, name: str, received: datetime) -> list[str]:
        try:
            message = decode_third_party(arrival.payload, name)
        except ValueError as fault:
            return self._set_aside(arrival, received, str(fault))
        stream = self._streams.of(arrival.address.collector, third_parties.EPOCH)
        device = self._devices.number(name, arrival.address.collector)
        if stream is None or device is None:
            return self._set_aside(arrival, received, _TOO_MANY)
        foreign = self._devices.foreign(name, stream.collector)
        whys = [
            foreign or self._store_unnumbered(stream, device, reading, message.birth)
            for reading in message.readings
        ]
        return self._outcomes(arrival, received, whys)

    def _store_unnumbered(
        self, stream: Stream, device: int, reading: Reading, birth: Birth
    ) -> str | None:
        """As `_store_record`, for a reading that is known by device and instant alone."""
        known = self._third_parties
        if self._timeline.is_ahead(reading.at):
            return f"{stamp(reading.at)} is yet to come"
        same = known.stored(stream, device, reading, birth.hash)
        if same is not None:
            return "" if same else f"{stamp(reading.at)} stands for other content"
        if not known.is_born(birth):
            self._insert(stream, device, known.bear(stream, birth, reading))
        self._insert(stream, device, known.number(stream, device, reading, birth.hash))
        return None

    def _store_record(self, stream: Stream, record: Sequenced) -> str | None:
        """Store a record: None. Empty where it is there already; else why it must be set aside."""
        device = self._devices.number(record.device, stream.collector) if record.reading else 0
        if device is None:
            return _TOO_MANY
        if not stream.accounted.has(record.seq):
            if stream.conflict:
                self._streams.give_up(stream, record.seq, record.seq, "conflict")
                return f"two spools number under epoch {stream.epoch}"
            foreign = self._devices.foreign(_device_of(record), stream.collector)
            if foreign:
                self._streams.give_up(stream, record.seq, record.seq, "foreign", record.h)
                return foreign
            self._insert(stream, device, record)
            return None
        known = self._hash_of(stream, device, record)
        if known == record.h:
            return ""
        if known is None and self._streams.is_given_up(stream, record.seq):
            return f"seq {record.seq} was given up before"
        self._streams.mark_conflict(stream, record.seq)
        return f"seq {record.seq} stands for other content"

    def _insert(self, stream: Stream, device: int, record: Sequenced) -> None:
        span = Span(record.seq, record.seq, record.form, record.h, record.h)
        self._streams.account(stream, span)
        if record.reading is not None:
            self._timeline.take(stream.collector, stream.id, device, record)
            return
        self._db.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)",
            (stream.id, record.seq, record.kind, record.device, record.form, record.h),
        )
        if record.kind == "birth":
            birth = read_birth(record.body)
            self._db.execute(
                "INSERT INTO births (id, hash, device, body) "
                "SELECT coalesce(max(id), 0) + 1, ?, ?, ? FROM births",
                (birth.hash, birth.device, canonical(dict(record.body))),
            )
        elif record.kind == "gone":
            self._declare_gone(stream, record)
        elif record.kind == "anchor":
            self._timeline.anchor(stream.collector, read_anchor(record.body))

    def _declare_gone(self, stream: Stream, record: Sequenced) -> None:
        gone = read_gone(record.body)
        whose, bound = stream, record.seq
        if gone.epoch not in ("", stream.epoch):
            other = self._streams.of(stream.collector, gone.epoch)
            if other is None:
                return
            whose, bound = other, other.accounted.highest + _MOST_UNSENT
        if gone.why == RENUMBERED:
            # Who else numbers there is to hear of it before he takes these numbers for his.
            self._streams.mark_conflict(whose, gone.ranges[0].first)
        for span in gone.ranges:
            # What is not yet made cannot be gone.
            if span.last < bound:
                self._streams.give_up(whose, span.first, span.last, gone.why, span.h)

    def _store_spoiled(self, arrival: Arrival, received: datetime, why: str) -> list[str]:
        """Store what can be read of a message, and let the rest not hold the watermark for ever."""
        outcomes = self._set_aside(arrival, received, why)
        found = salvage(arrival.payload, arrival.address.device)
        if found is None:
            return outcomes
        stream = self._streams.of(arrival.address.collector, found.epoch)
        if stream is None:
            return outcomes
        outcomes += self._store_records(arrival, received, found.epoch, found.records)
        for seq in sorted(found.spoiled):
            if within(stream.accounted.through, seq):
                self._streams.give_up(stream, seq, seq, "unreadable")
        return outcomes

    def _hash_of(self, stream: Stream, device: int, record: Sequenced) -> bytes | None:
        row = self._db.execute(
            "SELECT h FROM records WHERE stream = ? AND seq = ?", (stream.id, record.seq)
        ).fetchone()
        if row is not None:
            return bytes(row[0])
        return self._timeline.hash_of(stream.collector, stream.id, device, record)

    def _outcomes(
        self, arrival: Arrival, received: datetime, whys: Sequence[str | None]
    ) -> list[str]:
        """What became of each record; the message is kept whole, once, with the first reason."""
        first = next(filter(None, whys), None)
        if first:
            self._set_aside(arrival, received, first)
        return ["quarantined" if why else "stored" if why is None else "duplicates" for why in whys]

    def _set_aside(self, arrival: Arrival, received: datetime, why: str) -> list[str]:
        kept = arrival.payload[:MOST_BYTES]
        if len(kept) < len(arrival.payload):
            why = f"{why}; the first {len(kept)} bytes of {len(arrival.payload)}"
        digest = hashlib.sha256(arrival.topic.encode() + b"\n" + arrival.payload).digest()
        # The same message again says nothing new.
        self._db.execute(
            "INSERT INTO quarantine (id, digest, received, topic, why, payload) "
            "VALUES ((SELECT coalesce(max(id), 0) + 1 FROM quarantine), ?, ?, ?, ?, ?) "
            "ON CONFLICT (digest) DO NOTHING",
            (digest, stamp(received), arrival.topic[:512], why[:512], kept),
        )
        return ["quarantined"]

    def _load(self) -> None:
        """Take into memory what the store has."""
        self._streams = Streams(self._db, self._site)
        self._devices = Devices(self._db, self._moved)
        self._timeline = Timeline(self._db, self._ahead)
        self._third_parties = ThirdParties(self._db, self._timeline)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with self._db.transaction():
                yield
        except BaseException:
            self._load()  # memory as the store has it
            raise


def _device_of(record: Sequenced) -> str:
    """The device that a record says something of; empty where it is of none."""
    return str(record.body["device"]) if record.kind == "birth" else record.device
