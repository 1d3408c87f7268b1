"""Columns: a chunk's values, laid out so that one value is found without unpacking the others.

Behind the instants (four bytes each) stands a directory, one line a point, and behind it each
point's block: whole numbers of one, two, four or eight bytes above a base, divided by a power of
ten; or doubles; or places in a dictionary of texts. A value comes back exactly as its form has
it: whole numbers up to 2**53 over 10**k are divided with one rounding, as a decimal is read.
"""

import struct
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import orjson

from collector.wire.reading import Value, instant
from gateway.intervals.sample import Sample
from gateway.journal.lines import SLOT_MS
from gateway.journal.young import Column, Mark, Series, Young, as_written

if sys.byteorder != "little":  # pragma: no cover - no gateway is
    raise ImportError("columns are laid out for little-endian processors")

_HEAD = struct.Struct("<II")
_BIRTHS = b"birth"  # points stand in quotes, so no point is called that
_WIDTHS = ((1, 0, ""), (2**8, 1, "B"), (2**16, 2, "H"), (2**32, 4, "I"), (2**64, 8, "Q"))
_FORMATS = {width: code for _, width, code in _WIDTHS}
_MOST_DECIMALS = 9
_MOST_EXACT = 2**53
_ABSENT: Mark = ("absent", "")


def encode(young: Young) -> bytes:
    """A slot's values as they stand in the journal."""
    directory, blocks, offset = [], [], 0
    births = _texts(young.births)
    named = [(_BIRTHS, births, b"")]
    named += [(orjson.dumps(name), *_block(young.points[name])) for name in sorted(young.points)]
    for key, (line, block), marks in named:
        directory.append(b"\n%s\t%s %d %d" % (key, line, offset, len(marks)))
        blocks += [block, marks]
        offset += len(block) + len(marks)
    lines = b"".join(directory) + b"\n"
    return b"".join([_HEAD.pack(len(young.ats), len(lines)), young.ats.tobytes(), lines, *blocks])


def _block(series: Series) -> tuple[tuple[bytes, bytes], bytes]:
    """A point's directory entry and block, and what is to be said of single values."""
    values = [series.value(place) for place in range(len(series.values))]
    runs, place = [], 0
    for mark, same in groupby(_marks(series, values)):
        count = len(list(same))
        if mark is not None:
            runs.append([place, count, *mark])
        place += count
    texts = isinstance(series.values, list)
    return (_texts if texts else _numbers)(values), orjson.dumps(runs) if runs else b""


def _marks(series: Series, values: Sequence[Value | None]) -> Iterator[Mark | None]:
    for place, value in enumerate(values):
        mark = series.marks.get(place)
        yield _ABSENT if value is None and mark is None else mark


def _numbers(values: Sequence[Any]) -> tuple[bytes, bytes]:
    """Numbers as whole ones over a power of ten where that is exact, else as doubles."""
    known = next((value for value in values if value is not None), 0)
    filled = [known if value is None else value for value in values]
    for decimals in range(_MOST_DECIMALS + 1):
        whole = _whole(filled, 10**decimals)
        if whole is not None:
            base = min(whole)
            width, raw = _narrow([number - base for number in whole])
            return b"i %d %d %d" % (width, decimals, base), raw
    return b"d 8 0 0", array("d", filled).tobytes()


def _whole(values: Sequence[float], scale: int) -> list[int] | None:
    """Values times a power of ten; None where that is not exact for every one."""
    found = []
    for value in values:
        if abs(value) * scale > _MOST_EXACT:
            return None
        number = round(value * scale)
        if number / scale != value:
            return None
        found.append(number)
    return found


def _texts(values: Sequence[Value | None]) -> tuple[bytes, bytes]:
    """Values of any kind as places in a dictionary, which stands behind them."""
    places: dict[Value | None, int] = {}
    width, raw = _narrow([places.setdefault(value, len(places)) for value in values])
    dictionary = orjson.dumps(list(places))
    return b"t %d 0 %d" % (width, len(dictionary)), raw + dictionary


def _narrow(numbers: Sequence[int]) -> tuple[int, bytes]:
    """Numbers from 0 up in as few bytes each as hold the highest; none where all are 0."""
    highest = max(numbers)
    width, code = next((width, code) for end, width, code in _WIDTHS if highest < end)
    return width, array(code, numbers).tobytes() if code else b""


class Block:
    """A chunk's columns, as far as they are asked for."""

    def __init__(self, slot: int, columns: bytes) -> None:
        self.start = slot * SLOT_MS
        self.count, lines = _HEAD.unpack_from(columns)
        self._columns = columns
        self._directory = _HEAD.size + 4 * self.count
        self._data = self._directory + lines
        self.ats: Sequence[int] = memoryview(columns)[_HEAD.size : self._directory].cast("I")

    def column(self, point: str) -> "BlockColumn | None":
        """One point's samples."""
        raw = self._raw(orjson.dumps(point))
        return None if raw is None else BlockColumn(self, raw)

    @property
    def births(self) -> "_Raw":
        """Hash of each reading's birth."""
        raw = self._raw(_BIRTHS)
        assert raw is not None
        return raw

    def _raw(self, key: bytes) -> "_Raw | None":
        found = self._columns.find(b"\n%s\t" % key, self._directory, self._data)
        if found < 0:
            return None
        begins = found + len(key) + 2
        line = self._columns[begins : self._columns.index(b"\n", begins)]
        return _Raw(self._columns, self._data, self.count, line)


class _Raw:
    """One block: values by place, without their instants."""

    def __init__(self, columns: bytes, data: int, count: int, line: bytes) -> None:
        self._kind, *numbers = line.split(b" ")
        width, self._decimals, self._base, offset, marks = map(int, numbers)
        begins = data + offset
        behind = begins + width * count
        self._values: Sequence[Any] | None = None
        if width:
            code = "d" if self._kind == b"d" else _FORMATS[width]
            self._values = memoryview(columns)[begins:behind].cast(code)  # type: ignore[call-overload]
        self._texts: list[Any] = []
        if self._kind == b"t":
            self._texts = orjson.loads(columns[behind : behind + self._base])
            behind += self._base
        self.marks = _by_place(columns[behind : behind + marks]) if marks else {}

    def value(self, place: int) -> Any:
        """The value of a reading."""
        raw = self._values[place] if self._values is not None else 0
        if self._kind == b"i":
            number = self._base + raw
            return as_written(number / 10**self._decimals) if self._decimals else number
        return as_written(raw) if self._kind == b"d" else self._texts[raw]


def _by_place(marks: bytes) -> dict[int, Mark]:
    return {
        place: (quality, reason)
        for first, count, quality, reason in orjson.loads(marks)
        for place in range(first, first + count)
    }


class BlockColumn:
    """One point's samples in a chunk."""

    def __init__(self, block: Block, raw: _Raw) -> None:
        self.start, self.ats = block.start, block.ats
        self._raw, self._births = raw, block.births

    def sample(self, place: int) -> Sample | None:
        """What a reading says of the point; None where it does not speak of it."""
        mark = self._raw.marks.get(place)
        if mark == _ABSENT:
            return None
        quality, reason = mark or ("good", "")
        value = None if quality == "bad" else self._raw.value(place)
        at = instant(self.start + self.ats[place])
        return Sample(at, value, quality, reason, self._births.value(place))


def between(column: Column, start: int, end: int) -> Iterator[Sample]:
    """Samples of ``[start, end)`` [ms since 1970], bad ones included, by time."""
    first = bisect_left(column.ats, start - column.start)
    for place in range(first, bisect_left(column.ats, end - column.start)):
        sample = column.sample(place)
        if sample is not None:
            yield sample


def last(column: Column, at: int) -> Sample | None:
    """The last value that is not bad, at or before an instant. [ms since 1970]"""
    return _good(column, range(bisect_right(column.ats, at - column.start) - 1, -1, -1))


def first(column: Column, at: int) -> Sample | None:
    """The first value that is not bad, after an instant. [ms since 1970]"""
    return _good(column, range(bisect_right(column.ats, at - column.start), len(column.ats)))


def _good(column: Column, places: Iterable[int]) -> Sample | None:
    for place in places:
        sample = column.sample(place)
        if sample is not None and sample.value is not None:
            return sample
    return None
