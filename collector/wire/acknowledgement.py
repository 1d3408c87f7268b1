"""The acknowledgement: what the journal can account for of an epoch, and what it lacks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

VERSION = 1
MOST_RANGES = 100


@dataclass(frozen=True, slots=True)
class EpochAck:
    """What the journal has of one epoch.

    Attributes:
        epoch: Identity of the spool file.
        through: Highest `seq` up to which every record is accounted for (stored, quarantined or
            declared gone); 0 where the first is missing.
        missing: Ranges of `seq`, both ends included, that are missing below the highest one
            seen; at most 100, lowest first.
        conflict: The lowest `seq` that came with other content than the journal holds under it:
            two spools number under one epoch (a cloned or rolled-back card), and the agent must
            begin a new one; 0 where there is none.
    """

    epoch: str
    through: int
    missing: tuple[tuple[int, int], ...] = ()
    conflict: int = 0


def encode_acks(acks: Iterable[EpochAck]) -> bytes:
    """Acknowledgements as a message."""
    return orjson.dumps({"v": VERSION, "acks": [_form(ack) for ack in acks]})


def _form(ack: EpochAck) -> dict[str, Any]:
    form = {
        "epoch": ack.epoch,
        "through": ack.through,
        "missing": [list(gap) for gap in ack.missing[:MOST_RANGES]],
    }
    return form | {"conflict": ack.conflict} if ack.conflict else form


def decode_acks(payload: bytes) -> tuple[EpochAck, ...]:
    """Acknowledgements from a message; ValueError where it is none of this version."""
    try:
        body = orjson.loads(payload)
        if body["v"] != VERSION:
            raise ValueError(f"version {body['v']!r} is not known; {VERSION} is")
        return tuple(
            EpochAck(
                str(ack["epoch"]),
                int(ack["through"]),
                tuple((int(first), int(last)) for first, last in ack["missing"]),
                int(ack.get("conflict", 0)),
            )
            for ack in body["acks"]
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"not an acknowledgement: {fault}") from fault
