"""The outline of a point: nothing that stood out is lost, whatever is drawn of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.outline import Outline, Stretch, merged
from tests.api.given import Caller, World, at, reading, values

REF = "jet-01-power.power_kw"


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.floats(-1e6, 1e6)), max_size=200),
    st.integers(1, 10**5),
)
def test_the_lowest_and_highest_of_all_are_in_what_is_drawn(points, step):
    found = sorted(Stretch(when, value, value) for when, value in points)

    drawn = list(merged(found, 0, step))

    assert [one.at for one in drawn] == sorted({one.at // step * step for one in found})
    assert min((one.low for one in drawn), default=None) == min(
        (one.low for one in found), default=None
    )
    assert max((one.high for one in drawn), default=None) == max(
        (one.high for one in found), default=None
    )


@given(
    st.lists(st.tuples(st.integers(0, 10**5), st.floats(-10, 10)), max_size=60),
    st.integers(1, 300),
    st.integers(1, 30),
)
def test_an_outline_of_an_outline_is_that_of_the_readings(points, step, times):
    found = sorted(Stretch(when, value, value) for when, value in points)

    twice = list(merged(merged(found, 0, step), 0, step * times))

    assert twice == list(merged(found, 0, step * times))


def test_a_short_time_shows_the_readings_themselves(ask: Caller):
    period = {"from": at(0).isoformat(), "to": at(10).isoformat()}

    body = ask.get(f"/points/{REF}/curve", **period).json()

    assert body["complete"]
    assert body["unit"] == "kW"
    assert [high for _, _, high in body["stretches"]] == [
        values("jet-01-power", minute)["power_kw"] for minute in range(10)
    ]


@pytest.fixture
def outlined(mill: World, tmp_path: Path) -> Outline:
    return Outline(mill.service.journal, tmp_path / "outline.db")


def long_time() -> tuple[datetime, datetime]:
    return at(0) - timedelta(days=30), at(120)


def test_what_was_never_looked_at_is_made_behind_and_then_complete(outlined: Outline):
    start, end = long_time()

    first = outlined.shape(REF, start, end, 100)
    outlined.finish()
    second = outlined.shape(REF, start, end, 100)

    assert not first.complete
    assert second.complete
    assert max(one.high for one in second.stretches) == 60.5


def test_a_late_reading_is_in_the_next_answer(fresh, tmp_path: Path):
    world = fresh(after_an_hour=True)
    world.sends(*(reading("jet-01-power", minute) for minute in range(60, 26 * 60, 30)))
    outline = Outline(world.service.journal, tmp_path / "outline.db")
    start, end = at(0) - timedelta(days=2), at(26 * 60)
    outline.shape(REF, start, end, 100)
    outline.finish()

    world.sends(reading("jet-01-power", 61, {"energy_import_kwh": 1, "power_kw": 999.0}))
    outline.shape(REF, start, end, 100)
    outline.finish()

    shape = outline.shape(REF, start, end, 100)
    assert max(one.high for one in shape.stretches) == 999.0


def test_whatever_stands_in_the_files_place_is_thrown_away(outlined: Outline, tmp_path: Path):
    (tmp_path / "outline.db").write_bytes(b"x" * 4096)
    start, end = long_time()

    outlined.shape(REF, start, end, 100)
    outlined.finish()

    assert outlined.shape(REF, start, end, 100).complete


def test_a_day_that_goes_on_is_made_of_its_readings(outlined: Outline):
    shape = outlined.shape(REF, at(0) - timedelta(days=2), datetime(2026, 3, 5, tzinfo=UTC), 100)

    assert shape.stretches
    assert shape.step_ms % 900_000 == 0


def test_no_point_no_curve_and_no_time_that_runs_backwards(ask: Caller):
    period = {"from": at(0).isoformat(), "to": at(10).isoformat()}
    turned = {"from": at(10).isoformat(), "to": at(0).isoformat()}

    assert ask.get("/points/jet-99.power_kw/curve", **period).status_code == 404
    assert ask.get(f"/points/{REF}/curve", **turned).status_code == 422


def test_a_machine_says_which_batches_and_steps_it_did(ask: Caller):
    period = {"from": at(0).isoformat(), "to": at(60).isoformat()}

    body = ask.get("/machines/jet-01/marks", **period).json()

    assert [run["batch"] for run in body["runs"]][:2] == ["B2601", "B2601"]
    assert [step["label"] for step in body["steps"]][:3] == ["", "scour", "dye"]
