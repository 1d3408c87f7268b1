"""XLSX: a workbook whose totals are formulas over its own lines.

Numbers and dates are real cells; text is always text, whatever it begins with. Sums carry the
value that they had when the file was written, and any spreadsheet computes them again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_range_abs
from xlsxwriter.worksheet import Worksheet

from api.environment import environment
from api.extract import BATCHES, FACTORS, LINES, PROBLEMS, Cell, Extract, Sort, Table, local
from api.ledger.pollutants import POLLUTANTS

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ONE_TABLE = False
_MOST_ROWS = 1_048_576
_WORDS: Mapping[str, tuple[str, str]] = {
    "summary": ("Summary", "汇总"),
    "title": ("Footprint of the batches", "批次碳足迹"),
    "site": ("Mill", "工厂"),
    "about": ("Period or batch", "期间或批次"),
    "zone": ("Times are in", "时区"),
    "view": ("View", "口径"),
    "footprint": ("footprint", "产品碳足迹"),
    "inventory": ("inventory", "组织盘查"),
    "boundary": ("Boundary", "边界"),
    "gate": ("gate to gate", "门到门"),
    "made": ("Exported", "导出时间"),
    "by": ("By millprint", "软件版本"),
    "revision": ("Revision of the month's totals", "月度汇总修订号"),
    "closed": ("Closed", "关账"),
    "waiting": ("Restatements that wait and are not in it", "待决定且未计入的重述"),
    "final": ("Final batches", "最终批次数"),
    "open": ("Batches that are not final", "未最终批次数"),
    "mass": ("Accepted mass of the final ones [kg]", "最终批次合格质量 [kg]"),
    "kgco2e": ("Emissions of the final ones [kgCO2e]", "最终批次排放量 [kgCO2e]"),
    "intensity": ("Intensity [kgCO2e/kg]", "排放强度 [kgCO2e/kg]"),
    "kept": ("The month's kept total [kgCO2e]", "已存档月度总量 [kgCO2e]"),
    "difference": ("Difference from it [kgCO2e]", "与存档差异 [kgCO2e]"),
    "process": ("By process, all batches", "按工序（全部批次）"),
    "carrier": ("By carrier, all batches", "按能源介质（全部批次）"),
    "all": ("Together", "合计"),
    "unpriced": ("no factor", "无因子"),
    "status": ("Value of the article", "品种的值"),
    "declared": ("declared", "已声明"),
    "value": ("Declared [kgCO2e/kg]", "声明值 [kgCO2e/kg]"),
    "because": ("Because", "原因"),
    "refused": ("refused", "不予声明"),
    "batch-value": ("batch value: a single batch", "单批值（仅一批）"),
}


def write(extract: Extract, out: Path, lang: str, _: Table) -> None:
    """Summary, batches, lines, factors and problems.

    Raises:
        ValueError: More lines than a sheet holds.
    """
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}
    with Workbook(str(out), options) as book:
        _Sheets(book, extract, lang).write()


class _Sheet:
    """A table in the workbook; rows are written one below the other."""

    def __init__(self, book: Workbook, table: Table, lang: str, heading: Format) -> None:
        self.table, self.name, self.row, self._lang = table, table.title(lang), 1, lang
        self._sheet: Worksheet = book.add_worksheet(self.name)
        self._sheet.freeze_panes(1, 1)
        self._sheet.set_row(0, 30)
        for place, column in enumerate(table.columns):
            self._sheet.set_column(place, place, column.width)
            self._sheet.write_string(0, place, column.heading(lang), heading)

    def add(self, cells: Sequence[Cell], formulas: Mapping[str, str] | None = None) -> None:
        """A row; where a column has a formula, the cell is its value so far."""
        if self.row == _MOST_ROWS:
            raise ValueError(f"{self.name}: more rows than a sheet holds; export a shorter period")
        for place, (column, cell) in enumerate(zip(self.table.columns, cells, strict=True)):
            formula = (formulas or {}).get(column.name)
            if cell is None:
                continue
            if isinstance(cell, datetime):
                self._sheet.write_datetime(self.row, place, cell.replace(tzinfo=None))
            elif formula is not None:
                self._sheet.write_formula(self.row, place, formula, None, float(Decimal(cell)))
            elif column.sort is Sort.TEXT:
                self._sheet.write_string(self.row, place, column.shown(cell, self._lang))
            else:
                self._sheet.write_number(self.row, place, float(Decimal(cell)))
        self.row += 1

    def span(self, column: str, first: int | None = None) -> str:
        """The cells of a column, from a row on, as a formula names them."""
        place = self.table.place(column)
        cells = xl_range_abs(1 if first is None else first, place, max(1, self.row - 1), place)
        return f"'{self.name}'!{cells}"

    def done(self) -> None:
        """Nothing more comes."""
        self._sheet.autofilter(0, 0, max(1, self.row - 1), len(self.table.columns) - 1)


class _Sheets:
    """The workbook while it is written: results come one after the other, and are not kept."""

    def __init__(self, book: Workbook, extract: Extract, lang: str) -> None:
        self._extract, self._lang = extract, lang
        self._bold = book.add_format({"bold": True})
        self._number = book.add_format({"num_format": "#,##0.000"})
        self._whole = book.add_format({"num_format": "#,##0"})
        self._exact = book.add_format({"num_format": "0.000000"})
        self._right = book.add_format({"align": "right"})
        heading = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEE9"}
        )
        self._book = book
        self._summary: Worksheet = book.add_worksheet(self._word("summary"))
        self._of = {
            table.name: _Sheet(book, table, lang, heading)
            for table in (BATCHES, LINES, FACTORS, PROBLEMS)
        }
        # What no factor prices has no emissions, which is not 0.
        self._sums: dict[str, dict[str, Decimal | None]] = {"process": {}, "carrier": {}}
        self._final, self._open = _Sum(), _Sum()
        self._row = 0

    def write(self) -> None:
        """Everything."""
        seen: set[Cell] = set()
        zone = self._extract.zone
        for body in self._extract.results:
            self._add_batch(body)
            for cells in FACTORS.rows(body, zone):
                if cells[0] not in seen:
                    seen.add(cells[0])
                    self._of["factors"].add(cells)
            for cells in PROBLEMS.rows(body, zone):
                self._of["problems"].add(cells)
        self._write_summary()
        for sheet in self._of.values():
            sheet.done()

    def _add_batch(self, body: Mapping[str, Any]) -> None:
        lines, batches = self._of["lines"], self._of["batches"]
        first, zone = lines.row, self._extract.zone
        for cells in LINES.rows(body, zone):
            lines.add(cells)
            if cells[LINES.place("carrier")] in POLLUTANTS:
                continue
            kgco2e = cells[LINES.place("kgco2e")]
            for name, sums in self._sums.items():
                key = LINES.shown(name, str(cells[LINES.place(name)]), self._lang)
                before = sums.setdefault(key, None)
                if kgco2e is not None:
                    sums[key] = (before or Decimal(0)) + Decimal(str(kgco2e))
        at = f"{batches.row + 1}"
        mass, total = (
            f"{xl_col_to_name(BATCHES.place(name))}{at}" for name in ("accepted_kg", "kgco2e")
        )
        formulas = {"kgco2e_per_kg": f"=ROUND({total}/{mass},6)"}
        if lines.row > first:
            formulas["kgco2e"] = f"=SUM({lines.span('kgco2e', first)})"
        for cells in BATCHES.rows(body, zone):
            batches.add(cells, formulas)
        (self._final if body["status"] == "final" else self._open).add(body)

    def _write_summary(self) -> None:
        sheet, extract = self._summary, self._extract
        sheet.set_column(0, 0, 42)
        sheet.set_column(1, 1, 24)
        sheet.write_string(0, 0, self._word("title"), self._bold)
        self._row = 2
        for name, text in (
            ("site", extract.site),
            ("about", extract.about),
            ("view", self._word(extract.view)),
            ("boundary", self._word("gate")),
            ("zone", extract.zone.key),
            ("made", self._at(extract.made)),
            ("by", extract.by),
        ):
            self._say(name, text)
        if extract.revision is not None:
            self._say("revision", str(extract.revision))
        if extract.closed:
            by, at, why = extract.closed
            self._say("closed", f"{by}, {self._at(at)}: {why}")
        if extract.waiting:
            self._say("waiting", str(extract.waiting))
        if extract.declared is not None:
            self._write_declared(extract.declared)
        self._row += 1
        self._write_totals()
        for name in ("process", "carrier"):
            self._write_shares(name)

    def _at(self, instant: str) -> str:
        """An instant in site time."""
        return f"{local(instant, self._extract.zone):%Y-%m-%d %H:%M}"

    def _write_totals(self) -> None:
        batches = self._of["batches"]
        status, mass, kgco2e = (batches.span(name) for name in ("status", "accepted_kg", "kgco2e"))
        final, still = self._final, self._open
        ready = BATCHES.shown("status", "final", self._lang)
        self._compute("final", f'=COUNTIF({status},"{ready}")', final.count, self._whole)
        self._compute("mass", f'=SUMIF({status},"{ready}",{mass})', final.kg)
        self._compute("kgco2e", f'=SUMIF({status},"{ready}",{kgco2e})', final.kgco2e)
        above = f"B{self._row}", f"B{self._row - 1}"
        per_kg = final.kgco2e / final.kg if final.kg else Decimal(0)
        self._compute("intensity", f"=IF({above[1]}>0,ROUND({above[0]}/{above[1]},6),0)", per_kg)
        rows = f"ROWS({status})" if still.count + final.count else "0"
        self._compute("open", f'={rows}-COUNTIF({status},"{ready}")', still.count, self._whole)
        if self._extract.kgco2e is not None:
            kept = Decimal(self._extract.kgco2e)
            self._summary.write_string(self._row, 0, self._word("kept"))
            self._summary.write_number(self._row, 1, float(kept), self._number)
            self._row += 1
            self._compute("difference", f"=ROUND({above[0]}-B{self._row},6)", final.kgco2e - kept)
        for column in (one for one in BATCHES.columns if one.name in final.burdens):
            amounts = batches.span(column.name)
            self._summary.write_string(self._row, 0, column.heading(self._lang))
            formula = f'=SUMIF({status},"{ready}",{amounts})'
            amount = float(final.burdens[column.name])
            self._summary.write_formula(self._row, 1, formula, self._number, amount)
            self._row += 1

    def _write_declared(self, declared: Mapping[str, Any]) -> None:
        """What is declared of an article, or why nothing is; the batches' sums stand below it."""
        value = declared["kgco2e_per_kg"]
        self._say("status", self._word(declared["status"]))
        if value is not None:
            self._summary.write_string(self._row, 0, self._word("value"))
            self._summary.write_number(self._row, 1, float(value), self._exact)
            self._row += 1
        for one in declared["problems"]:
            self._say("because", one[f"text_{self._lang}"])

    def _write_shares(self, name: str) -> None:
        """Sums of the lines by process or carrier, and a plot of them."""
        lines, sheet = self._of["lines"], self._summary
        keys, amounts = lines.span(name), lines.span("kgco2e")
        sheet.write_string(self._row + 1, 0, self._word(name), self._bold)
        self._row += 2
        first = self._row
        sums = self._sums[name]
        for key, kgco2e in sorted(sums.items(), key=lambda one: -(one[1] or 0)):
            sheet.write_string(self._row, 0, key)
            if kgco2e is None:
                sheet.write_string(self._row, 1, self._word("unpriced"), self._right)
            else:
                formula = f"=SUMIF({keys},A{self._row + 1},{amounts})"
                sheet.write_formula(self._row, 1, formula, self._number, float(kgco2e))
            self._row += 1
        if not sums:
            return
        whole = sum((one for one in sums.values() if one is not None), Decimal(0))
        self._compute("all", f"=SUM(B{first + 1}:B{self._row})", whole)
        chart = self._book.add_chart({"type": "bar"})
        own = f"'{self._word('summary')}'!"
        chart.add_series(
            {
                "categories": f"={own}{xl_range_abs(first, 0, self._row - 2, 0)}",
                "values": f"={own}{xl_range_abs(first, 1, self._row - 2, 1)}",
                "fill": {"color": "#2F7D5B"},
                "gap": 60,
            }
        )
        chart.set_title({"name": self._word(name), "name_font": {"size": 11}})
        chart.set_legend({"none": True})
        chart.set_x_axis({"name": "kgCO2e", "major_gridlines": {"visible": True}})
        chart.set_y_axis({"reverse": True})
        sheet.insert_chart(2 if name == "process" else 18, 3, chart)

    def _say(self, name: str, text: str) -> None:
        self._summary.write_string(self._row, 0, self._word(name))
        self._summary.write_string(self._row, 1, text)
        self._row += 1

    def _compute(
        self, name: str, formula: str, value: Decimal | int, form: Format | None = None
    ) -> None:
        self._summary.write_string(self._row, 0, self._word(name))
        self._summary.write_formula(self._row, 1, formula, form or self._number, float(value))
        self._row += 1

    def _word(self, name: str) -> str:
        return _WORDS[name][self._lang == "zh"]


class _Sum:
    """Batches, their kilograms and what they emitted."""

    def __init__(self) -> None:
        self.count, self.kg, self.kgco2e = 0, Decimal(0), Decimal(0)
        self.burdens: dict[str, Decimal] = {}

    def add(self, body: Mapping[str, Any]) -> None:
        """One more."""
        self.count += 1
        self.kg += Decimal(body["accepted_kg"] or 0)
        self.kgco2e += Decimal(body["total"]["kgco2e"])
        for name, one in environment(body).items():
            if one is not None:
                column = f"{name}_{one['unit']}"
                self.burdens[column] = self.burdens.get(column, Decimal(0)) + Decimal(one["amount"])
