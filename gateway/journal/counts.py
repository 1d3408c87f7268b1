"""Counts of reads, found by time though records stand by number.

Numbers of an epoch rise with time, so the first one is found by halving; nothing is kept for it.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

import orjson

from collector.wire.counts import Counts, read_counts
from gateway.journal.store import Connection

_NEXT = (
    "SELECT seq, form FROM records WHERE stream = ? AND kind = 'counts' AND seq >= ? "
    "ORDER BY seq LIMIT 1"
)
_BOUNDS = (  # each by the primary key; a GROUP BY would read every record there is
    "SELECT id, (SELECT min(seq) FROM records WHERE stream = streams.id), "
    "(SELECT max(seq) FROM records WHERE stream = streams.id) FROM streams"
)


def counts_between(
    db: Connection, devices: Collection[str], start: datetime, end: datetime
) -> Iterator[Counts]:
    """What collectors counted in quarters that overlap ``[start, end)``, of these devices alone."""
    for stream, lowest, highest in db.execute(_BOUNDS).fetchall():
        if lowest is None:
            continue
        number = _first(db, stream, (lowest, highest + 1), start)
        while (row := db.execute(_NEXT, (stream, number)).fetchone()) is not None:
            counts = _counts(row[1], devices)
            if counts.start >= end:
                break
            if counts.devices:
                yield counts
            number = row[0] + 1


def _first(db: Connection, stream: int, numbers: tuple[int, int], start: datetime) -> int:
    """The lowest number from which on counts end after an instant."""
    low, high = numbers
    while low < high:
        middle = (low + high) // 2
        row = db.execute(_NEXT, (stream, middle)).fetchone()
        if row is None or _counts(row[1], ()).end > start:
            high = middle
        else:
            low = row[0] + 1
    return low


def _counts(form: bytes, devices: Collection[str]) -> Counts:
    body = orjson.loads(form)["body"]
    wanted = {name: one for name, one in body["devices"].items() if name in devices}
    return read_counts(body | {"devices": wanted})
