"""The recording: what a column of a CSV file says that a meter counted, and until when.

What the caller does not say is found out from the file: the column of times, how they are written,
the step, and whether the interval that ends at midnight is stamped 00:00 of its own day.
"""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from itertools import islice, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.units import conversion
from collector.wire.problem import Problem, Refused
from collector.wire.reading import Kind, unix_ms
from collector.wire.suffixes import stored_unit
from millprint.history.mapping import Column, Mapping
from millprint.history.rows import BadRow, read_rows

FORMATS = (
    "",  # ISO 8601
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d-%m-%Y %H:%M",
)
"""How times may be written, where nobody says how."""
_SAMPLE = 5000
_MOST_POLLS = 5_000_000  # several hours; a year of minutes is a tenth of it
_DAY = timedelta(days=1)
DEVICE = "replay"


@dataclass(frozen=True, slots=True)
class Asked:
    """How a file is to be read; what is empty or None is found out.

    Attributes:
        column: Heading of the column that is replayed.
        point: The point that it becomes.
        zone: Time zone of times that name none.
        time: Heading of the column of times; else the first column.
        time_format: As `datetime.strptime` reads it.
        every: The step.
        registers: Whether the column holds registers as they stand; else amounts of the step that
            ends at the row's time.
        unit: The column's unit; else that of the point.
    """

    column: str
    point: str
    zone: ZoneInfo
    time: str = ""
    time_format: str = ""
    every: timedelta | None = None
    registers: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded load.

    Attributes:
        mapping: How the file was read.
        marks: Instants, in order, and what had been counted by then, in the point's unit; the
            first is the beginning.
        bad: Rows that are none.
    """

    mapping: Mapping
    marks: tuple[tuple[datetime, Decimal], ...]
    bad: tuple[BadRow, ...]

    @property
    def poll_every_ms(self) -> int:
        """The longest period whose instants are all those of the recording. [ms]"""
        return reduce(math.gcd, (unix_ms(at) for at, _ in self.marks))

    @property
    def intervals(self) -> Iterator[tuple[datetime, datetime, Decimal]]:
        """Beginning and end of each interval, and what was counted in it."""
        for before, after in pairwise(self.marks):
            yield before[0], after[0], after[1] - before[1]


def read_recording(path: Path, asked: Asked) -> Recording:
    """Read a file; `Refused` where it cannot be read or has nothing to replay."""
    mapping = _mapping(path, asked)
    marks: list[tuple[datetime, Decimal]] = []
    bad = []
    for row in read_rows(path, mapping):
        if isinstance(row, BadRow):
            bad.append(row)
        elif asked.point in row.values:
            marks.append((row.at, Decimal(repr(row.values[asked.point]))))
    if len(marks) < 2:
        why = bad[0].why if bad else "it has no rows"
        raise Refused(_unreadable(path, f"nothing to replay: {why}"))
    recording = Recording(mapping, tuple(marks), tuple(bad))
    polls = (marks[-1][0] - marks[0][0]) / timedelta(milliseconds=recording.poll_every_ms)
    if polls > _MOST_POLLS:
        every = timedelta(milliseconds=recording.poll_every_ms)
        why = f"its times have only {every} in common, which is {polls:,.0f} polls; round them"
        raise Refused(_unreadable(path, why))
    return recording


def _mapping(path: Path, asked: Asked) -> Mapping:
    encoding, delimiter, rows = _sample(path)
    heading = rows[0] if rows else []
    time = asked.time or (heading[0] if heading else "")
    for name in (time, asked.column):
        if name not in heading:
            values = {"column": name, "known": ", ".join(heading)}
            raise Refused(Problem("no-such-column", str(path), values=values))
    place = heading.index(time)
    texts = [row[place].strip() for row in rows[1:] if len(row) > place]
    time_format, midnight, step = _times(path, texts, asked)
    unit = stored_unit(asked.point)
    try:
        factor = conversion(asked.unit or unit, unit)
    except ValueError as fault:
        values = {"value": asked.unit, "why": str(fault)}
        raise Refused(Problem("wrong-value", "--unit", values=values)) from None
    column = Column(asked.point, asked.column, Kind.COUNTER, not asked.registers, factor, None)
    return Mapping(
        device=DEVICE,
        collector=DEVICE,
        time=time,
        time_format=time_format,
        zone=asked.zone,
        every=step,
        midnight_ends_day=midnight,
        delimiter=delimiter,
        encoding=encoding,
        columns=(column,),
    )


def _sample(path: Path) -> tuple[str, str, list[list[str]]]:
    """Encoding, delimiter and the first rows of a file."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            with path.open(encoding=encoding, newline="") as file:
                first = file.readline()
                delimiter = max(",;\t", key=first.count)
                file.seek(0)
                rows = csv.reader(file, delimiter=delimiter)
                return encoding, delimiter, [row for row in islice(rows, _SAMPLE) if row]
        except UnicodeError:
            continue
        except (OSError, csv.Error) as fault:
            raise Refused(_unreadable(path, str(fault))) from fault
    raise Refused(_unreadable(path, "it is neither UTF-8 nor GB 18030"))


def _times(path: Path, texts: Sequence[str], asked: Asked) -> tuple[str, bool, timedelta]:
    """How times are written, whether midnight ends a day, and the step.

    Of all ways in which every time can be read it is the one with the most even steps.
    """
    found = []
    for form in (asked.time_format,) if asked.time_format else FORMATS:
        ats = _read(texts, form)
        for midnight in (False, True) if len(ats) > 1 else ():
            steps = Counter(after - at for at, after in pairwise(_at_end_of_day(ats, midnight)))
            step, times = steps.most_common(1)[0]
            if step > timedelta(0):
                found.append((times, form, midnight, step))
    if not found:
        first = texts[0] if texts else ""
        raise Refused(_unreadable(path, f"{first!r} is no time that is known; say --time-format"))
    _, form, midnight, step = max(found, key=lambda one: one[0])
    return form, midnight, asked.every or step


def _read(texts: Sequence[str], form: str) -> list[datetime]:
    """Times, local ones as if UTC; none where one of them is written otherwise."""
    try:
        ats = [
            datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007
            for text in texts
        ]
    except ValueError:
        return []
    # A local time counts as if it were UTC: only steps are looked at.
    return [at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC) for at in ats]


def _at_end_of_day(ats: Sequence[datetime], midnight: bool) -> list[datetime]:  # noqa: FBT001
    whole = datetime.min.time()
    return [at + _DAY if midnight and at.time() == whole else at for at in ats]


def _unreadable(path: Path, why: str) -> Problem:
    return Problem("file-unreadable", str(path), values={"why": why})
