"""A table of runs as a file: read, held against what is known, and taken in whole or not at all.

CSV with one line per run: ``machine,batch,process,start,end,kg``, the columns named in English or
Chinese, in any order; process, end and kg may be missing. Times are ISO 8601 with an offset, or
the site's own. UTF-8 and GBK are both read; comma, semicolon and tab all part the columns.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from api.books import Books
from api.entering import (
    Change,
    Draft,
    Refusal,
    Unacceptable,
    addition,
    check,
    check_change,
    correction,
    same,
)
from api.ledger.corrections import Entry, Stated
from api.ledger.plant import Plant

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "machine": ("machine", "机台", "机台号", "设备", "机器"),
    "batch": ("batch", "batch id", "lot", "缸号", "批号"),
    "process": ("process", "工序", "工艺"),
    "start": ("start", "开始", "开始时间", "进缸时间"),
    "end": ("end", "结束", "结束时间", "出缸时间"),
    "kg": ("kg", "mass_kg", "weight_kg", "重量", "公斤", "重量kg", "重量(kg)", "重量（kg）"),
}
_NEEDED = ("machine", "batch", "start")
_MOST_ROWS = 20_000
_MOST_BYTES = 4 * 2**20
_LOCAL_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file, and what it would do.

    Attributes:
        line: Its number in the file, the head being line 1.
        draft: The run.
        change: ``new``, ``same`` or ``changed``.
        entry: What is to be entered; None where nothing is.
        was: The run as it is known, where it is.
    """

    line: int
    draft: Draft
    change: str
    entry: Entry | None
    was: Stated | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that cannot be, with everything that is wrong with it."""

    line: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file, line by line."""

    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...]

    def entries(self, file: int) -> list[Entry]:
        """What it enters, as the import of that number."""
        return [with_file(row.entry, file) for row in self.rows if row.entry is not None]


def with_file(entry: Entry, file: int) -> Entry:
    """An entry as part of an import."""
    values = {name: getattr(entry, name) for name in Entry.__slots__}
    return Entry(**(values | {"file": file}))


def read_table(content: bytes, plant: Plant, books: Books, by: str, now: datetime) -> Table:
    """Read a file and hold it against what is known.

    Raises:
        Unacceptable: It is no table of runs at all.
    """
    rows: list[Row] = []
    bad: list[BadRow] = []
    zone = ZoneInfo(plant.timezone)
    seen: dict[tuple[str, str, datetime], int] = {}
    masses: dict[str, tuple[Decimal, int]] = {}
    lines = _lines(content)
    known = books.runs.stated_of({cells.get("batch", "") for _, cells in lines})
    for line, cells in lines:
        try:
            draft = _draft(cells, zone)
        except Unacceptable as fault:
            bad.append(BadRow(line, fault.refusals))
            continue
        refusals = check(plant, draft, now) + _twice(draft, seen, masses, line)
        was = same(known.get(draft.batch, ()), draft)
        if was is not None:
            refusals += check_change(was, changes(was, draft), now)
        if refusals:
            bad.append(BadRow(line, tuple(refusals)))
        else:
            rows.append(_row(line, draft, was, plant, (by, now)))
    return Table(tuple(rows), tuple(bad))


def _row(
    line: int, draft: Draft, was: Stated | None, plant: Plant, who: tuple[str, datetime]
) -> Row:
    if was is None:
        return Row(line, draft, "new", addition(plant, draft, *who))
    change = changes(was, draft)
    if change == Change():
        return Row(line, draft, "same", None, was)
    by, now = who
    return Row(line, draft, "changed", correction(was, change, by, "csv", now), was)


def changes(was: Stated, draft: Draft) -> Change:
    """What a draft says otherwise than the run of the same machine, batch and start."""
    ended = None if was.run.going_on else was.run.end
    return Change(
        process=draft.process if draft.process not in ("", was.run.process) else None,
        end=draft.end if draft.end not in (None, ended) else None,
        kg=draft.kg if draft.kg is not None and draft.kg != was.kg else None,
    )


def _lines(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """Lines by column, with their numbers; empty ones are passed over."""
    if len(content) > _MOST_BYTES:
        raise Unacceptable(Refusal("file", f"{len(content)} bytes", f"at most {_MOST_BYTES}"))
    text = _text(content)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    lines = list(csv.reader(text.splitlines(), delimiter=delimiter))
    names = [_column(cell) for cell in lines[0]] if lines else []
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        allowed = f"a head line with {' / '.join(_COLUMNS[missing[0]])}"
        raise Unacceptable(Refusal("file", head[:80].strip(), allowed))
    if len(lines) > _MOST_ROWS + 1:
        raise Unacceptable(Refusal("file", f"{len(lines) - 1} rows", f"at most {_MOST_ROWS}"))
    return [
        (number, {name: _cell(cell) for name, cell in zip(names, cells, strict=False) if name})
        for number, cells in enumerate(lines[1:], 2)
        if any(cell.strip() for cell in cells)
    ]


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise Unacceptable(Refusal("file", "bytes", "text in UTF-8 or GBK")) from None
    if "\0" in text:
        raise Unacceptable(Refusal("file", "bytes", "text in UTF-8 or GBK"))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _column(cell: str) -> str:
    name = cell.strip().lower()
    return next((column for column, names in _COLUMNS.items() if name in names), "")


def _cell(cell: str) -> str:
    """A cell's text; ``="00123"`` is how table programs keep leading zeros."""
    cell = cell.strip()
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def _draft(cells: Mapping[str, str], zone: ZoneInfo) -> Draft:
    start, end = cells.get("start", ""), cells.get("end", "")
    return Draft(
        machine=cells.get("machine", ""),
        batch=cells.get("batch", ""),
        process=cells.get("process", ""),
        start=_instant("start", start, zone),
        end=_instant("end", end, zone) if end else None,
        kg=cells.get("kg") or None,
        source="csv",
    )


def _instant(field: str, text: str, zone: ZoneInfo) -> datetime:
    """A time with its offset, or of the site's clocks."""
    at = _parsed(text)
    if at is None or not 2000 <= at.year < 2200:
        allowed = "a time such as 2026-03-01 08:30 (site time) or 2026-03-01T08:30:00+08:00"
        raise Unacceptable(Refusal(field, text, allowed))
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
        other = at.replace(fold=1)
        if other.utcoffset() != at.utcoffset():
            allowed = "a time that the site's clocks show once; give its UTC offset"
            raise Unacceptable(Refusal(field, text, allowed))
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _parsed(text: str) -> datetime | None:
    for form in _LOCAL_FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the site's zone is given to it
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text) if "T" in text or ":" in text else None
    except ValueError:
        return None


def _twice(
    draft: Draft,
    seen: dict[tuple[str, str, datetime], int],
    masses: dict[str, tuple[Decimal, int]],
    line: int,
) -> list[Refusal]:
    """What two lines of a file cannot both say."""
    key = (draft.machine, draft.batch, draft.start)
    found = []
    if seen.setdefault(key, line) != line:
        allowed = f"each run once; line {seen[key]} has it already"
        found.append(Refusal("start", draft.start.isoformat(), allowed))
    if draft.kg is not None:
        try:
            mass, first = masses.setdefault(draft.batch, (Decimal(draft.kg), line))
        except ArithmeticError:
            return found
        if mass != Decimal(draft.kg):
            allowed = f"one mass for a batch; line {first} says {mass:f}"
            found.append(Refusal("kg", draft.kg, allowed))
    return found
