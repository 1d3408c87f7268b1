"""Gauges and states over time: what they come to, and when nobody knows."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intervals import Curve
from tests.gateway.given import at, samples

MINUTE = 60.0


def every_minute(*values, state=None):
    shown = [(MINUTE * n, value) for n, value in enumerate(values)]
    return Curve(samples(*shown), state=state)


def integral(curve, start, end):
    return curve.integral(at(MINUTE * start), at(MINUTE * end))


def test_each_value_holds_until_the_next():
    assert integral(every_minute(60, 120, 0), 0, 3) == 3
    assert integral(every_minute(60, 120, 0), 0.5, 1.5) == Decimal("1.5")


def test_the_time_in_a_state_is_counted_in_hours():
    assert integral(every_minute(1, 2, 2, 3, state=2), 0, 4) * 60 == 2


def test_a_value_that_nobody_renews_is_not_known_after_a_quarter_of_an_hour():
    curve = every_minute(60)

    assert integral(curve, 0, 15) == 15
    assert integral(curve, 0, 15.01) is None


@pytest.mark.parametrize(("start", "end"), [(0, 3), (1, 2), (1.5, 1.6)])
def test_where_a_reading_is_bad_nothing_is_known(start, end):
    assert integral(every_minute(60, None, 60, 60), start, end) is None
    assert integral(every_minute(60, None, 60, 60), 2, 4) == 2


def test_before_the_first_reading_nothing_is_known():
    assert integral(every_minute(60), -1, 1) is None
    assert integral(Curve([]), 0, 1) is None


def test_less_than_nothing_is_nothing():
    assert integral(every_minute(-60, 60, 60), 0, 2) == 1


def test_texts_are_no_gauge():
    assert integral(every_minute("on", 60), 0, 1) is None


def test_rises_are_added_and_falls_are_not():
    curve = every_minute(30, 40, 35, 50)

    assert curve.rise(at(0), at(180)) == 25
    assert curve.rise(at(0), at(60)) == 10
    assert curve.rise(at(60), at(120)) == 0
    assert curve.rise(at(0), at(10_000)) is None


levels = st.lists(st.none() | st.integers(0, 9), min_size=1, max_size=40)
minutes = st.floats(0, 40).map(lambda m: round(m * 60) / 60)


@given(levels, st.tuples(minutes, minutes, minutes).map(sorted))
def test_sums_of_a_curve_add_up_wherever_they_are_cut(values, cut):
    start, middle, end = cut
    curve = every_minute(*values)

    parts = [integral(curve, start, middle), integral(curve, middle, end)]

    if None not in parts:
        assert abs(sum(parts) - integral(curve, start, end)) < Decimal("1e-20")
    else:
        assert integral(curve, start, end) is None


@given(levels, st.randoms())
def test_the_order_of_arrival_does_not_matter(values, chance):
    shown = [(MINUTE * n, value) for n, value in enumerate(values)]
    shuffled = Curve(samples(*chance.sample(shown, len(shown))))

    assert integral(shuffled, 0, len(values)) == integral(every_minute(*values), 0, len(values))


@given(st.permutations([1, 2, None]))
def test_of_several_values_of_one_instant_the_largest_holds(values):
    assert integral(Curve(samples(*[(0, value) for value in values])), 0, 1) * 60 == 2
