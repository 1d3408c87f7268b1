"""One total, whatever it is read from: HTTP, workbook, CSV, Parquet, the report on paper."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import orjson
import pyarrow.parquet
import pytest
from pypdf import PdfReader

from tests.api.given import World
from tests.api.office import declared, estimates, office
from tests.api.recalculated import recalculated

MARCH = "2026-03"
ASKED = {"batch": {"batch": "缸号-7"}, "month": {"month": MARCH}, "article": {"article": "T-shirt"}}


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The office's mill a month later: the totals of March are kept."""
    one = office(tmp_path_factory.mktemp("office") / "config")
    estimates(one)
    one.clock[0] = datetime(2026, 4, 2, tzinfo=UTC)
    one.closes_its_books()
    yield one
    one.close()


_KEPT: dict[tuple[str, ...], bytes] = {}


def fetched(mill: World, form: str, **query: str) -> bytes:
    """A file; of one mill each is written but once."""
    key = (str(mill.folder), form, *sorted(f"{name}={said}" for name, said in query.items()))
    if key not in _KEPT:
        _KEPT[key] = written(mill, form, **query)
    return _KEPT[key]


def written(mill: World, form: str, **query: str) -> bytes:
    answer = mill.caller("certifier").get(f"/exports/{form}", **query)
    assert answer.status_code == 200, answer.text
    return answer.content


def over_http(mill: World) -> dict[str, tuple[Decimal, Decimal]]:
    """Emissions and accepted mass as the routes answer them. [kgCO2e, kg]"""
    ask = mill.caller()
    batch = ask.get("/batches/缸号-7/footprint").json()
    month = ask.get(f"/periods/{MARCH}/totals").json()
    article = declared(mill)
    masses = [ask.get(f"/batches/{one['batch']}/footprint").json()["accepted_kg"]
              for one in month["batches"]]  # fmt: skip
    return {
        "batch": (Decimal(batch["total"]["kgco2e"]), Decimal(batch["accepted_kg"])),
        "month": (Decimal(month["batches_kgco2e"]), sum(map(Decimal, masses), Decimal(0))),
        "article": (Decimal(article["kgco2e"]), Decimal(article["accepted_kg"])),
    }


def in_csv(mill: World, asked: dict[str, str]) -> tuple[Decimal, Decimal]:
    text = fetched(mill, "csv", **asked).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    columns = ("Emissions [kgCO2e]", "Accepted mass [kg]")
    emitted, mass = (sum(Decimal(row[name]) for row in rows) for name in columns)
    return Decimal(emitted), Decimal(mass)


def in_parquet(mill: World, asked: dict[str, str]) -> tuple[Decimal, Decimal]:
    table = pyarrow.parquet.read_table(io.BytesIO(fetched(mill, "parquet", **asked)))
    emitted, mass = (sum(table[name].to_pylist()) for name in ("kgco2e", "accepted_kg"))
    return Decimal(emitted), Decimal(mass)


def on_paper(mill: World, asked: dict[str, str], lang: str) -> tuple[Decimal, Decimal]:
    said = paper(mill, **asked, lang=lang)
    total, mass = {"en": ("Total", "Accepted mass"), "zh": ("合计", "合格质量")}[lang]
    emitted = re.search(rf"{total}\s+([\d.]+)\s*kgCO2e", said)
    accepted = re.search(rf"{mass}\s+([\d.]+)\s*kg", said)
    assert emitted, said
    assert accepted, said
    return Decimal(emitted[1]), Decimal(accepted[1])


def paper(mill: World, **query: str) -> str:
    """The text of a report."""
    found = PdfReader(io.BytesIO(fetched(mill, "pdf", **query)))
    return "\n".join(page.extract_text() for page in found.pages)


@pytest.mark.parametrize(
    "kind", ["batch", *(pytest.param(one, marks=pytest.mark.long) for one in ("article", "month"))]
)
def test_a_total_is_the_same_in_every_form(mill: World, kind: str, tmp_path: Path):
    asked = ASKED[kind]
    emitted, mass = over_http(mill)[kind]

    assert in_csv(mill, asked) == (emitted, mass)
    assert in_parquet(mill, asked) == (emitted, mass)
    assert on_paper(mill, asked, "en" if kind == "month" else "zh") == (emitted, mass)
    book = tmp_path / "book.xlsx"
    book.write_bytes(fetched(mill, "xlsx", **asked, lang="zh"))
    cells = recalculated(book)["汇总"] if kind == "month" else shown(book)
    assert cells["最终批次排放量 [kgCO2e]"] == pytest.approx(float(emitted), abs=1e-6)
    assert cells["最终批次合格质量 [kg]"] == pytest.approx(float(mass), abs=1e-6)


def shown(book: Path) -> dict[str, Any]:
    """What the summary says without computing anything again."""
    sheet = openpyxl.load_workbook(book, data_only=True)["汇总"]
    return {str(row[0]): row[1] for row in sheet.iter_rows(max_col=2, values_only=True)}


def test_a_declared_value_is_the_same_on_paper_and_in_the_workbook(mill: World, tmp_path: Path):
    value = declared(mill)["kgco2e_per_kg"]

    assert f"{value} kgCO2e/kg 合格品" in paper(mill, article="T-shirt", lang="zh")
    book = tmp_path / "book.xlsx"
    book.write_bytes(fetched(mill, "xlsx", article="T-shirt", lang="zh"))
    assert shown(book)["声明值 [kgCO2e/kg]"] == pytest.approx(float(value), abs=1e-9)


def test_water_is_the_same_everywhere_and_what_no_meter_sees_is_nowhere_a_zero(
    mill: World, tmp_path: Path
):
    told = mill.caller().get("/batches/缸号-7/footprint").json()["environment"]

    assert told["water"]["amount"] == "7.500000000"
    assert told["water"]["runs_measured"] == told["water"]["runs"] == 1
    assert told["cod_discharged"] is told["voc"] is told["wastewater"] is None
    table = pyarrow.parquet.read_table(io.BytesIO(fetched(mill, "parquet", batch="缸号-7")))
    (row,) = table.to_pylist()
    assert (row["water_m3"], row["voc_kg"]) == (Decimal("7.5"), None)
    said = paper(mill, batch="缸号-7", lang="zh")
    assert re.search(r"挥发性有机物\s+未计量", said)
    assert re.search(r"用水\s+7\.500 m³\s+0\.0750 m³", said)
    book = tmp_path / "book.xlsx"
    book.write_bytes(fetched(mill, "xlsx", batch="缸号-7", lang="zh"))
    cells = shown(book)
    assert cells["用水 [m³]"] == pytest.approx(7.5)
    assert "挥发性有机物 [kg]" not in cells


def test_a_report_says_its_revision_s_digest_and_how_to_verify_it(mill: World):
    said = re.sub(r"\s", "", paper(mill, batch="缸号-7", lang="zh"))

    kept = mill.books.results.find("缸号-7", "footprint")
    assert kept is not None
    assert kept.digest in said
    address = f"/api/v1/batches/{quote('缸号-7')}/footprint?revision=1"
    assert address in said
    answer = mill.caller().asks("GET", address)
    assert orjson.loads(answer.content)["batch"] == "缸号-7"


def test_what_is_printed_to_verify_an_article_is_the_address_of_its_value(fresh):
    name, start, end = (
        "T-shirt 100% +/缎",
        "2026-03-02T08:00:00.000+08:00",
        "2026-03-09T00:00:00.000Z",
    )
    one = fresh(after_an_hour=True)
    one.caller().post("/batches", {"id": "B2601", "article": name})
    one.closes_its_books()

    said = re.sub(r"\s", "", paper(one, article=name, **{"from": start, "to": end}))

    (address,) = re.findall(r"/api/v1/articles/[!-~]+?/declared\?from=[!-~]+?&to=[!-~]+?Z", said)
    answer = one.caller().asks("GET", address)
    assert answer.status_code == 200, answer.text
    assert answer.json()["article"] == name


def test_what_is_not_declared_has_no_value_on_paper_and_a_hostile_name_is_but_letters(fresh):
    name = "<img src='http://127.0.0.1:9/x'><style>*{display:none}</style>"
    one = fresh(after_an_hour=True)
    one.caller().post("/batches", {"id": "B2601", "article": name})
    one.closes_its_books()

    said = paper(one, article=name)

    assert "<imgsrc='http://127.0.0.1:9/x'>" in re.sub(r"\s", "", said)
    assert "Not declared" in said
    assert "kgCO2e per kg accepted" not in said


def test_a_month_in_which_nothing_ended_is_no_report(mill: World):
    answer = mill.caller().get("/exports/pdf", month="2025-01")

    assert answer.status_code == 409
    assert "no batch ended in it" in answer.text


def test_a_parquet_keeps_codes_instants_in_utc_and_what_it_is_about(mill: World):
    table = pyarrow.parquet.read_table(
        io.BytesIO(fetched(mill, "parquet", month=MARCH, table="lines", lang="zh"))
    )

    assert str(table.schema.field("start").type) == "timestamp[ms, tz=UTC]"
    assert "steam" in table["carrier"].to_pylist()
    assert table.schema.metadata[b"millprint.about"] == MARCH.encode()


def test_a_chinese_workbook_says_its_codes_in_chinese(mill: World, tmp_path: Path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(fetched(mill, "xlsx", month=MARCH, lang="zh"))
    book = openpyxl.load_workbook(path)

    lines = {cell for row in book["明细"].iter_rows(min_row=2, values_only=True) for cell in row}
    assert {"浸染", "蒸汽", "机台自有计量表", "待机"} <= lines
    assert not {"dyeing-exhaust", "steam", "direct", "idle"} & lines
    headings, *batches = book["批次"].iter_rows(values_only=True)
    assert {row[headings.index("状态")] for row in batches} == {"最终"}
