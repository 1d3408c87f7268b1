"""What devices send that no agent of ours polls: taken as documented, refused otherwise."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.wire.canonical import canonical
from collector.wire.message import MOST_BYTES
from collector.wire.reading import ClockState, Kind, Reading
from collector.wire.third_party import (
    decode_third_party,
    encode_third_party,
    is_third_party,
)
from tests.wire.given import DEVICE, instants, json_values, numbers

POINTS = {
    "energy_import_kwh": {"kind": "counter", "modulus": "1000000", "resolution": "0.1"},
    "power_kw": {"kind": "gauge"},
    "batch_id": {"kind": "text"},
}
MESSAGE = {
    "v": 1,
    "every_ms": 10_000,
    "points": {"energy_import_kwh": "counter"},
    "readings": [{"at": "2026-03-01T04:15:00.000Z", "values": {"energy_import_kwh": 18230.4}}],
}


def message(**changed):
    return canonical({k: v for k, v in (MESSAGE | changed).items() if v is not ...})


@given(st.lists(st.tuples(instants, numbers, st.text("AB0-", max_size=9)), max_size=4))
def test_readings_come_out_as_they_went_in(drawn):
    sent = tuple(
        Reading(
            DEVICE, at, ClockState.INFORMATIVE, "third-party", 0,
            {"energy_import_kwh": kwh, "batch_id": batch}, bad={"power_kw": "timeout"},
        )
        for at, kwh, batch in drawn
    )  # fmt: skip

    found = decode_third_party(encode_third_party(POINTS, 10_000, sent), DEVICE)

    assert found.readings == sent
    assert found.birth.every_ms == 10_000


def test_a_point_says_its_unit_by_its_suffix_and_its_kind_in_a_word():
    (point,) = decode_third_party(message(), DEVICE).birth.points

    assert (point.name, point.unit, point.kind) == ("energy_import_kwh", "kWh", Kind.COUNTER)


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 2},
        {"every_ms": 0},
        {"every_ms": "10s"},
        {"every_ms": ...},
        {"points": ...},
        {"points": {"energy_import_kwh": "total"}},
        {"points": {"energy_import_kwh": 5}},
        {"points": {"power_kw": "gauge"}},
        {"points": {"energy_import_kwh": "text"}},
        {"points": {"energy_import_kwh": {"kind": "counter", "modulus": "-1"}}},
        {"readings": ...},
        {"readings": 5},
        {"readings": [{"values": {}}]},
        {"readings": [{"at": "2026-03-01T12:15:00+08:00", "values": {}}]},
        {"readings": [{"at": "2026-03-01T04:15:00Z", "values": {"energy_import_kwh": "12"}}]},
        {"readings": [{"at": "2026-03-01T04:15:00Z", "values": {"energy_import_kwh": None}}]},
    ],
)
def test_what_is_not_as_documented_is_refused(changed):
    with pytest.raises(ValueError, match=r"\S"):
        decode_third_party(message(**changed), DEVICE)


def test_an_agents_message_and_what_is_no_message_are_no_third_partys():
    assert is_third_party(message())
    assert not is_third_party(message(epoch="7f3c"))
    assert not is_third_party(b"[" * 10)
    assert not is_third_party(b"[]")
    assert not is_third_party(b" " * (MOST_BYTES + 1))


@given(json_values)
def test_json_of_any_kind_is_taken_or_refused_with_a_value_error_alone(value):
    for changed in ({"points": value}, {"readings": value}, {"every_ms": value}):
        try:
            decode_third_party(message(**changed), DEVICE)
        except ValueError:
            continue
    is_third_party(orjson.dumps(value))
