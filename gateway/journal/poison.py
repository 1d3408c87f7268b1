"""Poison: what can still be read of a message that cannot be read whole."""

from dataclasses import dataclass

import orjson

from collector.wire.message import Message, Sequenced, decode

_WINDOW = 10_000
"""How far above the watermark a record that cannot be read may account for its number."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """What a spoiled message holds.

    Attributes:
        epoch: Whose numbers.
        records: Those that can be read on their own.
        spoiled: Numbers of those that cannot.
    """

    epoch: str
    records: tuple[Sequenced, ...]
    spoiled: tuple[int, ...]


def salvage(payload: bytes, device: str | None) -> Salvage | None:
    """Read a message record by record; None where not even its envelope can be read."""
    name = "records" if device is None else "readings"
    try:
        # An empty message tells whether the envelope holds: size, version, epoch, birth.
        body = orjson.loads(payload)
        epoch = decode(orjson.dumps({**body, name: []}), device).epoch
        forms = list(body[name])
    except (ValueError, KeyError, TypeError):
        return None
    records: list[Sequenced] = []
    spoiled: list[int] = []
    for form in forms:
        found = _alone(orjson.dumps({**body, name: [form]}), device)
        if found is not None:
            records += found.records
        elif isinstance(form, dict) and type(form.get("seq")) is int and form["seq"] > 0:
            spoiled.append(form["seq"])
    return Salvage(epoch, tuple(records), tuple(spoiled))


def within(through: int, seq: int) -> bool:
    """Whether a record that cannot be read may account for its number."""
    return through < seq <= through + _WINDOW


def _alone(payload: bytes, device: str | None) -> Message | None:
    try:
        return decode(payload, device)
    except ValueError:
        return None
