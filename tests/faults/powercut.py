"""Rows 3 and 4: the power is cut, and what was not synced is there or not.

strace records what a real collector and a real server write, sync and send. From the record the
disk is built as it is found after a cut at a drawn instant, as often as asked; then the real
program opens it.
"""

import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from collector.spool import Spool
from collector.wire.birth import Birth, Point
from collector.wire.reading import ClockState, Kind, Reading, stamp
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from tests.faults import spooled
from tests.faults.answers import Answer
from tests.faults.disk import Disk, calls
from tests.faults.evidence import broken_links, genesis
from tests.faults.hall import Hall
from tests.faults.journal_file import epochs, sound
from tests.faults.layout import COLLECTOR, COMMIT_EVERY_MS, SITE, Layout
from tests.faults.row import Dose, Row
from tests.faults.stracing import recording
from tests.faults.trial import hall

_STRETCH_S, _CUTS_A_SECOND = 6.0, 50
_GRACE_S = 1.0  # a commit that was due may take so long on a busy machine
_SEQ = re.compile(rb'"seq":(\d+)')
_ACK = re.compile(rb'"epoch":"([0-9a-f]{32})","through":(\d+)')


@dataclass(slots=True)
class Sent:
    """What had left a process by an instant."""

    at_s: float = 0.0
    seq: int = 0
    through: dict[str, int] = field(default_factory=dict)

    def take(self, data: bytes) -> None:
        """Something is sent."""
        if any(kind in data for kind in (b"/readings", b"/records", b"/backlog")):
            self.seq = max([self.seq, *map(int, _SEQ.findall(data))])
        if b"/ack" in data:
            for epoch, through in _ACK.findall(data):
                known = self.through.get(epoch.decode(), 0)
                self.through[epoch.decode()] = max(known, int(through))


@dataclass(slots=True)
class _Toll:
    """What the cuts have cost."""

    readings: int = 0
    lost: int = 0
    slowest_s: float = 0.0
    broken: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        if sentence not in self.broken:
            self.broken.append(sentence)


def collector(dose: Dose) -> Row:
    """Row 3."""
    fault = f"power cut at the collector, {dose.cuts} disks"
    toll, drawn = _Toll(), dose.drawn(3)
    with tempfile.TemporaryDirectory(dir=_memory()) as name:
        record = Path(name) / "record"
        stretch_s = _stretch_s(dose)
        with hall(Layout(before={"collector": recording(record)})) as one:
            one.down("server", stretch_s)
            one.watch(2 * stretch_s)
            one.down("server", 10**6)  # a stretch in which nothing is released
            one.watch(stretch_s)
            folder, said = one.spool.parent, one.said()
            delivered = set(one.stored())
        for cut, (disk, sent) in enumerate(_cuts(record, folder, dose.cuts, drawn)):
            image = _image(Path(name) / "image", disk.after_cut(drawn))
            _open_spool(image, sent, said, delivered, toll, f"cut {cut}")
    return Row(3, fault, dose.cuts, toll.readings, toll.lost, 0, toll.slowest_s, (*toll.broken,))


def server(dose: Dose) -> Row:
    """Row 4."""
    return server_failing(4, f"power cut at the server, {dose.cuts} disks", dose, ())


def server_failing(number: int, fault: str, dose: Dose, inject: Sequence[str]) -> Row:
    """The same while calls of the server fail, as strace is told to make them."""
    toll, drawn = _Toll(), dose.drawn(number)
    with tempfile.TemporaryDirectory(dir=_memory()) as name:
        record = Path(name) / "record"
        with hall(Layout(before={"server": recording(record, *inject)})) as one:
            one.watch(2 * _stretch_s(dose))
            folder, truth = one.journal.parent, _hashes(one)
        for cut, (disk, sent) in enumerate(_cuts(record, folder, dose.cuts, drawn)):
            image = _image(Path(name) / "image", disk.after_cut(drawn))
            _open_journal(image, sent, truth, toll, f"cut {cut}")
    return Row(
        number, fault, dose.cuts, toll.readings, toll.lost, 0, toll.slowest_s, (*toll.broken,)
    )


def _stretch_s(dose: Dose) -> float:
    """How long each stretch of a recording is: few cuts need no long one. [s]"""
    return min(_STRETCH_S, 1 + dose.cuts / _CUTS_A_SECOND)


def _memory() -> str | None:
    """Where syncing costs nothing; the disks are models, their own syncs do not count."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _cuts(record: Path, folder: Path, most: int, drawn: Random) -> Iterator[tuple[Disk, Sent]]:
    """Disk and what was sent, at so many instants in order of time."""
    happened = list(calls(record))
    instants = sorted(drawn.randrange(len(happened)) for _ in range(most))
    disk, sent, done = Disk(folder, drawn), Sent(), 0
    for instant in instants:
        for call in happened[done:instant]:
            if call.name == "sendto" and not call.ended:
                sent.take(b"".join(call.strings()))
            disk.take(call)
        done = max(done, instant)
        sent.at_s = happened[instant].at_s
        yield disk, sent


def _image(folder: Path, files: dict[str, bytes]) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def _open_spool(
    image: Path,
    sent: Sent,
    said: list[Answer],
    delivered: set[tuple[str, int]],
    toll: _Toll,
    which: str,
) -> None:
    path = image / f"{COLLECTOR}.spool"
    began = time.monotonic()
    epoch = _commit_one_more(path)
    toll.slowest_s = max(toll.slowest_s, time.monotonic() - began)
    links = spooled.links(path).get(epoch, [])
    newest = max(link.seq for link in links)
    if newest <= sent.seq:
        toll.note(f"{which}: number {newest} is given out again, {sent.seq} had been sent")
    if broken_links(links, genesis(SITE, COLLECTOR, epoch)):
        toll.note(f"{which}: the chain is broken")
    if any(image.glob("*damaged*")) or any(image.glob("*quarantine*")):
        toll.note(f"{which}: the spool was given up as damaged")
    safe_ms = (sent.at_s - COMMIT_EVERY_MS / 1000 - _GRACE_S) * 1000
    due = {one.value for one in said if one.wall_ms < safe_ms}
    held = spooled.values(path) | delivered
    toll.readings += len(due)
    toll.lost += len(due - held)


def _commit_one_more(path: Path) -> str:
    """Open it as the collector does, and commit a reading; the epoch."""
    spool = Spool(path, site=SITE, collector=COLLECTOR, max_mb=100)
    at, point = datetime.now(UTC), Point("energy_import_kwh", "kWh", Kind.COUNTER)
    birth = Birth("after-the-cut", "test", 1, 1000, "1", "1", (point,))
    reading = Reading(birth.device, at, ClockState.SYNCHRONISED, "b1", 1, {point.name: 1.0})
    spool.commit([reading], {birth.device: birth}, stamp(at))
    epoch = spool.epoch
    spool.close()
    return epoch


def _hashes(one: Hall) -> dict[str, dict[int, bytes]]:
    """Every record's hash as it was at the end, by epoch."""
    return {epoch.name: {link.seq: link.h for link in epoch.links} for epoch in epochs(one.journal)}


def _open_journal(
    image: Path, sent: Sent, truth: dict[str, dict[int, bytes]], toll: _Toll, which: str
) -> None:
    path = image / "journal.db"
    began = time.monotonic()
    Writer(Sqlite(path), site=SITE).close()
    toll.slowest_s = max(toll.slowest_s, time.monotonic() - began)
    if not sound(path):
        toll.note(f"{which}: the journal's file is damaged")
    found = {epoch.name: {link.seq: link.h for link in epoch.links} for epoch in epochs(path)}
    for epoch, through in sent.through.items():
        toll.readings += through
        there = found.get(epoch, {})
        toll.lost += sum(seq not in there for seq in range(1, through + 1))
    for epoch, own in found.items():
        if any(truth[epoch].get(seq) != h for seq, h in own.items()):
            toll.note(f"{which}: a record stands there otherwise than it was sent")
