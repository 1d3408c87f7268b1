"""Splits are exact: shares add up to the last quantum."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ledger.exact import QUANTUM, split, split_slice, whole_weights
from gateway.intervals import Slice
from tests.ledger.given import at

totals = st.integers(-(10**21), 10**21).map(lambda quanta: Decimal(quanta).scaleb(-9))
weights = st.lists(
    st.decimals(0, 10**9, allow_nan=False, places=6) | st.integers(0, 9).map(Decimal),
    min_size=1,
    max_size=9,
).filter(any)


@given(totals, weights)
def test_shares_add_up_to_the_total_exactly(total, by):
    assert sum(split(total, by), Decimal(0)) == total


@given(totals, weights)
def test_a_share_is_no_more_than_a_quantum_from_the_exact_one(total, by):
    whole = sum(map(Fraction, by))

    for share, weight in zip(split(total, by), by, strict=True):
        assert abs(Fraction(share) - Fraction(total) * Fraction(weight) / whole) <= Fraction(
            QUANTUM
        )


@given(totals, weights)
def test_who_has_no_weight_gets_nothing(total, by):
    assert all(not share for share, weight in zip(split(total, by), by, strict=True) if not weight)


@given(totals, weights)
def test_no_share_has_another_sign_than_the_total(total, by):
    assert all(share * total >= 0 for share in split(total, by))


@given(totals, weights)
def test_shares_are_whole_quanta(total, by):
    assert all(share == share.quantize(QUANTUM) for share in split(total, by))


@given(totals, weights, st.integers(1, 1000))
def test_only_the_ratio_of_the_weights_matters(total, by, times):
    assert split(total, by) == split(total, [weight * times for weight in by])


@given(totals, weights, st.randoms())
def test_another_order_moves_no_share_by_more_than_a_quantum(total, by, chance):
    order = list(range(len(by)))
    chance.shuffle(order)

    moved = split(total, [by[place] for place in order])

    for share, place in zip(moved, order, strict=True):
        assert abs(share - split(total, by)[place]) <= QUANTUM


def test_the_spare_quanta_go_to_the_first_in_order():
    assert split(Decimal(1), [Decimal(1)] * 3) == [
        Decimal("0.333333334"),
        Decimal("0.333333333"),
        Decimal("0.333333333"),
    ]
    assert split(Decimal("-0.000000002"), [Decimal(1)] * 3) == [-QUANTUM, -QUANTUM, 0]


@pytest.mark.parametrize(
    "by", [[], [Decimal(0)], [Decimal(0), Decimal(0)], [Decimal(-1), Decimal(2)]]
)
def test_weights_that_cannot_share_are_refused(by):
    with pytest.raises(ValueError, match=r"\S"):
        split(Decimal(1), by)


parts = st.tuples(*[st.integers(0, 10**12) | st.integers(0, 3)] * 3)


@given(parts, weights)
def test_the_shares_of_a_slice_and_their_qualities_add_up_both_ways(quanta, by):
    measured, interpolated, estimated = (Decimal(one).scaleb(-9) for one in quanta)
    amount = measured + interpolated + estimated
    whole = Slice(at(0), at(1), amount, measured, interpolated, estimated, complete=True)

    shares = split_slice(whole, whole_weights(by))

    assert [share[0] for share in shares] == split(amount, by)
    for place, total in enumerate((amount, measured, interpolated, estimated)):
        assert sum(share[place] for share in shares) == total
        assert min(share[place] for share in shares) >= 0
    for share in shares:
        assert sum(share[1:]) == share[0]


@given(weights)
def test_whole_weights_have_the_ratio_of_the_weights(by):
    whole = whole_weights(by)

    assert all(
        Fraction(a, sum(whole)) == Fraction(b) / Fraction(sum(by))
        for a, b in zip(whole, by, strict=True)
    )
