"""CSV: one table, UTF-8 with a mark so that Excel reads it; numbers as they stand in the result."""

import csv
from datetime import datetime
from pathlib import Path

from api.extract import Cell, Column, Extract, Sort, Table

MEDIA = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(extract: Extract, out: Path, lang: str, table: Table) -> None:
    """One table; factors that several results used stand there once."""
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.heading(lang) for column in table.columns])
        seen: set[tuple[Cell, ...]] = set()
        for body in extract.results:
            for row in table.rows(body, extract.zone):
                if table.name == "factors":
                    if row in seen:
                        continue
                    seen.add(row)
                writer.writerow([_text(*one) for one in zip(table.columns, row, strict=True)])


def _text(column: Column, cell: Cell) -> str:
    """A cell; text that a spreadsheet would take for a formula begins with an apostrophe."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    risky = column.sort is Sort.TEXT and cell.startswith(_FORMULA)
    return f"'{cell}" if risky else cell
