"""Lines say every number at its instant, in full."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.projecting.line_protocol import stamps, values

BEGINS = "reading,device=缸-1,point=power_kw"
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 2**53)


@given(st.lists(st.tuples(st.integers(0, 2**42), numbers)))
def test_every_number_comes_back_from_its_line(readings: list[tuple[int, float]]):
    ats, said = [at for at, _ in readings], [number for _, number in readings]

    lines = values(BEGINS, said, stamps(ats)).decode().splitlines()

    parts = [line.rsplit(" ", 2) for line in lines]
    assert [(int(at), float(field.removeprefix("value="))) for _, field, at in parts] == readings
    assert {begins for begins, _, _ in parts} <= {BEGINS}


def test_numbers_without_their_instants_are_no_lines():
    with pytest.raises(ValueError, match="2 numbers at 1 instants"):
        values(BEGINS, [1.0, 2.0], stamps([5]))
