"""What will never come, and what the time was: both come out as they went in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.wire.anchor import Anchor, anchor_form, read_anchor
from collector.wire.canonical import canonical
from collector.wire.chain import encode_hash
from collector.wire.gone import MOST_GONE, Gone, GoneRange, gone_form, read_gone
from collector.wire.message import MOST_BYTES, encode_records, record_form
from collector.wire.reading import instant
from tests.wire.given import START, hashes, instants, json_values

H = b"h" * 32
ranges = st.tuples(st.integers(1, 2**52), st.integers(0, 2**52), st.none() | hashes).map(
    lambda drawn: GoneRange(drawn[0], min(drawn[0] + drawn[1], 2**53 - 1), drawn[2])
)


@given(st.lists(ranges, min_size=1, max_size=5), st.sampled_from(["", "7f3c" * 8]))
def test_what_is_gone_comes_out_as_it_went_in(spans, epoch):
    assert read_gone(gone_form("thinned", spans, epoch=epoch)) == Gone(
        "thinned", epoch, tuple(spans)
    )


def test_the_first_agents_named_one_range_only():
    assert read_gone({"first": 3, "last": 5, "why": "spool-full"}).ranges == (GoneRange(3, 5),)


def test_as_many_ranges_as_one_record_may_name_fit_into_a_message():
    spans = [GoneRange(2**53 - 2, 2**53 - 1, H)] * MOST_GONE
    form = record_form(2**53 - 1, "gone", "2026-03-01T04:15:00.120Z", "", gone_form("x", spans))

    assert len(encode_records("7f3c" * 8, [(form, H)])) < MOST_BYTES


@pytest.mark.parametrize(
    "spans",
    [
        [],
        5,
        None,
        [[1]],
        [[5, 4]],
        [[0, 4]],
        [[1, 2**53]],
        [[True, 4]],
        [["1", "4"]],
        [[1, 4, encode_hash(H), 5]],
        [[1, 4, "short"]],
        [[1, 2]] * (MOST_GONE + 1),
    ],
)
def test_what_is_no_range_is_refused(spans):
    with pytest.raises(ValueError, match=r"\S"):
        read_gone({"why": "thinned", "ranges": spans})


@given(st.integers(0, 2**53 - 1), instants)
def test_an_anchor_comes_out_as_it_went_in(up_ms, at):
    anchor = Anchor("5d" * 16, up_ms, at, "kernel")

    assert read_anchor(anchor_form(anchor)) == anchor


@given(st.integers(0, 10**12), st.integers(0, 10**9))
def test_an_anchor_places_a_moment_as_long_before_it_as_it_was(up_ms, before):
    anchor = Anchor("b0", up_ms, START, "kernel")

    assert anchor.place(up_ms - before) == instant(0) + (START - instant(before))


@given(json_values)
def test_json_of_any_kind_is_no_anchor_and_nothing_gone(value):
    for read in (read_anchor, read_gone):
        for body in (value, {"ranges": value, "why": "x"}, {"boot": "b", "up_ms": value}):
            if not isinstance(body, dict):
                continue
            canonical(body)
            try:
                read(body)
            except ValueError:
                continue
