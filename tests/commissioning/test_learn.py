"""`learn`: from a register and two values on the meter's face to type, order and scale."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from collector.profiles import Order, Register, RegisterType
from millprint.commissioning.learn import MOST_WORDS, Decoding, Look, learn, same
from millprint.demo.registers import number_words

ORDERS: tuple[Order, ...] = ("ABCD", "CDAB", "BADC", "DCBA")
TYPES: tuple[RegisterType, ...] = ("uint32", "int32", "uint64", "int64", "float32", "float64")
PAIRS = 50
SEED = 20_261_121


def drawn(draw: random.Random, type_: RegisterType, order: Order) -> list[Look]:
    """Three looks at a meter: any size, any number of digits, counting up or down."""
    digits = draw.randint(0, 3)
    first = draw.randint(10**3, 10**6)
    sign = -1 if not type_.startswith("u") and draw.random() < 0.3 else 1
    unseen = 0 if type_.startswith("float") else draw.randint(0, 2)
    rest = [draw.randint(0, 65_535) for _ in range(MOST_WORDS)]
    looks = []
    for step in (0, draw.randint(1, 500), draw.randint(501, 2_000)):
        shown = Fraction(sign * (first + step), 10**digits)
        raw = shown if type_.startswith("float") else shown * 10 ** (digits + unseen)
        words = (*number_words(Register(0, type_, order), raw), *rest)[:MOST_WORDS]
        looks.append(Look(words, Decimal(sign * (first + step)).scaleb(-digits)))
    return looks


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("order", ORDERS)
def test_two_looks_tell_how_a_register_is_coded(type_: RegisterType, order: Order):
    draw = random.Random(f"{SEED} {type_} {order}")
    right = 0
    for _ in range(PAIRS):
        *two, third = drawn(draw, type_, order)

        found = learn(two)

        # It is right if it also says what the meter shows at a look that it has not seen.
        right += bool(found) and found[0].value(third.words) == Fraction(third.shown)
    assert right >= 0.99 * PAIRS


def test_a_longruns_published_frame_is_learned_as_low_word_first():
    looks = [Look((0x0651, 0x3F9E), Decimal("1.23457"))]

    assert learn(looks)[0] == Decoding("float32", "CDAB", "1")


def test_a_counter_in_watt_hours_is_learned_from_a_face_in_kilowatt_hours():
    looks = [
        Look((0, 0, 278, 11_393), Decimal("18230.4")),
        Look((0, 0, 278, 12_793), Decimal("18231.8")),
    ]

    assert learn(looks)[0] == Decoding("uint64", "ABCD", "0.001")


def test_a_face_that_cuts_off_is_as_good_as_one_that_rounds():
    for shown in ("18.2", "18.3"):
        assert Decoding("uint32", "ABCD", "0.01") in learn([Look((0, 1_829), Decimal(shown))])


def test_what_only_fits_one_of_two_looks_is_not_learned():
    looks = [Look((0, 500), Decimal("50.0")), Look((0, 600), Decimal("50.0"))]

    assert learn(looks) == []


def test_nothing_is_learned_from_a_face_that_shows_nothing():
    assert learn([Look((0, 0, 0, 0), Decimal(0))]) == []


def test_decodings_that_come_to_the_same_are_known_as_such():
    looks = [Look((12, 0), Decimal("1.2"))]

    assert same(Decoding("uint32", "CDAB", "0.1"), Decoding("uint16", "ABCD", "0.1"), looks)
    assert not same(Decoding("uint32", "ABCD", "0.1"), Decoding("uint16", "ABCD", "0.1"), looks)


def test_registers_that_are_too_few_for_a_type_are_no_number():
    assert Decoding("uint64", "ABCD", "1").value((1, 2)) is None
