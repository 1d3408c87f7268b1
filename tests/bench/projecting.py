"""Projecting: the journal into InfluxDB and VictoriaMetrics, against the same lines ready-made.

100 devices of 10 points, a reading a minute. The peer sends the very lines that the projection
makes, from memory, in bodies of the same size, to the same server in the same run.

``python -m tests.bench.projecting HOURS`` follows so many hours of the mill once, and says how
memory stood at each quarter.
"""

import hashlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from collector.wire import chain, topics
from collector.wire.reading import stamp
from gateway.journal import Arrival, Journal
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from gateway.projecting.follower import Follower
from gateway.projecting.kept import Kept
from gateway.projecting.tags import Tags
from gateway.projections import Engine, names
from tests.bench import material
from tests.bench.processes import resident_mb
from tests.bench.row import Effort, Row, rounded
from tests.stores.engines import Server

_DEVICES, _POINTS = 100, 10
_HOUR = timedelta(hours=1)
_MINUTES = 60
_LEAST_MB = 0.001
_BIRTH = "0" * 32
_BODY = 4 << 20


def measure(effort: Effort) -> list[Row]:
    """Points a second into each engine, and what stays in memory meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = _filled(folder / "journal.db", effort.pick(24, 1))
        runs: list[list[float]] = []
        rows = [_speed(effort, journal, folder, engine, runs) for engine in names()]
    return [*rows, _memory(runs)]


def _speed(
    effort: Effort, journal: Journal, folder: Path, name: str, runs: list[list[float]]
) -> Row:
    lines = b"".join(_lines(journal, folder))
    server = Server(name, folder / name)
    sites = iter(range(10**6))
    server.engine(material.SITE).check()

    def ours() -> float:
        engine = server.engine(f"ours-{next(sites)}")
        resident: list[float] = []
        runs.append(resident)
        began = time.perf_counter()
        sent = 0
        for step in _steps(journal, engine, folder):
            sent += step
            resident.append(resident_mb(os.getpid()))
        return sent / (time.perf_counter() - began)

    def peers() -> float:
        site = f"site=peer-{next(sites)}".encode()
        engine = server.engine()
        bodies = list(_bodies(lines.replace(b"site=recorded", site)))
        began = time.perf_counter()
        for body in bodies:
            engine.write(body)
        return lines.count(b"\n") / (time.perf_counter() - began)

    try:
        value, peer_value = effort.medians(ours, peers)
    finally:
        server.kill()
    return Row(
        f"projected into {name}: {_DEVICES} devices of {_POINTS} points at 60 s, a line a point",
        value,
        "points/s",
        "the same lines, ready-made, to the same server: its line-protocol ceiling",
        peer_value,
        effort.runs,
    )


def _memory(runs: list[list[float]]) -> Row:
    return Row(
        "projecting: growth of memory over the second half of a run",
        max(_LEAST_MB, *map(_grown, runs)),
        "MB",
        "one request's lines, of which one more may be held at a time",
        _BODY / 1e6,
        len(runs),
    )


def _grown(resident: list[float]) -> float:
    """Between the beginning of the second half and its end. [MB]"""
    half = resident[len(resident) // 2 :]
    quarter = max(1, len(half) // 4)
    return statistics.median(half[-quarter:]) - statistics.median(half[:quarter])


def _steps(journal: Journal, engine: Engine, folder: Path) -> Iterator[int]:
    """Numbers that each page of the follower sends, from the journal's beginning."""
    site = engine.target.rpartition(" ")[2]
    follower = Follower(journal, engine, Tags(site), Kept(Sqlite(folder / "journal.db")))
    while (sent := follower.step()) is not None:
        yield sent


def _lines(journal: Journal, folder: Path) -> list[bytes]:
    """All lines that the projection makes."""
    recorder = _Recorder()
    for _ in _steps(journal, recorder, folder):  # type: ignore[arg-type]
        pass
    return recorder.bodies


class _Recorder:
    """Takes lines and keeps them."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.target = f"recorder {time.monotonic_ns()} recorded"

    def write(self, lines: bytes) -> None:
        """Keep them."""
        self.bodies.append(lines)


def _bodies(lines: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(lines):
        end = lines.find(b"\n", min(len(lines) - 1, at + _BODY)) + 1
        yield lines[at : end or len(lines)]
        at = end or len(lines)


def _filled(path: Path, hours: int) -> Journal:
    """A journal of so many hours of the mill, packed."""
    writer = Writer(Sqlite(path), site=material.SITE)
    agent = _Agent()
    for hour in range(hours):
        end = material.START + (hour + 1) * _HOUR
        writer.store(agent.hour(hour), end)
        while writer.pack(end):
            pass
    writer.close()
    return Reader(Sqlite(path))


class _Agent:
    """Makes an hour's messages of every device, numbered and chained as an agent does."""

    def __init__(self) -> None:
        self._made = 0
        self._h = chain.genesis(material.SITE, material.COLLECTOR, "e")

    def hour(self, hour: int) -> list[Arrival]:
        """One message a device."""
        begins = material.START + hour * _HOUR
        stamps = [stamp(begins + timedelta(minutes=minute)) for minute in range(_MINUTES)]
        return [self._message(f"meter-{number:03d}", stamps) for number in range(_DEVICES)]

    def _message(self, device: str, stamps: list[str]) -> Arrival:
        sent = []
        for at in stamps:
            self._made += 1
            n = self._made
            values = ",".join(f'"p{p:02d}_kwh":{n * (p + 1)}.25' for p in range(_POINTS))
            tail = f'"seq":{n},"up_ms":{n},"values":{{{values}}}}}'
            form = f'{{"at":"{at}","birth":"{_BIRTH}","boot":"b0","clock":"S","device":"{device}",'
            self._h = hashlib.sha256(self._h + (form + tail).encode()).digest()
            h = chain.encode_hash(self._h)
            sent.append(f'{{"at":"{at}","boot":"b0","clock":"S","h":"{h}",{tail}')
        topic = topics.readings(material.SITE, material.COLLECTOR, device)
        payload = f'{{"birth":"{_BIRTH}","epoch":"e","readings":[{",".join(sent)}],"v":1}}'
        return Arrival(topics.parse(topic), topic, payload.encode())


def _long(hours: int) -> None:
    """Follow so many hours once, and say how memory stood."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = _filled(folder / "journal.db", hours)
        for engine in names():
            server = Server(engine, folder / engine)
            server.engine(material.SITE).check()
            resident, sent, began = [resident_mb(os.getpid())], 0, time.perf_counter()
            for step in _steps(journal, server.engine(material.SITE), folder):
                sent += step
                resident.append(resident_mb(os.getpid()))
            took = time.perf_counter() - began
            quarters = [resident[len(resident) * part // 4 - 1] for part in (1, 2, 3, 4)]
            told = ", ".join(f"{one:.1f}" for one in quarters)
            sys.stdout.write(
                f"{engine}: {sent:,} values, {rounded(sent / took):,.0f} points/s; resident "
                f"{resident[0]:.1f} MB before, {told} MB at each quarter; server "
                f"{resident_mb(server.pid):.0f} MB\n"
            )
            server.kill()


if __name__ == "__main__":
    _long(int(sys.argv[1]))
