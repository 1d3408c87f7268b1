"""Gauges: means by slot, each value holding until the next and no longer than a quarter hour."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from api.ledger.gauges import means
from tests.ledger.given import at, samples


def test_a_mean_weighs_each_value_by_how_long_it_held():
    found = means(samples((0, 100), (5, 400)), at(0), at(15))

    assert found == {at(0): 300}


def test_what_was_shown_before_the_period_holds_into_it():
    assert means(samples((-5, 100), (10, 400)), at(0), at(15)) == {at(0): 200}


def test_a_value_holds_for_a_quarter_of_an_hour_at_most():
    found = means(samples((0, 100)), at(0), at(45))

    assert found == {at(0): 100}


def test_a_bad_sample_holds_nothing():
    assert means(samples((0, None)), at(0), at(15)) == {}
    assert means(samples((0, None), (10, 7)), at(0), at(15)) == {at(0): 7}


def test_a_gauge_that_never_spoke_has_no_mean():
    assert means([], at(0), at(30)) == {}


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(-9, 999)), min_size=1, max_size=8))
def test_a_mean_lies_between_the_least_and_the_most_that_was_shown(steps):
    minute, shown = -10, []
    for gap, value in steps:
        shown.append((minute, value))
        minute += gap

    for mean in means(samples(*shown), at(0), at(60)).values():
        values = [Decimal(value) for _, value in shown]
        assert min(values) <= mean <= max(values)
