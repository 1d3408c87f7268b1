"""A birth says what a device's values mean, and its hash names it for ever."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given

from collector.wire.birth import Birth, Point, birth_form, read_birth
from collector.wire.canonical import canonical
from collector.wire.reading import Kind
from tests.wire.given import births

ENERGY = Point("energy_import_kwh", "kWh", Kind.COUNTER, modulus="42949672.96", resolution="0.01")
BIRTH = Birth("jet-07-power", "eastron-sdm630", 1, 10_000, "40", "1", (ENERGY,))


@given(births)
def test_a_birth_comes_back_from_its_json_with_the_same_hash(birth):
    again = read_birth(orjson.loads(canonical(birth_form(birth))))

    assert again == birth
    assert again.hash == birth.hash


def test_a_hash_is_32_hex_digits():
    assert len(bytes.fromhex(BIRTH.hash)) == 16


@pytest.mark.parametrize(
    "other",
    [
        replace(BIRTH, device="jet-08-power"),
        replace(BIRTH, version=2),
        replace(BIRTH, ct="60"),
        replace(BIRTH, pt="100"),
        replace(BIRTH, points=()),
        replace(BIRTH, points=(replace(ENERGY, modulus=None),)),
        replace(BIRTH, points=(replace(ENERGY, kind=Kind.GAUGE),)),
    ],
)
def test_another_meaning_is_another_hash(other):
    assert other.hash != BIRTH.hash


def test_a_point_is_found_by_its_name():
    assert BIRTH.point("energy_import_kwh") is ENERGY
    assert BIRTH.point("power_kw") is None


@pytest.mark.parametrize(
    "field", ["device", "profile", "version", "every_ms", "ct", "pt", "points"]
)
def test_a_birth_without_one_of_its_fields_is_refused(field):
    form = birth_form(BIRTH)
    del form[field]

    with pytest.raises(ValueError, match=field):
        read_birth(form)
