"""Heads: which column is which field, by what a mapping says or by what the heading is called."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.importing.fields import Field, Holds
from api.sheets import Cell, Sheet, refusal

_TRIED = 12
"""Above the head there may be a title, the mill's name, the month."""
_UNIT = re.compile(r"^(.*?)[\s/_\-:]*[(\[【](.+?)[)\]】]$")
_ENDS = re.compile(r"^(.*?)[\s/_\-:]*(kg|kgs|公斤|千克|tonnes?|tons?|吨|t)$")
_NOT_WORDS = re.compile(r"[\s_\-:*#.]+")
KG_PER: Mapping[str, str] = {
    "kg": "1", "kgs": "1", "公斤": "1", "千克": "1", "kilogram": "1", "kilograms": "1",
    "t": "1000", "吨": "1000", "ton": "1000", "tons": "1000", "tonne": "1000", "tonnes": "1000",
    "g": "0.001", "克": "0.001",
}  # fmt: skip
"""Units of mass, as headings and cells have them. [kg]"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file that is read.

    Attributes:
        place: Which, from 0.
        field: What it is.
        heading: What the file calls it.
        kg_per: Kilograms in one of its unit, where the heading names a unit of mass.
    """

    place: int
    field: Field
    heading: str
    kg_per: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a table.

    Attributes:
        index: Which of the lines it is.
        line: Its number in the file.
        columns: What is read.
        unread: Headings of the columns that are not.
    """

    index: int
    line: int
    columns: tuple[Column, ...]
    unread: tuple[str, ...]


def find(
    sheets: Sequence[Sheet], fields: Sequence[Field], mapping: Mapping[str, str], name: str
) -> tuple[Sheet, Head]:
    """The table that has the columns, and its head.

    Args:
        sheets: Tables of a file.
        fields: What is looked for.
        mapping: Headings by field; they come before what is recognised.
        name: What the file is called.

    Raises:
        Refused: No line among the first names what is needed, or two columns say they are one.
    """
    best: tuple[int, Sheet, Head] | None = None
    for sheet in sheets:
        for index, (line, cells) in enumerate(sheet.lines[:_TRIED]):
            head = _head(index, line, cells, fields, mapping)
            known = len({column.field.name for column in head.columns})
            if known and (best is None or known > best[0]):
                best = known, sheet, head
    missing = _missing(best[2] if best else None, fields)
    if best is None or missing:
        raise _unknown(sheets, best[2] if best else None, missing, name)
    doubled = _doubled(best[2])
    if doubled:
        said = " / ".join(column.heading for column in doubled)
        raise refusal("import-column-twice", name, field=doubled[0].field.name, columns=said)
    return best[1], best[2]


def recognised(heading: str, fields: Sequence[Field]) -> tuple[Field, str] | None:
    """The field of a heading, and kilograms in one of its unit; None where it is none."""
    text = _folded(heading)
    for bare, unit in (*_parted(text), (text, "")):
        for field in fields:
            if unit and not (field.holds is Holds.MASS and unit in KG_PER):
                continue
            if bare in _names(field):
                return field, KG_PER.get(unit, "")
    return _without_brackets(text, fields)


def _without_brackets(text: str, fields: Sequence[Field]) -> tuple[Field, str] | None:
    """What stands in brackets may be anything: the same heading without it, of what is no mass."""
    found = _UNIT.fullmatch(text)
    bare = _NOT_WORDS.sub("", found[1]) if found else ""
    named = (field for field in fields if field.holds is not Holds.MASS and bare in _names(field))
    field = next(named, None)
    return (field, "") if bare and field is not None else None


def _head(
    index: int,
    line: int,
    cells: Sequence[Cell],
    fields: Sequence[Field],
    mapping: Mapping[str, str],
) -> Head:
    asked = {_folded(heading): name for name, heading in mapping.items() if heading}
    by_name = {field.name: field for field in fields}
    columns, unread = [], []
    for place, cell in enumerate(cells):
        said = by_name.get(asked.get(_folded(cell.text), ""))
        found = recognised(cell.text, fields) if cell.text else None
        if said is not None:
            unit = [KG_PER.get(unit, "") for _, unit in _parted(_folded(cell.text))]
            columns.append(Column(place, said, cell.text, next((u for u in unit if u), "")))
        elif found is not None and not mapping.get(found[0].name):
            columns.append(Column(place, found[0], cell.text, found[1]))
        elif cell.text:
            unread.append(cell.text)
    return Head(index, line, tuple(columns), tuple(unread))


def _missing(head: Head | None, fields: Sequence[Field]) -> list[Field]:
    known = {column.field.name for column in head.columns} if head else set()
    return [field for field in fields if field.needed and field.name not in known]


def _doubled(head: Head) -> list[Column]:
    for column in head.columns:
        same = [one for one in head.columns if one.field.name == column.field.name]
        if len(same) > 1:
            return same
    return []


def _unknown(
    sheets: Sequence[Sheet], head: Head | None, missing: Sequence[Field], name: str
) -> Exception:
    first = next((cells for sheet in sheets for _, cells in sheet.lines[:1]), [])
    seen = [*(column.heading for column in head.columns), *head.unread] if head else []
    seen = seen or [cell.text for cell in first if cell.text]
    wanted = ", ".join(f"{field.en} / {field.zh}" for field in missing)
    merged = any(sheet.merged for sheet in sheets)
    code = "import-head-merged" if merged else "import-no-head"
    return refusal(code, name, needed=wanted, found=" | ".join(seen)[:200] or "-")


def _names(field: Field) -> set[str]:
    every = (field.name, field.en, field.zh, *field.known)
    folded = [_folded(one) for one in every]
    return {_NOT_WORDS.sub("", one) for one in folded} | {
        bare for one in folded for bare, unit in _parted(one) if unit in KG_PER
    }


def _parted(text: str) -> list[tuple[str, str]]:
    """A heading and the unit at its end, as far as it has one."""
    found = [one for form in (_UNIT, _ENDS) if (one := form.fullmatch(text))]
    return [(_NOT_WORDS.sub("", one[1]), one[2].strip()) for one in found if one[1]]


def _folded(heading: str) -> str:
    """A heading as it is compared: one width, small letters, nothing between its words."""
    text = unicodedata.normalize("NFKC", heading).casefold().strip().lstrip("'")
    return _NOT_WORDS.sub("", text) if not re.search(r"[(\[【]", text) else text.replace("\n", "")
