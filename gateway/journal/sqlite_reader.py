"""The SQLite journal's readers: read-only connections, one a thread."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import orjson

from collector.wire.birth import Birth, read_birth
from collector.wire.message import read_form
from collector.wire.reading import Reading, instant, parse_stamp, unix_ms
from gateway.intervals.sample import Sample
from gateway.journal import SLOT, Chain, Evidence, evidence
from gateway.journal.accounts import Accounted
from gateway.journal.chunks import HOUR_MS, unpack

_PAGE = 256
_SLOT_MS = int(SLOT.total_seconds() * 1000)


class SqliteJournal:
    """Reads one journal file, which must exist."""

    def __init__(self, path: Path) -> None:
        self._uri = f"file:{path}?mode=ro"
        self._local = threading.local()
        self._births: dict[str, Birth] = {}

    def readings(self, device: str, start: datetime, end: datetime) -> Iterator[Reading]:
        """Readings of a device in ``[start, end)``, by time."""
        for _, form in self._forms(device, unix_ms(start), unix_ms(end)):
            yield read_form(form)

    def samples(self, device: str, point: str, start: datetime, end: datetime) -> list[Sample]:
        """Values of a point in ``[start, end)``, bad ones included, by time."""
        forms = self._forms(device, unix_ms(start), unix_ms(end))
        found = (_sample(form, point) for _, form in forms)
        return [sample for sample in found if sample is not None]

    def last_at_or_before(self, device: str, point: str, at: datetime) -> Sample | None:
        """The last value of a point that is not bad, at or before an instant."""
        bound = unix_ms(at)
        recent = self._walk(device, bound, "at <= ?", "DESC")
        packed = self._walk_chunks(device, bound, "hour <= ?", "DESC")
        return _better(_first_good(recent, point), _first_good(packed, point), latest=True)

    def first_after(self, device: str, point: str, at: datetime) -> Sample | None:
        """The first value of a point that is not bad, after an instant."""
        bound = unix_ms(at)
        recent = self._walk(device, bound, "at > ?", "ASC")
        packed = self._walk_chunks(device, bound, "hour >= ?", "ASC")
        return _better(_first_good(recent, point), _first_good(packed, point), latest=False)

    def latest(self, device: str) -> Reading | None:
        """The newest reading of a device."""
        number = self._number(device)
        row = self._db.execute(
            "SELECT at, form FROM recent WHERE device = ? ORDER BY at DESC LIMIT 1", (number,)
        ).fetchone()
        at, form = row or (0, None)
        # What is packed is mostly older; after a late reading it may not be.
        packed = self._db.execute(
            "SELECT body FROM chunks WHERE device = ? AND hour >= ? ORDER BY hour DESC LIMIT 1",
            (number, at // HOUR_MS),
        ).fetchone()
        if packed is not None:
            last = unpack(packed[0])[-1]
            form = last.form if last.at >= at else form
        return read_form(form) if form is not None else None

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
            "SELECT body FROM births WHERE device = ? ORDER BY id DESC LIMIT 1", (device,)
        ).fetchone()
        return read_birth(orjson.loads(row[0])) if row else None

    def devices(self) -> tuple[str, ...]:
        """Every device that ever wrote here."""
        return tuple(name for (name,) in self._db.execute("SELECT name FROM devices ORDER BY name"))

    def changed_since(self, position: int) -> tuple[int, tuple[tuple[str, datetime], ...]]:
        """Slots of devices that changed after a position; and the position to ask from next."""
        rows = self._db.execute(
            "SELECT name, slot, touched FROM changes JOIN devices ON devices.id = device "
            "WHERE touched > ? ORDER BY touched",
            (position,),
        ).fetchall()
        slots = tuple((name, instant(slot * _SLOT_MS)) for name, slot, _ in rows)
        return (rows[-1][2] if rows else position), slots

    def chains(self) -> tuple[Chain, ...]:
        """The state of every epoch."""
        chains = []
        rows = self._db.execute("SELECT id, collector, epoch, through FROM streams").fetchall()
        for number, collector, epoch, through in rows:
            ranges = self._db.execute(
                "SELECT first, last FROM accounted WHERE stream = ? ORDER BY first", (number,)
            ).fetchall()
            breaks = self._db.execute("SELECT seq FROM breaks WHERE stream = ?", (number,))
            ack = Accounted(through, ranges).ack(epoch)
            chains.append(Chain(collector, ack, tuple(seq for (seq,) in breaks)))
        return tuple(chains)

    def quarantined(self) -> int:
        """Messages that were set aside."""
        return int(self._db.execute("SELECT count(*) FROM quarantine").fetchone()[0])

    def evidence(self, collector: str, epoch: str, first: int, last: int) -> Iterator[Evidence]:
        """What stands under the numbers of an epoch, both ends included, in order of number."""
        return evidence.evidence(self._uri, collector, epoch, first, last)

    def set_aside(self, collector: str, epoch: str) -> tuple[tuple[int, int], ...]:
        """Ranges of numbers that messages in quarantine say they hold."""
        return evidence.set_aside(self._uri, collector, epoch)

    def strays(self) -> Iterator[Evidence]:
        """Readings and records of no epoch that the journal knows."""
        return evidence.strays(self._uri)

    @property
    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = sqlite3.connect(self._uri, uri=True, isolation_level=None)
            db.execute("PRAGMA busy_timeout = 5000")
        return db

    def _number(self, device: str) -> int:
        row = self._db.execute("SELECT id FROM devices WHERE name = ?", (device,)).fetchone()
        return int(row[0]) if row else -1

    def _forms(self, device: str, start: int, end: int) -> list[tuple[int, bytes]]:
        """Instants and forms in ``[start, end)``, recent and packed, by time."""
        number = self._number(device)
        # One read transaction: between two statements an hour may be packed, and its rows move.
        with _Snapshot(self._db) as db:
            found = db.execute(
                "SELECT at, form FROM recent WHERE device = ? AND at >= ? AND at < ? ORDER BY at",
                (number, start, end),
            ).fetchall()
            packed = db.execute(
                "SELECT body FROM chunks WHERE device = ? AND hour BETWEEN ? AND ? ORDER BY hour",
                (number, start // HOUR_MS, (end - 1) // HOUR_MS),
            ).fetchall()
        old = [
            (row.at, row.form)
            for (body,) in packed
            for row in unpack(body)
            if start <= row.at < end
        ]
        return sorted(old + found) if old else found

    def _walk(self, device: str, bound: int, where: str, order: str) -> Iterator[bytes]:
        """Forms of ``recent`` outwards from a bound, a page at a time."""
        offset, number = 0, self._number(device)
        while True:
            rows = self._db.execute(
                f"SELECT form FROM recent WHERE device = ? AND {where} "  # noqa: S608 - literals
                f"ORDER BY at {order} LIMIT ? OFFSET ?",
                (number, bound, _PAGE, offset),
            ).fetchall()
            yield from (form for (form,) in rows)
            if len(rows) < _PAGE:
                return
            offset += _PAGE

    def _walk_chunks(self, device: str, bound: int, where: str, order: str) -> Iterator[bytes]:
        """Forms of the chunks outwards from a bound, an hour at a time."""
        rows = self._db.execute(
            f"SELECT body FROM chunks WHERE device = ? AND {where} "  # noqa: S608 - literals
            f"ORDER BY hour {order}",
            (self._number(device), bound // HOUR_MS),
        )
        descending = order == "DESC"
        for (body,) in rows:
            found = unpack(body)
            for row in reversed(found) if descending else found:
                if row.at <= bound if descending else row.at > bound:
                    yield row.form


class _Snapshot:
    """One read transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> sqlite3.Connection:
        self._db.execute("BEGIN")
        return self._db

    def __exit__(self, *_: object) -> None:
        self._db.execute("COMMIT")


def _first_good(forms: Iterable[bytes], point: str) -> Sample | None:
    for form in forms:
        sample = _sample(form, point)
        if sample is not None and sample.value is not None:
            return sample
    return None


def _better(one: Sample | None, other: Sample | None, *, latest: bool) -> Sample | None:
    found = [sample for sample in (one, other) if sample is not None]
    if not found:
        return None
    pick = max if latest else min
    return pick(found, key=lambda sample: sample.at)


def _sample(form: bytes, point: str) -> Sample | None:
    body = orjson.loads(form)
    at, birth = parse_stamp(body["at"]), body["birth"]
    if point in body["values"]:
        reason = body.get("uncertain", {}).get(point, "")
        return Sample(at, body["values"][point], "uncertain" if reason else "good", reason, birth)
    reason = body.get("bad", {}).get(point)
    return None if reason is None else Sample(at, None, "bad", reason, birth)
