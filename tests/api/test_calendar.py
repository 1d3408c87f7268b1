"""Windows in site time: a day is from midnight to midnight, also where it has 23 or 25 hours."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import plant as plant_files
from api.calendar import month, month_of, months, spans, windows, with_last_closed, work_shifts
from api.ledger.plant import WorkShift
from tests.api.given import PLANT

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SHANGHAI, BERLIN, BEIRUT = "Asia/Shanghai", "Europe/Berlin", "Asia/Beirut"


def local(zone: str, *when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def lengths(found) -> list[float]:
    return [(end - start) / HOUR for start, end in found]


def test_a_day_is_the_sites_day():
    noon = local(SHANGHAI, 2026, 3, 2, 12)

    assert windows(DAY, SHANGHAI, noon, noon + HOUR) == [
        (datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 2, 16, tzinfo=UTC))
    ]


def test_a_period_touches_every_window_that_it_overlaps_and_no_other():
    start, end = local(SHANGHAI, 2026, 3, 2), local(SHANGHAI, 2026, 3, 4)

    assert len(windows(DAY, SHANGHAI, start, end)) == 2
    assert len(windows(DAY, SHANGHAI, start, end + timedelta(milliseconds=1))) == 3
    assert len(windows(DAY, SHANGHAI, start - timedelta(milliseconds=1), end)) == 3


def test_a_period_of_no_length_touches_nothing():
    start = local(SHANGHAI, 2026, 3, 2)

    assert windows(DAY, SHANGHAI, start, start) == []


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_a_day_on_which_the_clocks_change_is_shorter_or_longer(day, hours):
    noon = local(BERLIN, *day, 12)

    found = windows(DAY, BERLIN, noon - DAY, noon + DAY)

    assert lengths(found) == [24, hours, 24]


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25), (2026, 3, 30), (2026, 7, 1)])
@pytest.mark.parametrize("hours", [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 23])
def test_shorter_windows_divide_a_day_from_its_midnight_on_and_end_with_it(day, hours):
    midnight = local(BERLIN, *day)
    next_one = datetime.combine(date(*day) + DAY, datetime.min.time(), ZoneInfo(BERLIN))

    found = windows(hours * HOUR, BERLIN, midnight, next_one.astimezone(UTC))

    assert found[0][0] == midnight
    assert found[-1][1] == next_one
    assert set(lengths(found[:-1])) <= {hours}
    assert 0 < lengths(found)[-1] <= hours


def test_a_midnight_that_does_not_exist_is_the_first_instant_of_its_day():
    """In Beirut the clocks go from 24:00 to 01:00."""
    found = windows(DAY, BEIRUT, local(BEIRUT, 2026, 3, 28, 12), local(BEIRUT, 2026, 3, 30, 12))

    assert lengths(found) == [24, 23, 24]


@pytest.mark.parametrize("days", [2, 7, 30])
def test_longer_windows_are_whole_days_counted_from_1970(days):
    noon = local(SHANGHAI, 2026, 3, 2, 12)

    (found,) = windows(days * DAY, SHANGHAI, noon, noon + HOUR)

    first = found[0].astimezone(ZoneInfo(SHANGHAI)).date()
    assert (first - date(1970, 1, 1)).days % days == 0
    assert found[1] - found[0] == days * DAY


QUARTER = timedelta(minutes=15)
LENGTHS = st.sampled_from(
    [QUARTER, 2 * QUARTER, HOUR, 3 * QUARTER, 5 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY]
)
INSTANTS = st.integers(0, 10 * 366 * 86400).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
ZONES = st.sampled_from([SHANGHAI, BERLIN, BEIRUT, "America/St_Johns", "Asia/Kathmandu", "UTC"])


@given(LENGTHS, ZONES, INSTANTS, st.timedeltas(timedelta(0), 3 * DAY))
def test_windows_follow_each_other_and_cover_the_period(length, zone, start, span):
    end = start + span

    found = windows(length, zone, start, end)

    assert [one[1] for one in found[:-1]] == [one[0] for one in found[1:]]
    if span:
        assert found[0][0] <= start < found[0][1]
        assert found[-1][0] < end <= found[-1][1]


@given(LENGTHS, ZONES, INSTANTS, st.timedeltas(timedelta(0), 3 * DAY))
def test_a_window_is_the_same_from_wherever_it_is_seen(length, zone, start, span):
    for window in windows(length, zone, start, start + span):
        assert windows(length, zone, window[0], window[1]) == [window]
        late = window[1] - timedelta(milliseconds=1)
        assert windows(length, zone, late, window[1]) == [window]


@given(LENGTHS, st.sampled_from([SHANGHAI, BERLIN]), INSTANTS)
def test_windows_begin_and_end_with_slots(length, zone, start):
    for window in windows(length, zone, start, start + DAY):
        assert all(edge.minute % 15 == edge.second == edge.microsecond == 0 for edge in window)


def test_without_a_length_a_window_is_the_sites_month():
    start = local(SHANGHAI, 2026, 2, 28, 12)

    assert windows(None, SHANGHAI, start, start + DAY) == [
        (local(SHANGHAI, 2026, 2, 1), local(SHANGHAI, 2026, 3, 1)),
        (local(SHANGHAI, 2026, 3, 1), local(SHANGHAI, 2026, 4, 1)),
    ]


def test_an_open_window_brings_the_one_before_it_where_that_is_closed(tmp_path):
    plant_file = tmp_path / "2026-01-01.toml"
    plant_file.write_text(PLANT, encoding="utf-8")
    plant = plant_files.read(plant_file)
    noon = local(SHANGHAI, 2026, 3, 2, 12)
    half, minute = HOUR / 2, timedelta(minutes=1)
    found = spans(plant, noon, noon + minute)

    assert found == {"boiler-1": [(noon, noon + half)]}
    closed = with_last_closed(plant, found, {"boiler-1": noon + minute})
    assert closed == {"boiler-1": [(noon - half, noon), (noon, noon + half)]}
    assert with_last_closed(plant, found, {"boiler-1": noon - minute}) == found
    assert with_last_closed(plant, found, {"boiler-1": noon + half}) == found


# Working shifts.

THREE = tuple(
    WorkShift(name, time(start), time(end))
    for name, start, end in (("a", 6, 14), ("b", 14, 22), ("c", 22, 6))
)


def test_working_shifts_stand_in_site_time():
    noon = local(SHANGHAI, 2026, 3, 2, 12)

    assert work_shifts(THREE, SHANGHAI, noon, noon + 3 * HOUR) == [
        (local(SHANGHAI, 2026, 3, 2, 6), local(SHANGHAI, 2026, 3, 2, 14)),
        (local(SHANGHAI, 2026, 3, 2, 14), local(SHANGHAI, 2026, 3, 2, 22)),
    ]


def test_a_shift_over_midnight_is_one():
    late = local(SHANGHAI, 2026, 3, 2, 23)

    assert work_shifts(THREE, SHANGHAI, late, late + HOUR) == [
        (local(SHANGHAI, 2026, 3, 2, 22), local(SHANGHAI, 2026, 3, 3, 6))
    ]


@pytest.mark.parametrize(
    ("day", "hours"), [((2026, 3, 29), 7), ((2026, 10, 25), 9), ((2026, 5, 1), 8)]
)
def test_the_night_shift_is_shorter_or_longer_where_clocks_are_set(day, hours):
    early = local(BERLIN, *day, 5)

    assert lengths(work_shifts(THREE, BERLIN, early, early + HOUR / 2)) == [hours]


def test_hours_that_no_shift_covers_are_in_none():
    one = (WorkShift("a", time(8), time(16)),)
    night = local(SHANGHAI, 2026, 3, 2, 20)

    assert work_shifts(one, SHANGHAI, night, night + HOUR) == []


def test_a_shift_may_last_the_whole_day():
    one = (WorkShift("a", time(0), time(0)),)
    noon = local(SHANGHAI, 2026, 3, 2, 12)

    assert lengths(work_shifts(one, SHANGHAI, noon, noon + HOUR)) == [24]


EDGES = st.lists(st.integers(0, 24 * 60 - 1), min_size=1, max_size=5, unique=True).map(sorted)
ZONES = st.sampled_from([SHANGHAI, BERLIN, BEIRUT, "America/St_Johns", "Australia/Lord_Howe"])


@given(EDGES, ZONES, st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_shifts_that_cover_the_day_cover_every_instant_once(edges, zone, day):
    """Also on days that skip an hour or have one twice, wherever the shifts change."""
    clock = [time(edge // 60, edge % 60) for edge in edges]
    shifts = tuple(
        WorkShift(str(n), start, clock[(n + 1) % len(clock)]) for n, start in enumerate(clock)
    )
    start = datetime.combine(day, time(), UTC)

    found = work_shifts(shifts, zone, start, start + 2 * DAY)

    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert found[0][0] <= start
    assert found[-1][1] >= start + 2 * DAY


# Months.


def test_a_month_is_the_sites_month():
    assert month("2026-03", SHANGHAI) == (
        datetime(2026, 2, 28, 16, tzinfo=UTC),
        datetime(2026, 3, 31, 16, tzinfo=UTC),
    )


@given(
    st.integers(0, 10**6).map(lambda hours: EPOCH + hours * HOUR),
    st.sampled_from([SHANGHAI, BERLIN, BEIRUT]),
)
def test_every_instant_lies_in_its_month(at, zone):
    start, end = month(month_of(at, zone), zone)

    assert start <= at < end


def test_the_months_of_a_period_follow_each_other():
    start, end = datetime(2026, 1, 31, 20, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)

    assert months(start, end, SHANGHAI) == ["2026-02", "2026-03", "2026-04"]
    assert months(start, start + HOUR, SHANGHAI) == ["2026-02"]


@pytest.mark.parametrize("name", ["2026-13", "2026-00", "2026", "March", "2026-03-01"])
def test_what_is_no_month_is_refused(name):
    with pytest.raises(ValueError, match=name):
        month(name, SHANGHAI)
