"""Sheets: tables as people keep them, CSV and XLSX, as lines of cells; nothing of what they mean.

A file comes from outside: it is looked at before it is unpacked, and read only as far as a table
of a mill can be long. What is wrong with it is a `Refused` with a sentence for who sent it.
"""

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from collector.wire.problem import Problem, Refused

MOST_BYTES = 32 * 2**20
MOST_ROWS = 200_000
MOST_COLUMNS = 200
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class Sort(Enum):
    """What a cell holds."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    BROKEN = "broken"


class Cell(NamedTuple):
    """A cell.

    Attributes:
        text: What it says; a time as ISO 8601 without zone; a broken one what it shows.
        sort: What it holds. In a CSV everything is text.
        form: How a spreadsheet shows its number, such as ``000000``.
    """

    text: str
    sort: Sort = Sort.TEXT
    form: str = ""


class Sheet(NamedTuple):
    """One table of a file.

    Attributes:
        name: Its name; empty for a CSV.
        lines: Its lines with their numbers in the file, from 1; empty ones are left out.
        merged: Whether cells of it are merged.
        epoch_1904: Whether its days are counted from 1904.
    """

    name: str
    lines: list[tuple[int, list[Cell]]]
    merged: bool = False
    epoch_1904: bool = False


Told = Callable[[int], None]
"""Is told how many lines were read."""


def read(path: Path, name: str, told: Told) -> list[Sheet]:
    """Every visible table of a file, in their order.

    Args:
        path: Where it is.
        name: What its sender calls it.
        told: Is told how far it is.

    Raises:
        Refused: It is no table, or larger than any should be; says which and what to do.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise too_large(name, size)
    with path.open("rb") as file:
        begins = file.read(8)
    if not begins:
        raise refusal("import-empty", name)
    if begins.startswith(_OLE):
        raise refusal("import-old-excel", name)
    if begins.startswith(_ZIP):
        from api.sheets import workbook  # who reads a CSV needs no openpyxl

        return workbook.read(path, name, told)
    from api.sheets import text

    return [text.read(path, name, told)]


def is_packed(path: Path) -> bool:
    """Whether a file must be unpacked to be read."""
    with path.open("rb") as file:
        return file.read(4) == _ZIP


def too_large(name: str, size: int) -> Refused:
    """A file that is refused before it is read."""
    return refusal("import-too-large", name, mb=size // 2**20, most=MOST_BYTES // 2**20)


def refusal(code: str, name: str, **values: object) -> Refused:
    """What is wrong with a file as a whole."""
    return Refused(Problem(code, name, values={key: str(value) for key, value in values.items()}))


def within(lines: int, columns: int, name: str) -> None:
    """`Refused` where a table is longer or wider than any should be."""
    if lines > MOST_ROWS + 20:
        raise refusal("import-too-many-rows", name, most=MOST_ROWS)
    if columns > MOST_COLUMNS:
        raise refusal("import-too-many-columns", name, found=columns, most=MOST_COLUMNS)
