"""Messages: readings of one device in one commit window, and the other sequenced records.

A reading's *form* is what the chain hashes and the journal keeps: the reading as RFC 8785 JSON,
its device and birth included, without ``h``. On the wire device and birth stand once for all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from collector.wire.anchor import read_anchor
from collector.wire.birth import read_birth
from collector.wire.canonical import canonical, fitted
from collector.wire.chain import decode_hash, encode_hash
from collector.wire.counts import read_counts
from collector.wire.gone import read_gone
from collector.wire.reading import ClockState, Reading, Value, parse_stamp, stamp

VERSION = 1
MOST_BYTES = 64 * 1024
"""An agent writes no larger message, and the gateway takes none."""
MOST_TEXT = 256


@dataclass(frozen=True, slots=True)
class Sequenced:
    """One record of an epoch as it came off the wire.

    Attributes:
        seq: Its number in the epoch.
        h: The hash it claims. [32 bytes]
        form: Its RFC 8785 form without ``h``: what the chain hashes.
        kind: ``reading``, or what other record it is: ``birth``, ``anchor``, ``counts``, ``gone``.
        reading: The reading, where it is one.
        birth: Hash of the birth by which the reading is to be read.
        device: Device that it is of, where it is of one.
        body: What a record that is no reading says.
    """

    seq: int
    h: bytes
    form: bytes
    kind: str
    reading: Reading | None
    birth: str
    device: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """What one message held."""

    epoch: str
    records: tuple[Sequenced, ...]


def reading_form(reading: Reading, seq: int, birth: str) -> dict[str, Any]:
    """A reading as the chain sees it; quality only where there is something to say."""
    form: dict[str, Any] = {
        "seq": seq,
        "device": reading.device,
        "birth": birth,
        "at": stamp(reading.at),
        "clock": reading.clock.value,
        "boot": reading.boot,
        "up_ms": reading.up_ms,
        "values": reading.written_values,
    }
    if reading.uncertain:
        form["uncertain"] = dict(reading.uncertain)
    if reading.bad:
        form["bad"] = dict(reading.bad)
    return form


def record_form(
    seq: int, kind: str, at: str, device: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """A record that is no reading, as the chain sees it."""
    return {"seq": seq, "kind": kind, "at": at, "device": device, "body": dict(body)}


def encode_readings(
    epoch: str, birth: str, forms: Iterable[tuple[Mapping[str, Any], bytes]]
) -> bytes:
    """Readings of one device and one birth, each with its hash, as a message."""
    readings = [
        {key: value for key, value in form.items() if key not in ("device", "birth")}
        | {"h": encode_hash(h)}
        for form, h in forms
    ]
    said = {"v": VERSION, "epoch": epoch, "birth": birth, "readings": readings}
    return fitted(canonical(said))


def encode_records(epoch: str, forms: Iterable[tuple[Mapping[str, Any], bytes]]) -> bytes:
    """Records that are no readings, each with its hash, as a message."""
    records = [dict(form) | {"h": encode_hash(h)} for form, h in forms]
    return fitted(canonical({"v": VERSION, "epoch": epoch, "records": records}))


def encode_live(birth: str, reading: Reading) -> bytes:
    """A reading before its commit: without `seq` and hash, for pages only; nobody hashes it."""
    form = reading_form(reading, 0, birth)
    del form["seq"], form["device"], form["birth"]
    return fitted(orjson.dumps({"v": VERSION, "birth": birth, "reading": form}))


def decode(payload: bytes, device: str | None) -> Message:
    """Take a message apart.

    Args:
        payload: The message's bytes.
        device: Device that its topic names; None for a message of records.

    Raises:
        ValueError: It is too large, or no message of this version; says what is wrong.
    """
    try:
        body = body_of(payload)
        epoch = _text(body["epoch"], "epoch")
        if device is None:
            records = tuple(_record(form) for form in body["records"])
        else:
            birth = _text(body["birth"], "birth")
            records = tuple(_reading(form, device, birth) for form in body["readings"])
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"not a message: {fault!r}") from fault
    return Message(epoch, records)


def decode_live(payload: bytes, device: str) -> tuple[str, Reading]:
    """A live message's birth and reading; ValueError where it is none."""
    try:
        body = body_of(payload)
        form = dict(body["reading"])
        return _text(body["birth"], "birth"), values_of(form, device)
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"not a live message: {fault!r}") from fault


def read_form(form: bytes) -> Reading:
    """A reading from the form that the journal keeps."""
    body = orjson.loads(form)
    return values_of(body, body["device"])


def body_of(payload: bytes) -> dict[str, Any]:
    """A message's JSON; ValueError where it is too large or of no version that is known."""
    if len(payload) > MOST_BYTES:
        raise ValueError(f"{len(payload)} bytes; at most {MOST_BYTES} are taken")
    body = orjson.loads(payload)
    if body["v"] != VERSION:
        raise ValueError(f"version {body['v']!r} is not known; {VERSION} is")
    return dict(body)


def _reading(form: dict[str, Any], device: str, birth: str) -> Sequenced:
    h = decode_hash(form.pop("h"))
    seq = _seq(form["seq"])
    form["device"] = device
    form["birth"] = birth
    reading = values_of(form, device)
    form["values"] = dict(reading.values)
    return Sequenced(seq, h, canonical(form), "reading", reading, birth, device, {})


def _record(form: dict[str, Any]) -> Sequenced:
    h = decode_hash(form.pop("h"))
    seq = _seq(form["seq"])
    parse_stamp(form["at"])
    kind, device = _text(form["kind"], "kind"), _text(form["device"], "device", least=0)
    body = dict(form["body"])
    if kind == "birth":
        read_birth(body)
    elif kind == "gone":
        read_gone(body)
    elif kind == "anchor":
        read_anchor(body)
    elif kind == "counts":
        read_counts(body)
    return Sequenced(seq, h, canonical(form), kind, None, "", device, body)


def values_of(form: Mapping[str, Any], device: str) -> Reading:
    """A reading of a device from its form; ValueError, KeyError or TypeError where it is none."""
    return Reading(
        device=device,
        at=parse_stamp(form["at"]),
        clock=ClockState(form["clock"]),
        boot=_text(form["boot"], "boot"),
        up_ms=int(form["up_ms"]),
        values={name: _value(value, name) for name, value in form["values"].items()},
        uncertain=_reasons(form.get("uncertain", {})),
        bad=_reasons(form.get("bad", {})),
    )


def _value(value: object, name: str) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{name}: {value!r} is no number and no text")
    if isinstance(value, str) and len(value) > MOST_TEXT:
        raise ValueError(f"{name}: a text of {len(value)} characters; at most {MOST_TEXT}")
    # RFC 8785 writes the float 1e16 as a whole number: beyond 2**53 that is what it was.
    return float(value) if isinstance(value, int) and abs(value) > 2**53 else value


def _reasons(reasons: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(reason, name) for name, reason in reasons.items()}


def _seq(seq: object) -> int:
    if isinstance(seq, bool) or not isinstance(seq, int) or not 0 < seq < 2**53:
        raise ValueError(f"seq {seq!r} is no whole number above 0")
    return seq


def _text(text: object, name: str, least: int = 1) -> str:
    if not isinstance(text, str) or not least <= len(text) <= MOST_TEXT:
        raise ValueError(f"{name}: {text!r} is no text of {least} to {MOST_TEXT} characters")
    return text
