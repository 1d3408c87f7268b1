"""One way to write a JSON value: that of RFC 8785."""

import json
import math
from enum import StrEnum

import orjson
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from collector.wire.canonical import canonical
from tests.wire.given import json_values, numbers


@given(json_values)
def test_a_value_is_written_as_the_reference_implementation_writes_it(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(numbers)
@example(0.0)
@example(-0.0)
@example(5e-324)
@example(1.7976931348623157e308)
@example(1e21)
@example(1e-7)
@example(1e-6)
@example(0.00001)
@example(999999999999999900000.0)
@example(1e20)
@example(9007199254740994.0)
@example(1234567890123456.5)
@example(-1e15)
@example(333333333.33333329)
def test_a_number_is_written_as_ecmascript_writes_it(number):
    assert canonical(number) == rfc8785.dumps(number)


@given(numbers)
def test_a_number_survives_being_written(number):
    assert float(orjson.loads(canonical(number))) == number


@given(json_values)
def test_what_was_written_is_written_the_same_again(value):
    once = canonical(value)

    assert canonical(json.loads(once, parse_int=float)) == once


@given(st.dictionaries(st.text(st.characters(max_codepoint=0xD7FF)), st.integers(0, 9)))
def test_the_order_of_keys_does_not_matter(value):
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_a_whole_float_is_written_without_a_point():
    assert canonical({"energy_import_kwh": 5.0}) == b'{"energy_import_kwh":5}'


def test_a_tuple_is_written_as_a_list():
    assert canonical((1, [2], {"a": (3,)})) == b'[1,[2],{"a":[3]}]'


def test_a_named_text_is_written_as_its_text():
    class Clock(StrEnum):
        SYNCHRONISED = "S"

    assert canonical(Clock.SYNCHRONISED) == b'"S"'


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        2**53 + 1,
        -(2**53) - 1,
        2**64,
        pytest.param(object(), id="what is no JSON"),
        b"bytes",
        {1: "a whole number as key"},
        {"\U0001f9f5": "a key beyond the Basic Multilingual Plane"},
        "\ud800",
        {"\ud800": 1},
        {1, 2},
    ],
    ids=repr,
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(ValueError, match=r"\S"):
        canonical({"deep": [value]})


def test_a_value_nested_too_deep_is_refused():
    value: object = 1
    for _ in range(5000):
        value = [value]

    with pytest.raises(ValueError, match="deep"):
        canonical(value)
