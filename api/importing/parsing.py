"""Parsing: a file as rows of fields, every cell in one form, and what is wrong with the others."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from api import sheets
from api.importing import cells, heads
from api.importing.cells import Reading, Unread
from api.importing.fields import Field, Holds
from api.importing.heads import Column, Head
from api.sheets import Cell, Sheet, Told
from collector.wire.reading import stamp

_LIGHT_KG = 5
"""No dye lot's usual mass is below it: a table whose masses are has them in tonnes."""
_FEW = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """How a file is to be read.

    Attributes:
        name: What its sender calls it.
        fields: What it may have columns for.
        timezone: Of times that name none.
        mapping: Headings by field, where they are not recognised.
        mass_unit: Of masses whose heading names none: ``kg`` or ``t``; empty where not said.
    """

    name: str
    fields: tuple[Field, ...]
    timezone: str
    mapping: dict[str, str] = dataclasses.field(default_factory=dict)
    mass_unit: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line, or worth saying of one.

    Attributes:
        line: Its number in the file.
        field: Which field.
        value: What stands there.
        code: Which problem.
        values: What its text needs.
    """

    line: int
    field: str
    value: str
    code: str
    values: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file, what of it is not empty by field."""

    line: int
    said: dict[str, str]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file as it was read.

    Attributes:
        columns: Headings by field.
        unread: Headings that are none of the fields.
        rows: Its rows, the bad ones left out.
        bad: Every cell that is wrong.
        notices: What is worth saying, and refuses nothing.
    """

    columns: dict[str, str]
    unread: list[str]
    rows: list[Row]
    bad: list[Fault]
    notices: list[Fault]


def parse(path: Path, asked: Asked, told: Told) -> Parsed:
    """Read a file.

    Raises:
        Refused: It is no table of this kind at all.
    """
    found = sheets.read(path, asked.name, told)
    sheet, head = heads.find(found, asked.fields, asked.mapping, asked.name)
    below = sheet.lines[head.index + 1 :]
    columns = [_Read(column, sheet, below, asked) for column in head.columns]
    notices = [note for column in columns for note in column.notices(head)]
    rows, bad = _rows(below, columns, asked.fields, notices)
    by_field = {column.field.name: column.heading for column in head.columns}
    return Parsed(by_field, list(head.unread), rows, bad, notices)


class _Read:
    """A column, and how its cells are read."""

    def __init__(
        self,
        column: Column,
        sheet: Sheet,
        below: Sequence[tuple[int, list[Cell]]],
        asked: Asked,
    ) -> None:
        self.field, self._place, self._heading = column.field, column.place, column.heading
        own = [cell for _, row in below if (cell := self.cell(row)).text]
        comma = cells.comma_is_decimal(cell.text for cell in own)
        self._how = Reading(ZoneInfo(asked.timezone), sheet.epoch_1904, comma)
        self._kg_per = Decimal(column.kg_per or heads.KG_PER.get(asked.mass_unit, "1"))
        if self.field.holds is Holds.MASS and not column.kg_per and not asked.mass_unit:
            self._refuse_light(own, asked)
        self.numbered: list[int] = []

    def cell(self, row: Sequence[Cell]) -> Cell:
        """Its cell of a row."""
        return row[self._place] if self._place < len(row) else _NOTHING

    def text(self, cell: Cell, line: int) -> str:
        """What a cell says, in one form; `Unread` where it cannot."""
        holds = self.field.holds
        if holds is Holds.NAME:
            text, was_number = cells.name(cell, self._how)
            if was_number:
                self.numbered.append(line)
        elif holds is Holds.MASS:
            text = _plain(cells.mass_kg(cell, self._how, self._kg_per))
        else:
            text = _READERS[holds](cell, self._how)
        if len(text) > self.field.most:
            raise Unread("import-cell-long", text[:40], most=self.field.most)
        return text

    def notices(self, head: Head) -> list[Fault]:
        """What is worth saying of the whole column."""
        if self.field.holds is not Holds.MASS or self._kg_per == 1:
            return []
        values = {"heading": self._heading, "kg": f"{self._kg_per:f}"}
        return [Fault(head.line, self.field.name, self._heading, "import-unit-read", values)]

    def _refuse_light(self, own: Sequence[Cell], asked: Asked) -> None:
        """Masses of which nobody says the unit, and which only look like tonnes."""
        found = []
        for cell in own:
            if cells.has_unit(cell):
                return
            try:
                found.append(cells.mass_kg(cell, self._how, Decimal(1)))
            except Unread:
                continue
        if len(found) >= _FEW and median(found) < _LIGHT_KG:
            values = {"heading": self._heading, "usual": f"{median(found):f}"}
            raise sheets.refusal("import-mass-unit", asked.name, **values)


def _rows(
    below: Sequence[tuple[int, list[Cell]]],
    columns: Sequence[_Read],
    fields: Sequence[Field],
    notices: list[Fault],
) -> tuple[list[Row], list[Fault]]:
    rows: list[Row] = []
    bad: list[Fault] = []
    needed = [one.name for one in fields if one.needed]
    for line, row in below:
        said, faults = _row(line, row, columns)
        missing = [name for name in needed if name not in said]
        if not said and not faults:
            continue
        wrong = {fault.field for fault in faults}
        faults += [
            Fault(line, name, "", "import-cell-empty") for name in missing if name not in wrong
        ]
        if faults:
            bad += faults
        else:
            rows.append(Row(line, said))
    for column in columns:
        if column.numbered:
            values = {"rows": str(len(column.numbered))}
            code = "import-name-now-number"
            notices.append(Fault(column.numbered[0], column.field.name, "", code, values))
    return rows, bad


def _row(
    line: int, row: Sequence[Cell], columns: Sequence[_Read]
) -> tuple[dict[str, str], list[Fault]]:
    said: dict[str, str] = {}
    faults: list[Fault] = []
    for column in columns:
        cell = column.cell(row)
        if not cell.text:
            continue
        name = column.field.name
        try:
            text = column.text(cells.whole(cell), line)
        except Unread as fault:
            values = {key: str(value) for key, value in fault.values.items()}
            faults.append(Fault(line, name, fault.value[:80], fault.code, values))
        else:
            said |= {name: text} if text else {}
    return said, faults


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_READERS: Mapping[Holds, Callable[[Cell, Reading], str]] = {
    Holds.TEXT: lambda cell, _: cell.text,
    Holds.NUMBER: lambda cell, how: _plain(cells.number(cell, how)),
    Holds.TIME: lambda cell, how: stamp(cells.time(cell, how)),
    Holds.DAY: lambda cell, how: cells.day(cell, how).isoformat(),
    Holds.MONTH: cells.month,
}
_NOTHING = Cell("")
