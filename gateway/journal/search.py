"""Searching the packed chunks of a device, outwards from a slot."""

from collections.abc import Callable, Generator
from contextlib import closing

from gateway.intervals.sample import Sample
from gateway.journal.columns import Block
from gateway.journal.lines import SLOT_MS, Row, unpack
from gateway.journal.schema import chunk_id
from gateway.journal.store import Connection
from gateway.journal.young import Column

LAST_SLOT = 2**32 - 1
FORWARDS = (
    "SELECT slot, columns FROM chunks WHERE device = ? AND slot BETWEEN ? AND ? ORDER BY slot"
)
_BACKWARDS = f"{FORWARDS} DESC"


def blocks(
    db: Connection, device: int, slot: int, *, descending: bool
) -> Generator[Block, None, None]:
    """Chunks of a device outwards from a slot."""
    lowest, highest = (0, slot) if descending else (slot, LAST_SLOT)
    rows = db.walk(
        _BACKWARDS if descending else FORWARDS,
        (device, lowest, highest),
    )
    try:
        for found, columns in rows:
            if columns:
                yield Block(found, columns)
    finally:
        rows.close()


def first_found(
    look: Callable[[Column, int], Sample | None],
    chunks: Generator[Block, None, None],
    point: str,
    bound: int,
) -> Sample | None:
    """What the first chunk that has an answer says."""
    with closing(chunks):
        for block in chunks:
            column = block.column(point)
            found = look(column, bound) if column else None
            if found is not None:
                return found
    return None


def newer(db: Connection, device: int, known: Row | None) -> Row | None:
    """The newest of a device, of its chunks and one reading that is known."""
    with closing(blocks(db, device, LAST_SLOT, descending=True)) as found:
        block = next(found, None)
    if block is None or (known is not None and block.start + block.ats[-1] < known.at):
        return known
    (body,) = db.execute(
        "SELECT body FROM chunks WHERE id = ?", (chunk_id(device, block.start // SLOT_MS),)
    ).fetchone()
    newest = unpack(body)[-1]
    return newest if known is None or newest > known else known
