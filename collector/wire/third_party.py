"""Third parties: readings of devices that no agent of ours polls, as documented JSON.

Such a message has no epoch, no numbers and no hashes. Its readings are identified by device and
instant; the gateway numbers and chains them when it stores them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from collector.wire.birth import Birth, Point, read_point
from collector.wire.canonical import canonical
from collector.wire.message import MOST_BYTES, VERSION, body_of, values_of
from collector.wire.reading import ClockState, Reading, Value, stamp
from collector.wire.suffixes import stored_unit

PROFILE = "third-party"


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """What one such message held: readings, and the birth by which they are to be read."""

    birth: Birth
    readings: tuple[Reading, ...]


def is_third_party(payload: bytes) -> bool:
    """Whether a message comes from no agent of ours; one that is no JSON object does not."""
    if len(payload) > MOST_BYTES:
        return False
    try:
        body = orjson.loads(payload)
    except ValueError:
        return False
    return isinstance(body, dict) and "epoch" not in body


def encode_third_party(
    points: Mapping[str, Mapping[str, Any]], every_ms: int, readings: Sequence[Reading]
) -> bytes:
    """Readings of one device as a third party sends them.

    Args:
        points: What is known of each point beside its name: ``kind``, ``modulus``, ``resolution``.
        every_ms: The device's period. [ms]
        readings: Readings, every point of which is in `points`.
    """
    found = [
        {"at": stamp(one.at), "values": dict(one.values)}
        | ({"bad": dict(one.bad)} if one.bad else {})
        | ({"uncertain": dict(one.uncertain)} if one.uncertain else {})
        for one in readings
    ]
    return canonical({"v": VERSION, "every_ms": every_ms, "points": points, "readings": found})


def decode_third_party(payload: bytes, device: str) -> ThirdParty:
    """Take such a message apart.

    Args:
        payload: The message's bytes.
        device: Device that its topic names.

    Raises:
        ValueError: It is too large, or no such message; says what is wrong.
    """
    try:
        body = body_of(payload)
        points = tuple(_point(name, form) for name, form in body["points"].items())
        readings = tuple(_reading(form, device) for form in body["readings"])
        birth = Birth(device, PROFILE, 1, _period(body["every_ms"]), "1", "1", points)
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"not a third party's message: {fault!r}") from fault
    _agree(points, readings)
    return ThirdParty(birth, readings)


def _point(name: str, form: object) -> Point:
    """A point from its kind alone, or from all that is said of it."""
    said = {"kind": form} if isinstance(form, str) else dict(form)  # type: ignore[call-overload]
    return read_point(said | {"name": name, "unit": stored_unit(name)})


def _period(every_ms: object) -> int:
    if isinstance(every_ms, bool) or not isinstance(every_ms, int) or every_ms < 1:
        raise ValueError(f"every_ms {every_ms!r} is no number of milliseconds above 0")
    return every_ms


def _reading(form: Mapping[str, Any], device: str) -> Reading:
    """Nobody vouches for its clock, and it knows no boot."""
    known = {"clock": ClockState.INFORMATIVE.value, "boot": PROFILE, "up_ms": 0}
    return values_of({**form, **known}, device)


def _agree(points: Sequence[Point], readings: Sequence[Reading]) -> None:
    """Whether the readings hold what the points announce, texts as texts and numbers as numbers."""
    kinds = {point.name: point.kind.value for point in points}
    for reading in readings:
        for name in (*reading.values, *reading.bad):
            if name not in kinds:
                raise ValueError(f"{name!r} is not among the points")
        for name, value in reading.values.items():
            if _is_text(value) != (kinds[name] == "text"):
                raise ValueError(f"{name}: {value!r} is no {kinds[name]}")


def _is_text(value: Value) -> bool:
    return isinstance(value, str)
