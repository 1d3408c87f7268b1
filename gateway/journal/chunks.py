"""Chunks: the readings of one device and slot, packed, nothing of them lost.

A chunk holds the readings' lines, and their values by point (`gateway.journal.columns`).
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence

from gateway.journal.columns import encode
from gateway.journal.lines import Row, numbers, pack, said, unpack
from gateway.journal.schema import chunk_id
from gateway.journal.segments import Place
from gateway.journal.store import Connection
from gateway.journal.young import Young

_MOST_OPEN = 8


def columns_of(slot: int, rows: Sequence[Row]) -> bytes:
    """The columns of readings that are in order."""
    young = Young(slot)
    for row in rows:
        young.add(row.at, row.stream, row.seq, said(row))
    return encode(young)


class Chunks:
    """The chunks of a journal's file, for its writer."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._hashes: OrderedDict[Place, dict[tuple[int, int], bytes]] = OrderedDict()

    def hash_of(self, device: int, slot: int, stream: int, seq: int) -> bytes | None:
        """The hash of a reading; None where the chunk does not hold it."""
        place = (device, slot)
        found = self._hashes.pop(place, None)
        if found is None:
            found = {(row.stream, row.seq): row.h for row in self.rows(device, slot)}
        self._hashes[place] = found
        if len(self._hashes) > _MOST_OPEN:
            self._hashes.popitem(last=False)
        return found.get((stream, seq))

    def rows(self, device: int, slot: int) -> list[Row]:
        """The readings of a chunk, in order; none where there is no chunk."""
        row = self._db.execute(
            "SELECT body FROM chunks WHERE id = ?", (chunk_id(device, slot),)
        ).fetchone()
        return unpack(row[0]) if row and row[0] is not None else []

    def merge(
        self,
        device: int,
        slot: int,
        rows: Iterable[Row],
        touched: int,
        *,
        without: Collection[tuple[int, int]] = (),
    ) -> None:
        """Add readings to a chunk and take others out; the slot has changed at `touched`."""
        known = self.rows(device, slot)
        kept = [row for row in known if (row.stream, row.seq) not in without]
        whole = sorted([*kept, *rows])
        self._hashes.pop((device, slot), None)
        self._span(chunk_id(device, slot), known, whole)
        self._db.execute(
            "INSERT INTO chunks (id, touched, columns, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET "
            "touched = CASE WHEN excluded.touched > chunks.touched "
            "THEN excluded.touched ELSE chunks.touched END, "
            "columns = excluded.columns, body = excluded.body",
            (
                chunk_id(device, slot),
                touched,
                columns_of(slot, whole) if whole else b"",
                pack(whole) if whole else None,
            ),
        )

    def _span(self, chunk: int, known: Iterable[Row], whole: Iterable[Row]) -> None:
        """Say which numbers a chunk holds now."""
        before, after = numbers(known).items(), numbers(whole).items()
        self._db.executemany(
            "DELETE FROM spans WHERE stream = ? AND highest = ? AND chunk = ?",
            [(stream, highest, chunk) for stream, (_, highest) in before - after],
        )
        self._db.executemany(
            "INSERT INTO spans (stream, highest, lowest, chunk) VALUES (?, ?, ?, ?)",
            [(stream, highest, lowest, chunk) for stream, (lowest, highest) in after - before],
        )
