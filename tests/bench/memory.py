"""What stays in memory while readings pass through, broker up and down.

Of a journal's writer and a reader beside it; and of a spool that nobody takes anything from, while
it has room, and one that is full, is thinned, and beyond.

``python -m tests.bench.memory READINGS [journal|filling|full]`` measures over so many readings,
of each or of one alone.
"""

import hashlib
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from collector.spool import Spool
from collector.wire import chain, topics
from collector.wire.birth import Birth
from collector.wire.reading import ClockState, Reading, stamp
from gateway.journal import Arrival
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from tests.bench import material
from tests.bench.processes import resident_mb
from tests.bench.row import Effort, Row, rounded

_DEVICES, _EVERY_S = 100, 10
_MINUTE = timedelta(minutes=1)
_FOLLOWED = timedelta(minutes=5)
_LEAST_MB = 0.001  # a slope is compared with what a leak of a byte a reading would make
_POINT = "l00_kw"
_TOLD = (0.1, 0.5, 1.0)
_SPOOLED_POINTS = 2
_ROOMY_MB, _NARROW_MB = 4096, 24
# A reading as an agent writes it. The journal writes each anew and checks it as a link of the
# chain: one that differed by a byte from what an agent writes would break it.
_SAID = b'"seq":%d,"up_ms":%d,"values":{"l00_kw":%d.5,"l01_kw":230.1}}'
_FORM = b'{"at":"%s","birth":"%s","boot":"b0","clock":"S","device":"%s",' + _SAID
_SENT = b'{"at":"%s","boot":"b0","clock":"S","h":"%s",' + _SAID
_MESSAGE = b'{"birth":"%s","epoch":"e","readings":[%s],"v":1}'


def measure(effort: Effort) -> list[Row]:
    """Growth of resident memory over the readings of the second half."""
    readings = effort.pick(effort.readings, 5_000)
    return [_grown(part, readings) for part in ("journal", "full")]


def _grown(part: str, readings: int) -> Row:
    told, seen = _PARTS[part]
    resident = list(seen(readings))
    points = ", ".join(
        f"{resident[int(share * len(resident)) - 1]:.1f} MB at {share * readings / 1e6:g}"
        for share in _TOLD
    )
    half = resident[len(resident) // 2 :]
    quarter = max(1, len(half) // 4)
    grown = statistics.median(half[-quarter:]) - statistics.median(half[:quarter])
    over = f"growth of memory over the second half of {readings / 1e6:g} million readings"
    return Row(
        f"{told}: {over}; {points} million",
        max(grown, _LEAST_MB),
        "MB",
        "a leak of one byte a reading",
        readings / 2 / 1e6,
        1,
    )


def _waiting(count: int, max_mb: float) -> Iterator[float]:
    """Resident memory after each minute of a mill whose broker is down. [MB]"""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        folder = Path(name)
        known = material.births(folder, _DEVICES, points=_SPOOLED_POINTS, every_s=_EVERY_S)
        spool = Spool(
            folder / "a.spool", site=material.SITE, collector=material.COLLECTOR, max_mb=max_mb
        )
        now = material.START
        for made in range(0, count, _DEVICES):
            readings = [_reading(birth, now, made) for birth in known.values()]
            spool.commit(readings, known, stamp(now))
            now += timedelta(seconds=_EVERY_S)
            if now.second == 0:
                yield resident_mb(os.getpid())
        spool.close()


def _reading(birth: Birth, at: datetime, number: int) -> Reading:
    values = {point.name: number + 0.5 for point in birth.points}
    up_ms = (at - material.START) // timedelta(milliseconds=1)
    return Reading(birth.device, at, ClockState.SYNCHRONISED, "b0", up_ms, values)


def _passing(count: int) -> Iterator[float]:
    """Resident memory after each minute of a mill. [MB]"""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        writer = Writer(Sqlite(Path(name) / "journal.db"), site=material.SITE)
        follower = _Follower(Reader(Sqlite(Path(name) / "journal.db")))
        agent, now = _Agent(), material.START
        while agent.made < count:
            arrivals = agent.minute(now)
            now += _MINUTE
            assert writer.store(arrivals, now).stored == len(arrivals) * 60 // _EVERY_S
            if now.minute % 5 == 0:
                writer.pack(now - _FOLLOWED)
                follower.look(now)
            yield resident_mb(os.getpid())
        follower.end(agent.made)
        writer.close()


class _Agent:
    """Makes a minute's messages of every device, numbered and chained."""

    def __init__(self) -> None:
        self.made = 0
        self._h = chain.genesis(material.SITE, material.COLLECTOR, "e")
        self._birth = b"0" * 32

    def minute(self, begins: datetime) -> list[Arrival]:
        """One message a device."""
        seconds = range(0, 60, _EVERY_S)
        stamps = [stamp(begins + timedelta(seconds=second)).encode() for second in seconds]
        return [self._message(f"meter-{number:03d}", stamps) for number in range(_DEVICES)]

    def _message(self, device: str, stamps: list[bytes]) -> Arrival:
        sent, name = [], device.encode()
        for at in stamps:
            self.made += 1
            said = (self.made, self.made, self.made)
            form = _FORM % (at, self._birth, name, *said)
            self._h = hashlib.sha256(self._h + form).digest()
            sent.append(_SENT % (at, chain.encode_hash(self._h).encode(), *said))
        topic = topics.readings(material.SITE, material.COLLECTOR, device)
        payload = _MESSAGE % (self._birth, b",".join(sent))
        return Arrival(topics.parse(topic), topic, payload)


class _Follower:
    """Looks at what has changed, as the pages and the ledger do."""

    def __init__(self, journal: Reader) -> None:
        self._journal, self._position = journal, 0

    def look(self, now: datetime) -> None:
        """Read what came in the last minutes."""
        self._position, changed = self._journal.changed_since(self._position)
        for device in {device for device, _ in changed}:
            found = self._journal.samples(device, _POINT, now - _FOLLOWED, now)
            assert len(found) == _FOLLOWED.total_seconds() // _EVERY_S
            self._journal.latest(device)

    def end(self, made: int) -> None:
        """Everything is there, and every link of the chain holds."""
        (one,) = self._journal.chains()
        assert (one.ack.through, one.broken_at) == (made, ())


_Seen = Callable[[int], Iterable[float]]
_PARTS: dict[str, tuple[str, _Seen]] = {
    "journal": ("journal: stored, packed and followed by a reader", _passing),
    "filling": (
        f"spool with the broker down, {_ROOMY_MB} MB and never full",
        partial(_waiting, max_mb=_ROOMY_MB),
    ),
    "full": (
        f"spool with the broker down, full at {_NARROW_MB} MB",
        partial(_waiting, max_mb=_NARROW_MB),
    ),
}


if __name__ == "__main__":
    for name in sys.argv[2:] or _PARTS:
        row = _grown(name, int(sys.argv[1]))
        sys.stdout.write(f"{row.name}: {rounded(row.value)} {row.unit}\n")
