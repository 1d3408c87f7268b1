"""XLSX: cells as they are, with the numbers that their formulas had when the file was saved.

Read row by row (openpyxl's read-only mode). Before anything is unpacked the archive says what it
would come to: it may be packed a hundredfold, as tables of few words are, and no bomb.
"""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException

from api.sheets import Cell, Sheet, Sort, Told, refusal, within

_MOST_UNPACKED = 400 * 2**20
_MOST_RATIO = 200
_SMALL = 16 * 2**20
"""What unpacks to no more is no bomb, however tightly it was packed."""
_EVERY = 500
_EMPTY_IN_A_ROW = 2000
"""A sheet may say that it is a million lines long and hold twenty."""
_DAMAGED = (
    zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, IndexError,
    AttributeError, EOFError, ParseError, zlib.error, NotImplementedError,
)  # fmt: skip
"""What openpyxl says of a file that is not what its name claims."""


def read(path: Path, name: str, told: Told) -> list[Sheet]:
    """Every visible sheet.

    Raises:
        Refused: It is a bomb, no workbook, or too long.
    """
    try:
        marks = _looked_at(path, name)
        with path.open("rb") as file, path.open("rb") as again:
            return _sheets((file, again), name, told, marks)
    except _DAMAGED as fault:
        raise refusal("import-damaged", name, why=f"{fault}"[:200]) from None


def _looked_at(path: Path, name: str) -> dict[bytes, bool]:
    """What the sheets hold that cells do not say: formulas, merged cells."""
    found = dict.fromkeys((b"<f>", b"<f ", b"<mergeCell "), False)
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        unpacked = sum(one.file_size for one in entries)
        ratio = unpacked // max(1, path.stat().st_size)
        if unpacked > _MOST_UNPACKED or (unpacked > _SMALL and ratio > _MOST_RATIO):
            values = {"mb": unpacked // 2**20, "ratio": ratio, "most": _MOST_UNPACKED // 2**20}
            raise refusal("import-bomb", name, **values)
        if any(one.flag_bits & 1 for one in entries):
            raise refusal("import-old-excel", name)
        if not any(one.filename == "xl/workbook.xml" for one in entries):
            raise refusal("import-not-a-table", name)
        for one in entries:
            if one.filename.endswith(".xml"):
                _mark(archive, one, found, name)
    return found


def _mark(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, found: dict[bytes, bool], name: str
) -> None:
    of_sheet = entry.filename.startswith("xl/worksheets/")
    with archive.open(entry) as file:
        kept = file.read(2**12)
        if b"<!DOCTYPE" in kept or b"<!ENTITY" in kept:
            raise refusal("import-bomb", name, mb=0, ratio=0, most=0)
        while of_sheet and kept:
            for mark in found:
                found[mark] = found[mark] or mark in kept
            more = file.read(2**20)
            kept = kept[-16:] + more if more else b""


def _sheets(
    files: tuple[BinaryIO, BinaryIO], name: str, told: Told, marks: dict[bytes, bool]
) -> list[Sheet]:
    book = openpyxl.load_workbook(files[0], read_only=True, data_only=True, keep_links=False)
    formulas = None
    if marks[b"<f>"] or marks[b"<f "]:
        formulas = openpyxl.load_workbook(files[1], read_only=True, keep_links=False)
    found = []
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            behind = formulas[sheet.title] if formulas else None
            lines = list(_lines(sheet, behind, name, told))
            epoch = book.epoch == CALENDAR_MAC_1904
            found.append(Sheet(sheet.title, lines, marks[b"<mergeCell "], epoch))
    finally:
        book.close()
        if formulas:
            formulas.close()
    if not any(sheet.lines for sheet in found):
        raise refusal("import-empty", name)
    return found


def _lines(sheet: Any, behind: Any, name: str, told: Told) -> Iterator[tuple[int, list[Cell]]]:
    sheet.reset_dimensions()  # what the file says of its size need not be so
    rows = sheet.iter_rows()
    if behind is not None:
        behind.reset_dimensions()
        other: Iterator[Any] = behind.iter_rows()
    else:
        other = iter(())
    read = empty = 0
    for number, row in enumerate(rows, 1):
        cells = _cells(row, next(other, ()))
        if not any(cell.text for cell in cells):
            empty += 1
            if empty > _EMPTY_IN_A_ROW:
                return
            continue
        empty, read = 0, read + 1
        within(read, len(cells), name)
        if read % _EVERY == 0:
            told(read)
        yield number, cells


def _cells(row: Any, behind: Any) -> list[Cell]:
    cells = [_cell(one) for one in row]
    for place, one in enumerate(behind[: len(cells)]):
        if one.value is not None and one.data_type == "f" and not cells[place].text:
            cells[place] = Cell(str(getattr(one.value, "text", one.value))[:80], Sort.BROKEN)
    while cells and not cells[-1].text:
        cells.pop()
    return cells


def _cell(one: Any) -> Cell:
    value = one.value
    if value is None:
        return _NOTHING
    if isinstance(value, str):
        broken = one.data_type == "e"
        return Cell(value.strip()[:4000], Sort.BROKEN if broken else Sort.TEXT)
    if isinstance(value, bool):
        return Cell(str(value).upper())
    if isinstance(value, (int, float)):
        return Cell(_plain(value), Sort.NUMBER, str(one.number_format or ""))
    return _moment(value)


def _moment(value: object) -> Cell:
    if isinstance(value, datetime):
        whole = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        return Cell(whole.isoformat(), Sort.TIME)
    if isinstance(value, (date, time)):
        return Cell(value.isoformat(), Sort.TIME)
    return Cell(str(value)[:80])


def _plain(number: float) -> str:
    """A number as a spreadsheet knows it: fifteen digits, and no power of ten."""
    text = f"{Decimal(f'{number:.15g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_NOTHING = Cell("")
