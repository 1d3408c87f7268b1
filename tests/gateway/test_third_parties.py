"""Readings of third parties: known by device and instant, numbered and chained by the gateway."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.wire import topics
from collector.wire.reading import Kind, Value
from collector.wire.third_party import PROFILE, encode_third_party
from gateway.journal import Arrival
from tests.gateway.given import COLLECTOR, DEVICE, LONG, NOW, POINT, SITE, House, at, house, reading

POINTS = {POINT: {"kind": "counter", "resolution": "0.1"}}
OTHER = "hall-3"


def arrival(payload: bytes, device: str = DEVICE) -> Arrival:
    topic = topics.readings(SITE, COLLECTOR, device)
    return Arrival(topics.parse(topic), topic, payload)


def says(*moments: tuple[float, Value], device: str = DEVICE) -> Arrival:
    """One message with a register at so many seconds each."""
    found = [reading(seconds, value, device=device) for seconds, value in moments]
    return arrival(encode_third_party(POINTS, 10_000, found), device)


@pytest.fixture
def mill(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path / "journal.db") as one:
        yield one


def test_a_third_partys_reading_is_stored_with_its_birth(mill: House):
    outcome = mill.takes(says((0, 5), (10, 6)))

    assert (outcome.stored, outcome.quarantined) == (2, 0)
    assert mill.shown() == [(at(0), 5), (at(10), 6)]
    birth = mill.journal.newest_birth(DEVICE)
    assert birth is not None
    assert (birth.profile, birth.every_ms) == (PROFILE, 10_000)
    point = birth.point(POINT)
    assert point is not None
    assert (point.kind, point.unit, point.resolution) == (Kind.COUNTER, "kWh", "0.1")


def test_it_is_chained_like_everybody_elses(mill: House):
    mill.takes(says((0, 5)))
    mill.takes(says((10, 6)), says((0, 1), device=OTHER))

    assert mill.through(PROFILE) == 5  # three readings and two births
    assert mill.broken_at() == ()


def test_the_same_reading_again_costs_nothing(mill: House):
    mill.takes(says((0, 5)))
    outcome = mill.takes(says((0, 5)), says((0, 5), (10, 6)), says((10, 6)))

    assert (outcome.stored, outcome.duplicates) == (1, 3)
    assert len(mill.shown()) == 2


def test_the_same_instant_with_other_content_is_kept_aside(mill: House):
    mill.takes(says((0, 5)))
    outcome = mill.takes(says((0, 7), (10, 6)))

    assert (outcome.stored, outcome.quarantined) == (1, 1)
    assert mill.shown() == [(at(0), 5), (at(10), 6)]
    assert mill.journal.quarantined() == 1


@pytest.mark.parametrize("pack", [False, True], ids=["in the tail", "packed"])
def test_what_was_stored_before_a_restart_is_known_after_it(mill: House, pack: bool):
    mill.takes(says((0, 5)))
    if pack:
        assert mill.writer.pack(NOW) == 1
    mill.reopens()

    assert mill.takes(says((0, 5))).duplicates == 1
    assert mill.takes(says((0, 6))).quarantined == 1
    assert mill.takes(says((10, 6))).stored == 1


def test_a_reading_of_the_future_is_kept_aside(mill: House):
    later = (NOW - at(0) + timedelta(hours=1)).total_seconds()

    assert mill.takes(says((later, 5), (0, 1))).quarantined == 1
    assert mill.shown() == [(at(0), 1)]


def test_what_is_not_as_documented_is_kept_aside_and_stops_nothing(mill: House):
    outcome = mill.takes(arrival(b'{"v":1,"readings":[]}'), says((0, 5)), arrival(b"{}"))

    assert (outcome.stored, outcome.quarantined) == (1, 2)


@settings(max_examples=200 if LONG else 25)
@given(
    st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=6), max_size=12),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_any_order_any_repetition_and_any_packing_leave_each_instant_once(
    tmp_path_factory, sent, packs
):
    with house(tmp_path_factory.mktemp("mill") / "journal.db") as mill:
        for instants, pack in zip(sent, packs, strict=False):
            mill.takes(says(*((120 * n, n) for n in instants)))
            if pack:
                mill.writer.pack(NOW)

        wanted = sorted({n for instants in sent for n in instants})
        assert mill.shown() == [(at(120 * n), n) for n in wanted]
        assert all(chain.broken_at == () for chain in mill.journal.chains())
