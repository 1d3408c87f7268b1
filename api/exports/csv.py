"""CSV: one table, UTF-8 with a mark so that Excel reads it; numbers as they stand in the result."""

import csv
from datetime import datetime
from pathlib import Path

from api.extract import Cell, Column, Extract, Sort, Table, rows_of

MEDIA = "text/csv; charset=utf-8"
ONE_TABLE = True
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(extract: Extract, out: Path, lang: str, table: Table) -> None:
    """One table; factors that several results used stand there once."""
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.heading(lang) for column in table.columns])
        for row in rows_of(extract, table):
            writer.writerow([_text(*one, lang) for one in zip(table.columns, row, strict=True)])


def _text(column: Column, cell: Cell, lang: str) -> str:
    """A cell; text that a spreadsheet would take for a formula begins with an apostrophe."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    text = column.shown(cell, lang)
    risky = column.sort is Sort.TEXT and text.startswith(_FORMULA)
    return f"'{text}" if risky else text
