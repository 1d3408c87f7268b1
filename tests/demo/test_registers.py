"""The demo's own encoding, against published frames and against Python's struct."""

import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.profiles import Register
from millprint.demo.registers import number_words, text_words


def as_bytes(words: tuple[int, ...]) -> bytes:
    return struct.pack(f">{len(words)}H", *words)


@pytest.mark.parametrize(
    ("order", "value", "published"),
    [
        ("ABCD", 230.2, "43663334"),  # Eastron SDM630
        ("ABCD", 1256.945, "449D1E3F"),  # Bell VFM-60, total
        ("CDAB", 98.52, "0A1142C5"),  # SUTO S430
        ("CDAB", 31.091, "BA4A41F8"),  # FD TMS
    ],
)
def test_published_values_are_encoded_as_published(order: str, value: float, published: str):
    words = number_words(Register(0, "float32", order), value)  # type: ignore[arg-type]

    # A printed value is rounded: the bytes differ by a few units of the last place at most.
    there = list(bytes.fromhex(published))
    back = there if order == "ABCD" else there[2:] + there[:2]
    ours = as_bytes(words if order == "ABCD" else words[::-1])
    assert abs(int.from_bytes(ours, "big") - int.from_bytes(bytes(back), "big")) < 64


FORMATS = {"uint16": "H", "int16": "h", "uint32": "I", "int32": "i", "uint64": "Q", "int64": "q"}


@given(
    st.sampled_from(sorted(FORMATS)),
    st.sampled_from(["ABCD", "CDAB", "BADC", "DCBA"]),
    st.integers(-(2**63), 2**64 - 1),
)
def test_whole_numbers_come_back_and_those_too_large_stop_at_the_limit(
    kind: str, order: str, value: int
):
    words = number_words(Register(0, kind, order), value)  # type: ignore[arg-type]

    if order in ("BADC", "DCBA"):
        words = tuple((word & 0xFF) << 8 | word >> 8 for word in words)
    if order in ("CDAB", "DCBA"):
        words = words[::-1]
    (back,) = struct.unpack(f">{FORMATS[kind]}", as_bytes(words))
    size = 8 * struct.calcsize(FORMATS[kind])
    low, high = (0, 2**size - 1) if kind[0] == "u" else (-(2 ** (size - 1)), 2 ** (size - 1) - 1)
    assert back == min(high, max(low, value))


def test_a_double_holds_watt_hours_exactly():
    words = number_words(Register(801, "float64"), Fraction(4117820551))

    assert struct.unpack(">d", as_bytes(words)) == (4117820551.0,)


def test_a_text_is_padded_with_spaces_and_cut_where_it_is_too_long():
    register = Register(0, "string", words=3)

    assert as_bytes(text_words(register, "B24")) == b"B24   "
    assert as_bytes(text_words(register, "B240100")) == b"B24010"
    assert as_bytes(text_words(Register(0, "string", "BADC", 3), "B2401")) == b"2B04 1"
