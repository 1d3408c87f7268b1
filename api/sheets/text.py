"""CSV: UTF-8, UTF-16 with its mark, GBK and GB18030; comma, semicolon or tab."""

import codecs
import csv
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from api.sheets import Cell, Sheet, Told, refusal, within

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TRIED = ("utf-8", "gb18030")
_LOOKED_AT = 64 * 2**10
_EVERY = 2000
_LONGEST_CELL = 4000


def read(path: Path, name: str, told: Told) -> Sheet:
    """The table of a CSV.

    Raises:
        Refused: It is no text in an encoding that we know, or too long or wide.
    """
    text = _decoded(path.read_bytes(), name)
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=head.count)
    lines: list[tuple[int, list[Cell]]] = []
    for number, cells in _rows(text, delimiter, name):
        within(len(lines), len(cells), name)
        if any(cell and not cell.isspace() for cell in cells):
            lines.append((number, [Cell(_plain(cell)) for cell in cells]))
        if len(lines) % _EVERY == 0:
            told(len(lines))
    if not lines:
        raise refusal("import-empty", name)
    return Sheet("", lines)


def _rows(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line that each begins on: a quoted cell may hold line breaks."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as fault:
        raise refusal("import-damaged", name, why=f"line {begins}: {fault}") from None


def _decoded(content: bytes, name: str) -> str:
    marked = [encoding for mark, encoding in _MARKS if content.startswith(mark)]
    for encoding in marked or _TRIED:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(text[:_LOOKED_AT]):
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise refusal("import-encoding", name)


def _is_text(begins: str) -> bool:
    """Whether it reads as text: no control characters, none that nobody has given a meaning."""
    return not any(
        unicodedata.category(one) in ("Cc", "Co", "Cn") for one in set(begins) - set("\t\r\n")
    )


def _plain(cell: str) -> str:
    """A cell's text; ``="00123"`` is how table programs keep leading zeros."""
    cell = cell.strip()
    unwrapped = cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
    return unwrapped[:_LONGEST_CELL]
