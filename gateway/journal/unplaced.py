"""Readings without a trusted time, and where those stand whose time an anchor may yet correct."""

from collections.abc import Iterator
from typing import NamedTuple

from gateway.journal.segments import Place
from gateway.journal.store import Connection

_PAGE = 5000
_MOST_RELEASED = 2000  # in one transaction; the next one goes on


class Waiting(NamedTuple):
    """A reading that waits for its time.

    Attributes:
        stream: Number of its epoch in the journal.
        seq: Its number in the epoch.
        device: Number of its device in the journal.
        collector: Whose boot it is of.
        boot: Identity of the boot.
        up_ms: Time since it. [ms]
        due: The instant that it says, where that is still to come. [ms since 1970]
        form: Its RFC 8785 form.
        h: The hash it claims. [32 bytes]
    """

    stream: int
    seq: int
    device: int
    collector: str
    boot: str
    up_ms: int
    due: int | None
    form: bytes
    h: bytes


class Unplaced:
    """The tables ``unplaced`` and ``unsure``, for the writer."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def put(self, waiting: Waiting) -> None:
        """Let a reading wait."""
        self._db.execute("INSERT INTO unplaced VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", waiting)

    def remove(self, waiting: Waiting) -> None:
        """It waits no longer."""
        self._db.execute(
            "DELETE FROM unplaced WHERE stream = ? AND seq = ?", (waiting.stream, waiting.seq)
        )

    def hash_of(self, stream: int, seq: int) -> bytes | None:
        """The hash of a reading that waits."""
        row = self._db.execute(
            "SELECT h FROM unplaced WHERE stream = ? AND seq = ?", (stream, seq)
        ).fetchone()
        return row[0] if row else None

    def of(self, collector: str, boot: str) -> Iterator[list[Waiting]]:
        """What waits of a boot, a page at a time, by device and time."""
        after = (-1, -1, -1, -1)
        while True:
            page = self._db.execute(
                "SELECT * FROM unplaced WHERE collector = ? AND boot = ? "
                "AND (device, up_ms, stream, seq) > (?, ?, ?, ?) "
                "ORDER BY device, up_ms, stream, seq LIMIT ?",
                (collector, boot, *after, _PAGE),
            ).fetchall()
            if not page:
                return
            found = [Waiting(*row) for row in page]
            after = (found[-1].device, found[-1].up_ms, found[-1].stream, found[-1].seq)
            yield found

    def due(self, horizon: int) -> list[Waiting]:
        """What was stamped ahead and no longer is. [ms since 1970]"""
        rows = self._db.execute(
            "SELECT * FROM unplaced WHERE due <= ? ORDER BY due LIMIT ?", (horizon, _MOST_RELEASED)
        )
        return [Waiting(*row) for row in rows]

    def note(self, waiting: Waiting, slot: int) -> None:
        """Remember in which slot a reading of a boot is filed that an anchor may move."""
        self._db.execute(
            "INSERT INTO unsure VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (collector, boot, device, slot) DO UPDATE SET "
            "lowest = CASE WHEN excluded.lowest < unsure.lowest "
            "THEN excluded.lowest ELSE unsure.lowest END, "
            "highest = CASE WHEN excluded.highest > unsure.highest "
            "THEN excluded.highest ELSE unsure.highest END "
            "WHERE excluded.lowest < unsure.lowest OR excluded.highest > unsure.highest",
            (waiting.collector, waiting.boot, waiting.device, slot, waiting.up_ms, waiting.up_ms),
        )

    def noted(self, collector: str, boot: str, lowest: int, highest: int) -> list[Place]:
        """Where readings of a part of a boot are filed. [ms since boot]"""
        return self._db.execute(
            "SELECT device, slot FROM unsure WHERE collector = ? AND boot = ? "
            "AND highest >= ? AND lowest <= ?",
            (collector, boot, lowest, highest),
        ).fetchall()
