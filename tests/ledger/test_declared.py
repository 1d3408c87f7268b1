"""Declared values: the spread of batches, and what of the whole is left out."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from api.ledger.declared import Member, Omission, exempted_share, spread

MEMBERS = st.lists(
    st.builds(
        Member,
        st.just("B1"),
        st.integers(0, 10**6).map(Decimal),
        st.integers(0, 10**4).map(Decimal),
    ),
    max_size=12,
)


def omission(kgco2e: str | None) -> Omission:
    return Omission("unmetered", "", "", None, None if kgco2e is None else Decimal(kgco2e))


def test_batches_of_one_intensity_do_not_spread():
    found = spread([Member("A", Decimal(30), Decimal(10)), Member("B", Decimal(3), Decimal(1))])

    assert found is not None
    assert (found.low, found.high, found.deviation) == (3, 3, 0)


@given(MEMBERS)
def test_no_deviation_is_wider_than_half_of_what_lies_between(members: list[Member]):
    found = spread(members)

    assert (found is None) == (not any(one.accepted_kg for one in members))
    if found is not None:
        assert found.low <= found.high
        assert found.deviation <= (found.high - found.low) / 2 + Decimal("2e-6")


def test_what_is_left_out_is_a_share_of_the_whole_with_it():
    assert exempted_share(Decimal(97), [omission("2"), omission("1")]) == Decimal("0.03")
    assert exempted_share(Decimal(0), []) == 0


def test_one_thing_that_nobody_knows_leaves_the_share_unknown():
    assert exempted_share(Decimal(97), [omission("2"), omission(None)]) is None
