"""The SQLite journal from its other side: not by device and time, but by epoch and number.

Every call has a connection of its own and sees one moment of the file. Chunks are ordered by
device and hour: the numbers that each begins with are put in order first, in a temporary table, and
only chunks whose numbers overlap are open at once, so that memory does not grow with the journal.
"""

import heapq
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager

import orjson

from collector.wire import topics
from collector.wire.reading import instant, stamp
from gateway.journal import Evidence
from gateway.journal.chunks import HOUR_MS, Row, unpack

# As bytes and whole numbers, whatever an editor made of them.
_RECORD = "seq, CAST(form AS BLOB), CAST(h AS BLOB)"
_READING = f"{_RECORD}, device, CAST(at AS INTEGER)"
_STRAY = (
    "stream NOT IN (SELECT id FROM streams) OR typeof(seq) <> 'integer' OR seq < 1 OR seq > 1 << 53"
)
_HEAD = re.compile(rb"^(\d+) (-?\d+) ", re.MULTILINE)


def evidence(uri: str, collector: str, epoch: str, first: int, last: int) -> Iterator[Evidence]:
    """See `gateway.journal.Journal.evidence`."""
    with closing(_snapshot(uri)) as db:
        found = db.execute(
            "SELECT id FROM streams WHERE collector = ? AND epoch = ?", (collector, epoch)
        ).fetchone()
        if found is not None:
            yield from _of_stream(db, found[0], first, last)


def set_aside(uri: str, collector: str, epoch: str) -> tuple[tuple[int, int], ...]:
    """See `gateway.journal.Journal.set_aside`."""
    ranges: set[tuple[int, int]] = set()
    with closing(_snapshot(uri)) as db:
        for topic, payload in db.execute("SELECT topic, payload FROM quarantine"):
            ranges.update((seq, seq) for seq in _said(topic, payload, collector, epoch))
    return tuple(sorted(ranges))


def strays(uri: str) -> Iterator[Evidence]:
    """See `gateway.journal.Journal.strays`."""
    with closing(_snapshot(uri)) as db:
        names = _devices(db)
        known = {number for (number,) in db.execute("SELECT id FROM streams")}
        for seq, form, h, device, at in db.execute(
            f"SELECT {_READING} FROM recent WHERE {_STRAY}"  # noqa: S608 - literals
        ):
            yield Evidence(seq, form, h, names.get(device, "?"), at)
        for seq, form, h in db.execute(
            f"SELECT {_RECORD} FROM records WHERE {_STRAY}"  # noqa: S608 - literals
        ):
            yield Evidence(seq, form, h)
        for device, hour, body in db.execute("SELECT device, hour, body FROM chunks"):
            filed = names.get(device, "?")
            if all(int(of) in known and int(seq) > 0 for of, seq in _heads(body, filed, hour)):
                continue
            for row in _rows(body, filed, hour):
                if row.stream not in known or row.seq < 1:
                    yield _filed(row, filed, hour)


def _of_stream(db: sqlite3.Connection, stream: int, first: int, last: int) -> Iterator[Evidence]:
    names = _devices(db)
    span = (stream, first, last)
    recent = db.execute(
        f"SELECT {_READING} FROM recent "  # noqa: S608 - literals
        "WHERE stream = ? AND seq BETWEEN ? AND ? ORDER BY seq",
        span,
    )
    records = db.execute(
        f"SELECT {_RECORD} FROM records "  # noqa: S608 - literals
        "WHERE stream = ? AND seq BETWEEN ? AND ? ORDER BY seq",
        span,
    )
    yield from heapq.merge(
        (Evidence(seq, form, h, names.get(d, "?"), at) for seq, form, h, d, at in recent),
        (Evidence(seq, form, h) for seq, form, h in records),
        _packed(db, names, span),
    )


def _packed(
    db: sqlite3.Connection, names: dict[int, str], span: tuple[int, int, int]
) -> Iterator[Evidence]:
    """What stands in chunks, by number: a chunk is opened when its first number is due."""
    stream, first, last = span
    mark = b"%d" % stream
    db.execute("CREATE TEMP TABLE begins (seq INTEGER, device INTEGER, hour INTEGER)")
    for device, hour, body in db.execute("SELECT device, hour, body FROM chunks"):
        seqs = [int(seq) for of, seq in _heads(body, names.get(device, "?"), hour) if of == mark]
        begins = min((seq for seq in seqs if first <= seq <= last), default=None)
        if begins is not None:
            db.execute("INSERT INTO begins VALUES (?, ?, ?)", (begins, device, hour))
    open_rows: list[Evidence] = []
    for begins, device, hour, body in db.execute(
        "SELECT seq, device, hour, body FROM begins JOIN chunks USING (device, hour) ORDER BY seq"
    ):
        while open_rows and open_rows[0].seq < begins:
            yield heapq.heappop(open_rows)
        filed = names.get(device, "?")
        for row in _rows(body, filed, hour):
            if row.stream == stream and first <= row.seq <= last:
                heapq.heappush(open_rows, _filed(row, filed, hour))
    while open_rows:
        yield heapq.heappop(open_rows)


def _filed(row: Row, device: str, hour: int) -> Evidence:
    """A row of a chunk; one in a chunk of another hour than its own is found only there."""
    at = row.at if row.at // HOUR_MS == hour else hour * HOUR_MS
    return Evidence(row.seq, row.form, row.h, device, at)


def _rows(body: bytes, device: str, hour: int) -> list[Row]:
    """The rows of a chunk."""
    with _named(device, hour):
        return unpack(body)


def _heads(body: bytes, device: str, hour: int) -> list[tuple[bytes, bytes]]:
    """Stream and number of each row of a chunk, at a tenth of what reading the rows costs."""
    with _named(device, hour):
        text = zlib.decompress(body)
        heads = _HEAD.findall(text)
        if len(heads) != text.count(b"\n") + 1:
            raise ValueError("a line of it is no reading")
        return heads


@contextmanager
def _named(device: str, hour: int) -> Iterator[None]:
    """ValueError that names the chunk, where it cannot be read."""
    try:
        yield
    except (zlib.error, ValueError) as fault:
        when = stamp(instant(hour * HOUR_MS))
        raise ValueError(f"the chunk of {device} from {when}: {fault}") from fault


def _said(topic: str, payload: bytes, collector: str, epoch: str) -> list[int]:
    """The numbers of an epoch that a message set aside says it holds."""
    try:
        body = orjson.loads(payload)
        if topics.parse(topic).collector != collector or str(body["epoch"])[:64] != epoch:
            return []
        records = body.get("readings", body.get("records", ()))
        return [seq for record in records if isinstance(seq := record["seq"], int)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []  # it does not even say which numbers it holds


def _devices(db: sqlite3.Connection) -> dict[int, str]:
    return dict(db.execute("SELECT id, name FROM devices"))


def _snapshot(uri: str) -> sqlite3.Connection:
    db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA busy_timeout = 5000")
    db.execute("BEGIN")
    return db
