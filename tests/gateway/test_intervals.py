"""From register readings to amounts: exact, never negative, never a giant."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intervals import Curve, measure, unroll
from tests.gateway.given import KWH, START, at, counter, every_10_s, samples


def amounts(found, bounds, of=KWH):
    """The slices' amounts between seconds."""
    return [piece.amount for piece in measure(found, [at(b) for b in bounds], of).slices]


def total(found, start, end, of=KWH):
    return amounts(found, [start, end], of)[0]


def codes(found, of=KWH):
    return [problem.code for problem in unroll(found, of)[1]]


# Amounts are register differences.


def test_an_amount_is_the_difference_of_the_register():
    assert total(every_10_s([18230.4, 18230.9, 18231.5]), 0, 20) == Decimal("1.1")


def test_between_two_readings_the_register_is_taken_to_rise_evenly():
    assert amounts(samples((0, 100), (10, 101)), [0, 3, 10]) == [Decimal("0.3"), Decimal("0.7")]


def test_a_register_value_is_cut_to_a_billionth():
    assert amounts(samples((0, 0), (3, 1)), [0, 1, 2, 3]) == [
        Decimal("0.333333333"),
        Decimal("0.333333334"),
        Decimal("0.333333333"),
    ]


def test_bad_readings_are_passed_over():
    assert amounts(every_10_s([1, None, 3]), [0, 10, 20]) == [1, 1]


def test_texts_are_no_register_values():
    assert total(every_10_s([1, "B2409", 3]), 0, 20) == 2


def test_the_float_that_the_register_showed_is_read_as_its_shortest_decimal():
    assert total(every_10_s([0.1, 0.3]), 0, 10) == Decimal("0.2")


values = st.integers(0, 10**7).map(lambda n: n / 100)
wild = st.lists(st.none() | values, min_size=1, max_size=25)
tame = st.lists(st.integers(0, 5000), min_size=1, max_size=25).map(
    lambda rises: [sum(rises[: n + 1]) / 100 for n in range(len(rises))]
)
edges = st.lists(st.integers(-30_000, 300_000).map(lambda ms: ms / 1000), max_size=8)


@given(tame | wild, edges)
def test_cutting_an_interval_anywhere_changes_no_sum(shown, cuts):
    found, bounds = every_10_s(shown), sorted({-40.0, 310.0, *cuts})

    pieces = amounts(found, bounds)

    assert sum(pieces) == total(found, bounds[0], bounds[-1])
    assert len(pieces) == len(bounds) - 1


@given(tame | wild, edges)
def test_an_amount_is_never_negative(shown, cuts):
    assert min(amounts(every_10_s(shown), sorted({-40.0, 310.0, *cuts}))) >= 0


@given(wild, edges)
def test_an_amount_is_never_more_than_the_rises_that_the_register_showed(shown, cuts):
    numbers = [value for value in shown if value is not None]
    rises = sum(max(0, b - a) for a, b in pairwise(numbers))

    assert total(every_10_s(shown), -40, 310) <= Decimal(rises) + Decimal("0.01")


@given(tame, edges)
def test_every_amount_is_measured_interpolated_or_estimated_to_the_last_quantum(shown, cuts):
    bounds = [at(edge) for edge in sorted({-40.0, 310.0, *cuts})]

    for piece in measure(every_10_s(shown), bounds, KWH).slices:
        assert piece.measured + piece.interpolated + piece.estimated == piece.amount
        assert min(piece.measured, piece.interpolated, piece.estimated) >= 0


@given(tame, edges, st.data())
def test_a_reading_that_came_twice_changes_nothing(shown, cuts, data):
    found, bounds = every_10_s(shown), sorted({-40.0, 310.0, *cuts})
    twice = data.draw(st.sets(st.integers(0, len(found) - 1)))
    doubled = [one for n, one in enumerate(found) for _ in range(2 if n in twice else 1)]

    assert amounts(doubled, bounds) == amounts(found, bounds)


@given(tame | wild, edges, st.randoms())
def test_the_order_of_arrival_changes_nothing(shown, cuts, chance):
    found, bounds = every_10_s(shown), sorted({-40.0, 310.0, *cuts})
    shuffled = chance.sample(found, len(found))

    assert amounts(shuffled, bounds) == amounts(found, bounds)
    assert codes(shuffled) == codes(found)


@given(st.permutations([100, 101, 102]))
def test_of_several_values_of_one_instant_none_counts_twice(shown):
    found = samples((0, 99), *[(10, value) for value in shown], (20, 103))

    assert amounts(found, [0, 10, 20]) == [3, 1]


@given(tame, edges)
def test_the_registers_marks_are_the_same_however_the_line_is_cut(shown, cuts):
    found = every_10_s(shown)
    bounds = sorted({-40.0, 310.0, *cuts})

    marks = {mark.at: mark.total for mark in measure(found, [at(b) for b in bounds], KWH).marks}

    for edge in bounds[1:-1]:
        alone = measure(found, [at(-40), at(edge), at(310)], KWH).marks[1]
        assert alone.total == marks[at(edge)]


# Quality.


def qualities(found, start, end, every_s=10):
    (piece,) = measure(found, [at(start), at(end)], counter(every_s=every_s)).slices
    return piece.measured, piece.interpolated, piece.estimated


@pytest.mark.parametrize(
    ("gap_s", "quality"),
    [
        (10, (6, 0, 0)),
        (20, (6, 0, 0)),
        (20.001, (0, 6, 0)),
        (900, (0, 6, 0)),
        (900.001, (0, 0, 6)),
        (90_000, (0, 0, 6)),
    ],
)
def test_the_longer_the_gap_the_lower_the_quality(gap_s, quality):
    assert qualities(samples((0, 100), (gap_s, 106)), 0, gap_s) == quality


def test_readings_two_slow_polls_apart_are_measured():
    assert qualities(samples((0, 100), (1200, 106)), 0, 1200, every_s=600) == (6, 0, 0)


def test_part_of_a_gap_has_the_quality_of_the_whole_gap():
    found = samples((0, 100), (10, 101), (3610, 461))

    assert qualities(found, 5, 20) == (Decimal("0.5"), 0, 1)
    assert qualities(found, 20, 30) == (0, 0, 1)


def test_a_gap_of_bad_readings_is_a_gap():
    assert qualities(samples((0, 100), (10, None), (20, None), (30, 103)), 0, 30) == (0, 3, 0)


# Before the first and after the last reading.


def test_before_the_first_and_after_the_last_reading_the_line_runs_level():
    pieces = measure(every_10_s([5, 6, 7]), [at(s) for s in (-20, 0, 20, 40)], KWH).slices

    assert [(piece.amount, piece.complete) for piece in pieces] == [
        (0, False),
        (2, True),
        (0, False),
    ]


def test_an_interval_that_begins_before_the_first_reading_is_not_complete():
    (piece,) = measure(every_10_s([5, 6]), [at(-5), at(10)], KWH).slices

    assert (piece.amount, piece.complete) == (1, False)


def test_without_any_reading_there_is_no_amount():
    (piece,) = measure([], [at(0), at(10)], KWH).slices

    assert (piece.amount, piece.complete) == (0, False)


@given(st.datetimes(START.replace(tzinfo=None), at(20).replace(tzinfo=None)))
def test_inside_the_readings_an_interval_is_complete(naive):
    inside = naive.replace(tzinfo=START.tzinfo, microsecond=naive.microsecond // 1000 * 1000)
    inside += timedelta(milliseconds=1) if inside == START else timedelta(0)
    bounds = sorted({START, min(inside, at(20)), at(20)})

    assert all(piece.complete for piece in measure(every_10_s([1, 2, 3]), bounds, KWH).slices)


# In a gap too long to interpolate, the machine's running time shares the difference.


def running(*shown):
    return Curve(samples(*shown))


MINUTE_BY_MINUTE = [(60.0 * minute, 1 if 20 <= minute < 40 else 0) for minute in range(61)]


def test_in_a_gap_a_machine_that_ran_for_a_part_takes_all_in_that_part():
    found = samples((0, 100), (3600, 160))
    bounds = [at(60 * minute) for minute in (0, 20, 30, 40, 60)]

    slices = measure(found, bounds, KWH, running=running(*MINUTE_BY_MINUTE)).slices

    assert [piece.amount for piece in slices] == [0, 30, 30, 0]
    assert [piece.estimated for piece in slices] == [0, 30, 30, 0]


def test_in_a_gap_whose_state_is_not_known_throughout_time_shares():
    found = samples((0, 100), (3600, 160))
    part = [(second, value) for second, value in MINUTE_BY_MINUTE if not 1200 < second < 2400]

    slices = measure(found, [at(0), at(1200), at(3600)], KWH, running=running(*part)).slices

    assert [piece.amount for piece in slices] == [20, 40]


def test_in_a_gap_in_which_nothing_ran_time_shares():
    found = samples((0, 100), (3600, 160))
    still = [(second, 0) for second, _ in MINUTE_BY_MINUTE]

    slices = measure(found, [at(0), at(1200), at(3600)], KWH, running=running(*still)).slices

    assert [piece.amount for piece in slices] == [20, 40]


def test_between_readings_that_are_near_each_other_the_state_shares_nothing():
    found = samples((0, 100), (900, 115))

    slices = measure(
        found, [at(0), at(300), at(900)], KWH, running=running((0, 0), (300, 1))
    ).slices

    assert [piece.amount for piece in slices] == [5, 10]


@given(edges, st.lists(st.sampled_from([0, 1, None]), min_size=61, max_size=61))
def test_whatever_ran_cutting_a_gap_changes_no_sum(cuts, states):
    found = samples((0, 100), (300, 160))
    found += samples((3600, 999))
    state = running(*[(60.0 * minute, one) for minute, one in enumerate(states)])
    bounds = sorted({0.0, 3600.0, *(12 * abs(edge) for edge in cuts if abs(edge) < 300)})

    pieces = measure(found, [at(b) for b in bounds], KWH, running=state).slices

    assert sum(piece.amount for piece in pieces) == 899
    assert all(piece.amount >= 0 for piece in pieces)
