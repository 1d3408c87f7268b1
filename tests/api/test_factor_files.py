"""The factor catalogue: a row without its source, or that cannot be, does not load."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from api import factor_files
from api.ledger.factors import clashes
from collector.toml_files import SHIPPED, say
from collector.wire.problem import Refused

ROW = {
    "id": "grid",
    "name_en": "Grid",
    "name_zh": "电网",
    "carrier": "electricity",
    "unit": "kWh",
    "views": "footprint",
    "component": "life_cycle",
    "method": "location",
    "gas": "CO2e",
    "value": "0.5",
    "value_unit": "kgCO2e/kWh",
    "region": "CN",
    "data_from": "2024-01-01",
    "published": "2025-10-24",
    "publisher": "a ministry",
    "document": "a notice",
    "source_url": "https://example.org",
    "confidence": "confirmed",
    "licence": "official notice",
    "notes": "",
}


def write(folder: Path, *rows: dict[str, str], name: str = "some.csv") -> Path:
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return folder


def refused(folder: Path) -> list[str]:
    with pytest.raises(Refused) as found:
        factor_files.load(folder)
    return [say(problem) for problem in found.value.problems]


def test_a_row_is_read_as_it_is_written(tmp_path: Path):
    (row,) = factor_files.load(write(tmp_path, ROW))

    assert (row.id, row.value, row.views) == ("grid", Decimal("0.5"), ("footprint",))
    assert row.names == {"en": "Grid", "zh": "电网"}
    assert row.source["document"] == "a notice"


@pytest.mark.parametrize(
    "column",
    ["id", "carrier", "unit", "views", "component", "gas", "value", "region", "data_from",
     "published", "document", "source_url"],
)  # fmt: skip
@pytest.mark.parametrize("how", ["empty", "absent"])
def test_a_row_without_one_of_these_does_not_load(tmp_path: Path, column, how):
    row = {**ROW, column: ""}
    if how == "absent":
        del row[column]

    (said,) = refused(write(tmp_path, row))

    assert f"no {column}" in said
    assert "some.csv:2" in said


@pytest.mark.parametrize("column", ["method", "name_en", "name_zh"])
def test_a_file_without_a_column_does_not_load(tmp_path: Path, column):
    (said,) = refused(write(tmp_path, {key: value for key, value in ROW.items() if key != column}))

    assert column in said


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("value", "half"),
        ("value", "NaN"),
        ("value", "Infinity"),
        ("data_from", "2024"),
        ("published", "soon"),
        ("component", "indirect"),
        ("views", "footprints"),
        ("views", "inventory footprints"),
        ("method", "market-based"),
        ("gas", "SF6"),
    ],
)
def test_a_row_with_a_value_that_cannot_be_does_not_load(tmp_path: Path, column, value):
    (said,) = refused(write(tmp_path, ROW | {column: value}))

    assert "some.csv:2" in said
    assert value.rpartition(" ")[2] in said


def test_every_row_that_cannot_stand_is_said_with_its_line(tmp_path: Path):
    said = refused(write(tmp_path, ROW | {"value": ""}, ROW, ROW | {"id": "x", "region": ""}))

    assert [one.split()[1].rpartition(":")[2] for one in said] == ["2", "4"]


def test_two_rows_that_claim_the_same_place_do_not_load(tmp_path: Path):
    write(tmp_path, ROW)
    (said,) = refused(write(tmp_path, ROW | {"id": "other"}, name="z.csv"))

    assert "factors-overlap" in said
    assert "grid" in said


def test_a_co2_only_grid_factor_for_footprints_does_not_load(tmp_path: Path):
    (said,) = refused(write(tmp_path, ROW | {"gas": "CO2", "component": "direct"}))

    assert "co2-factor-in-footprint" in said


def test_every_file_of_the_folder_is_read_but_the_warming_potentials(tmp_path: Path):
    write(tmp_path, ROW)
    write(tmp_path, ROW | {"id": "steam", "carrier": "steam"}, name="more.csv")
    write(tmp_path, {"gas": "CO2", "ar6": "1"}, name="gwp.csv")

    assert {row.id for row in factor_files.load(tmp_path)} == {"grid", "steam"}


def test_the_shipped_catalogue_loads_and_every_row_of_it_is_sourced():
    rows = factor_files.load(SHIPPED / "factors")

    assert rows
    assert clashes(rows) == []
    assert all(row.source["document"] and row.source["source_url"] for row in rows)


@pytest.mark.parametrize(
    ("edition", "ch4", "n2o"), [("ar4", "25", "298"), ("ar5", "30", "265"), ("ar6", "29.8", "273")]
)
def test_warming_potentials_are_those_of_their_edition(edition, ch4, n2o):
    found = factor_files.warming_potentials(SHIPPED / "factors", edition)

    assert found["CO2"] == found["CO2e"] == 1
    assert (found["CH4"], found["N2O"]) == (Decimal(ch4), Decimal(n2o))
