"""Messages: what an agent encodes is what the gateway decodes, and nothing else comes in."""

import hashlib
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.wire.birth import birth_form
from collector.wire.canonical import canonical
from collector.wire.chain import decode_hash, encode_hash, genesis, link
from collector.wire.message import (
    MOST_BYTES,
    decode,
    decode_live,
    encode_live,
    encode_readings,
    encode_records,
    read_form,
    reading_form,
    record_form,
)
from collector.wire.reading import ClockState, Reading, instant, parse_stamp, stamp, unix_ms
from tests.wire.given import (
    DEVICE,
    EPOCH,
    START,
    births,
    hashes,
    instants,
    json_values,
    keys,
    message,
    reading,
    readings,
    record,
    records,
    seqs,
)

BIRTH = "a91e" * 8


def sent(*found):
    """Readings with their numbers and hashes, as a message."""
    forms = [(reading_form(one, seq, BIRTH), h) for one, seq, h in found]
    return encode_readings(EPOCH, BIRTH, forms)


@given(readings(), seqs, hashes)
def test_a_reading_comes_out_as_it_went_in(one, seq, h):
    (out,) = decode(sent((one, seq, h)), DEVICE).records

    assert (out.seq, out.h, out.kind, out.birth, out.device) == (seq, h, "reading", BIRTH, DEVICE)
    assert out.reading == one


@given(readings(), seqs, hashes)
def test_the_form_that_the_agent_hashed_is_the_form_that_the_gateway_rebuilds(one, seq, h):
    hashed = canonical(reading_form(one, seq, BIRTH))

    (out,) = decode(sent((one, seq, h)), DEVICE).records

    assert out.form == hashed


@given(readings(), seqs, hashes)
def test_the_journal_reads_a_reading_back_from_its_form(one, seq, h):
    (out,) = decode(sent((one, seq, h)), DEVICE).records

    assert read_form(out.form) == one


@given(st.lists(st.tuples(readings(), seqs, hashes), max_size=5))
def test_a_message_keeps_the_order_of_its_readings(found):
    out = decode(sent(*found), DEVICE)

    assert out.epoch == EPOCH
    assert [(one.reading, one.seq, one.h) for one in out.records] == found


@given(readings())
def test_a_reading_of_another_device_has_another_form(one):
    payload = sent((one, 1, bytes(32)))

    forms = {decode(payload, device).records[0].form for device in (DEVICE, "jet-08-power")}

    assert len(forms) == 2


@given(births, seqs, hashes, instants)
def test_a_birth_is_a_record_that_comes_out_as_it_went_in(birth, seq, h, at):
    form = record_form(seq, "birth", stamp(at), birth.device, birth_form(birth))

    (out,) = decode(encode_records(EPOCH, [(form, h)]), None).records

    assert (out.seq, out.h, out.kind, out.reading) == (seq, h, "birth", None)
    assert out.form == canonical(form)
    assert out.body == orjson.loads(canonical(birth_form(birth)))


@given(readings())
def test_a_live_reading_comes_out_as_it_went_in(one):
    assert decode_live(encode_live(BIRTH, one), DEVICE) == (BIRTH, one)


@given(instants)
def test_a_stamp_says_its_instant_to_the_millisecond(at):
    assert parse_stamp(stamp(at)) == at
    assert instant(unix_ms(at)) == at
    assert parse_stamp(stamp(at + timedelta(microseconds=999))) == at


@given(st.lists(st.binary(max_size=20), min_size=1), st.data())
def test_a_changed_record_changes_every_hash_behind_it(forms, data):
    place = data.draw(st.integers(0, len(forms) - 1))
    changed = [*forms[:place], forms[place] + b"x", *forms[place + 1 :]]

    chains = []
    for own in (forms, changed):
        h = genesis("keqiao", "dyehouse-a", EPOCH)
        chains.append([h := link(h, form) for form in own])

    same = [one == other for one, other in zip(*chains, strict=True)]
    assert same == [True] * place + [False] * (len(forms) - place)


def test_a_link_is_sha_256_over_the_hash_before_and_the_form():
    assert link(b"\0" * 32, b"{}") == hashlib.sha256(b"\0" * 32 + b"{}").digest()


def test_every_epoch_begins_with_another_hash():
    assert genesis("keqiao", "a", "1") != genesis("keqiao", "a", "2") != genesis("keqiao", "b", "2")


@given(hashes)
def test_a_hash_is_43_characters_on_the_wire(h):
    assert len(encode_hash(h)) == 43
    assert decode_hash(encode_hash(h)) == h


@pytest.mark.parametrize("text", ["", "A", "A" * 42, "A" * 44, "é" * 43, "*" * 43])
def test_what_is_no_hash_is_refused(text):
    with pytest.raises(ValueError, match=r"\S"):
        decode_hash(text)


REFUSED_READINGS = {
    "without seq": reading(seq=...),
    "seq 0": reading(seq=0),
    "seq below 0": reading(seq=-1),
    "seq true": reading(seq=True),
    "seq as text": reading(seq="1"),
    "seq in parts": reading(seq=1.5),
    "seq beyond 2**53": reading(seq=2**53),
    "without at": reading(at=...),
    "at without zone": reading(at="2026-03-01T04:15:00.120"),
    "at in another zone": reading(at="2026-03-01T12:15:00.120+08:00"),
    "at as number": reading(at=1772338500120),
    "at as nonsense": reading(at="yesterday"),
    "at before 1970": reading(at="1969-12-31T23:59:59.999Z"),
    "at finer than milliseconds": reading(at="2026-03-01T04:15:00.120500Z"),
    "without clock": reading(clock=...),
    "unknown clock": reading(clock="X"),
    "clock as list": reading(clock=[]),
    "without boot": reading(boot=...),
    "empty boot": reading(boot=""),
    "boot too long": reading(boot="b" * 257),
    "without up_ms": reading(up_ms=...),
    "up_ms as nonsense": reading(up_ms="soon"),
    "up_ms as list": reading(up_ms=[]),
    "without values": reading(values=...),
    "values as list": reading(values=[1]),
    "value true": reading(values={"energy_import_kwh": True}),
    "value null": reading(values={"energy_import_kwh": None}),
    "value as list": reading(values={"energy_import_kwh": [1]}),
    "text too long": reading(values={"batch_id": "B" * 257}),
    "reason as number": reading(bad={"flow_kg_h": 7}),
    "reasons as list": reading(uncertain=["power_kw"]),
    "empty reason": reading(bad={"flow_kg_h": ""}),
    "without h": reading(h=...),
    "h too short": reading(h="AAAA"),
    "h as number": reading(h=1),
    "no object": 5,
    "a text": "reading",
    "null": None,
}


@pytest.mark.parametrize("form", REFUSED_READINGS.values(), ids=REFUSED_READINGS)
def test_a_reading_that_is_none_is_refused(form):
    with pytest.raises(ValueError, match=r"\S"):
        decode(orjson.dumps(message(form)), DEVICE)


REFUSED_MESSAGES = {
    "no version": message(v=...),
    "version 2": message(v=2),
    "version as text": message(v="1"),
    "no epoch": message(epoch=...),
    "empty epoch": message(epoch=""),
    "epoch as number": message(epoch=7),
    "epoch too long": message(epoch="e" * 257),
    "no birth": message(birth=...),
    "birth as list": message(birth=[]),
    "no readings": message(readings=...),
    "readings as object": message(readings={"seq": 1}),
    "readings as number": message(readings=5),
    "readings null": message(readings=None),
    "a list": [],
    "a number": 5,
    "null": None,
}


@pytest.mark.parametrize("body", REFUSED_MESSAGES.values(), ids=REFUSED_MESSAGES)
def test_a_message_that_is_none_is_refused(body):
    with pytest.raises(ValueError, match=r"\S"):
        decode(orjson.dumps(body), DEVICE)


BIRTH_BODY = {
    "device": DEVICE,
    "profile": "test",
    "version": 1,
    "every_ms": 10_000,
    "ct": "1",
    "pt": "1",
    "points": [{"name": "energy_import_kwh", "unit": "kWh", "kind": "counter"}],
}


def a_birth(**changed):
    return record(kind="birth", device=DEVICE, body=BIRTH_BODY | changed)


def a_point(**changed):
    return a_birth(points=[BIRTH_BODY["points"][0] | changed])


REFUSED_RECORDS = {
    "without seq": record(seq=...),
    "without kind": record(kind=...),
    "empty kind": record(kind=""),
    "without device": record(device=...),
    "without body": record(body=...),
    "body as number": record(body=5),
    "gone without last": record(body={"first": 3}),
    "gone from 0": record(body={"first": 0, "last": 5}),
    "gone by text": record(body={"first": "3", "last": 5}),
    "birth of nothing": record(kind="birth", body={}),
    "birth with a point of no kind": a_point(kind="smell"),
    "birth with a modulus that is no number": a_point(modulus="often"),
    "birth with a modulus in a list": a_point(modulus=[1]),
    "birth with a modulus of 0": a_point(modulus="0"),
    "birth with a modulus that is not finite": a_point(modulus="NaN"),
    "birth with a resolution that is no number": a_point(resolution={}),
    "birth polled never": a_birth(every_ms=0),
    "birth of version many": a_birth(version="many"),
    "birth with points as number": a_birth(points=5),
    "birth with labels as list": a_point(labels=[1]),
}


@pytest.mark.parametrize("form", REFUSED_RECORDS.values(), ids=REFUSED_RECORDS)
def test_a_record_that_is_none_is_refused(form):
    with pytest.raises(ValueError, match=r"\S"):
        decode(orjson.dumps(records(form)), None)


def test_the_same_forms_unchanged_are_taken():
    assert len(decode(orjson.dumps(message(reading())), DEVICE).records) == 1
    assert len(decode(orjson.dumps(records(record(), a_birth(), a_point())), None).records) == 3


def test_a_message_above_64_kb_is_refused_before_it_is_read():
    payload = orjson.dumps(message(reading()))

    assert decode(payload + b" " * (MOST_BYTES - len(payload)), DEVICE)
    with pytest.raises(ValueError, match="65537 bytes"):
        decode(payload + b" " * (MOST_BYTES - len(payload) + 1), DEVICE)


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity", b"1e400"])
def test_a_number_that_json_does_not_know_is_refused(word):
    payload = orjson.dumps(message(reading())).replace(b"18230.4", word)

    with pytest.raises(ValueError, match=r"\S"):
        decode(payload, DEVICE)


@pytest.mark.parametrize("value", [1e16, -1e16, 2.0**53 + 2, 1.5e20, 3.4028234663852886e38])
def test_a_giant_value_spoils_no_message(value):
    """A float register in the wrong word order shows such numbers; to judge it is not our part."""
    one = Reading(DEVICE, START, ClockState.SYNCHRONISED, "5d", 1, {"energy_import_kwh": value})

    (out,) = decode(sent((one, 1, bytes(32))), DEVICE).records

    assert out.reading == one
    assert out.form == canonical(reading_form(one, 1, BIRTH))


@pytest.mark.parametrize("device", [DEVICE, None])
@pytest.mark.parametrize("depth", [400, 900, 20_000])
def test_a_message_nested_deep_is_refused(device, depth):
    deep = b"[" * depth + b"]" * depth
    known = message(reading(more=0)) if device else records(record(body={"more": 0, "first": 1}))
    payload = orjson.dumps(known).replace(b'"more":0', b'"more":' + deep)

    with pytest.raises(ValueError, match=r"\S"):
        decode(payload, device)


def taken_or_refused(payload: bytes) -> None:
    for take in (
        lambda: decode(payload, DEVICE),
        lambda: decode(payload, None),
        lambda: decode_live(payload, DEVICE),
    ):
        try:
            take()
        except ValueError:
            continue


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_refused_with_a_value_error_alone(payload):
    taken_or_refused(payload)


@given(json_values)
def test_json_of_any_kind_is_refused_with_a_value_error_alone(value):
    taken_or_refused(canonical(value))


anything = json_values | st.integers(-(2**63), 2**64 - 1)
FIELDS = ["seq", "at", "clock", "boot", "up_ms", "values", "uncertain", "bad", "h", "device"]


@given(st.dictionaries(st.sampled_from(FIELDS) | keys, anything, max_size=4))
def test_a_reading_with_any_field_changed_is_taken_or_refused(changed):
    taken_or_refused(orjson.dumps(message(reading(**changed))))


@given(st.dictionaries(st.sampled_from(["v", "epoch", "birth", "readings"]), anything))
def test_a_message_with_any_field_changed_is_taken_or_refused(changed):
    taken_or_refused(orjson.dumps(message(reading(), **changed)))


@given(st.dictionaries(st.sampled_from([*BIRTH_BODY, "first", "last"]), anything, max_size=3))
def test_a_birth_with_any_field_changed_is_taken_or_refused(changed):
    taken_or_refused(orjson.dumps(records(a_birth(**changed))))


POINT_FIELDS = ["name", "unit", "kind", "modulus", "resolution", "float_bits", "labels"]


@given(st.dictionaries(st.sampled_from(POINT_FIELDS), anything, max_size=3))
def test_a_point_with_any_field_changed_is_taken_or_refused(changed):
    taken_or_refused(orjson.dumps(records(a_point(**changed))))
