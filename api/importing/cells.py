"""Cells: what people and table programs write for a name, a mass, a time, made one form of it."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from api.importing.heads import KG_PER
from api.sheets import Cell, Sort

_FIRST_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 - of the clocks where the table was made
_FIRST_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - the same
"""Day 0 of a spreadsheet's serial numbers: 1900 was no leap year, and theirs was."""
_SERIALS = (Decimal(36526), Decimal(109575))  # 2000 to 2200, counted from 1900
_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
          "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y%m%d %H%M%S", "%Y%m%d %H%M",
          "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M")  # fmt: skip
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%Y.%m.%d")
_MONTHS = ("%Y-%m", "%Y/%m", "%Y年%m月", "%Y%m", "%Y.%m")
_ZEROS = re.compile(r"0+")
_MANGLED = re.compile(r"\d+(\.\d+)?E\+?\d+", re.IGNORECASE)
_PART = re.compile(r"^([-+]?[\d.,'\s]*\d)\s*([^\d\s.,]*)$")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+")
_EXACT_DIGITS = 15


class Unread(Exception):
    """A cell that cannot be what its column holds."""

    def __init__(self, code: str, value: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.value, self.values = code, value, values


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file's cells are read.

    Attributes:
        zone: Of times that name none.
        epoch_1904: Whether its days are counted from 1904.
        comma: Whether a comma in its numbers stands before decimals.
    """

    zone: ZoneInfo
    epoch_1904: bool = False
    comma: bool = False


def whole(cell: Cell) -> Cell:
    """A cell that can be read; `Unread` where it is an error or a formula without a value."""
    if cell.sort is Sort.BROKEN:
        code = "import-cell-error" if cell.text.startswith("#") else "import-cell-formula"
        raise Unread(code, cell.text)
    return cell


def name(cell: Cell, _: Reading) -> tuple[str, bool]:
    """A name with its leading zeros, and whether a table program had made a number of it."""
    text = unicodedata.normalize("NFC", cell.text).strip()
    if cell.sort is Sort.NUMBER:
        digits = text.lstrip("-")
        if "." in text or "-" in text or len(digits) > _EXACT_DIGITS:
            raise Unread("import-name-was-number", text)
        if _ZEROS.fullmatch(cell.form) and len(cell.form) > 1:
            return text.zfill(len(cell.form)), False
        return text, True
    if cell.sort is Sort.TIME:
        raise Unread("import-name-was-time", text)
    if _MANGLED.fullmatch(text):
        raise Unread("import-name-was-number", text)
    return text.removeprefix("'"), False


def number(cell: Cell, how: Reading) -> Decimal:
    """A number; `Unread` where it is none, or could be two."""
    return _parted(cell, how)[0]


def mass_kg(cell: Cell, how: Reading, kg_per: Decimal) -> Decimal:
    """A mass; a unit in the cell itself goes before that of its column. [kg]"""
    amount, unit = _parted(cell, how)
    if unit and unit not in KG_PER:
        raise Unread("import-cell-mass", cell.text)
    return amount * (Decimal(KG_PER[unit]) if unit else kg_per)


def has_unit(cell: Cell) -> bool:
    """Whether a cell names a unit of mass itself."""
    found = _PART.fullmatch(unicodedata.normalize("NFKC", cell.text).strip())
    return found is not None and found[2].casefold() in KG_PER


def comma_is_decimal(texts: Iterable[str]) -> bool:
    """Whether a comma stands before decimals: somewhere it can stand for nothing else."""
    return any(
        text.count(",") == 1
        and (not _THOUSANDS.fullmatch(text.split(" ")[0]) or 0 <= text.find(".") < text.find(","))
        and not 0 <= text.find(",") < text.find(".")
        for text in texts
        if "," in text
    )


def time(cell: Cell, how: Reading) -> datetime:
    """An instant with its offset, or of the site's clocks, in UTC and whole milliseconds."""
    text = _ascii(cell)
    at = _serial(text, how) or _as_written(text, _FORMS) or _iso(text)
    if at is None or not 2000 <= at.year < 2200:
        raise Unread("import-cell-time", cell.text)
    if at.tzinfo is None:
        at = at.replace(tzinfo=how.zone)
        if at.replace(fold=1).utcoffset() != at.utcoffset():
            raise Unread("import-cell-time-twice", cell.text)
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def day(cell: Cell, how: Reading) -> date:
    """A day; `Unread` where it is none."""
    text = _ascii(cell)
    at = _as_written(text, _DAYS) or _serial(text, how) or _as_written(text, _FORMS) or _iso(text)
    if at is None or not 2000 <= at.year < 2200:
        raise Unread("import-cell-day", cell.text)
    return at.date()


def month(cell: Cell, how: Reading) -> str:
    """A month, ``2026-03``; `Unread` where it is none."""
    at = _as_written(_ascii(cell), _MONTHS)
    try:
        return f"{at or day(cell, how):%Y-%m}"
    except Unread:
        raise Unread("import-cell-month", cell.text) from None


def _parted(cell: Cell, how: Reading) -> tuple[Decimal, str]:
    text = unicodedata.normalize("NFKC", cell.text).strip()
    found = _PART.fullmatch(text)
    if cell.sort is Sort.TIME or found is None or len(text) > 40:
        raise Unread("import-cell-number", cell.text)
    digits = re.sub(r"[\s']", "", found[1])
    if how.comma:
        digits = digits.replace(".", "").replace(",", ".")
    elif "," in digits:
        if not _THOUSANDS.fullmatch(digits.partition(".")[0]):
            raise Unread("import-cell-number", cell.text)
        if "." not in digits and digits.count(",") == 1:
            raise Unread("import-cell-comma", cell.text)
        digits = digits.replace(",", "")
    try:
        return Decimal(digits), found[2].casefold()
    except InvalidOperation:
        raise Unread("import-cell-number", cell.text) from None


def _ascii(cell: Cell) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", cell.text).strip())


def _serial(text: str, how: Reading) -> datetime | None:
    """A spreadsheet's day number, such as 46083.354, which is only in a cell that lost its form."""
    try:
        days = Decimal(text)
    except InvalidOperation:
        return None
    first = _FIRST_1904 if how.epoch_1904 else _FIRST_1900
    shift = (_FIRST_1904 - _FIRST_1900).days if how.epoch_1904 else 0
    if not days.is_finite() or not _SERIALS[0] <= days + shift < _SERIALS[1]:
        return None
    return first + timedelta(seconds=round(days * 86_400))


def _as_written(text: str, forms: Iterable[str]) -> datetime | None:
    for form in forms:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the site's zone is given to it
        except ValueError:
            continue
    return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if "T" in text or ":" in text else None
    except ValueError:
        return None
