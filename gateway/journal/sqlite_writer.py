"""The SQLite journal's one writer: identity, chain, quarantine and watermark in one transaction."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson

from collector.wire import chain
from collector.wire.acknowledgement import EpochAck
from collector.wire.birth import read_birth
from collector.wire.canonical import canonical
from collector.wire.gone import read_gone
from collector.wire.message import Sequenced, decode
from collector.wire.reading import stamp, unix_ms
from gateway.journal import SLOT, Arrival, Outcome
from gateway.journal.accounts import Accounted
from gateway.journal.chunks import HOUR_MS, Row, pack, unpack
from gateway.journal.schema import SCHEMA

_SLOT_MS = int(SLOT.total_seconds() * 1000)
_WIDEST_GAP = 1_000_000  # a poison message may not account for more than this


@dataclass(slots=True)
class _Stream:
    """One epoch of one collector, as the writer holds it in memory."""

    id: int
    epoch: str
    accounted: Accounted
    h: bytes | None  # of the record at the watermark; None behind one that was never stored
    arrived: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)  # form, h by seq
    emptied: bool = False  # whether numbers without content were accounted for since it was kept


class SqliteWriter:
    """Writes one journal file. Not to be used from two threads at once."""

    def __init__(self, path: Path, *, site: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._site = site
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA journal_size_limit = 16777216")
        self._db.executescript(SCHEMA)
        self._devices: dict[str, int] = dict(self._db.execute("SELECT name, id FROM devices"))
        self._streams: dict[tuple[str, str], _Stream] = {}
        self._load_streams()
        self._touched = self._db.execute("SELECT max(touched) FROM changes").fetchone()[0] or 0

    def store(self, arrivals: Sequence[Arrival], received: datetime) -> Outcome:
        """Store what arrived, in one transaction; when it returns, the records are safe.

        Raises:
            sqlite3.Error: Nothing of it is stored, and nothing may be acknowledged.
        """
        stored = duplicates = quarantined = 0
        with self._transaction():
            self._touched += 1
            for arrival in arrivals:
                outcome = self._store_one(arrival, received)
                stored += outcome.stored
                duplicates += outcome.duplicates
                quarantined += outcome.quarantined
            self._raise_watermarks()
        return Outcome(stored, duplicates, quarantined)

    def acks(self, collector: str) -> tuple[EpochAck, ...]:
        """What is accounted for of each epoch of a collector."""
        return tuple(
            stream.accounted.ack(stream.epoch)
            for (name, _), stream in self._streams.items()
            if name == collector
        )

    def collectors(self) -> tuple[str, ...]:
        """Every collector that ever wrote here."""
        return tuple(sorted({name for name, _ in self._streams}))

    def pack(self, before: datetime) -> int:
        """Move whole hours before an instant into compressed chunks; readings moved."""
        bound = unix_ms(before) // HOUR_MS * HOUR_MS
        hours = self._db.execute(
            "SELECT DISTINCT at / ? FROM recent WHERE at < ? ORDER BY 1", (HOUR_MS, bound)
        ).fetchall()
        return sum(self._pack_hour(hour) for (hour,) in hours)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _store_one(self, arrival: Arrival, received: datetime) -> Outcome:
        address = arrival.address
        if address.site != self._site:
            self._quarantine(arrival, received, f"the site here is {self._site!r}")
            return Outcome(0, 0, 1)
        try:
            message = decode(arrival.payload, address.device)
        except ValueError as fault:
            self._quarantine(arrival, received, str(fault))
            self._account_for_poison(arrival)
            return Outcome(0, 0, 1)
        stream = self._stream(address.collector, message.epoch)
        stored = duplicates = quarantined = 0
        for record in message.records:
            if not stream.accounted.has(record.seq):
                self._insert(stream, record)
                stored += 1
            elif self._differs(stream, record):
                self._quarantine(arrival, received, f"seq {record.seq} stands for other content")
                quarantined += 1
            else:
                duplicates += 1
        return Outcome(stored, duplicates, quarantined)

    def _insert(self, stream: _Stream, record: Sequenced) -> None:
        stream.accounted.add(record.seq, record.seq)
        stream.arrived[record.seq] = (record.form, record.h)
        if record.reading is None:
            self._insert_record(stream, record)
            return
        device, at = self._device(record.device), unix_ms(record.reading.at)
        self._db.execute(
            "INSERT INTO recent VALUES (?, ?, ?, ?, ?, ?)",
            (stream.id, record.seq, device, at, record.form, record.h),
        )
        self._db.execute(
            "INSERT INTO changes VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET touched = excluded.touched "
            "WHERE touched <> excluded.touched",
            (device, at // _SLOT_MS, self._touched),
        )

    def _insert_record(self, stream: _Stream, record: Sequenced) -> None:
        self._db.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)",
            (stream.id, record.seq, record.kind, record.device, record.form, record.h),
        )
        if record.kind == "birth":
            birth = read_birth(record.body)
            self._db.execute(
                "INSERT INTO births (hash, device, body) VALUES (?, ?, ?)",
                (birth.hash, birth.device, canonical(dict(record.body))),
            )
        elif record.kind == "gone":
            for span in read_gone(record.body).ranges:
                self._account(stream, span.first, span.last)

    def _differs(self, stream: _Stream, record: Sequenced) -> bool:
        """Whether a record that is accounted for was stored otherwise, or not at all."""
        if record.seq in stream.arrived:
            return stream.arrived[record.seq][1] != record.h
        for table in ("recent", "records"):
            row = self._db.execute(
                f"SELECT h FROM {table} WHERE stream = ? AND seq = ?",  # noqa: S608 - two literals
                (stream.id, record.seq),
            ).fetchone()
            if row is not None:
                return bool(row[0] != record.h)
        return self._chunk_differs(stream, record)

    def _chunk_differs(self, stream: _Stream, record: Sequenced) -> bool:
        if record.reading is None:
            return True  # it was quarantined or declared gone, and now it is something
        hour = unix_ms(record.reading.at) // HOUR_MS
        row = self._db.execute(
            "SELECT body FROM chunks WHERE device = ? AND hour = ?",
            (self._device(record.device), hour),
        ).fetchone()
        found = [
            r
            for r in (unpack(row[0]) if row else ())
            if (r.stream, r.seq) == (stream.id, record.seq)
        ]
        return not found or found[0].h != record.h

    def _account_for_poison(self, arrival: Arrival) -> None:
        """Let a record that can never be read not hold the watermark for ever."""
        try:
            body = orjson.loads(arrival.payload)
            seqs = [r["seq"] for r in body.get("readings", body.get("records", ()))]
            stream = self._stream(arrival.address.collector, str(body["epoch"])[:64])
            for seq in seqs:
                if isinstance(seq, int) and 0 < seq < stream.accounted.through + _WIDEST_GAP:
                    self._account(stream, seq, seq)
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # it does not even say which numbers it holds

    def _account(self, stream: _Stream, first: int, last: int) -> None:
        if 0 < first <= last < first + _WIDEST_GAP:
            stream.accounted.add(first, last)
            stream.emptied = True

    def _quarantine(self, arrival: Arrival, received: datetime, why: str) -> None:
        self._db.execute(
            "INSERT INTO quarantine (received, topic, why, payload) VALUES (?, ?, ?, ?)",
            (stamp(received), arrival.topic[:512], why[:512], arrival.payload),
        )

    def _stream(self, collector: str, epoch: str) -> _Stream:
        stream = self._streams.get((collector, epoch))
        if stream is None:
            h = chain.genesis(self._site, collector, epoch)
            row = self._db.execute(
                "INSERT INTO streams (collector, epoch, through, h) VALUES (?, ?, 0, ?) "
                "RETURNING id",
                (collector, epoch, h),
            ).fetchone()
            stream = self._streams[collector, epoch] = _Stream(row[0], epoch, Accounted(0), h)
        return stream

    def _device(self, name: str) -> int:
        number = self._devices.get(name)
        if number is None:
            row = self._db.execute(
                "INSERT INTO devices (name) VALUES (?) RETURNING id", (name,)
            ).fetchone()
            number = self._devices[name] = int(row[0])
        return number

    def _raise_watermarks(self) -> None:
        for stream in self._streams.values():
            before = stream.accounted.through
            through = stream.accounted.join()
            if through > before:
                self._check_chain(stream, before, through)
            if stream.arrived or stream.emptied:
                self._keep(stream)
            stream.arrived.clear()
            stream.emptied = False

    def _check_chain(self, stream: _Stream, after: int, through: int) -> None:
        for seq in range(after + 1, through + 1):
            found = stream.arrived.get(seq) or self._stored(stream, seq)
            if found is None:
                stream.h = None
                continue
            form, h = found
            if stream.h is not None and chain.link(stream.h, form) != h:
                self._db.execute("INSERT OR IGNORE INTO breaks VALUES (?, ?)", (stream.id, seq))
            stream.h = h

    def _stored(self, stream: _Stream, seq: int) -> tuple[bytes, bytes] | None:
        row = self._db.execute(
            "SELECT form, h FROM recent WHERE stream = :s AND seq = :q UNION ALL "
            "SELECT form, h FROM records WHERE stream = :s AND seq = :q",
            {"s": stream.id, "q": seq},
        ).fetchone()
        return (row[0], row[1]) if row else None

    def _keep(self, stream: _Stream) -> None:
        self._db.execute(
            "UPDATE streams SET through = ?, h = ? WHERE id = ?",
            (stream.accounted.through, stream.h or b"", stream.id),
        )
        self._db.execute("DELETE FROM accounted WHERE stream = ?", (stream.id,))
        self._db.executemany(
            "INSERT INTO accounted VALUES (?, ?, ?)",
            [(stream.id, first, last) for first, last in stream.accounted.ranges],
        )

    def _load_streams(self) -> None:
        self._streams.clear()
        rows = self._db.execute("SELECT id, collector, epoch, through, h FROM streams").fetchall()
        for number, collector, epoch, through, h in rows:
            ranges = self._db.execute(
                "SELECT first, last FROM accounted WHERE stream = ? ORDER BY first", (number,)
            ).fetchall()
            accounted = Accounted(through, ranges)
            self._streams[collector, epoch] = _Stream(number, epoch, accounted, h or None)

    def _pack_hour(self, hour: int) -> int:
        """All devices of an hour at once: their rows share pages, which are then emptied whole."""
        span = (hour * HOUR_MS, (hour + 1) * HOUR_MS)
        with self._transaction():
            devices = self._db.execute(
                "SELECT DISTINCT device FROM recent WHERE at >= ? AND at < ?", span
            ).fetchall()
            for (device,) in devices:
                self._pack_device(device, hour, span)
            moved = self._db.execute("DELETE FROM recent WHERE at >= ? AND at < ?", span)
        return int(moved.rowcount)

    def _pack_device(self, device: int, hour: int, span: tuple[int, int]) -> None:
        found = self._db.execute(
            "SELECT stream, seq, at, form, h FROM recent WHERE device = ? AND at >= ? AND at < ?",
            (device, *span),
        )
        rows = [Row(*row) for row in found]
        old = self._db.execute(
            "SELECT body FROM chunks WHERE device = ? AND hour = ?", (device, hour)
        ).fetchone()
        rows += unpack(old[0]) if old else []
        rows.sort(key=lambda row: (row.at, row.stream, row.seq))
        self._db.execute(
            "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?)",
            (device, hour, len(rows), pack(rows)),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._load_streams()  # memory as the file has it
            self._devices = dict(self._db.execute("SELECT name, id FROM devices"))
            raise
