"""Results as files: the same numbers in each form, and text that stays text."""

import csv
import io
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.exports import csv as csv_form
from api.exports import names
from api.extract import TABLES, Column, Extract, Sort, Table
from tests.api.given import Caller, World, at, world
from tests.api.recalculated import recalculated

MARCH = "2026-03"


@pytest.fixture(scope="module")
def march(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A mill a month later: the totals of March are kept."""
    mill = world(tmp_path_factory.mktemp("march") / "config")
    mill.passes(0, 150)
    mill.caller().post("/batches", {"id": "B2601", "article": "=cmd|' /C calc'!A0"})
    mill.closes_its_books()
    mill.clock[0] = datetime(2026, 4, 2, tzinfo=UTC)
    mill.closes_its_books()
    yield mill
    mill.close()


@pytest.fixture(scope="module")
def book(march: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of March."""
    answer = march.caller().get("/exports/xlsx", month=MARCH)
    assert answer.status_code == 200, answer.text
    path = tmp_path_factory.mktemp("book") / "march.xlsx"
    path.write_bytes(answer.content)
    return path


def table(ask: Caller, **query: str) -> list[dict[str, str]]:
    answer = ask.get("/exports/csv", **query)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_every_form_says_what_it_is_and_how_its_file_is_called(march: World):
    for form in names():
        answer = march.caller("certifier").get(f"/exports/{form}", month=MARCH)

        assert answer.status_code == 200
        assert f"keqiao-{MARCH}" in answer.headers["content-disposition"]
        assert answer.headers["content-disposition"].rstrip('"').endswith(f".{form}")


def test_a_months_workbook_adds_up_to_the_months_kept_totals_when_recalculated(
    march: World, book: Path
):
    totals = march.caller().get(f"/periods/{MARCH}/totals").json()

    cells = recalculated(book)["Summary"]

    kept = float(totals["batches_kgco2e"])
    assert kept > 0
    assert cells["Emissions of the final ones [kgCO2e]"] == pytest.approx(kept, abs=1e-6)
    assert cells["The month's kept total [kgCO2e]"] == pytest.approx(kept, abs=1e-9)
    assert cells["Difference from it [kgCO2e]"] == pytest.approx(0, abs=1e-6)
    assert cells["Together"] == pytest.approx(kept, abs=1e-6)
    assert cells["Final batches"] == len(totals["batches"])
    written = openpyxl.load_workbook(book, data_only=True)["Summary"]
    for name, value in written.iter_rows(max_col=2, min_row=3, values_only=True):
        if isinstance(value, float | int):
            assert cells[name] == pytest.approx(value, abs=1e-6), name


def test_a_writer_that_is_killed_is_a_refusal_and_leaves_no_file(
    march: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with ThreadPoolExecutor() as office:
        asked = office.submit(march.caller().get, "/exports/xlsx", month=MARCH)
        while not asked.done():
            for pid in writers():
                os.kill(pid, signal.SIGKILL)
        answer = asked.result()

    assert answer.status_code == 409
    assert "its process ended with -9" in answer.text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("form", "library"), [("pdf", "weasyprint"), ("parquet", "pyarrow")])
def test_a_box_without_a_form_s_library_says_what_to_install(
    march: World, form: str, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    without = f"raise ModuleNotFoundError('No module named {library}', name={library!r})"
    (tmp_path / f"{library}.py").write_text(without, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))

    answer = march.caller().get(f"/exports/{form}", month=MARCH)

    assert answer.status_code == 409
    assert f"{library} is not on this box: install millprint[{form}]" in answer.json()["detail"]


def writers() -> Iterator[int]:
    """Processes that write a file for this one."""
    with suppress(OSError):  # threads and processes come and go
        for thread in Path("/proc/self/task").iterdir():
            for child in (thread / "children").read_text().split():
                if b"api.exports" in Path(f"/proc/{child}/cmdline").read_bytes():
                    yield int(child)


def test_every_line_of_a_footprint_is_a_row_with_real_numbers_and_dates(march: World, book: Path):
    body = march.caller().get("/batches/B2601/footprint").json()
    lines = [line for run in body["runs"] for line in run["lines"]] + body["idle"]

    sheet = openpyxl.load_workbook(book)["Lines"]

    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == "B2601"]
    assert sorted(row[7] for row in rows) == sorted(float(line["amount"]) for line in lines)
    assert {type(row[7]) for row in rows} <= {int, float}
    assert f"{rows[0][4]}" == "2026-03-02 08:05:00"  # in Shanghai


def test_what_no_factor_prices_is_no_zero_in_the_summary(book: Path):
    sheet = openpyxl.load_workbook(book).worksheets[0]
    shown = {name.value: amount.value for name, amount, *_ in sheet.iter_rows(max_col=2)}

    assert shown["water"] == "no factor"
    assert str(shown["steam"]).startswith("=SUMIF(")


def test_text_that_begins_like_a_formula_stays_text(march: World, book: Path):
    sheet = openpyxl.load_workbook(book)["Batches"]

    article = next(row[1] for row in sheet.iter_rows(min_row=2) if row[0].value == "B2601")

    assert article.data_type == "s"
    assert article.value == "=cmd|' /C calc'!A0"
    rows = {row["Batch"]: row for row in table(march.caller(), month=MARCH)}
    assert rows["B2601"]["Article"] == "'=cmd|' /C calc'!A0"


def test_a_csv_holds_the_decimals_of_the_result(march: World):
    body = march.caller().get("/batches/缸号-7/footprint").json()

    rows = {row["缸号"]: row for row in table(march.caller(), month=MARCH, lang="zh")}

    assert rows["缸号-7"]["排放量 [kgCO2e]"] == body["total"]["kgco2e"]
    assert rows["缸号-7"]["合格质量 [kg]"] == body["accepted_kg"]
    assert rows["缸号-7"]["开始"] == "2026-03-02 08:50:00+08:00"


def test_lines_add_up_to_their_batches(march: World):
    batches = table(march.caller(), month=MARCH)
    lines = table(march.caller(), month=MARCH, table="lines")

    for batch in batches:
        own = [Decimal(one["Emissions [kgCO2e]"] or 0) for one in lines
               if one["Batch"] == batch["Batch"]]  # fmt: skip
        assert sum(own) == Decimal(batch["Emissions [kgCO2e]"])


def test_a_factor_that_several_batches_used_stands_once(march: World):
    factors = [one["Factor"] for one in table(march.caller(), month=MARCH, table="factors")]

    assert factors
    assert len(factors) == len(set(factors))


def test_what_is_not_final_stands_there_as_it_is_so_far(fresh):
    mill = fresh(after_an_hour=True)
    mill.closes_its_books()
    hours = {"from": at(0).isoformat(), "to": at(120).isoformat()}

    rows = {row["Batch"]: row["Status"] for row in table(mill.caller(), **hours)}

    assert rows["C1"] in ("running", "provisional")
    assert "final" in rows.values()


def test_a_month_as_it_was_kept_then_or_not_at_all(march: World):
    ask = march.caller()
    kept = table(ask, month=MARCH, as_of="2026-04-02T00:00:00Z")

    assert kept == table(ask, month=MARCH)
    early = ask.get("/exports/csv", month=MARCH, as_of="2026-03-20T00:00:00Z")
    assert early.status_code == 404


@pytest.mark.parametrize(
    ("path", "query", "status", "says"),
    [
        ("/exports/xls", {"month": MARCH}, 404, "csv, parquet, pdf, xlsx"),
        ("/exports/csv", {}, 422, "month; batch; article; from and to"),
        (
            "/exports/csv",
            {"month": MARCH, "batch": "B2601"},
            422,
            "month; batch; article; from and to",
        ),
        (
            "/exports/csv",
            {"from": "2026-03-01T00:00:00Z"},
            422,
            "month; batch; article; from and to",
        ),
        ("/exports/csv", {"month": "2026-13"}, 404, "2026-13"),
        ("/exports/csv", {"batch": "B2699"}, 404, "B2699"),
        ("/exports/csv", {"batch": "B2601", "as_of": "2026-03-20T00:00:00Z"}, 422, "revisions"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_a_sentence(
    march: World, path: str, query: dict[str, str], status: int, says: str
):
    answer = march.caller().get(path, **query)

    assert answer.status_code == status, answer.text
    assert says in answer.json()["detail"]


def test_nobody_exports_without_a_key(march: World):
    assert march.caller(None).get("/exports/csv", month=MARCH).status_code == 401


def test_every_table_has_headings_in_both_languages_that_differ():
    for one in TABLES:
        for lang in ("en", "zh"):
            headings = [column.heading(lang) for column in one.columns]
            assert len(set(headings)) == len(headings)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=20)


@given(text=TEXTS)
def test_any_text_comes_back_from_a_csv_and_is_no_formula(tmp_path_factory, text: str):
    one = Table("one", "One", "一", (Column("text", "Text", "文", Sort.TEXT),),
                lambda body, _: iter([(body["text"],)]))  # fmt: skip
    out = tmp_path_factory.mktemp("csv") / "one.csv"
    zone = ZoneInfo("Asia/Shanghai")
    extract = Extract("a", "s", zone, "footprint", "", "", None, None, iter([{"text": text}]))

    csv_form.write(extract, out, "en", one)

    with out.open(encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    (cell,) = rows[0] if rows and rows[0] else ("",)
    assert not cell.startswith(("=", "+", "-", "@", "\t"))
    assert cell in (text, f"'{text}")
