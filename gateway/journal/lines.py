"""Lines: how readings are kept byte for byte, in segments and in chunks alike.

A body is zlib over one line a reading: ``at stream seq device h`` and the reading's form as it was
hashed. Hash and form come back byte for byte, so that the chain can be recomputed for ever; zlib's
own checksum says when a body was damaged.
"""

import zlib
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

import orjson

from collector.wire.chain import decode_hash, encode_hash
from gateway.journal import SLOT

SLOT_MS = SLOT // timedelta(milliseconds=1)


class Row(NamedTuple):
    """A reading as the journal keeps it; rows are in order by instant, stream and number.

    Attributes:
        at: Instant under which it is filed. [ms since 1970]
        stream: Number of its epoch in the journal.
        seq: Its number in the epoch.
        device: Number of its device in the journal.
        form: Its RFC 8785 form: what the chain hashes.
        h: The hash it claims. [32 bytes]
    """

    at: int
    stream: int
    seq: int
    device: int
    form: bytes
    h: bytes

    @property
    def slot(self) -> int:
        """The quarter of an hour that it is filed in, counted from 1970."""
        return self.at // SLOT_MS


def pack(rows: Iterable[Row], level: int = 6) -> bytes:
    """Rows as a body."""
    lines = [
        b"%d %d %d %d %s %s"
        % (row.at, row.stream, row.seq, row.device, encode_hash(row.h).encode(), row.form)
        for row in rows
    ]
    return zlib.compress(b"\n".join(lines), level)


def unpack(body: bytes) -> list[Row]:
    """The rows of a body; zlib.error or ValueError where it was damaged."""
    rows = []
    for line in zlib.decompress(body).split(b"\n"):
        at, stream, seq, device, h, form = line.split(b" ", 5)
        rows.append(Row(int(at), int(stream), int(seq), int(device), form, decode_hash(h.decode())))
    return rows


def numbers(rows: Iterable[Row]) -> dict[int, tuple[int, int]]:
    """The lowest and the highest number of each stream among rows."""
    found: dict[int, tuple[int, int]] = {}
    for row in rows:
        lowest, highest = found.get(row.stream, (row.seq, row.seq))
        found[row.stream] = (min(lowest, row.seq), max(highest, row.seq))
    return found


def said(row: Row) -> dict[str, object]:
    """What a row's form says."""
    found: dict[str, object] = orjson.loads(row.form)
    return found
