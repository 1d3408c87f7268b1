"""A table of runs as a file: looked at first, taken in whole or not at all, and undone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.toml_files import SHIPPED
from tests.api.given import World
from tests.api.keeping import of_files
from tests.api.stating import NO_PLC, runs_of

HEAD = "machine,batch,process,start,end,kg\n"
TWO = HEAD + (
    "jet-02,00123,dyeing-exhaust,2026-03-02 08:10,2026-03-02 08:30,250\n"
    "jet-02,00124,,2026-03-02T00:30:00Z,2026-03-02T08:50:00+08:00,\n"
)


@pytest.fixture
def mill(without_plc: World) -> World:
    return without_plc


def sends(mill: World, content: str | bytes, **query):
    content = content.encode() if isinstance(content, str) else content
    return mill.caller().asks(
        "POST", "/api/v1/runs/import", content=content, params=query,
        headers={**mill.key(), "content-type": "text/csv"},
    )  # fmt: skip


def bad(answer):
    return [(one["line"], one["field"]) for one in answer.json()["bad"]]


def test_a_file_in_site_time_or_with_offsets_is_taken_in_with_leading_zeros(mill: World):
    answer = sends(mill, TWO)

    assert answer.status_code == 201, answer.text
    assert runs_of(mill, "00123") == [("jet-02", "00:10", "00:30", "csv")]
    assert runs_of(mill, "00124") == [("jet-02", "00:30", "00:50", "csv")]
    assert mill.books.runs.kg(["00123"]) == {"00123": "250"}


def test_a_dry_run_says_what_it_would_change_and_changes_nothing(mill: World):
    answer = sends(mill, TWO, dry_run=True)

    assert answer.status_code == 200
    assert [(row["line"], row["batch"], row["change"]) for row in answer.json()["rows"]] == [
        (2, "00123", "new"),
        (3, "00124", "new"),
    ]
    assert mill.caller().get("/batches/00123").status_code == 404


def test_the_same_file_again_changes_nothing_and_a_longer_one_only_what_is_new(mill: World):
    sends(mill, TWO)
    again = sends(mill, TWO).json()
    longer = sends(mill, TWO.replace("08:50:00", "08:55:00")).json()

    assert ([row["change"] for row in again["rows"]], again["import"]) == (["same"] * 2, None)
    assert [row["change"] for row in longer["rows"]] == ["same", "changed"]
    assert runs_of(mill, "00124") == [("jet-02", "00:30", "00:55", "csv")]


@contextmanager
def power_fails_where_the_import_is_kept(mill: World) -> Iterator[None]:
    """Runs are written by then; the row that says which file brought them never is."""
    with closing(sqlite3.connect(mill.folder / "books.db")) as db:
        db.execute(
            "CREATE TRIGGER gone BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'gone'); END"
        )
        yield
        db.execute("DROP TRIGGER gone")


@of_files
def test_runs_and_the_import_that_brought_them_are_kept_together_or_not_at_all(mill: World):
    body = {"content": TWO, "headers": {**mill.key(), "content-type": "text/csv"}}
    with power_fails_where_the_import_is_kept(mill):
        cut = mill.caller().asks("POST", "/api/v1/runs/import", undocumented=True, **body)
    assert cut.status_code == 500
    assert mill.books.run_entries.after(0) == []

    number = sends(mill, TWO).json()["import"]
    undone = {"reason": "the wrong week"}
    with power_fails_where_the_import_is_kept(mill):
        where = f"/api/v1/imports/{number}/undo"
        mill.caller().asks("POST", where, undocumented=True, json=undone)
    assert runs_of(mill, "00123") == [("jet-02", "00:10", "00:30", "csv")]
    assert "undo" not in {one.kind for one in mill.books.run_entries.after(0)}


CHINESE = (
    "机台,缸号,工序,开始时间,结束时间,重量\njet-02,缸号-9,染色,2026/3/2 8:10,2026/3/2 8:30,250\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_chinese_heads_and_encodings_are_read(
    hour_without_plc: World, encoding, delimiter, newline
):
    text = CHINESE.replace(",", delimiter).replace("\n", newline)

    answer = sends(hour_without_plc, text.encode(encoding), dry_run=True)

    (row,) = answer.json()["rows"]
    assert (row["batch"], row["process"]) == ("缸号-9", "染色")
    assert (row["start"][11:16], row["kg"]) == ("00:10", "250")


@pytest.mark.parametrize("name", ["runs.csv", "runs.zh.csv"])
def test_the_templates_are_read_by_what_they_are_templates_of(hour_without_plc: World, name):
    content = (SHIPPED / "templates" / name).read_bytes()

    answer = sends(hour_without_plc, content, dry_run=True)

    assert {field for _, field in bad(answer)} <= {"machine", "start", "end"}, answer.text
    assert answer.json()["bad_rows"] > 0, "its machines and days are examples"


ROW = "jet-02,B1,,2026-03-02 08:10,2026-03-02 08:30,250\n"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (ROW.replace("jet-02", "jet-20"), "machine"),
        (ROW.replace("B1", ""), "batch"),
        (ROW.replace("B1", "<b>"), "batch"),
        (ROW.replace("B1", "2.40907E+11"), "batch"),
        (ROW.replace("08:30", "08:05"), "end"),
        (ROW.replace("08:30", "23:30"), "end"),
        (ROW.replace("08:10", "25:10"), "start"),
        (ROW.replace("2026-03-02 08:10", "02.03.2026 08:10"), "start"),
        (ROW.replace("2026-03-02 08:10", "2026-03-02"), "start"),
        (ROW.replace("2026-03-02 08:10", ""), "start"),
        (ROW.replace("250", "heavy"), "kg"),
        (ROW.replace("250", "0"), "kg"),
        (ROW + ROW, "start"),
        (ROW + ROW.replace("08:10", "08:30").replace("08:30\n", "").replace(
            "08:30,250", "08:40,260"), "kg"),
        (ROW + ROW.replace("B1", "B2").replace("08:10", "08:20"), "start"),
    ],
)  # fmt: skip
def test_one_bad_row_refuses_the_file_with_its_line_and_reason(hour_without_plc: World, row, field):
    mill = hour_without_plc
    good = "jet-02,G1,,2026-03-02 08:00,2026-03-02 08:05,\n"

    looked, tried = sends(mill, HEAD + good + row, dry_run=True), sends(mill, HEAD + good + row)

    assert (looked.status_code, tried.status_code) == (200, 422)
    assert field in {name for _, name in bad(looked)}, looked.text
    assert bad(tried) == bad(looked)
    assert all(one["line"] >= 3 and one["allowed"] for one in tried.json()["bad"])
    assert tried.headers["content-type"] == "application/problem+json"
    assert mill.caller().get("/batches/G1").status_code == 404


def test_a_row_that_contradicts_what_was_entered_names_it(mill: World):
    sends(mill, HEAD + ROW)

    answer = sends(mill, HEAD + ROW.replace("B1", "B2").replace("08:10", "08:20"))

    assert bad(answer) == [(2, "start")]
    assert "B1" in answer.json()["detail"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"machine;start\n",
        b"%PDF-1.4",
        b"PK\x03\x04\x00\x00",
        b"x" * 5_000_000,
    ],
)
def test_what_is_no_table_of_runs_is_refused(hour_without_plc: World, content):
    answer = sends(hour_without_plc, content)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_time_that_the_sites_clocks_showed_twice_needs_its_offset(fresh):
    berlin = NO_PLC.replace("Asia/Shanghai", "Europe/Berlin")
    mill = fresh(berlin, after_an_hour=True)
    twice = HEAD + "jet-02,B1,,2025-10-26 02:30,2025-10-26 04:30,\n"

    assert bad(sends(mill, twice, dry_run=True)) == [(2, "start")]
    told = twice.replace("2025-10-26 02:30", "2025-10-26T02:30+02:00")
    assert sends(mill, told, dry_run=True).json()["bad"] == []


def test_an_import_is_undone_as_a_whole_and_its_rows_stay_in_the_history(mill: World):
    sends(mill, HEAD + ROW)
    second = HEAD + ROW.replace("08:30", "08:40") + ROW.replace("B1", "B2").replace(
        "08:10", "08:45").replace("08:30", "08:55").replace("250", "")  # fmt: skip
    number = sends(mill, second).json()["import"]
    assert runs_of(mill, "B1") == [("jet-02", "00:10", "00:40", "csv")]

    ask = mill.caller()
    for _ in range(2):  # a second time changes nothing
        answer = ask.post(f"/runs/imports/{number}/undo", {"reason": "wrong week"})
        assert answer.json() == {"import": number, "undone": True}

    assert runs_of(mill, "B1") == [("jet-02", "00:10", "00:30", "csv")]
    history = runs_of(mill, "B2", history=True)
    assert history["runs"] == []
    assert [one["kind"] for one in history["history"]] == ["add", "undo"]
    assert ask.post("/runs/imports/99/undo", {"reason": "wrong week"}).status_code == 404


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: (HEAD + t).encode()))
def test_no_file_makes_a_fault(hour_without_plc: World, content):
    assert sends(hour_without_plc, content, dry_run=True).status_code in (200, 422)


cells = st.sampled_from(["", "jet-02", "B1", "x", '"', "1e9", "2026-03-02 08:10", "=1", "nan"])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(cells, max_size=7).map(",".join), max_size=4).map("\n".join))
def test_no_row_makes_a_fault(hour_without_plc: World, rows):
    assert sends(hour_without_plc, HEAD + rows, dry_run=True).status_code in (200, 422)
