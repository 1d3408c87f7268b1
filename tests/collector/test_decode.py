"""Registers become exactly the values that the device shows."""

import math
import struct
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.decode import Block
from collector.devices import DevicePoint
from collector.exact import shortest32
from collector.plan import plan
from collector.profiles import Limits, ProfilePoint, Register
from collector.wire.reading import Kind


def point(*registers: Register, name="value", factor=1, no_value=()) -> DevicePoint:
    source = ProfilePoint(
        name,
        Kind.GAUGE,
        "holding",
        registers,
        "",
        Fraction(1),
        None,
        None,
        no_value,
        (),
        {},
        "",
        "",
    )
    return DevicePoint(name, source, Fraction(factor))


def decoded(words, *points: DevicePoint):
    (request,) = plan(points, Limits(longest_hole=125))
    values, bad = {}, {}
    Block(request).decode(words, values, bad)
    return values, bad


def one(words, register_type, order="ABCD", scale="1", factor=1, no_value=()):
    register = Register(0, register_type, order, scale=scale)
    return decoded(words, point(register, factor=factor, no_value=no_value))


def words_of(data: bytes) -> list[int]:
    return list(struct.unpack(f">{len(data) // 2}H", data))


def float32(number: float) -> float:
    return struct.unpack(">f", struct.pack(">f", number))[0]


@pytest.mark.parametrize(
    ("data", "order", "value"),
    [
        ("43 66 33 34", "ABCD", 230.2),  # Eastron SDM630, its own manual
        ("44 65 1F CE", "ABCD", 916.497),  # Bell VFM-60 flow
        ("44 9D 1E 3F", "ABCD", 1256.9452),  # Bell VFM-60 total
        ("06 51 3F 9E", "CDAB", 1.2345678),  # Longrun
        ("BA 4A 41 F8", "CDAB", 31.090961),  # FD TMS
        ("82 1F 40 36", "CDAB", 2.8516922),  # FD TMS
        ("0A 11 42 C5", "CDAB", 98.51966),  # SUTO S430
    ],
)
def test_published_frames_give_the_values_that_their_makers_print(data, order, value):
    values, bad = one(words_of(bytes.fromhex(data)), "float32", order)

    assert values["value"] == pytest.approx(value, abs=1e-7 * max(1, value))
    assert not bad


@pytest.mark.parametrize(
    ("register_type", "code"),
    [
        ("uint16", "H"),
        ("int16", "h"),
        ("uint32", "I"),
        ("int32", "i"),
        ("uint64", "Q"),
        ("int64", "q"),
        ("float64", "d"),
    ],
)
@pytest.mark.parametrize("order", ["ABCD", "CDAB", "BADC", "DCBA"])
@given(data=st.data())
def test_every_type_is_read_in_every_order(register_type, code, order, data):
    width = struct.calcsize(code)
    number = struct.unpack(f">{code}", data.draw(st.binary(min_size=width, max_size=width)))[0]
    big = struct.pack(f">{code}", number)
    pairs = [big[at : at + 2] for at in range(0, width, 2)]
    if order in ("CDAB", "DCBA"):
        pairs.reverse()
    if order in ("BADC", "DCBA"):
        pairs = [pair[::-1] for pair in pairs]

    values, bad = one(words_of(b"".join(pairs)), register_type, order)

    if isinstance(number, float) and not math.isfinite(number):
        assert (values, bad) == ({}, {"value": "not-a-number"})
    elif isinstance(number, int) and abs(number) > 2**53:
        assert values == {"value": float(number)}
    else:
        assert values == {"value": number}
        assert type(values["value"]) is type(number)


@given(
    st.floats(-1e8, 1e8, width=32)
    | st.floats(-2, 2, width=32)
    | st.floats(width=32, allow_nan=False, allow_infinity=False)
)
def test_a_float32_becomes_its_shortest_decimal(number):
    forms = ("%.6g", "%.7g", "%.8g", "%.9g")

    def survives(text: str) -> bool:
        try:
            return float32(float(text)) == number
        except OverflowError:
            return False

    first = next(text for text in (form % number for form in forms) if survives(text))

    assert Fraction(*shortest32(number)) == Fraction(Decimal(first))


@given(st.decimals(min_value=0, max_value=99999, places=1), st.sampled_from([1, 10, 1000]))
def test_a_decimal_that_a_float32_meter_shows_comes_out_as_that_decimal(shown, per):
    words = words_of(struct.pack(">f", float(shown)))

    values, _ = one(words, "float32", factor=Fraction(1, per))

    assert values["value"] == float(shown / per)


@given(
    st.integers(-(2**31), 2**31 - 1),
    st.sampled_from(["1", "0.1", "0.01", "0.001", "10", "25"]),
    st.sampled_from([Fraction(1), Fraction(1, 1000), Fraction(2500, 9), Fraction(40)]),
)
def test_a_scaled_integer_is_the_float_nearest_to_the_exact_amount(raw, scale, factor):
    values, _ = one(words_of(struct.pack(">i", raw)), "int32", scale=scale, factor=factor)

    exact = raw * Fraction(scale) * factor
    assert values["value"] == exact.numerator / exact.denominator


@given(
    st.integers(-(2**31), 2**31 - 1),
    st.floats(0, 1, width=32),
    st.sampled_from([Fraction(1), Fraction(1, 1000), Fraction(2500, 9)]),
)
def test_a_sum_is_exact_and_rounded_once(whole, fraction, factor):
    both = point(Register(0, "int32", "CDAB"), Register(2, "float32", "CDAB"), factor=factor)
    words = words_of(struct.pack(">i", whole))[::-1] + words_of(struct.pack(">f", fraction))[::-1]

    values, _ = decoded(words, both)

    exact = (whole + Fraction(*shortest32(fraction))) * factor
    assert values["value"] == exact.numerator / exact.denominator


def test_two_tariffs_of_a_pac3200_make_one_counter():
    both = point(Register(0, "float64"), Register(4, "float64"), factor=Fraction(1, 1000))

    values, _ = decoded(words_of(struct.pack(">2d", 123_456_789.1, 0.2)), both)

    assert values == {"value": 123456.7893}


@pytest.mark.parametrize(
    ("register_type", "data", "no_value"),
    [
        ("uint16", "FFFF", 0xFFFF),
        ("int16", "8000", 0x8000),
        ("uint32", "FFFFFFFF", 0xFFFFFFFF),
        ("int32", "80000000", 0x80000000),
        ("float32", "7FC00000", 0x7FC00000),
        ("float32", "C479C000", 0xC479C000),
    ],
)
def test_what_a_maker_calls_no_value_is_bad_and_never_zero(register_type, data, no_value):
    values, bad = one(words_of(bytes.fromhex(data)), register_type, no_value=(no_value,))

    assert values == {}
    assert bad == {"value": "no-value"}


def test_a_part_without_value_leaves_the_sum_without_value():
    both = point(Register(0, "int32"), Register(2, "float32"), no_value=(0x80000000,))

    assert decoded([0x8000, 0, 0x3F80, 0], both) == ({}, {"value": "no-value"})
    assert decoded([0, 1, 0x7F80, 0], both) == ({}, {"value": "not-a-number"})


@pytest.mark.parametrize("data", ["7FC00000", "7F800000", "FF800000"])
def test_a_float_that_is_no_number_is_bad(data):
    assert one(words_of(bytes.fromhex(data)), "float32") == ({}, {"value": "not-a-number"})


def test_minus_zero_is_zero():
    values, _ = one([0x8000, 0], "float32")

    assert math.copysign(1, values["value"]) == 1


def test_an_amount_beyond_every_float_is_bad():
    words = words_of(struct.pack(">d", 1e308))

    assert one(words, "float64", factor=1000) == ({}, {"value": "too-large"})
    both = point(Register(0, "float64"), Register(4, "float64"))
    assert decoded(words_of(struct.pack(">2d", 1e308, 1e308)), both) == ({}, {"value": "too-large"})


@pytest.mark.parametrize(
    ("raw", "order", "text"),
    [
        (b"B2409     ", "ABCD", "B2409"),
        (b"B2409\0\0\0\0\0", "ABCD", "B2409"),
        (b"2B04 9    ", "BADC", "B2409"),
        (b"B2409     ", "CDAB", "B2409"),
        (b"\0" * 10, "ABCD", ""),
        ("缸号7   ".encode(), "ABCD", "缸号7"),
    ],
)
def test_a_text_loses_its_padding_and_nothing_else(raw, order, text):
    register = Register(0, "string", order, words=len(raw) // 2)

    assert decoded(words_of(raw), point(register)) == ({"value": text}, {})


@pytest.mark.parametrize("raw", [b"B2\x07409", b"B24\0x9", b"\xff\xfe\x00\x01\x02\x03"])
def test_a_text_that_cannot_be_printed_is_bad(raw):
    register = Register(0, "string", words=3)

    assert decoded(words_of(raw), point(register)) == ({}, {"value": "not-printable"})


def test_points_of_several_orders_overlapping_and_with_holes_come_from_one_block():
    points = (
        point(Register(0, "uint32"), name="a"),
        point(Register(1, "uint16"), name="low"),
        point(Register(1, "uint16", scale="0.1"), name="tenth"),
        point(Register(5, "uint32", "CDAB"), name="b"),
        point(Register(7, "string", "BADC", words=1), name="t"),
    )

    values, bad = decoded([1, 2, 9, 9, 9, 4, 3, 0x6948], *points)

    assert values == {"a": 65538, "low": 2, "tenth": 0.2, "b": 196612, "t": "Hi"}
    assert not bad
