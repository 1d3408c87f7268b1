"""The mapping: which column of a CSV file is which point, and how its times are written."""

from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collector import toml_files
from collector.durations import milliseconds
from collector.units import conversion
from collector.wire.problem import Problem, Refused
from collector.wire.reading import Kind
from collector.wire.suffixes import SUFFIXES, stored_unit
from collector.wire.topics import NAME


@dataclass(frozen=True, slots=True)
class Column:
    """One column that becomes a point.

    Attributes:
        point: The point's name; its suffix is the stored unit.
        name: The column's heading.
        kind: What it is.
        amounts: Whether it holds the amount of the period that ends at the row's time, of which
            registers are made by adding up; else it holds the register itself.
        factor: Stored units in one of the column's.
        modulus: Where the register starts again at zero, in the stored unit; None where never.
    """

    point: str
    name: str
    kind: Kind
    amounts: bool
    factor: Fraction
    modulus: str | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a file is to be read.

    Attributes:
        device: Whose readings they are.
        collector: Under which name they are sent.
        time: Heading of the column of times.
        time_format: How `datetime.strptime` reads them; empty for ISO 8601.
        zone: Time zone of times that name none.
        every: Period of the rows.
        midnight_ends_day: Whether 00:00 stands for the end of the day that it names.
        delimiter: What stands between fields.
        encoding: Of the file.
        columns: What its columns become.
    """

    device: str
    collector: str
    time: str
    time_format: str
    zone: ZoneInfo
    every: timedelta
    midnight_ends_day: bool
    delimiter: str
    encoding: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class _PointTable:
    column: str
    kind: str = "counter"
    amounts: bool = False
    unit: str = ""
    modulus: str | None = None


@dataclass(frozen=True, slots=True)
class _FileTable:
    device: str
    time: str
    timezone: str
    every: str
    points: dict[str, object]
    collector: str = "history"
    time_format: str = ""
    midnight_ends_day: bool = False
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    notes: str = field(default="")


def read_mapping(path: Path) -> Mapping:
    """Read a mapping; `Refused` with all that is wrong with it."""
    table = toml_files.shape(_FileTable, toml_files.read(path), str(path))
    problems = [
        Problem("bad-name", f"{path}  {key}", values={"name": name})
        for key, name in (("device", table.device), ("collector", table.collector))
        if not NAME.fullmatch(name)
    ]
    columns = []
    for name, raw in table.points.items():
        try:
            columns.append(_column(name, raw, f"{path}  [points.{name}]"))
        except Refused as refused:
            problems += refused.problems
    try:
        zone = ZoneInfo(table.timezone)
        every = timedelta(milliseconds=milliseconds(table.every))
        "".encode(table.encoding)
    except (ZoneInfoNotFoundError, ValueError, OSError, LookupError) as fault:
        problems.append(_wrong(str(path), str(fault), "a time zone, a duration and an encoding"))
        raise Refused(*problems) from None
    if len(table.delimiter) != 1:
        problems.append(_wrong(f"{path}  delimiter", table.delimiter, "it is one character"))
    if not table.points:
        problems.append(_wrong(f"{path}  points", "none", "at least one is needed"))
    if problems:
        raise Refused(*problems)
    return Mapping(
        device=table.device,
        collector=table.collector,
        time=table.time,
        time_format=table.time_format,
        zone=zone,
        every=every,
        midnight_ends_day=table.midnight_ends_day,
        delimiter=table.delimiter,
        encoding=table.encoding,
        columns=tuple(columns),
    )


def _column(name: str, raw: object, where: str) -> Column:
    table = toml_files.shape(_PointTable, raw, where)
    unit = stored_unit(name)
    if table.kind not in tuple(Kind):
        raise Refused(_wrong(f"{where} kind", table.kind, ", ".join(Kind)))
    kind = Kind(table.kind)
    if kind in (Kind.COUNTER, Kind.GAUGE) and not unit:
        values = {"point": name, "suffixes": ", ".join(f"_{suffix}" for suffix in SUFFIXES)}
        raise Refused(Problem("point-without-unit", where, values=values))
    if table.amounts and kind is not Kind.COUNTER:
        raise Refused(_wrong(f"{where} amounts", "true", "amounts add up to a counter alone"))
    try:
        factor = conversion(table.unit or unit, unit)
    except ValueError as fault:
        raise Refused(_wrong(f"{where} unit", table.unit, str(fault))) from None
    return Column(name, table.column, kind, table.amounts, factor, table.modulus)


def _wrong(where: str, value: str, why: str) -> Problem:
    return Problem("wrong-value", where, values={"value": value, "why": why})
