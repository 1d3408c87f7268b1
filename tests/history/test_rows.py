"""CSV history becomes readings: times, registers and amounts as the mapping says."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.wire.problem import Refused
from collector.wire.reading import Reading
from millprint.history.mapping import Mapping, read_mapping
from millprint.history.rows import BadRow, read_rows

MAPPING = """
device = "hall-3"
time = "when"
timezone = "Asia/Shanghai"
every = "15min"
[points.energy_import_kwh]
column = "kWh"
"""


def mapping(folder: Path, text: str = MAPPING) -> Mapping:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def rows(folder: Path, text: str, how: str = MAPPING) -> list[Reading | BadRow]:
    path = folder / "history.csv"
    path.write_text(text, encoding="utf-8")
    return list(read_rows(path, mapping(folder, how)))


def refused(folder: Path, how: str, text: str = "when,kWh\n") -> list[str]:
    with pytest.raises(Refused) as caught:
        rows(folder, text, how)
    return [problem.code for problem in caught.value.problems]


def test_a_register_is_taken_as_it_stands_at_its_time_in_utc(tmp_path):
    (reading,) = rows(tmp_path, "when,kWh\n2026-03-01 12:15,18230.4\n")

    assert reading.at == datetime(2026, 3, 1, 4, 15, tzinfo=UTC)
    assert reading.values == {"energy_import_kwh": 18230.4}


def test_amounts_add_up_to_a_register_that_begins_at_zero_one_period_before(tmp_path):
    text = "when,kWh\n2026-03-01 12:15,0.1\n2026-03-01 12:30,0.2\n"
    first, second, third = rows(tmp_path, text, MAPPING + "amounts = true\n")

    assert first.at == second.at - timedelta(minutes=15)
    registers = [one.values["energy_import_kwh"] for one in (first, second, third)]
    assert registers == [0.0, 0.1, 0.3]


@given(st.lists(st.decimals(0, 10**6, places=3), min_size=1, max_size=30))
def test_a_register_made_of_amounts_ends_at_their_exact_sum(tmp_path_factory, amounts):
    start = datetime(2026, 3, 1, tzinfo=UTC)
    lines = [
        f"{start + n * timedelta(minutes=15):%F %T},{amount}" for n, amount in enumerate(amounts)
    ]
    found = rows(
        tmp_path_factory.mktemp("history"),
        "when,kWh\n" + "\n".join(lines),
        MAPPING + "amounts = true\n",
    )

    last = found[-1]
    assert isinstance(last, Reading)
    assert Decimal(repr(last.values["energy_import_kwh"])) == sum(amounts)


def test_midnight_that_ends_the_day_which_it_names_comes_after_that_day(tmp_path):
    how = MAPPING.replace("[points", "midnight_ends_day = true\n[points", 1)
    text = "when,kWh\n2018-01-01 23:45,1\n2018-01-01 00:00,2\n2018-01-02 00:15,3\n"

    found = rows(tmp_path, text, how)

    assert [one.at.minute for one in found if isinstance(one, Reading)] == [45, 0, 15]
    assert found[1].at - found[0].at == timedelta(minutes=15)


def test_the_hour_that_a_clock_shows_twice_is_told_apart_by_its_place(tmp_path):
    how = MAPPING.replace("Asia/Shanghai", "Europe/Berlin")
    text = "when,kWh\n2025-10-26 02:30,1\n2025-10-26 02:30,2\n2025-10-26 03:30,3\n"

    found = rows(tmp_path, text, how)

    assert [one.at.hour for one in found] == [0, 1, 2]


def test_an_hour_that_no_clock_shows_is_a_bad_row(tmp_path):
    how = MAPPING.replace("Asia/Shanghai", "Europe/Berlin")

    (bad,) = rows(tmp_path, "when,kWh\n2025-03-30 02:30,1\n", how)

    assert isinstance(bad, BadRow)
    assert "is no time in Europe/Berlin" in bad.why


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("2026-03-01 12:15,abc", "no number"),
        ("2026-03-01 12:15,nan", "no number"),
        ("2026-03-01 12:15,Infinity", "no number"),
        ("yesterday,1", "yesterday"),
        ("2026-03-01 12:15", "a field is missing"),
        ("2026-03-01 11:00,1", "not after the row before"),
    ],
)
def test_a_row_that_is_no_reading_says_its_line_and_why_and_stops_nothing(tmp_path, row, why):
    text = f"when,kWh\n2026-03-01 12:00,1\n{row}\n2026-03-01 12:30,3\n"

    found = rows(tmp_path, text)

    (bad,) = [one for one in found if isinstance(one, BadRow)]
    assert bad.line == 3
    assert why in bad.why
    assert len(found) == 3


def test_an_empty_field_is_no_value_and_never_zero(tmp_path):
    (reading,) = rows(tmp_path, "when,kWh\n2026-03-01 12:15,\n")

    assert reading.values == {}
    assert reading.bad == {"energy_import_kwh": "no-value"}


def test_a_negative_amount_is_a_bad_row(tmp_path):
    (bad,) = rows(tmp_path, "when,kWh\n2026-03-01 12:15,-1\n", MAPPING + "amounts = true\n")

    assert "below 0" in bad.why


def test_a_columns_unit_becomes_the_stored_one(tmp_path):
    (reading,) = rows(tmp_path, "when,kWh\n2026-03-01 12:15,1.5\n", MAPPING + 'unit = "MWh"\n')

    assert reading.values == {"energy_import_kwh": 1500.0}


def test_a_byte_order_mark_does_not_hide_the_first_column(tmp_path):
    path = tmp_path / "history.csv"
    path.write_bytes(b"\xef\xbb\xbfwhen,kWh\n2026-03-01 12:15,1\n")

    assert len(list(read_rows(path, mapping(tmp_path)))) == 1


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    assert refused(tmp_path, MAPPING, "time,energy\n") == ["no-such-column"] * 2


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"hall-3"', '"Hall 3"', "bad-name"),
        ("Asia/Shanghai", "Asia/Nowhere", "wrong-value"),
        ('"15min"', '"quarter"', "wrong-value"),
        ("energy_import_kwh", "energy_import", "point-without-unit"),
        ('column = "kWh"', 'column = "kWh"\nunit = "m3"', "wrong-value"),
        ('column = "kWh"', 'column = "kWh"\nkind = "total"', "wrong-value"),
        ('column = "kWh"', 'column = "kWh"\nkind = "gauge"\namounts = true', "wrong-value"),
        ('column = "kWh"', 'colum = "kWh"', "unknown-key"),
    ],
)
def test_a_mapping_that_cannot_stand_is_refused(tmp_path, old, new, code):
    assert refused(tmp_path, MAPPING.replace(old, new)) == [code]
