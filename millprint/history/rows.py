"""Rows of a CSV file as readings, and what is wrong with those that are none."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from collector.wire.problem import Problem, Refused
from collector.wire.reading import ClockState, Kind, Reading, Value
from collector.wire.third_party import PROFILE
from millprint.history.mapping import Column, Mapping

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no reading: where it stands, what it says, and why it cannot be taken."""

    line: int
    text: str
    why: str


def read_rows(path: Path, mapping: Mapping) -> Iterator[Reading | BadRow]:
    """The rows of a file, in its order.

    Where a column holds amounts, a reading of 0 comes first, one period before the first row.

    Raises:
        Refused: The file cannot be read, or lacks a column that the mapping names.
    """
    try:
        with path.open(encoding=mapping.encoding, newline="") as file:
            rows = csv.reader(file, delimiter=mapping.delimiter)
            heading = next(rows, [])
            _need(heading, mapping, path)
            reader = _Reader(mapping, heading)
            for row in rows:
                yield from reader.take(row, rows.line_num)
    except (OSError, UnicodeError, csv.Error) as fault:
        raise Refused(Problem("file-unreadable", str(path), values={"why": str(fault)})) from fault


def _need(heading: Sequence[str], mapping: Mapping, path: Path) -> None:
    wanted = [mapping.time, *(column.name for column in mapping.columns)]
    missing = [
        Problem("no-such-column", str(path), values={"column": name, "known": ", ".join(heading)})
        for name in wanted
        if name not in heading
    ]
    if missing:
        raise Refused(*missing)


class _Reader:
    """Reads rows one after the other; the registers that it adds up and the last time are kept."""

    def __init__(self, mapping: Mapping, heading: Sequence[str]) -> None:
        self._mapping = mapping
        self._time = heading.index(mapping.time)
        self._places = {column: heading.index(column.name) for column in mapping.columns}
        self._registers = {column: Fraction(0) for column in mapping.columns if column.amounts}
        self._last: datetime | None = None

    def take(self, row: Sequence[str], line: int) -> Iterator[Reading | BadRow]:
        """What a row brings: nothing where it is empty; before the first one a register of 0."""
        if not row:
            return
        try:
            at = self._instant(row[self._time].strip())
            values, bad = self._values(row)
        except (ValueError, IndexError) as fault:
            why = "a field is missing" if isinstance(fault, IndexError) else str(fault)
            yield BadRow(line, self._mapping.delimiter.join(row)[:120], why)
            return
        if self._last is None and self._registers:
            zeros: dict[str, Value] = {column.point: 0.0 for column in self._registers}
            yield self._reading(at - self._mapping.every, zeros, {})
        self._last = at
        yield self._reading(at, values, bad)

    def _reading(self, at: datetime, values: dict[str, Value], bad: dict[str, str]) -> Reading:
        device = self._mapping.device
        return Reading(device, at, ClockState.INFORMATIVE, PROFILE, 0, values, bad=bad)

    def _instant(self, text: str) -> datetime:
        """A row's time in UTC.

        The second of two hours that a clock shows twice is known by its place in the file; an
        hour that no clock shows is refused.
        """
        form = self._mapping.time_format
        # Without a zone it is the mill's own, which `_local` adds.
        at = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007
        if self._mapping.midnight_ends_day and at.time() == datetime.min.time():
            at += _DAY
        if at.tzinfo is None:
            at = self._local(at)
        at = at.astimezone(UTC)
        if at.microsecond % 1000:
            raise ValueError(f"{text!r} is not in whole milliseconds")
        if self._last is not None and at <= self._last:
            raise ValueError(f"{text!r} is not after the row before")
        return at

    def _local(self, at: datetime) -> datetime:
        first, second = (at.replace(tzinfo=self._mapping.zone, fold=fold) for fold in (0, 1))
        if first.astimezone(UTC).astimezone(self._mapping.zone).replace(tzinfo=None) != at:
            raise ValueError(f"{at:%Y-%m-%d %H:%M} is no time in {self._mapping.zone.key}")
        seen = self._last is not None and first.astimezone(UTC) <= self._last
        return second if seen else first

    def _values(self, row: Sequence[str]) -> tuple[dict[str, Value], dict[str, str]]:
        values: dict[str, Value] = {}
        bad: dict[str, str] = {}
        amounts: dict[Column, Fraction] = {}
        for column, place in self._places.items():
            text = row[place].strip()
            if column.kind is Kind.TEXT:
                values[column.point] = text
            elif not text:
                bad[column.point] = "no-value"
            elif column.amounts:
                amounts[column] = _number(text) * column.factor
            else:
                values[column.point] = float(_number(text) * column.factor)
        for column, amount in amounts.items():
            if amount < 0:
                raise ValueError(f"{column.name}: {row[self._places[column]]!r} is below 0")
        for column, amount in amounts.items():
            self._registers[column] += amount
            values[column.point] = float(self._registers[column])
        return values, bad


def _number(text: str) -> Fraction:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no number") from None
    if not number.is_finite():
        raise ValueError(f"{text!r} is no number")
    return Fraction(number)
