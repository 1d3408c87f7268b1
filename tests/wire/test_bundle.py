"""Bundles: messages come out of one byte for byte as they went in, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.wire.bundle import AROUND_A_MESSAGE, MOST_MESSAGES, bundle, unbundle
from collector.wire.canonical import canonical
from collector.wire.message import MOST_BYTES

devices = st.none() | st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?", fullmatch=True)
messages = st.dictionaries(st.sampled_from("abc"), st.text() | st.integers(0, 9)).map(canonical)


@given(st.lists(st.tuples(devices, messages), min_size=1, max_size=20))
def test_messages_come_out_byte_for_byte_as_they_went_in(sent):
    assert unbundle(bundle(sent)) == sent


def test_a_message_takes_no_more_beside_itself_than_is_said():
    assert len(bundle([("x" * 64, b"{}"), ("x" * 64, b"{}")])) <= 2 * (2 + AROUND_A_MESSAGE)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b'{"v":1}',
        b"jet-07",
        b"jet-07 {}\n",
        b"JET {}",
        b"jet/07 {}",
        b"\xff {}",
        b" {}\n" * MOST_MESSAGES + b" {}",
        b" " + b"x" * MOST_BYTES,
    ],
)
def test_what_is_no_bundle_is_refused(payload):
    with pytest.raises(ValueError, match=r"\S"):
        unbundle(payload)


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_taken_or_refused_with_a_value_error(payload):
    try:
        found = unbundle(payload)
    except ValueError:
        return
    assert bundle(found) == payload
