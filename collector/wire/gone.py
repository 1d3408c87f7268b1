"""Gone: readings that were numbered and will never come, and why. Nothing vanishes unsaid.

A range that was thinned out of the middle carries the hash of its last record, so that the chain
can be checked again behind it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collector.wire.chain import decode_hash, encode_hash

MOST_GONE = 700
"""Ranges that one record may name, so that it fits into a message."""
RENUMBERED = "renumbered"
"""Why numbers are gone that were committed again: somebody else numbers under their epoch."""
_MOST_SEQ = 2**53


@dataclass(frozen=True, slots=True)
class GoneRange:
    """Numbers that will never come, both ends included.

    Attributes:
        first: The first of them.
        last: The last of them.
        h: Hash of the last one; None where it is not known. [32 bytes]
    """

    first: int
    last: int
    h: bytes | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """What a ``gone`` record says.

    Attributes:
        why: ``spool-full``, ``thinned``, ``spool-damaged`` or another word.
        epoch: Whose numbers; empty for the epoch of the record itself.
        ranges: Which numbers, lowest first.
    """

    why: str
    epoch: str
    ranges: tuple[GoneRange, ...]


def gone_form(why: str, ranges: Iterable[GoneRange], *, epoch: str = "") -> dict[str, Any]:
    """A gone record's body as JSON; at most `MOST_GONE` ranges."""
    body: dict[str, Any] = {
        "why": why,
        "ranges": [
            [one.first, one.last, encode_hash(one.h)] if one.h else [one.first, one.last]
            for one in ranges
        ],
    }
    return body | {"epoch": epoch} if epoch else body


def read_gone(body: Mapping[str, Any]) -> Gone:
    """A gone record's body; ValueError where it is none. The first agents named one range only."""
    try:
        ranges = body["ranges"] if "ranges" in body else [[body["first"], body["last"]]]
        if not isinstance(ranges, list) or not 0 < len(ranges) <= MOST_GONE:
            raise ValueError(f"not 1 to {MOST_GONE} ranges")
        return Gone(str(body["why"]), str(body.get("epoch", "")), tuple(map(_range, ranges)))
    except (KeyError, TypeError) as fault:
        raise ValueError(f"not a gone record: {fault!r}") from fault


def _range(form: list[Any]) -> GoneRange:
    first, last, *rest = form
    for seq in (first, last):
        if isinstance(seq, bool) or not isinstance(seq, int) or not 0 < seq < _MOST_SEQ:
            raise ValueError(f"seq {seq!r} is no whole number above 0")
    if last < first or len(rest) > 1:
        raise ValueError(f"{form!r} is no range")
    return GoneRange(first, last, decode_hash(rest[0]) if rest else None)
