"""Acknowledgements: what the journal accounts for, and what it lacks."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.wire.acknowledgement import MOST_RANGES, EpochAck, decode_acks, encode_acks
from collector.wire.canonical import canonical
from tests.wire.given import json_values

numbers = st.integers(1, 2**53)
acks = st.builds(
    EpochAck,
    epoch=st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    through=st.integers(0, 2**53),
    missing=st.lists(st.tuples(numbers, numbers), max_size=5).map(tuple),
    conflict=st.integers(0, 2**53),
)


@given(st.lists(acks, max_size=4))
def test_acknowledgements_come_out_as_they_went_in(sent):
    assert decode_acks(encode_acks(sent)).acks == tuple(sent)


def test_no_more_than_100_missing_ranges_are_sent():
    gaps = tuple((2 * n, 2 * n) for n in range(1, 500))

    (ack,) = decode_acks(encode_acks([EpochAck("e", 1, gaps)])).acks

    assert ack.missing == gaps[:MOST_RANGES]


def ack(**changed):
    body = {"epoch": "e", "through": 5, "missing": [[7, 9]]} | changed
    return {"v": 1, "acks": [{key: one for key, one in body.items() if one is not ...}]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        5,
        None,
        {"v": 1, "acks": 5},
        {"v": 1, "acks": [5]},
        {"v": 1, "acks": [[]]},
        ack(epoch=...),
        ack(through=...),
        ack(through="all"),
        ack(through=None),
        ack(missing=...),
        ack(missing=5),
        ack(missing=[[1]]),
        ack(missing=[[1, 2, 3]]),
        ack(missing=[["a", "b"]]),
    ],
)
def test_what_is_no_acknowledgement_is_refused(body):
    with pytest.raises(ValueError, match=r"\S"):
        decode_acks(orjson.dumps(body))


def taken_or_refused(payload: bytes) -> None:
    try:
        decode_acks(payload)
    except ValueError:
        return


@given(st.binary(max_size=100))
def test_bytes_of_any_kind_are_refused_with_a_value_error_alone(payload):
    taken_or_refused(payload)


@given(json_values)
def test_json_of_any_kind_is_refused_with_a_value_error_alone(value):
    taken_or_refused(canonical(value))
    taken_or_refused(canonical({"v": 1, "acks": [value]}))


@given(st.dictionaries(st.sampled_from(["epoch", "through", "missing"]), json_values))
def test_an_acknowledgement_with_any_field_changed_is_taken_or_refused(changed):
    taken_or_refused(canonical(ack(**changed)))
