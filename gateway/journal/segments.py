"""The tail on disk: segments, each all readings of one storing transaction, not yet packed.

In memory stands only what each segment holds, by stream and by slot; its readings are unpacked
when somebody asks for them.
"""

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gateway.journal.lines import Row, numbers, pack, unpack
from gateway.journal.store import Connection

_LEVEL = 4  # measured: 1 writes a tenth more, 6 nothing less
_MOST_OPEN = 8

Place = tuple[int, int]
"""A device and a slot, by number."""


@dataclass(slots=True)
class _Segment:
    """What one segment holds."""

    places: Counter[Place]
    streams: dict[int, tuple[int, int]]  # lowest and highest number


class Segments:
    """The segments of a journal's file, for its writer."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._segments: dict[int, _Segment] = {}
        self._open: OrderedDict[int, list[Row]] = OrderedDict()
        self.places: Counter[Place] = Counter()
        for number, body in db.execute("SELECT id, body FROM segments ORDER BY id"):
            self._remember(number, unpack(body))

    def append(self, number: int, rows: list[Row]) -> None:
        """Keep the readings of a transaction."""
        body = pack(rows, _LEVEL)
        self._db.execute("INSERT INTO segments VALUES (?, ?)", (number, body))
        self._remember(number, rows)

    def hash_of(self, stream: int, seq: int) -> bytes | None:
        """The hash of a reading; None where no segment holds it."""
        for number, segment in self._segments.items():
            lowest, highest = segment.streams.get(stream, (1, 0))
            if lowest <= seq <= highest:
                for row in self._rows(number):
                    if row.seq == seq and row.stream == stream:
                        return row.h
        return None

    def of(self, places: Collection[Place]) -> Iterator[tuple[int, Row]]:
        """Readings of some devices and slots, each with its segment's number."""
        wanted = set(places)
        for number, segment in self._segments.items():
            if not wanted.isdisjoint(segment.places):
                for row in unpack(self._body(number)):
                    if (row.device, row.slot) in wanted:
                        yield number, row

    def drop(self, places: Collection[Place], only: Collection[tuple[int, int]] = ()) -> None:
        """Let go of what stands elsewhere now: of some places, all or only certain readings."""
        wanted = set(places)
        for number, segment in list(self._segments.items()):
            if wanted.isdisjoint(segment.places):
                continue
            kept: list[Row] = []
            if only or not segment.places.keys() <= wanted:
                kept = [
                    row
                    for row in unpack(self._body(number))
                    if (row.device, row.slot) not in wanted
                    or (only and (row.stream, row.seq) not in only)
                ]
            self._replace(number, kept)

    def _replace(self, number: int, rows: list[Row]) -> None:
        old = self._segments.pop(number)
        self.places.subtract(old.places)
        for place in old.places:
            if not self.places[place]:
                del self.places[place]
        self._open.pop(number, None)
        if not rows:
            self._db.execute("DELETE FROM segments WHERE id = ?", (number,))
            return
        body = pack(rows, _LEVEL)
        self._db.execute("UPDATE segments SET body = ? WHERE id = ?", (body, number))
        self._remember(number, rows)

    def _remember(self, number: int, rows: list[Row]) -> None:
        places = Counter((row.device, row.slot) for row in rows)
        self._segments[number] = _Segment(places, numbers(rows))
        self.places.update(places)

    def _rows(self, number: int) -> list[Row]:
        """Readings of a segment that is asked again and again: a message comes twice as a whole."""
        rows = self._open.pop(number, None)
        self._open[number] = rows = unpack(self._body(number)) if rows is None else rows
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)
        return rows

    def _body(self, number: int) -> bytes:
        row = self._db.execute("SELECT body FROM segments WHERE id = ?", (number,)).fetchone()
        return bytes(row[0])
