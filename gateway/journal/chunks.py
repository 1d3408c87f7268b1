"""Chunks: the readings of one device and hour, compressed, nothing of them lost.

A chunk is zlib over one line a reading: ``stream seq at h`` and the reading's form as it was
hashed. Hash and form come back byte for byte, so that the chain can be recomputed for ever.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from collector.wire.chain import decode_hash, encode_hash

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Row:
    """A reading as the journal keeps it."""

    stream: int
    seq: int
    at: int
    form: bytes
    h: bytes


def pack(rows: Iterable[Row]) -> bytes:
    """Rows of one device and hour as a chunk."""
    lines = (
        b"%d %d %d %s %s" % (row.stream, row.seq, row.at, encode_hash(row.h).encode(), row.form)
        for row in rows
    )
    return zlib.compress(b"\n".join(lines), 6)


def unpack(body: bytes) -> list[Row]:
    """The rows of a chunk."""
    rows = []
    for line in zlib.decompress(body).split(b"\n"):
        stream, seq, at, h, form = line.split(b" ", 4)
        rows.append(Row(int(stream), int(seq), int(at), form, decode_hash(h.decode())))
    return rows
