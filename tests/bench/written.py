"""Bytes passed to write(): what the card of a gateway has to bear.

Counted as `wchar` of /proc/self/io around each call, in this one thread: everything that went
through a write system call, checkpoints of the WAL and the packing included. The -shm
file is memory-mapped and not in it, for us as for the peer.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from collector.spool import Spool
from collector.wire import topics
from collector.wire.bundle import AROUND_A_MESSAGE, bundle
from collector.wire.message import MOST_BYTES
from collector.wire.reading import Reading, stamp
from gateway.journal import Arrival
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from tests.bench import material
from tests.bench.plain_table import PlainTable
from tests.bench.row import Effort, Row

_KEPT = timedelta(minutes=5)
_PACKED_EVERY_S = 300
_BUNDLES_AT_ONCE = 5  # as many as the gateway stores in one transaction
_DAY = timedelta(days=1)

_Line = tuple[str | None, bytes]


@dataclass(frozen=True, slots=True)
class Shape:
    """A mill of 100 values a second."""

    devices: int
    points: int
    every_s: int

    @property
    def said(self) -> str:
        return f"{self.devices} devices of {self.points} points every {self.every_s} s"


SHAPES = (Shape(2, 50, 1), Shape(100, 10, 10))


def measure(effort: Effort) -> list[Row]:
    """Four rows a shape: journal, journal and spool, what stays on the disk, and of a backlog."""
    return [row for shape in SHAPES for row in _rows(shape, effort)]


def _rows(shape: Shape, effort: Effort) -> list[Row]:
    # What is counted does not depend on the machine's load: one run is all runs.
    with tempfile.TemporaryDirectory() as name:
        run = _Run(Path(name), shape)
        journal, spool, plain = run.whole(effort.pick(2.1, 0.01))
        kept, plainly_kept = run.kept()
        drained = _drained(Path(name) / "drained", shape, effort)
    told = f"written at 100 values/s and 5 s commits, {shape.said}"
    peer = "a time-first SQLite table, a row a value, same commits"
    return [
        Row(f"journal: {told}", journal, "bytes/value", peer, plain, 1),
        Row(f"journal and spool: {told}", journal + spool, "bytes/value", peer, plain, 1),
        Row(
            f"journal on the disk, {shape.said}, values drawn at random: the worst to pack",
            kept,
            "bytes/value",
            peer,
            plainly_kept,
            1,
        ),
        Row(
            f"journal: written of a backlog in bundles, {shape.said}",
            drained,
            "bytes/value",
            "the same as it comes, window by window",
            journal,
            1,
        ),
    ]


class _Run:
    """Spool, journal and plain table side by side."""

    def __init__(self, folder: Path, shape: Shape) -> None:
        self._folder, self._values = folder, 0
        self._known = material.births(
            folder, shape.devices, points=shape.points, every_s=shape.every_s
        )
        self._points = shape.points
        self._spool = Spool(
            folder / "a.spool", site=material.SITE, collector=material.COLLECTOR, max_mb=4096
        )
        self._journal = Writer(Sqlite(folder / "journal.db"), site=material.SITE)
        self._plain = PlainTable(folder / "plain.db")
        self._sent = 0

    def whole(self, hours: float) -> tuple[float, float, float]:
        """Bytes a value of journal, spool and plain table over so many hours."""
        journal = spool = plain = 0
        for number, readings in enumerate(material.windows(self._known, hours)):
            self._values += len(readings) * self._points
            window = self._window(number, readings)
            spool, journal, plain = spool + window[0], journal + window[1], plain + window[2]
        # What still stands in the WAL is checkpointed when a file is closed.
        spool += _written(self._spool.close)
        journal += _written(self._journal.close)
        plain += _written(self._plain.close)
        return journal / self._values, spool / self._values, plain / self._values

    def kept(self) -> tuple[float, float]:
        """Bytes a value of the files of journal and plain table, once they are closed."""
        sizes = [(self._folder / name).stat().st_size for name in ("journal.db", "plain.db")]
        return sizes[0] / self._values, sizes[1] / self._values

    def _window(self, number: int, readings: list[Reading]) -> tuple[int, int, int]:
        now = readings[-1].at
        spool = _written(lambda: self._spool.commit(readings, self._known, stamp(now)))
        stored = self._spool.next_after(self._sent, 10_000)
        self._sent = stored[-1].place
        arrivals = [Arrival(topics.parse(one.topic), one.topic, one.payload) for one in stored]
        journal = _written(lambda: self._journal.store(arrivals, now))
        acks = self._journal.acks(material.COLLECTOR)
        spool += _written(lambda: self._spool.release(acks))
        if number % (_PACKED_EVERY_S // material.COMMIT_S) == 0:
            journal += _written(lambda: self._journal.pack(now - _KEPT))
        messages = [(one.address.device or "", one.payload) for one in arrivals]
        return spool, journal, _written(lambda: self._plain.store(messages))


def _drained(folder: Path, shape: Shape, effort: Effort) -> float:
    """Bytes a value that the journal writes of a backlog, oldest first, as the gateway takes it."""
    folder.mkdir()
    known = material.births(folder, shape.devices, points=shape.points, every_s=shape.every_s)
    messages = material.messages(folder, known, effort.pick(2.1, 0.01))
    journal, now = Writer(Sqlite(folder / "journal.db"), site=material.SITE), material.START + _DAY
    written = stored = 0

    def store(bundles: Sequence[Arrival]) -> None:
        nonlocal stored
        stored += journal.store(bundles, now).stored
        if (due := journal.pack_due()) is not None:
            journal.pack_some(due)

    for bundles in material.grouped(list(_bundles(messages)), _BUNDLES_AT_ONCE):
        written += _written(partial(store, bundles))
    written += _written(lambda: journal.pack(now)) + _written(journal.close)
    return written / (stored * shape.points)


def _bundles(messages: Sequence[Arrival]) -> Iterator[Arrival]:
    """What a collector makes of a backlog."""
    topic = topics.backlog(material.SITE, material.COLLECTOR)
    lines, room = list[_Line](), MOST_BYTES
    for one in messages:
        size = len(one.payload) + AROUND_A_MESSAGE
        if size > room:
            yield Arrival(topics.parse(topic), topic, bundle(lines))
            lines, room = [], MOST_BYTES
        room -= size
        lines.append((one.address.device, one.payload))
    yield Arrival(topics.parse(topic), topic, bundle(lines))


def _written(work: Callable[[], object]) -> int:
    before = _wchar()
    work()
    return _wchar() - before


def _wchar() -> int:
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("wchar:")))
