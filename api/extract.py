"""Extracts: results as tables, the same for every form in which they are exported."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from api.books.entries import Decision
from api.environment import environment
from api.words import word

Cell: TypeAlias = str | datetime | None
"""Text, a decimal as it stands in the result, or a time in the site's zone."""


class Sort(Enum):
    """What a column holds."""

    TEXT = auto()
    NUMBER = auto()
    WHOLE = auto()
    TIME = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: Its name, for programs; never changes.
        en: Its heading.
        zh: The same.
        sort: What it holds.
        width: In characters.
        kind: Of the codes that it holds, for their words; empty where it holds none.
    """

    name: str
    en: str
    zh: str
    sort: Sort = Sort.TEXT
    width: int = 14
    kind: str = ""

    def heading(self, lang: str) -> str:
        """Its heading in a language."""
        return self.zh if lang == "zh" else self.en

    def shown(self, cell: str, lang: str) -> str:
        """A text as it is shown: codes are English words, and have Chinese ones."""
        return word(self.kind, cell, lang) if self.kind and lang == "zh" else cell


@dataclass(frozen=True, slots=True)
class Table:
    """A table that results are laid out in.

    Attributes:
        name: Its name, for programs.
        en: Its title.
        zh: The same.
        columns: Its columns.
        rows: The rows of one result, times in site time.
    """

    name: str
    en: str
    zh: str
    columns: tuple[Column, ...]
    rows: Callable[[Mapping[str, Any], ZoneInfo], Iterator[tuple[Cell, ...]]]

    def title(self, lang: str) -> str:
        """Its title in a language."""
        return self.zh if lang == "zh" else self.en

    def shown(self, column: str, cell: str, lang: str) -> str:
        """How a text of a column is shown."""
        return self.columns[self.place(column)].shown(cell, lang)

    def place(self, column: str) -> int:
        """At which place a column stands."""
        return [one.name for one in self.columns].index(column)


@dataclass(frozen=True, slots=True)
class Extract:
    """What is exported.

    Attributes:
        about: Month, batch or period that it is about.
        site: The mill.
        zone: Its time zone.
        view: ``footprint`` or ``inventory``.
        made: When it was exported.
        by: Version of the software.
        revision: Of the month's kept totals; None where none are kept.
        kgco2e: The kept total, a decimal; None where none is kept.
        results: Results, one batch after the other; read once.
        kind: ``batch``, ``article``, ``month`` or ``period``.
        digest: SHA-256 of what is exported: the revision of a batch, a month's kept totals, a
            declared value; None where nothing of that is kept.
        declared: What is declared of an article, as HTTP answers it.
        estimates: What people say that what is left out may come to.
        closed: Who closed the month, when and why; empty where it is open.
        waiting: How many restatements touch it and wait for a decision: they are not in it.
    """

    about: str
    site: str
    zone: ZoneInfo
    view: str
    made: str
    by: str
    revision: int | None
    kgco2e: str | None
    results: Iterator[Mapping[str, Any]]
    kind: str = "period"
    digest: str | None = None
    declared: Mapping[str, Any] | None = None
    estimates: Sequence[Decision] = ()
    closed: Sequence[str] = ()
    waiting: int = 0


def _batch(body: Mapping[str, Any], zone: ZoneInfo) -> Iterator[tuple[Cell, ...]]:
    total, runs = body["total"], body["runs"]
    ends = [run["end"] for run in runs]
    yield (
        body["batch"],
        body.get("article", ""),
        body.get("colour", ""),
        body.get("order", ""),
        body["status"],
        str(body["revision"]),
        local(min((run["start"] for run in runs), default=None), zone),
        local(None if None in ends else max(ends, default=None), zone),
        body["accepted_kg"],
        total["kgco2e"],
        total["kgco2e_per_kg"],
        total["biogenic_kgco2"],
        body["metered_share"],
        body["primary_data_share"],
        *(None if one is None else one["amount"] for one in environment(body).values()),
        str(len(body["problems"])),
    )


def _lines(body: Mapping[str, Any], zone: ZoneInfo) -> Iterator[tuple[Cell, ...]]:
    for run in body["runs"]:
        start, end = local(run["start"], zone), local(run["end"], zone)
        for line in run["lines"]:
            yield _line(body, line, run, (run["process"], start, end))
    for line in body["idle"]:
        yield _line(body, line, line, ("idle", None, local(line["before"], zone)))


def _line(
    body: Mapping[str, Any],
    line: Mapping[str, Any],
    run: Mapping[str, Any],
    when: tuple[str, datetime | None, datetime | None],
) -> tuple[Cell, ...]:
    quality = line["quality"]
    return (
        body["batch"],
        run.get("batch", ""),
        run["machine"],
        *when,
        line["carrier"],
        line["amount"],
        line["unit"],
        line["kgco2e"],
        line["rule"],
        line["from"],
        line["factor"],
        quality["measured"],
        quality["interpolated"],
        quality["estimated"],
    )


def _factors(body: Mapping[str, Any], _: ZoneInfo) -> Iterator[tuple[Cell, ...]]:
    for one in body["factors"]:
        yield tuple(one[name] for name in _FACTOR)


def _problems(body: Mapping[str, Any], zone: ZoneInfo) -> Iterator[tuple[Cell, ...]]:
    for one in body["problems"]:
        said = (one["text_en"], one["do_en"], one["text_zh"], one["do_zh"])
        yield body["batch"], one["code"], one["where"], local(one["at"], zone), *said


def local(at: str | None, zone: ZoneInfo) -> datetime | None:
    """An instant in site time."""
    return None if at is None else datetime.fromisoformat(at).astimezone(zone)


_NUMBER, _WHOLE, _TIME = Sort.NUMBER, Sort.WHOLE, Sort.TIME
_FACTOR = (
    "id", "name_en", "name_zh", "carrier", "value", "value_unit", "component", "gas", "region",
    "data_year", "published", "publisher", "document", "source_url", "licence", "confidence",
    "gwp_set", "why",
)  # fmt: skip

BATCHES = Table(
    "batches",
    "Batches",
    "批次",
    (
        Column("batch", "Batch", "缸号"),
        Column("article", "Article", "品种"),
        Column("colour", "Colour", "颜色"),
        Column("order", "Order", "订单号"),
        Column("status", "Status", "状态", kind="status"),
        Column("revision", "Revision", "修订", _WHOLE, 9),
        Column("start", "Start", "开始", _TIME, 17),
        Column("end", "End", "结束", _TIME, 17),
        Column("accepted_kg", "Accepted mass [kg]", "合格质量 [kg]", _NUMBER),
        Column("kgco2e", "Emissions [kgCO2e]", "排放量 [kgCO2e]", _NUMBER),
        Column("kgco2e_per_kg", "Intensity [kgCO2e/kg]", "排放强度 [kgCO2e/kg]", _NUMBER),
        Column("biogenic_kgco2", "Biogenic CO2 [kg]", "生物源 CO2 [kg]", _NUMBER),
        Column("metered_share", "Metered share", "计量占比", _NUMBER),
        Column("primary_data_share", "Primary data share", "初级数据占比", _NUMBER),
        Column("water_m3", "Water [m³]", "用水 [m³]", _NUMBER),
        Column("wastewater_m3", "Wastewater [m³]", "废水 [m³]", _NUMBER),
        Column("cod_removed_kg", "COD removed [kg]", "去除COD [kg]", _NUMBER),
        Column("cod_discharged_kg", "COD discharged [kg]", "排放COD [kg]", _NUMBER),
        Column("voc_kg", "VOC [kg]", "挥发性有机物 [kg]", _NUMBER),
        Column("problems", "Problems", "问题数", _WHOLE, 9),
    ),
    _batch,
)
LINES = Table(
    "lines",
    "Lines",
    "明细",
    (
        Column("batch", "Batch", "缸号"),
        Column("run_of", "Run of another batch", "原属缸号"),
        Column("machine", "Machine", "机台"),
        Column("process", "Process", "工序", width=18, kind="process"),
        Column("start", "Start", "开始", _TIME, 17),
        Column("end", "End", "结束", _TIME, 17),
        Column("carrier", "Carrier", "能源介质", kind="carrier"),
        Column("amount", "Amount", "用量", _NUMBER),
        Column("unit", "Unit", "单位", width=8),
        Column("kgco2e", "Emissions [kgCO2e]", "排放量 [kgCO2e]", _NUMBER),
        Column("rule", "Rule", "归属规则", kind="rule"),
        Column("meter", "Meter", "计量点", width=32),
        Column("factor", "Factor or utility", "因子或公用工程", width=28),
        Column("measured", "Measured share", "实测占比", _NUMBER),
        Column("interpolated", "Interpolated share", "插值占比", _NUMBER),
        Column("estimated", "Estimated share", "估算占比", _NUMBER),
    ),
    _lines,
)
FACTORS = Table(
    "factors",
    "Factors",
    "因子",
    (
        Column("id", "Factor", "因子", width=28),
        Column("name_en", "Name", "英文名", width=32),
        Column("name_zh", "Chinese name", "名称", width=32),
        Column("carrier", "Carrier", "能源介质", kind="carrier"),
        Column("value", "Value", "数值", _NUMBER),
        Column("value_unit", "Unit", "单位"),
        Column("component", "Component", "组成"),
        Column("gas", "Gas", "气体"),
        Column("region", "Region", "地区"),
        Column("data_year", "Data year", "数据年份", _WHOLE, 10),
        Column("published", "Published", "发布日期"),
        Column("publisher", "Publisher", "发布机构", width=24),
        Column("document", "Document", "文件", width=40),
        Column("source_url", "Source", "来源", width=40),
        Column("licence", "Licence", "许可", width=20),
        Column("confidence", "Confidence", "可信度"),
        Column("gwp_set", "Warming potentials", "GWP 版本"),
        Column("why", "Why this one", "选用理由", width=40),
    ),
    _factors,
)
PROBLEMS = Table(
    "problems",
    "Problems",
    "问题",
    (
        Column("batch", "Batch", "缸号"),
        Column("code", "Code", "代码", width=20),
        Column("where", "Where", "位置", width=32),
        Column("at", "When", "时间", _TIME, 17),
        Column("text_en", "What", "说明（英文）", width=60),
        Column("do_en", "What to do", "处理（英文）", width=60),
        Column("text_zh", "What, in Chinese", "说明", width=60),
        Column("do_zh", "What to do, in Chinese", "处理", width=60),
    ),
    _problems,
)


def rows_of(extract: Extract, table: Table) -> Iterator[tuple[Cell, ...]]:
    """The rows of a table; a factor that several results used stands there once."""
    seen: set[Cell] = set()
    for body in extract.results:
        for row in table.rows(body, extract.zone):
            if table is FACTORS:
                if row[0] in seen:
                    continue
                seen.add(row[0])
            yield row


TABLES: Sequence[Table] = (BATCHES, LINES, FACTORS, PROBLEMS)
