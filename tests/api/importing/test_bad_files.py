"""Files that are no table, or one that cannot be trusted: each is refused with a clear word."""

import io
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.given import World, world
from tests.api.importing.sending import bad, codes, saved, sends, workbook

HEAD = "缸号,品名,净重\n"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """A mill at which tables are only looked."""
    one = world(tmp_path_factory.mktemp("seen") / "config")
    yield one
    one.close()


def looks(mill: World, content: str | bytes, kind: str = "batches", **query):
    return sends(mill, kind, content, dry_run=True, **query)


def packed(**parts: bytes) -> bytes:
    """An archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import-empty"),
        (b"\n\n", "import-empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "import-old-excel"),
        (b"PK\x03\x04 and no more", "import-damaged"),
        (packed(word__document=b"<w/>"), "import-not-a-table"),
        (packed(xl__workbook=b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"), "import-bomb"),
        (packed(xl__workbook=b"<x/>", xl__worksheets__sheet1=bytes(60 * 2**20)), "import-bomb"),
        ("缸号,净重\n".encode("utf-16")[2:], "import-encoding"),
        (bytes(range(256)), "import-encoding"),
        (b"article;colour\njersey;navy\n", "import-no-head"),
        ("缸号,批号,净重\n1,2,300\n".encode(), "import-column-twice"),
        ((",".join(f"c{n}" for n in range(300)) + "\n").encode(), "import-too-many-columns"),
    ],
    ids=[
        "empty", "blank", "xls", "cut", "docx", "entities", "bomb", "utf-16", "bytes", "no head",
        "twice", "wide",
    ],
)  # fmt: skip
def test_what_is_no_table_of_batches_is_named(seen, content, code):
    answer = looks(seen, content)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert codes(answer) == [code]
    assert all(answer.json()["problems"][0][name] for name in ("text_en", "do_en", "text_zh"))


def test_two_hundred_megabytes_are_refused_before_they_are_read(seen):
    async def endless():
        yield b"x"
        raise AssertionError("it was read on")

    headers = {**seen.key(), "content-length": str(200 * 2**20)}
    answer = seen.caller().asks(
        "POST", "/api/v1/imports/batches", content=endless(), headers=headers
    )

    assert (answer.status_code, codes(answer)) == (413, ["import-too-large"])
    assert "200 MB" in answer.json()["detail"]


def test_a_merged_head_is_named_as_such(seen):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["三月", None, None])
    sheet.append(["编码", "质量", None])
    sheet.append(["", "毛", "净"])
    sheet.merge_cells("B2:C2")

    assert codes(looks(seen, saved(book))) == ["import-head-merged"]


def test_a_title_above_the_head_is_passed_over_and_lines_are_those_of_the_file(seen):
    book = [["三月批次表"], [], ["缸号", "净重(kg)"], ["A1", 478.5], ["A2", "heavy"]]

    answer = looks(seen, workbook(book))

    assert bad(answer) == [(5, "accepted_kg", "import-cell-number")]


def test_leading_zeros_stay_where_the_cell_is_text_or_shows_them_and_else_it_is_said(seen):
    rows = [["缸号", "净重(kg)"], ["00123", 400], [124, 400], [125, 400]]

    answer = looks(seen, workbook(rows, A3="00000"))

    assert [row["said"]["batch"] for row in answer.json()["rows"]] == ["00123", "00124", "125"]
    (notice,) = answer.json()["notices"]
    assert (notice["code"], notice["line"]) == ("import-name-now-number", 4)


@pytest.mark.parametrize("name", [2.40907e20, 240907.5, "2.40907E+11"])
def test_a_name_whose_digits_a_table_program_lost_is_refused(seen, name):
    answer = looks(seen, workbook([["缸号", "净重(kg)"], [name, 400]]))

    assert bad(answer) == [(2, "batch", "import-name-was-number")]


def test_a_formula_counts_by_its_value_and_without_one_is_named(seen):
    rows = [["缸号", "净重(kg)"], ["A1", "=400+78.5"], ["A2", "#N/A"]]

    answer = looks(seen, workbook(rows))

    assert bad(answer) == [
        (2, "accepted_kg", "import-cell-formula"),
        (3, "accepted_kg", "import-cell-error"),
    ]


def test_duplicate_batches_are_named_by_both_lines(seen):
    answer = looks(seen, HEAD + "A1,x,400\nA2,x,400\nA1,x,410\n")

    assert bad(answer) == [(4, "batch", "import-twice")]
    assert "Line 2" in answer.json()["bad"][0]["text_en"]


TONNES = "A1,x,0.4785\nA2,x,0.465\nA3,x,0.47\n"


@pytest.mark.parametrize("heading", ["净重(吨)", "净重/t", "净重（T）", "net weight (tonnes)"])
def test_masses_under_a_heading_in_tonnes_become_kilograms(seen, heading):
    answer = looks(seen, HEAD.replace("净重", heading) + TONNES)

    assert [row["said"]["accepted_kg"] for row in answer.json()["rows"]] == ["478.5", "465", "470"]
    assert [one["code"] for one in answer.json()["notices"]] == ["import-unit-read"]


def test_masses_that_only_look_like_tonnes_are_asked_about(seen):
    asked = looks(seen, HEAD + TONNES)
    tonnes, kilograms = (looks(seen, HEAD + TONNES, mass_unit=unit) for unit in ("t", "kg"))

    assert codes(asked) == ["import-mass-unit"]
    assert tonnes.json()["rows"][0]["said"]["accepted_kg"] == "478.5"
    assert kilograms.json()["rows"][0]["said"]["accepted_kg"] == "0.4785"


@pytest.mark.parametrize(
    ("written", "kg"),
    [("478,5", "478.5"), ("1.478,5", "1478.5"), ("478.5 kg", "478.5"), ("0,4785 t", "478.5"),
     ("４７８", "478"), ("478,50", "478.5")],
)  # fmt: skip
def test_masses_are_read_as_people_write_them(seen, written, kg):
    answer = looks(seen, f"缸号;净重(kg)\nA1;{written}\n")

    assert answer.json()["rows"][0]["said"]["accepted_kg"] == kg, answer.text


def test_a_comma_that_may_be_either_is_refused_unless_the_column_says_which(seen):
    alone = looks(seen, "缸号;净重(kg)\nA1;1,234\n")
    beside = looks(seen, "缸号;净重(kg)\nA1;1,234\nA2;478,5\n")
    thousands = looks(seen, "缸号;净重(kg)\nA1;1,234.5\n")

    assert bad(alone) == [(2, "accepted_kg", "import-cell-comma")]
    assert beside.json()["rows"][0]["said"]["accepted_kg"] == "1.234"
    assert thousands.json()["rows"][0]["said"]["accepted_kg"] == "1234.5"


@pytest.mark.parametrize(
    ("serial", "from_1904"), [(46083.354166667, False), (44621.354166667, True)]
)
def test_days_as_numbers_are_read_from_either_beginning(seen, serial, from_1904):
    book = openpyxl.load_workbook(
        io.BytesIO(workbook([["机台", "缸号", "开始时间"], ["jet-01", "A1", serial]]))
    )
    if from_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    answer = looks(seen, saved(book), "runs")

    seen_at = [row["said"]["start"] for row in answer.json()["rows"]]
    seen_at += [one["value"] for one in answer.json()["bad"] if one["field"] == "start"]
    assert seen_at[0].startswith("2026-03-02T00:30"), answer.text


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: (HEAD + text).encode()))
def test_no_text_makes_a_fault(seen, content):
    if not content.startswith(b"PK\x03\x04"):
        assert looks(seen, content).status_code in (200, 422)
