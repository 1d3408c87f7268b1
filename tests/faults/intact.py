"""Which records of a damaged spool stand on pages that are intact: these must not be lost.

SQLite itself says, of the files before they were damaged, which pages each window stands on. A page
of the WAL counts with the head of its frame, which says which page it is.
"""

import json
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

_PAGE, _WAL_HEAD, _FRAME = 1024, 32, 24 + 1024

Record = tuple[str, int]
Piece = tuple[str, int, bytes]
"""A piece of a file: which one, from where, and what stood there."""


class Undamaged:
    """A spool's files as they were; no process may have them open."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name) / "copy"
            for end in ("", "-wal"):
                if (file := _file(spool, end)).exists():
                    shutil.copy(file, _file(copy, end))
            wal = _content(copy, "-wal")
            self._pages = {
                number: ("", (number - 1) * _PAGE, page) for number, page in _pages(copy)
            } | dict(_frames(wal))
            db = sqlite3.connect(copy)
            self._windows = list(_windows(db))
            db.close()

    def held(self) -> set[Record]:
        """Records whose pages, all of them, are in the files now as they were."""
        now = {end: _content(self._spool, end) for end in ("", "-wal")}

        def stands(number: int) -> bool:
            end, at, piece = self._pages[number]
            return now[end][at : at + len(piece)] == piece

        return {
            record
            for records, pages in self._windows
            if all(map(stands, pages))
            for record in records
        }


def _windows(db: sqlite3.Connection) -> Iterator[tuple[list[Record], list[int]]]:
    """The records of every window, and the pages it stands on."""
    bodies = db.execute("SELECT epoch, body FROM windows ORDER BY place").fetchall()
    leaves = db.execute(
        "SELECT path, pageno, ncell FROM dbstat WHERE name = 'windows' AND pagetype = 'leaf' "
        "ORDER BY path"
    ).fetchall()
    overflows: dict[str, list[int]] = {}
    for path, number in db.execute(
        "SELECT path, pageno FROM dbstat WHERE name = 'windows' AND pagetype = 'overflow'"
    ):
        overflows.setdefault(path.partition("+")[0], []).append(number)
    cells = [(path, number, cell) for path, number, count in leaves for cell in range(count)]
    for (epoch, body), (path, number, cell) in zip(bodies, cells, strict=True):
        records = [(epoch, seq) for seq in _numbers(body)]
        yield records, [number, *overflows.get(f"{path}{cell:03x}", ())]


def _numbers(body: bytes) -> Iterator[int]:
    for line in zlib.decompress(body).splitlines():
        message = json.loads(line.split(b" ", 3)[3])
        for record in message.get("readings", message.get("records", ())):
            yield record["seq"]


def _pages(spool: Path) -> Iterator[tuple[int, bytes]]:
    content = _content(spool, "")
    for number in range(1, len(content) // _PAGE + 1):
        yield number, content[(number - 1) * _PAGE : number * _PAGE]


def _frames(wal: bytes) -> Iterator[tuple[int, Piece]]:
    """Where each page stands last; behind the end of the WAL stands what it held a round before."""
    waiting: dict[int, Piece] = {}
    for at in range(_WAL_HEAD, len(wal) - _FRAME + 1, _FRAME):
        frame = wal[at : at + _FRAME]
        if frame[8:16] != wal[16:24]:
            return
        waiting[int.from_bytes(frame[:4])] = ("-wal", at, frame)
        if any(frame[4:8]):  # a transaction ends
            yield from waiting.items()
            waiting.clear()


def _content(spool: Path, end: str) -> bytes:
    file = _file(spool, end)
    return file.read_bytes() if file.exists() else b""


def _file(spool: Path, end: str) -> Path:
    return spool.with_name(spool.name + end)
