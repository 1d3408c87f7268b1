"""A recording: what a file says is found out from the file, and nothing of it is lost."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.toml_files import say
from collector.wire.problem import Refused
from millprint.replay.recording import Asked, read_recording

SEOUL = ZoneInfo("Asia/Seoul")
STEPS = st.sampled_from([timedelta(minutes=n) for n in (1, 5, 15, 30, 60)])


def asked(**facts) -> Asked:
    return Asked(column="kWh", point="energy_import_kwh", zone=SEOUL, **facts)


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "load.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def test_an_interval_that_ends_at_midnight_may_be_stamped_00_00_of_its_own_day(tmp_path: Path):
    quarters = [f"{n // 4:02}:{n % 4 * 15:02}" for n in (*range(1, 96), 0)]
    rows = [f"{day:02}/01/2018 {time},1.25" for day in (1, 2) for time in quarters]

    found = read_recording(written(tmp_path, "date,kWh", *rows), asked())

    assert found.mapping.midnight_ends_day
    assert len(found.marks) == 2 * 96 + 1
    assert found.marks[0][0] == datetime(2017, 12, 31, 15, tzinfo=UTC)
    assert found.marks[-1] == (datetime(2018, 1, 2, 15, tzinfo=UTC), Decimal(240))
    assert {end - start for start, end, _ in found.intervals} == {timedelta(minutes=15)}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2018-03-04 00:10", "2018-03-04 00:20"),
        ("2018-03-03T15:10:00Z", "2018-03-03T15:20:00Z"),
        ("04/03/2018 00:10", "04/03/2018 00:20"),
        ("2018/03/04 00:10", "2018/03/04 00:20"),
        ("04.03.2018 00:10", "04.03.2018 00:20"),
    ],
)
def test_how_times_are_written_is_found_out(tmp_path: Path, first: str, second: str):
    path = written(tmp_path, "date,kWh", f"{first},1", f"{second},2")

    assert [at for at, _ in read_recording(path, asked()).marks] == [
        datetime(2018, 3, 3, 15, minute, tzinfo=UTC) for minute in (0, 10, 20)
    ]


def test_a_day_beyond_the_twelfth_says_which_number_is_the_month(tmp_path: Path):
    rows = [f"03/{day:02}/2018 00:00,1" for day in range(1, 20)]

    found = read_recording(written(tmp_path, "date,kWh", *rows), asked())

    assert found.mapping.time_format == "%m/%d/%Y %H:%M"
    assert found.marks[-1][0] == datetime(2018, 3, 18, 15, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_found_out(tmp_path: Path, encoding: str, delimiter: str):
    lines = (f"时间{delimiter}电量", f"2018-03-04 00:15{delimiter}7")
    path = written(tmp_path, *lines, f"2018-03-04 00:30{delimiter}8", encoding=encoding)

    found = read_recording(path, Asked("电量", "energy_import_kwh", SEOUL))

    assert found.marks[-1][1] == 15


def test_registers_are_taken_as_they_stand(tmp_path: Path):
    rows = [f"2018-03-04 0{hour}:00,{100 + hour}.5" for hour in range(4)]

    found = read_recording(written(tmp_path, "t,kWh", *rows), asked(registers=True))

    assert [total for _, total in found.marks] == [Decimal(f"{n}.5") for n in range(100, 104)]


def test_a_row_that_is_none_is_said_and_left_out(tmp_path: Path):
    path = written(tmp_path, "t,kWh", "2018-03-04 00:15,1", "2018-03-04 00:30,oops")
    path.write_text(path.read_text(encoding="utf-8") + "2018-03-04 00:45,2\n", encoding="utf-8")

    found = read_recording(path, asked())

    assert [bad.line for bad in found.bad] == [3]
    assert found.marks[-1][1] == 3


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((), "no column"),
        (("t,kvarh", "2018-03-04 00:15,1"), "kvarh"),
        (("t,kWh", "yesterday,1", "today,2"), "yesterday"),
        (("t,kWh", "2018-03-04 00:15,x", "2018-03-04 00:30,y"), "nothing to replay"),
        (("t,kWh", "2018-03-04T00:15:00,1", "2018-09-04T00:15:01,2"), "round them"),
    ],
)
def test_a_file_that_cannot_be_replayed_says_why(tmp_path: Path, lines, says: str):
    with pytest.raises(Refused) as refused:
        read_recording(written(tmp_path, *lines), asked())

    assert says in " ".join(say(problem) for problem in refused.value.problems)


@given(
    amounts=st.lists(st.integers(0, 10**7), min_size=2, max_size=200),
    step=STEPS,
    zone=st.sampled_from(["UTC", "Asia/Shanghai", "Asia/Kolkata", "Europe/Berlin"]),
)
def test_amounts_come_back_exactly(tmp_path_factory, amounts, step: timedelta, zone: str):
    start = datetime(2018, 3, 20, tzinfo=UTC).astimezone(ZoneInfo(zone))
    rows = [
        f"{start + (place + 1) * step:%Y-%m-%d %H:%M},{Decimal(amount) / 100}"
        for place, amount in enumerate(amounts)
    ]
    path = written(tmp_path_factory.mktemp("load"), "t,kWh", *rows)

    found = read_recording(path, Asked("kWh", "energy_import_kwh", ZoneInfo(zone)))

    assert [amount for _, _, amount in found.intervals] == [Decimal(n) / 100 for n in amounts]
    assert not found.bad
