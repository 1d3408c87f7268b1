"""Which numbers are accounted for: the same as a plain set of them would say."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.accounts import Accounted

ranges = st.tuples(st.integers(1, 60), st.integers(0, 8)).map(lambda r: (r[0], r[0] + r[1]))
additions = st.lists(ranges, max_size=25)


def both(added, joins):
    """What was added, as ranges and as a plain set; the watermark is let rise where said."""
    accounted, plain = Accounted(0), set()
    for place, (first, last) in enumerate(added):
        accounted.add(first, last)
        plain.update(range(first, last + 1))
        if place in joins:
            accounted.join()
    return accounted, plain


places = st.sets(st.integers(0, 25))


@given(additions, places)
def test_a_number_is_accounted_for_where_it_was_added(added, joins):
    accounted, plain = both(added, joins)

    assert {seq for seq in range(1, 80) if accounted.has(seq)} == plain


@given(additions, places)
def test_the_watermark_stands_below_the_first_number_that_is_missing(added, joins):
    accounted, plain = both(added, joins)

    through = accounted.join()

    assert through == accounted.through == min(set(range(1, 80)) - plain) - 1


@given(additions, places)
def test_the_ranges_stand_apart_and_in_order_and_hold_what_is_above_the_watermark(added, joins):
    accounted, plain = both(added, joins)

    through = accounted.join()

    held = [seq for first, last in accounted.ranges for seq in range(first, last + 1)]
    assert held == sorted(seq for seq in plain if seq > through)
    edges = [edge for found in accounted.ranges for edge in found]
    assert edges == sorted(edges)
    assert all(b[0] > a[1] + 1 for a, b in pairwise(accounted.ranges))


@given(additions, places)
def test_what_is_missing_below_the_highest_is_said(added, joins):
    accounted, plain = both(added, joins)
    accounted.join()

    ack = accounted.ack("e1")

    missing = {seq for first, last in ack.missing for seq in range(first, last + 1)}
    assert missing == set(range(1, max(plain, default=0))) - plain
    assert ack.epoch == "e1"


@given(st.permutations(range(1, 30)))
def test_the_order_of_arrival_does_not_matter(order):
    accounted = Accounted(0)
    for seq in order:
        accounted.add(seq, seq)

    assert accounted.join() == 29
    assert accounted.ranges == []


def test_at_most_100_missing_ranges_are_said_and_the_lowest_first():
    accounted = Accounted(0)
    for seq in range(2, 1000, 2):
        accounted.add(seq, seq)

    missing = accounted.ack("e1").missing

    assert missing == tuple((seq, seq) for seq in range(1, 200, 2))
