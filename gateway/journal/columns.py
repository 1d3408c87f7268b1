"""Columns: a chunk's values, laid out so that one value is found without unpacking the others.

First stands the layout, in lines: the births that readings name, then each column's place and how
its values are written. Most chunks of a device have the same one, so that it is read once and
remembered. Behind it stand the instants, four bytes each, and the columns: each a number of eight
bytes, then whole numbers of one, two, four or eight bytes to be added to it and divided by a power
of ten; or doubles; or places in a dictionary of texts whose length is that number. A value comes
back exactly as its form has it: whole numbers up to 2**53 over 10**k are divided with one rounding,
as a decimal is read.
"""

import struct
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from collector.wire.reading import Value, instant
from gateway.intervals.sample import Sample
from gateway.journal import Numbers
from gateway.journal.lines import SLOT_MS
from gateway.journal.young import Column, Mark, Series, Young, as_written, doubtful

if sys.byteorder != "little":  # pragma: no cover - no gateway is
    raise ImportError("columns are laid out for little-endian processors")

_HEAD = struct.Struct("<II")
_NUMBER = struct.Struct("<q")
_BIRTHS = b"birth"  # points stand in quotes, so no point is called that
_WIDTHS = ((1, 0, ""), (2**8, 1, "B"), (2**16, 2, "H"), (2**32, 4, "I"), (2**64, 8, "Q"))
_FORMATS = {width: code for _, width, code in _WIDTHS}
_READ = {code: struct.Struct(f"<{code}").unpack_from for code in "BHIQd"}
_MOST_DECIMALS = 9
_MOST_EXACT = 2**53
_MOST_LAYOUTS = 256  # of a few hundred bytes each
_ABSENT = "absent"
_UNMARKED: Mapping[int, Mark] = {}
_GOOD: Mark = ("good", "")
_NO_NUMBERS: Numbers = ((), ())
_SAMPLE: Callable[[type[Sample], tuple[Any, ...]], Sample] = tuple.__new__


class _Written(NamedTuple):
    """A column's values as they are written.

    Attributes:
        kind: ``i`` whole numbers, ``d`` doubles, ``t`` texts.
        width: Bytes of each. [bytes]
        decimals: Whole numbers are divided by ten to this power.
        number: What is added to whole numbers, or the length of the dictionary.
        raw: The values, and the dictionary behind them.
    """

    kind: str
    width: int
    decimals: int
    number: int
    raw: bytes


def encode(young: Young) -> bytes:
    """A slot's values as they stand in the journal."""
    births: dict[str, int] = {}
    width, raw = _narrow([births.setdefault(birth, len(births)) for birth in young.births])
    named = [(_BIRTHS, _Written("i", width, 0, 0, raw), b"")]
    named += [(orjson.dumps(name), *_column(young.points[name])) for name in sorted(young.points)]
    lines, columns, offset = [orjson.dumps(list(births))], [], 0
    for key, one, marks in named:
        numbers = (one.kind.encode(), one.width, one.decimals, offset, len(marks))
        lines.append(b"%s\t%s %d %d %d %d" % (key, *numbers))
        columns += [_NUMBER.pack(one.number), one.raw, marks]
        offset += _NUMBER.size + len(one.raw) + len(marks)
    layout = b"\n".join(lines)
    return b"".join(
        [_HEAD.pack(len(young.ats), len(layout)), layout, young.ats.tobytes(), *columns]
    )


def _column(series: Series) -> tuple[_Written, bytes]:
    """A point's values, and what is to be said of single ones."""
    values = series.values
    missing = [place for place, value in enumerate(values) if value != value]
    if isinstance(values, array):
        return _numbers(values.tolist(), missing), _runs(series, missing)
    return _texts([series.value(place) for place in range(len(values))]), _runs(series, missing)


def _runs(series: Series, missing: Sequence[int]) -> bytes:
    """Marks of values, as many as follow each other in one."""
    marks = dict.fromkeys(missing, (_ABSENT, "")) | series.marks
    runs: list[list[Any]] = []
    for place in sorted(marks):
        if runs and runs[-1][0] + runs[-1][1] == place and runs[-1][2:] == [*marks[place]]:
            runs[-1][1] += 1
        else:
            runs.append([place, 1, *marks[place]])
    return orjson.dumps(runs) if runs else b""


def _numbers(values: list[float], missing: Sequence[int]) -> _Written:
    """Numbers as whole ones over a power of ten where that is exact, else as doubles."""
    known = next((value for value in values if value == value), 0.0)
    for place in missing:
        values[place] = known
    farthest = max(map(abs, values))
    for decimals in range(_MOST_DECIMALS + 1):
        whole = _whole(values, farthest, 10**decimals)
        if whole is not None:
            least = min(whole)
            width, raw = _narrow([number - least for number in whole])
            return _Written("i", width, decimals, least, raw)
    return _Written("d", 8, 0, 0, array("d", values).tobytes())


def _whole(values: list[float], farthest: float, scale: int) -> list[int] | None:
    """Values times a power of ten; None where that is not exact for every one."""
    if farthest * scale > _MOST_EXACT or round(values[0] * scale) / scale != values[0]:
        return None  # the first value shows it nearly always
    found = [round(value * scale) for value in values]
    return found if [number / scale for number in found] == values else None


def _texts(values: Sequence[Value | None]) -> _Written:
    """Values of any kind as places in a dictionary, which stands behind them."""
    places: dict[Value | None, int] = {}
    width, raw = _narrow([places.setdefault(value, len(places)) for value in values])
    dictionary = orjson.dumps(list(places))
    return _Written("t", width, 0, len(dictionary), raw + dictionary)


def _narrow(numbers: Sequence[int]) -> tuple[int, bytes]:
    """Numbers from 0 up in as few bytes each as hold the highest; none where all are 0."""
    highest = max(numbers)
    width, code = next((width, code) for end, width, code in _WIDTHS if highest < end)
    return width, array(code, numbers).tobytes() if code else b""


class _Place(NamedTuple):
    """Where a column stands, and how its values are written.

    Attributes:
        kind: As in `_Written`.
        width: Likewise. [bytes]
        read: Reads the value at an offset of the bytes; None where all are 0.
        scale: What whole numbers are divided by.
        offset: Of its number, from the first column's. [bytes]
        marks: Length of what is said of single values. [bytes]
    """

    kind: str
    width: int
    read: Callable[[bytes, int], tuple[Any]] | None
    scale: int
    offset: int
    marks: int


class _Layout(NamedTuple):
    """What stands where in a chunk.

    Attributes:
        birth: The birth that all readings name; empty where they name several.
        births: Every one.
        born: Which of them each reading names.
        points: Where the column of each point stands.
    """

    birth: str
    births: list[str]
    born: _Place
    points: dict[str, _Place]


@lru_cache(_MOST_LAYOUTS)
def _layout(raw: bytes) -> _Layout:
    head, *lines = raw.split(b"\n")
    found = [line.split(b"\t") for line in lines]
    (_, born), *points = found
    named = {orjson.loads(key): _place(said) for key, said in points}
    births = orjson.loads(head)
    return _Layout(births[0] if len(births) == 1 else "", births, _place(born), named)


def _place(said: bytes) -> _Place:
    kind, *numbers = said.split(b" ")
    width, decimals, offset, marks = map(int, numbers)
    read = _READ["d" if kind == b"d" else _FORMATS[width]] if width else None
    return _Place(kind.decode(), width, read, 10**decimals, offset, marks)


class Block:
    """A chunk's columns, as far as they are asked for."""

    __slots__ = ("ats", "columns", "count", "data", "layout", "start")

    def __init__(self, slot: int, columns: bytes) -> None:
        self.start = slot * SLOT_MS
        self.count, length = _HEAD.unpack_from(columns)
        instants = _HEAD.size + length
        self.layout = _layout(columns[_HEAD.size : instants])
        self.data = instants + 4 * self.count
        self.columns = columns
        self.ats: Sequence[int] = array("I", columns[instants : self.data])

    def column(self, point: str) -> "BlockColumn | None":
        """One point's samples."""
        place = self.layout.points.get(point)
        return None if place is None else BlockColumn(self, place)

    def numbers(self) -> dict[str, Numbers]:
        """What is good and a number, by point."""
        ats = [self.start + at for at in self.ats]
        places = self.layout.points.items()
        return {point: BlockColumn(self, place).numbers_at(ats) for point, place in places}

    def birth(self, place: int) -> str:
        """Hash of a reading's birth."""
        births, born = self.layout.births, self.layout.born
        if not born.width:
            return births[0]
        begins = self.data + born.offset + _NUMBER.size + place * born.width
        return births[int.from_bytes(self.columns[begins : begins + born.width], "little")]


class BlockColumn:
    """One point's samples in a chunk."""

    __slots__ = ("_begins", "_block", "_marks", "_number", "_place", "_texts", "ats", "start")

    def __init__(self, block: Block, place: _Place) -> None:
        self._block, self._place = block, place
        self.start, self.ats = block.start, block.ats
        begins = block.data + place.offset
        (self._number,) = _NUMBER.unpack_from(block.columns, begins)
        self._begins = begins + _NUMBER.size
        self._texts: Sequence[Any] = ()
        self._marks = _UNMARKED
        if place.marks or place.kind == "t":
            self._open(block.columns, self._begins + place.width * block.count)

    def _open(self, columns: bytes, behind: int) -> None:
        """Read what stands behind the values."""
        if self._place.kind == "t":
            self._texts = orjson.loads(columns[behind : behind + self._number])
            behind += self._number
        if self._place.marks:
            self._marks = _by_place(orjson.loads(columns[behind : behind + self._place.marks]))

    def sample(self, place: int) -> Sample | None:
        """What a reading says of the point; None where it does not speak of it."""
        quality, reason = self._marks.get(place, _GOOD) if self._marks else _GOOD
        if quality == _ABSENT:
            return None
        value = None if quality == "bad" else self._value(place)
        birth = self._block.layout.birth or self._block.birth(place)
        # A tuple made in one step: this is what every look-up and every slice is made of.
        return _SAMPLE(
            Sample, (instant(self.start + self.ats[place]), value, quality, reason, birth)
        )

    def numbers(self) -> Numbers:
        """All that is good and a number, by time."""
        return self.numbers_at([self.start + at for at in self.ats])

    def plain(self) -> Numbers | None:
        """The same; None where some value is doubtful, or is a text."""
        texts = self._place.kind == "t"
        return None if texts or doubtful(self._marks) else self.numbers()

    def numbers_at(self, ats: list[int]) -> Numbers:
        """The same, where the readings' instants [ms since 1970] are known: they are shared."""
        values = self._values()
        if not self._marks and self._place.kind != "t":
            return ats, values
        good = [
            place
            for place, value in enumerate(values)
            if place not in self._marks and not isinstance(value, str | None)
        ]
        return [ats[place] for place in good], [values[place] for place in good]

    def _values(self) -> list[Any]:
        """What stands for every reading, whatever its mark."""
        kind, width, _, scale, _, _ = self._place
        count = self._block.count
        code = "d" if kind == "d" else _FORMATS[width]
        raw = self._block.columns[self._begins : self._begins + width * count]
        whole = array(code, raw).tolist() if code else [0] * count
        if kind == "d":
            return whole
        if kind == "t":
            return [self._texts[place] for place in whole]
        if scale == 1:
            return [self._number + one for one in whole]
        return [(self._number + one) / scale for one in whole]

    def _value(self, place: int) -> Any:
        kind, width, read, scale, _, _ = self._place
        raw = read(self._block.columns, self._begins + place * width)[0] if read else 0
        if kind == "i":
            number = self._number + raw
            return number if scale == 1 else as_written(number / scale)
        return as_written(raw) if kind == "d" else self._texts[raw]


def _by_place(runs: Iterable[tuple[int, int, str, str]]) -> dict[int, Mark]:
    return {
        place: (quality, reason)
        for first, count, quality, reason in runs
        for place in range(first, first + count)
    }


def between(column: Column, start: int, end: int) -> Iterator[Sample]:
    """Samples of ``[start, end)`` [ms since 1970], bad ones included, by time."""
    first = bisect_left(column.ats, start - column.start)
    for place in range(first, bisect_left(column.ats, end - column.start)):
        sample = column.sample(place)
        if sample is not None:
            yield sample


def last(column: Column, at: int) -> Sample | None:
    """The last value that is not bad, at or before an instant. [ms since 1970]"""
    place = bisect_right(column.ats, at - column.start) - 1
    if place < 0:
        return None
    nearest = column.sample(place)  # which it is nearly always
    if nearest is not None and nearest.value is not None:
        return nearest
    return _good(column, range(place - 1, -1, -1))


def first(column: Column, at: int) -> Sample | None:
    """The first value that is not bad, after an instant. [ms since 1970]"""
    return _good(column, range(bisect_right(column.ats, at - column.start), len(column.ats)))


def _good(column: Column, places: Iterable[int]) -> Sample | None:
    for place in places:
        sample = column.sample(place)
        if sample is not None and sample.value is not None:
            return sample
    return None


def joined(packed: Mapping[str, Numbers], young: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """Numbers by point of both; of those of one instant the last: young ones came later."""
    found: dict[str, Numbers] = {}
    known, twice = _NO_NUMBERS[0], False
    for point in packed.keys() | young.keys():
        ats, values = packed.get(point, _NO_NUMBERS)
        if ats is not known:  # points that were read together share their instants
            known, twice = ats, len(set(ats)) < len(ats)
        if twice or point in young:
            more = young.get(point, _NO_NUMBERS)
            last_of = dict(zip([*ats, *more[0]], [*values, *more[1]], strict=True))
            ats = sorted(last_of)
            values = [last_of[at] for at in ats]
        if ats:
            found[point] = (ats, values)
    return found
