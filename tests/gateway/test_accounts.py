"""Which numbers are accounted for: the same as a plain set of them would say."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collector.wire import chain
from gateway.journal.accounts import Accounted, Span, begun

GENESIS = chain.genesis("keqiao", "dyehouse-a", "e1")
ranges = st.tuples(st.integers(1, 60), st.integers(0, 8)).map(lambda r: (r[0], r[0] + r[1]))
additions = st.lists(ranges, max_size=25)


def both(added):
    """What was added, as spans and as a plain set."""
    accounted, plain = begun(GENESIS), set()
    for first, last in added:
        for hole in accounted.holes(first, last):
            accounted.take(Span(*hole))
        plain.update(range(first, last + 1))
    return accounted, plain


@given(additions)
def test_a_number_is_accounted_for_where_it_was_added(added):
    accounted, plain = both(added)

    assert {seq for seq in range(1, 80) if accounted.has(seq)} == plain


@given(additions, ranges)
def test_the_holes_of_a_range_are_what_of_it_was_not_added(added, asked):
    accounted, plain = both(added)

    holes = accounted.holes(*asked)

    found = [seq for first, last in holes for seq in range(first, last + 1)]
    assert found == sorted(set(range(asked[0], asked[1] + 1)) - plain)


@given(additions)
def test_the_watermark_stands_below_the_first_number_that_is_missing(added):
    accounted, plain = both(added)

    assert accounted.through == min(set(range(1, 80)) - plain) - 1


@given(additions)
def test_the_spans_stand_apart_and_in_order(added):
    accounted, plain = both(added)

    held = [seq for span in accounted.spans for seq in range(span.first, span.last + 1)]
    assert held == sorted(plain | {0})
    assert all(b.first > a.last + 1 for a, b in pairwise(accounted.spans))


@given(additions)
def test_what_is_missing_below_the_highest_is_said(added):
    accounted, plain = both(added)

    ack = accounted.ack("e1")

    missing = {seq for first, last in ack.missing for seq in range(first, last + 1)}
    assert missing == set(range(1, max(plain, default=0))) - plain
    assert ack.epoch == "e1"


def links(count, broken):
    """Records of a chain, some of which do not follow from the one before."""
    h, found = GENESIS, []
    for seq in range(1, count + 1):
        form = b"%d" % seq
        h = chain.link(b"?" if seq in broken else h, form)
        found.append(Span(seq, seq, form, h, h))
    return found


@given(st.permutations(range(20)), st.sets(st.integers(1, 20)))
def test_every_link_is_checked_once_in_whatever_order_the_records_come(order, broken):
    records, found = links(20, broken), []
    accounted = begun(GENESIS)

    for place in order:
        found += accounted.take(records[place])

    assert sorted(found) == sorted(broken)
    assert accounted.spans == [Span(0, 20, h=records[19].h)]


@given(st.permutations(range(3)), st.booleans())
def test_behind_what_is_gone_the_chain_is_checked_where_its_last_hash_is_known(order, known):
    records = links(9, {7})
    h = records[5].h if known else None
    parts = [records[:3], [Span(4, 6, h=h)], records[6:]]
    accounted, found = begun(GENESIS), []

    for place in order:
        for record in parts[place]:
            found += accounted.take(record)

    assert found == ([7] if known else [])


def test_at_most_100_missing_ranges_are_said_and_the_lowest_first():
    accounted = begun(GENESIS)
    for seq in range(2, 1000, 2):
        accounted.take(Span(seq, seq))

    missing = accounted.ack("e1").missing

    assert missing == tuple((seq, seq) for seq in range(1, 200, 2))


def test_spans_come_back_as_they_were_kept():
    spans = [Span(0, 4, h=b"x"), Span(7, 9)]

    assert Accounted(spans).ack("e1").missing == ((5, 6),)
