"""Two periods beside each other: what changed, and what of it is only what was made."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from api.ledger.comparison import Made, change

GROUPS = st.dictionaries(
    st.sampled_from("abcd"),
    st.builds(Made, st.integers(1, 10**4).map(Decimal), st.integers(0, 10**6).map(Decimal)),
    max_size=4,
)


def made(**groups: tuple[int, int]) -> dict[str, Made]:
    return {name: Made(Decimal(kg), Decimal(amount)) for name, (kg, amount) in groups.items()}


def test_the_same_things_made_better_are_no_mix():
    found = change(made(red=(100, 300), blue=(50, 100)), made(red=(100, 240), blue=(50, 80)))

    assert found is not None
    assert (found.mix, found.by) == (0, found.own)
    assert found.part == Decimal("-0.2000")


def test_other_things_made_alike_are_all_mix():
    found = change(made(red=(100, 300), blue=(100, 100)), made(red=(50, 150), blue=(150, 150)))

    assert found is not None
    assert (found.before, found.after) == (2, Decimal("1.5"))
    assert (found.mix, found.own) == (Decimal("-0.5"), 0)


def test_what_was_made_in_one_period_alone_is_mix():
    found = change(made(red=(100, 300)), made(red=(100, 300), blue=(100, 100)))

    assert found is not None
    assert (found.by, found.mix, found.own) == (-1, -1, 0)


@given(GROUPS, GROUPS)
def test_mix_and_own_change_add_up_to_the_difference(before, after):
    found = change(before, after)

    assert (found is None) == (not before or not after)
    if found is not None:
        assert found.mix + found.own == found.by == found.after - found.before
        turned = change(after, before)
        assert turned is not None
        assert abs(turned.mix + found.mix) <= Decimal("1e-6")


@given(GROUPS)
def test_nothing_changed_is_no_change(same):
    found = change(same, same)

    assert found is None or (found.by, found.mix, found.own) == (0, 0, 0)
