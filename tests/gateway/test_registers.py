"""Registers that wrap, fall, leap or show what cannot be: exact, held, or dropped and named."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intervals import Counted, Swap, measure, unroll
from tests.gateway.given import KWH, METER, at, counter, every_10_s, samples
from tests.gateway.test_intervals import amounts, codes, edges, total, wild

# Rollover is exact.

SCALES = [
    (2**16, 1),
    (2**16, 100),
    (2**32, 1),
    (2**32, 100),
    (2**32, 1000),
    (10**5, 1),
    (10**8, 10),
    (10**9, 1000),
]


@pytest.mark.parametrize(("modulus", "per_unit"), SCALES)
@given(data=st.data())
def test_a_register_that_starts_again_at_zero_loses_nothing(modulus, per_unit, data):
    raw = data.draw(st.integers(modulus - modulus // 10, modulus - 1))
    rises = data.draw(st.lists(st.integers(0, modulus // 10), min_size=1, max_size=25))
    shown, counted = [raw / per_unit], raw
    for rise in rises:
        counted += rise
        shown.append(counted % modulus / per_unit)
    of = counter(str(Decimal(modulus) / per_unit))

    found = every_10_s(shown)

    assert total(found, 0, 10 * len(rises), of) == Decimal(counted - raw) / per_unit
    assert codes(found, of) == []


def test_a_register_that_wraps_says_what_it_shows_beside_what_it_counts():
    steps, _ = unroll(every_10_s([65534, 65535, 1]), counter("65536"))

    assert [step.shown for step in steps] == [65534, 65535, 1]
    assert [step.total for step in steps] == [65534, 65535, 65537]


# A register that falls otherwise is held.


@pytest.mark.parametrize("modulus", [None, "65536", "42949672.96"])
def test_a_register_that_falls_yields_no_amount_and_a_problem(modulus):
    found = every_10_s([18230, 18231, 3, 4, 5])

    assert amounts(found, [0, 10, 20, 30, 40], counter(modulus)) == [1, 0, 1, 1]
    assert codes(found, counter(modulus)) == ["register-fell"]


def test_the_problem_of_a_fall_quotes_what_was_shown_and_since_when():
    (problem,) = unroll(every_10_s([18230.4, 3.1, 3.2]), KWH)[1]

    assert (problem.code, problem.where, problem.at) == ("register-fell", METER, at(10))
    assert dict(problem.values) == {
        "before": "18230.4",
        "after": "3.1",
        "unit": "kWh",
        "since": "2026-03-02T00:00:00Z",
        "held": "0",
    }


def test_a_fall_is_no_wrap_where_the_way_over_the_top_is_long():
    assert codes(every_10_s([30_000, 100, 101]), counter("65536")) == ["register-fell"]


def test_a_meter_that_was_changed_for_one_that_shows_more_then_falls_back_is_held_twice():
    found = every_10_s([100, 101, 5, 6, 2, 3])

    assert total(found, 0, 50) == 3
    assert codes(found) == ["register-fell", "register-fell"]


def test_a_fall_outside_the_interval_is_not_its_problem():
    found = every_10_s([100, 5, 6, 7, 8])

    assert measure(found, [at(20), at(40)], KWH).problems == ()
    assert [p.code for p in measure(found, [at(0), at(40)], KWH).problems] == ["register-fell"]


# A single spurious value is dropped.


@pytest.mark.parametrize("spurious", [0, 0.0, 99_999_999, -1, 1e30])
@pytest.mark.parametrize("modulus", [None, "65536", "42949672.96"])
def test_one_spurious_value_is_dropped_and_named(spurious, modulus):
    found = every_10_s([18230, 18231, spurious, 18232])

    assert amounts(found, [0, 10, 20, 30], counter(modulus)) == [1, Decimal("0.5"), Decimal("0.5")]
    (problem,) = unroll(found, counter(modulus))[1]
    assert (problem.code, problem.at) == ("value-dropped", at(20))
    assert problem.values["before"] == "18231"
    assert problem.values["after"] == "18232"


def test_two_zeros_in_a_row_are_a_reset():
    assert "register-fell" in codes(every_10_s([18230, 0, 0, 18232]))


@pytest.mark.parametrize("shown", [[1e30], [1e30, 1e30], [5, 1e30, 1e300, 6], [1e15, 7], [7, 1e20]])
def test_a_value_that_no_register_can_show_is_no_amount(shown):
    assert total(every_10_s(shown), -10, 100) <= 1
    assert set(codes(every_10_s(shown))) == {"value-dropped"}


def test_a_fall_at_the_end_waits_for_the_next_reading():
    found = every_10_s([18230, 18231, 0])

    assert [
        (p.amount, p.complete) for p in measure(found, [at(0), at(10), at(20)], KWH).slices
    ] == [
        (1, True),
        (0, False),
    ]
    assert codes(found) == ["value-dropped"]
    assert codes(every_10_s([18230, 18231, 0, 1])) == ["register-fell"]


# Where the meter's limit is known, more can be told apart.

KW_100 = counter(limit=100)  # in a poll and the quarter of an hour allowed for, 25.3 kWh


@pytest.mark.parametrize("strays", [[0], [99_999_999], [0, 0], [0, 99_999], [31_000, 31_000]])
@pytest.mark.parametrize("modulus", [None, "65536"])
def test_up_to_two_impossible_values_in_a_row_are_dropped(strays, modulus):
    found = every_10_s([18230, 18231, *strays, 18232, 18233])

    assert total(found, 0, 10 * (len(found) - 1), counter(modulus, limit=100)) == 3
    assert codes(found, counter(modulus, limit=100)) == ["value-dropped"] * len(strays)


@pytest.mark.parametrize("stray", [0, 99_999_999])
def test_an_impossible_first_value_is_dropped(stray):
    found = every_10_s([stray, 18231, 18232, 18233])

    assert total(found, 0, 30, KW_100) == 2
    assert codes(found, KW_100) == ["value-dropped"]


@pytest.mark.parametrize("strays", [[0], [0, 0], [99_999_999], [99_999_999, 99_999_999]])
def test_impossible_last_values_wait_for_the_next_reading(strays):
    found = every_10_s([18230, 18231, *strays])

    assert total(found, 0, 40, KW_100) == 1
    assert codes(found, KW_100) == ["value-dropped"] * len(strays)


def test_what_a_register_shows_that_began_again_at_zero_is_held():
    (piece,) = measure(every_10_s([18230, 18231, 3, 4, 5]), [at(0), at(40)], KW_100).slices

    assert (piece.amount, piece.held, piece.counted) == (3, 3, 6)


def test_a_register_that_falls_to_more_than_it_can_have_counted_holds_no_amount():
    (piece,) = measure(every_10_s([18230, 18231, 300, 301, 302]), [at(0), at(40)], KW_100).slices

    assert (piece.amount, piece.held) == (3, 0)
    assert codes(every_10_s([18230, 18231, 300, 301, 302]), KW_100) == ["register-fell"]


def test_a_register_that_leaps_further_than_it_can_count_is_held_and_no_giant():
    found = every_10_s([18230, 18231, 70_000, 70_001, 70_002])

    assert total(found, 0, 40, KW_100) == 3
    assert codes(found, KW_100) == ["register-leapt"]


def test_a_wrap_is_one_only_where_the_limit_lets_it():
    assert codes(every_10_s([63_999, 64_000, 100, 101, 102]), counter("65536")) == []
    assert codes(every_10_s([63_999, 64_000, 100, 101, 102]), counter("65536", limit=100)) == [
        "register-fell"
    ]


@given(wild, edges, st.sampled_from([None, 1, 50, 100_000]))
def test_held_or_not_cutting_an_interval_changes_no_sum(shown, cuts, limit):
    bounds = [at(edge) for edge in sorted({-40.0, 310.0, *cuts})]
    of = counter(limit=limit)

    pieces = measure(every_10_s(shown), bounds, of).slices
    (whole,) = measure(every_10_s(shown), [bounds[0], bounds[-1]], of).slices

    assert sum(piece.amount for piece in pieces) == whole.amount
    assert sum(piece.held for piece in pieces) == whole.held
    assert all(piece.held >= 0 and piece.amount >= 0 for piece in pieces)
    for piece in pieces:
        assert piece.measured + piece.interpolated + piece.estimated == piece.amount


# A swap that a person entered is exact.


def swapped(second, old, new):
    return Swap(at(second), Decimal(old), Decimal(new))


@pytest.mark.parametrize("limit", [None, 100])
def test_across_a_swap_both_meters_count(limit):
    found = every_10_s([18230, 18231, 3, 4, 5])
    swaps = [swapped(14, "18231.4", "2.5")]

    measured = measure(found, [at(0), at(14), at(40)], counter(limit=limit), swaps)

    assert [piece.amount for piece in measured.slices] == [Decimal("1.4"), Decimal("2.5")]
    assert [piece.held for piece in measured.slices] == [0, 0]
    assert measured.problems == ()


def test_a_swap_for_a_meter_that_shows_more_is_exact_too():
    found = every_10_s([100, 101, 7000, 7001])

    measured = measure(found, [at(0), at(30)], KWH, [swapped(15, "101.5", "6999")])

    assert [piece.amount for piece in measured.slices] == [Decimal("3.5")]


def test_two_swaps_in_one_gap_are_both_exact():
    found = samples((0, 100), (40, 7))
    swaps = [swapped(30, "1.5", "5"), swapped(10, "101", "1")]

    assert measure(found, [at(0), at(40)], KWH, swaps).slices[0].amount == 1 + Decimal("0.5") + 2


@pytest.mark.parametrize(("old", "new"), [("18200", "2.5"), ("18231.4", "9")])
def test_a_swap_that_the_readings_contradict_is_a_problem_and_no_amount(old, new):
    found = every_10_s([18230, 18231, 3, 4, 5])

    measured = measure(found, [at(0), at(40)], KWH, [swapped(14, old, new)])

    assert [problem.code for problem in measured.problems] == ["swap-contradicts"]
    assert 0 <= measured.slices[0].amount <= 4


@pytest.mark.parametrize("limit", [None, 100])
@pytest.mark.parametrize("amount", ["0", "12.5"])
def test_what_a_person_says_was_counted_across_a_fall_is_counted_as_estimated(limit, amount):
    found = every_10_s([18230, 18231, 3, 4, 5])
    said = [Counted(at(15), Decimal(99)), Counted(at(14), Decimal(amount))]

    measured = measure(found, [at(0), at(15), at(40)], counter(limit=limit), counted=said)

    assert sum(piece.amount for piece in measured.slices) == 1 + Decimal(amount) + 2
    assert sum(piece.estimated for piece in measured.slices) == Decimal(amount)
    assert [piece.held for piece in measured.slices] == [0, 0]
    assert measured.problems == ()


def test_a_register_that_can_say_itself_what_it_counted_is_not_overruled():
    found = every_10_s([100, 101, 102])

    measured = measure(found, [at(0), at(20)], KWH, counted=[Counted(at(15), Decimal(99))])

    assert [piece.amount for piece in measured.slices] == [2]


def test_a_swap_outside_the_readings_is_none_of_theirs():
    found = every_10_s([100, 101])

    for second in (-5, 0, 11):
        assert measure(found, [at(0), at(10)], KWH, [swapped(second, 9, 1)]).slices[0].amount == 1


@given(
    st.integers(0, 10**6),
    st.lists(st.integers(0, 500), min_size=2, max_size=8),
    st.integers(1, 10),
    st.integers(0, 10**6),
    edges,
)
def test_a_swap_entered_rightly_loses_nothing_wherever_it_falls(first, rises, place, new, cuts):
    """What both meters count is what one meter would have counted."""
    place = min(place, len(rises) - 1)
    old = [first + sum(rises[:n]) for n in range(place + 1)]
    after = [new + sum(rises[place + 1 : n + 1]) for n in range(place + 1, len(rises) + 1)]
    found = every_10_s([one / 100 for one in (*old, *after)])
    swap = swapped(10 * place + 5, Decimal(old[-1]) / 100, Decimal(new) / 100)
    bounds = [at(edge) for edge in sorted({-40.0, 310.0, *cuts})]

    measured = measure(found, bounds, KWH, [swap])

    counted = sum((piece.amount for piece in measured.slices), Decimal(0))
    lost = Decimal(rises[place]) / 100 if place < len(rises) else 0
    assert counted + lost == Decimal(sum(rises)) / 100
    assert measured.problems == ()
