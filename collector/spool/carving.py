"""Carving: windows as pages hold them, whatever is left of the tree above these. Pure.

A window proves itself, so nothing of SQLite's own order is needed: neither the header nor the
inner pages, nor the checksums of the WAL, which SQLite reads no further than the first bit that
flipped. What was deleted, or written anew since, may come to light with it.

Source: https://www.sqlite.org/fileformat2.html, sections 1.5, 1.6, 2.1 and 4.1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from mmap import mmap

from collector.spool.file import PAGE, as_window
from collector.spool.window import Window

_LEAF = 0x0D
_CELLS_AT = 8  # in a leaf; its number of cells stands at 3
_LOCAL = PAGE - 35  # a longer row goes on elsewhere, on pages of which each names the next
_LEAST_LOCAL = (PAGE - 12) * 32 // 255 - 23
_ELSEWHERE = PAGE - 4
_MOST_BYTES = 64_000_000  # what says that it is longer is no row
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)
_ONE, _BLOB = 9, 12
_WAL_HEAD, _FRAME_HEAD = 32, 24


class Pages:
    """Pages of a file by number, the first being 1, with those of its WAL laid over them."""

    def __init__(self, file: bytes | mmap, over: Mapping[int, bytes]) -> None:
        self._file, self._over = file, over

    def __getitem__(self, number: int) -> bytes:
        laid = self._over.get(number)
        return self._file[(number - 1) * PAGE : number * PAGE] if laid is None else laid

    def rows(self, number: int) -> Iterator[tuple[int, int]]:
        """Place of every row that begins on a page, and where; nothing where it is no leaf."""
        page = self[number]
        if len(page) < PAGE or page[0] != _LEAF:
            return
        for cell in range(int.from_bytes(page[3:5])):
            at = int.from_bytes(page[_CELLS_AT + 2 * cell : _CELLS_AT + 2 * cell + 2])
            try:
                _, behind = _number(page, at)
                place, _ = _number(page, behind)
            except IndexError:
                continue
            yield place, at

    def window(self, number: int, at: int) -> Window | None:
        """The window that begins there; None where it is not what was written."""
        try:
            return _window(*self._record(number, at))
        except (IndexError, ValueError):
            return None

    def _record(self, number: int, at: int) -> tuple[int, bytes]:
        """Place and content of a row, with what of it stands on other pages."""
        page = self[number]
        length, at = _number(page, at)
        place, at = _number(page, at)
        if length > _MOST_BYTES:
            raise ValueError(length)
        if length <= _LOCAL:
            return place, page[at : at + length]
        local = _LEAST_LOCAL + (length - _LEAST_LOCAL) % _ELSEWHERE
        local = local if local <= _LOCAL else _LEAST_LOCAL
        parts, behind = [page[at : at + local]], page[at + local : at + local + 4]
        for _ in range(-(-(length - local) // _ELSEWHERE)):
            more = self[int.from_bytes(behind)]
            behind = more[:4]
            parts.append(more[4:])
        return place, b"".join(parts)[:length]


@dataclass(frozen=True, slots=True)
class Wal:
    """What a write-ahead log holds.

    Attributes:
        windows: Every window of it that is what was written, by place; the last one written.
        over: The last content of every page.
    """

    windows: Mapping[int, Window]
    over: Mapping[int, bytes]


def read_wal(wal: bytes, file: bytes | mmap) -> Wal:
    """Read a WAL to its end, however much of it SQLite would believe.

    Args:
        wal: Its content.
        file: The file that it belongs to.
    """
    over: dict[int, bytes] = {}
    found: dict[int, Window] = {}
    pages, laid = Pages(file, over), set[int]()
    for number, commits, page in _frames(wal):
        over[number] = page
        laid.add(number)
        if commits:
            found |= _windows_on(pages, laid)
            laid.clear()
    return Wal(found | _windows_on(pages, laid), over)


def _windows_on(pages: Pages, numbers: set[int]) -> dict[int, Window]:
    rows = [(number, at) for number in numbers for _, at in pages.rows(number)]
    windows = [pages.window(*row) for row in rows]
    return {window.place: window for window in windows if window}


def _frames(wal: bytes) -> Iterator[tuple[int, bool, bytes]]:
    """Number and content of each page, and whether a transaction ends there.

    Behind its end stand pages of the round before it, under other salts.
    """
    salts = {wal[16:24], wal[_WAL_HEAD + 8 : _WAL_HEAD + 16]}
    for at in range(_WAL_HEAD, len(wal) - _FRAME_HEAD - PAGE + 1, _FRAME_HEAD + PAGE):
        head = wal[at : at + _FRAME_HEAD]
        if head[8:16] in salts:
            page = wal[at + _FRAME_HEAD : at + _FRAME_HEAD + PAGE]
            yield int.from_bytes(head[:4]), any(head[4:8]), page


def _window(place: int, record: bytes) -> Window | None:
    """A row's content as a window; ValueError or IndexError where it is no row of windows."""
    end, at = _number(record, 0)
    body, values = end, list[object]()
    while at < end:
        kind, at = _number(record, at)
        size = (kind - _BLOB) // 2 if kind >= _BLOB else (*_INTEGER_BYTES, 8, 0, 0)[kind]
        values.append(_value(kind, record[body : body + size]))
        body += size
    _, epoch, first, last, base, newest_ms, thinned, h, proof, content = values
    return as_window((place, epoch, first, last, base, newest_ms, thinned, h, content, proof))


def _value(kind: int, written: bytes) -> object:
    if kind >= _BLOB:
        return written.decode() if kind % 2 else written
    return 1 if kind == _ONE else int.from_bytes(written, signed=True)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length number, and where it ends."""
    value = 0
    for _ in range(8):
        byte = data[at]
        at, value = at + 1, value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
    return value << 8 | data[at], at + 1
