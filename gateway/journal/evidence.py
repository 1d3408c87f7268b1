"""The journal from its other side: not by device and time, but by epoch and number.

Every call has a connection of its own and sees one moment of the journal. Chunks are ordered
otherwise: ``spans`` says which of them hold the numbers that are asked for, and only those whose
numbers overlap are open at once, so that neither time nor memory grows with the rest of the
journal.
"""

import heapq
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime

import orjson

from collector.wire import topics
from collector.wire.reading import instant, stamp
from gateway.journal import Evidence
from gateway.journal.chunks import columns_of
from gateway.journal.lines import SLOT_MS, Row, numbers, unpack
from gateway.journal.store import Connection, Store

# As bytes and whole numbers, whatever an editor made of them.
_RECORD = "SELECT seq, CAST(form AS BLOB), CAST(h AS BLOB) FROM records WHERE"
_UNPLACED = "SELECT seq, CAST(form AS BLOB), CAST(h AS BLOB), device FROM unplaced WHERE"
_STRAY = (  # not even a whole number of those that can be
    "stream NOT IN (SELECT id FROM streams) OR (seq | 0) <> seq "
    "OR seq < 1 OR seq > 9007199254740992"
)
_SPAN = "stream = ? AND seq BETWEEN ? AND ? ORDER BY seq"
# Device and slot of a segment are none: it holds readings of many.
_BODIES = (
    "SELECT 'segments', id, NULL, NULL, body FROM segments UNION ALL "
    "SELECT 'chunks', id, device, slot, body FROM chunks WHERE body IS NOT NULL"
)
_BODY = {
    "segments": "SELECT NULL, NULL, body FROM segments WHERE id = ?",
    "chunks": "SELECT device, slot, body FROM chunks WHERE id = ? AND body IS NOT NULL",
}
_SPANS = (
    "SELECT lowest, 'chunks', chunk FROM spans "
    "WHERE stream = ? AND highest >= ? AND lowest <= ? ORDER BY lowest"
)
_WHOLE = (
    "SELECT device, slot, CAST(columns AS BLOB), body, spanned FROM chunks LEFT JOIN "
    "(SELECT chunk, group_concat(stream || ' ' || lowest || ' ' || highest, ',') AS spanned "
    "FROM spans GROUP BY chunk) AS held ON chunk = chunks.id"
)


def evidence(store: Store, collector: str, epoch: str, first: int, last: int) -> Iterator[Evidence]:
    """See `gateway.journal.Journal.evidence`."""
    with _snapshot(store) as db:
        found = db.execute(
            "SELECT id FROM streams WHERE collector = ? AND epoch = ?", (collector, epoch)
        ).fetchone()
        if found is not None:
            span, names = (found[0], first, last), _devices(db)
            yield from heapq.merge(
                (Evidence(*row) for row in db.walk(f"{_RECORD} {_SPAN}", span)),
                (
                    Evidence(seq, form, h, names.get(device, "?"))
                    for seq, form, h, device in db.walk(f"{_UNPLACED} {_SPAN}", span)
                ),
                _filed(db, names, span),
            )


def set_aside(store: Store, collector: str, epoch: str) -> tuple[tuple[int, int], ...]:
    """See `gateway.journal.Journal.set_aside`."""
    ranges: set[tuple[int, int]] = set()
    with _snapshot(store) as db:
        for topic, payload in db.walk("SELECT topic, payload FROM quarantine"):
            ranges.update((seq, seq) for seq in _said(topic, payload, collector, epoch))
    return tuple(sorted(ranges))


def strays(store: Store) -> Iterator[Evidence]:
    """See `gateway.journal.Journal.strays`."""
    with _snapshot(store) as db:
        names = _devices(db)
        known = {number for (number,) in db.execute("SELECT id FROM streams")}
        for row in db.walk(f"{_RECORD} {_STRAY}"):
            yield Evidence(*row)
        for seq, form, h, device in db.walk(f"{_UNPLACED} {_STRAY}"):
            yield Evidence(seq, form, h, names.get(device, "?"))
        for _, _, device, slot, body in db.walk(_BODIES):
            for row in _rows(names, device, slot, body):
                if row.stream not in known or row.seq < 1:
                    yield _evidence(row, names, device, slot)


def unfaithful(store: Store) -> Iterator[tuple[str, datetime]]:
    """See `gateway.journal.Journal.unfaithful`."""
    with _snapshot(store) as db:
        names = _devices(db)
        for device, slot, columns, body, spanned in db.walk(_WHOLE):
            rows = [] if body is None else _rows(names, device, slot, body)
            said = set(spanned.split(",")) if spanned else set()
            if columns != _columns(slot, rows) or said != _spanned(rows):
                yield names.get(device, "?"), instant(slot * SLOT_MS)


def _filed(db: Connection, names: dict[int, str], span: tuple[int, int, int]) -> Iterator[Evidence]:
    """What stands in segments and chunks: each is opened when its first number is due."""
    stream, first, last = span
    waiting: list[Evidence] = []
    for begins, source, number in heapq.merge(_young(db, names, stream), db.walk(_SPANS, span)):
        while waiting and waiting[0].seq < begins:
            yield heapq.heappop(waiting)
        for device, slot, body in db.execute(_BODY[source], (number,)):
            for row in _rows(names, device, slot, body):
                if row.stream == stream and first <= row.seq <= last:
                    heapq.heappush(waiting, _evidence(row, names, device, slot))
    while waiting:
        yield heapq.heappop(waiting)


def _young(db: Connection, names: dict[int, str], stream: int) -> list[tuple[int, str, int]]:
    """Segments by the lowest number that they hold of a stream: the tail is never long."""
    found = []
    for number, body in db.execute("SELECT id, body FROM segments"):
        lowest, _ = numbers(_rows(names, None, None, body)).get(stream, (0, 0))
        if lowest:
            found.append((lowest, "segments", number))
    return sorted(found)


def _evidence(row: Row, names: dict[int, str], device: int | None, slot: int | None) -> Evidence:
    """A reading; one that is not where its line says is found under where it is."""
    here = device is None or device == row.device
    at = row.at if slot is None or slot == row.slot else slot * SLOT_MS
    return Evidence(row.seq, row.form, row.h, names.get(row.device, "?") if here else "?", at)


def _rows(names: dict[int, str], device: int | None, slot: int | None, body: bytes) -> list[Row]:
    """The readings of a body; ValueError that names it where it cannot be read."""
    with _named(names, device, slot):
        return unpack(body)


def _columns(slot: int, rows: list[Row]) -> bytes | None:
    """What should stand beside the readings of a chunk; None where that cannot be told."""
    try:
        return columns_of(slot, rows) if rows else b""
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None  # such readings do not belong there


def _spanned(rows: list[Row]) -> set[str]:
    """What ``spans`` should say of a chunk."""
    found = numbers(rows).items()
    return {f"{stream} {lowest} {highest}" for stream, (lowest, highest) in found}


@contextmanager
def _named(names: dict[int, str], device: int | None, slot: int | None) -> Iterator[None]:
    try:
        yield
    except (zlib.error, ValueError, TypeError) as fault:
        what = "a segment"
        if device is not None and slot is not None:
            when = stamp(instant(slot * SLOT_MS))
            what = f"the chunk of {names.get(device, '?')} from {when}"
        raise ValueError(f"{what}: {fault}") from fault


def _said(topic: str, payload: bytes, collector: str, epoch: str) -> list[int]:
    """The numbers of an epoch that a message set aside says it holds."""
    try:
        body = orjson.loads(payload)
        if topics.parse(topic).collector != collector or body["epoch"] != epoch:
            return []
        records = body.get("readings", body.get("records", ()))
        return [seq for record in records if isinstance(seq := record["seq"], int)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []  # it does not even say which numbers it holds


def _devices(db: Connection) -> dict[int, str]:
    return dict(db.execute("SELECT id, name FROM devices"))


@contextmanager
def _snapshot(store: Store) -> Iterator[Connection]:
    with closing(store.for_reading()) as db, db.moment():
        yield db
