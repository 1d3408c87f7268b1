"""The acknowledgement: what the journal can account for of an epoch, and what it lacks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from collector.wire.chain import decode_hash, encode_hash

VERSION = 1
MOST_RANGES = 100
BUNDLES = "backlog"
"""Said among what a gateway takes: it knows bundles. What is older says nothing."""


@dataclass(frozen=True, slots=True)
class EpochAck:
    """What the journal has of one epoch.

    Attributes:
        epoch: Identity of the spool file.
        through: Highest `seq` up to which every record is accounted for (stored, quarantined or
            declared gone); 0 where the first is missing.
        missing: Ranges of `seq`, both ends included, that are missing below the highest one
            seen; at most 100, lowest first.
        conflict: The lowest `seq` that shows that two spools number under one epoch (a cloned or
            rolled-back card): it came with other content than the journal holds under it, does
            not follow from the one before, or was committed again under another epoch. The agent
            must begin a new one; 0 where there is none.
        h: Hash of the record at `through`: whose records it counts; None where the journal does
            not know it, or is too old to say. [32 bytes]
    """

    epoch: str
    through: int
    missing: tuple[tuple[int, int], ...] = ()
    conflict: int = 0
    h: bytes | None = None


class Acknowledgement(NamedTuple):
    """One message of a gateway: what its journal has, and what it takes beside single messages."""

    acks: tuple[EpochAck, ...]
    takes: tuple[str, ...]


def encode_acks(acks: Iterable[EpochAck], takes: Iterable[str] = ()) -> bytes:
    """Acknowledgements as a message."""
    body: dict[str, Any] = {"v": VERSION, "acks": [_form(ack) for ack in acks]}
    return orjson.dumps(body | ({"takes": list(takes)} if takes else {}))


def _form(ack: EpochAck) -> dict[str, Any]:
    form: dict[str, Any] = {
        "epoch": ack.epoch,
        "through": ack.through,
        "missing": [list(gap) for gap in ack.missing[:MOST_RANGES]],
    }
    if ack.h is not None:
        form["h"] = encode_hash(ack.h)
    if ack.conflict:
        form["conflict"] = ack.conflict
    return form


def decode_acks(payload: bytes) -> Acknowledgement:
    """Acknowledgements from a message; ValueError where it is none of this version."""
    try:
        body = orjson.loads(payload)
        if body["v"] != VERSION:
            raise ValueError(f"version {body['v']!r} is not known; {VERSION} is")
        acks = tuple(
            EpochAck(
                str(ack["epoch"]),
                int(ack["through"]),
                tuple((int(first), int(last)) for first, last in ack["missing"]),
                int(ack.get("conflict", 0)),
                decode_hash(ack["h"]) if "h" in ack else None,
            )
            for ack in body["acks"]
        )
        return Acknowledgement(acks, tuple(str(kind) for kind in body.get("takes", ())))
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"not an acknowledgement: {fault}") from fault
