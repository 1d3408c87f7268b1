"""Numbers as text in results."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from api.assemble import plain

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False)


@given(NUMBERS)
def test_a_number_is_written_without_exponent(number: Decimal) -> None:
    assert plain(number) == f"{number:f}"


@given(st.lists(st.decimals(-(10**15), 10**15, places=6), max_size=5), st.integers(1, 6))
def test_what_is_cut_to_a_milligram_or_before_it_has_none(found: list[Decimal], places: int):
    number = sum(found, Decimal(0)).quantize(Decimal(1).scaleb(-places))

    assert str(sum(found, Decimal(0))) == plain(sum(found, Decimal(0)))
    assert str(number) == plain(number)
