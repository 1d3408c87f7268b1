"""The agent's CPU per point, memory and lateness, beside its peers.

All are processes of their own and poll the same simulated meters over real sockets, by turns. What
they cost is what the kernel says that their threads ran; what they read, and how late, is what the
meters say. The agent is the whole collector: quality, live messages, spool, uplink, and a gateway
that stores and acknowledges.
"""

import contextlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from millprint.broker import broker, free_port, wait_for_port
from millprint.children import python
from tests.bench import material, stand
from tests.bench.peers import PEERS, Peer
from tests.bench.processes import cpu_s, resident_mb
from tests.bench.row import Effort, Row
from tests.faults.oracle import forms

_SUBSCRIBES_S = 0.7  # after it has made its journal, the gateway only has to connect
_BARE = "bare pymodbus async, coalesced, and paho QoS 1"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one run of one contender showed, and how late one who only slept meanwhile woke up."""

    us_per_point: float
    resident_mb: float
    late_p99_ms: float
    points_s: float
    dozer_p99_ms: float


@dataclass(frozen=True, slots=True)
class _Hall:
    """What all contenders have in front of them, and how long they are watched."""

    folder: Path
    meters: stand.Meters
    units: int
    port: int
    commit_s: int
    watched_s: float
    settled_s: float

    @property
    def readings_s(self) -> int:
        """Readings a second that are asked for."""
        return len(self.meters.urls) * self.units


_Contender = Callable[[_Hall, Path], AbstractContextManager[Popen[str]]]


def measure(effort: Effort) -> list[Row]:
    """CPU a point, resident memory and lateness, beside each peer."""
    buses, units = effort.pick((10, 10), (2, 5))
    commit_s, watched_s, settled_s = effort.pick((5, 15.0, 10.0), (1, 1.0, 2.0))
    port = free_port()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        meters = stack.enter_context(stand.simulated(buses, units))
        stack.enter_context(stand.running(broker(folder / "broker", port).command, folder / "log"))
        wait_for_port(port)
        hall = _Hall(folder, meters, units, port, commit_s, watched_s, settled_s)
        return _rows(hall, effort)


def _rows(hall: _Hall, effort: Effort) -> list[Row]:
    missing = {peer.name: peer.missing(install=not effort.quick) for peer in PEERS}
    contenders: dict[str, _Contender] = {"": _agent, _BARE: _bare}
    contenders |= {peer.name: _of(peer) for peer in PEERS if not missing[peer.name]}
    runs: dict[str, list[_Seen]] = {name: [] for name in contenders}
    for turn in range(effort.runs):
        for number, (name, contender) in enumerate(contenders.items()):
            try:
                seen = _watched(hall, contender, hall.folder / f"run-{turn}-{number}")
            except TimeoutError:
                if name not in missing:
                    raise
                missing[name] = "not installed as it should be: it reads nothing"
            else:
                runs[name].append(seen)
    found = {name: _median(seen) for name, seen in runs.items() if seen}
    ours = found[""]
    dozer = "who only sleeps and wakes up, in the same seconds"
    what = f"cycles begin late at {_rate(hall)}, p99"
    rows = [Row(what, ours.late_p99_ms, "ms", dozer, ours.dozer_p99_ms, effort.runs)]
    for name in (_BARE, *missing):
        peer = found.get(name)
        said = f"{peer.points_s:,.0f} read" if peer else missing[name]
        rows += _compared(hall, ours, peer, f"{name}: {said}", effort.runs)
    return rows


def _compared(hall: _Hall, ours: _Seen, peer: _Seen | None, name: str, runs: int) -> list[Row]:
    rate = _rate(hall)
    asked = f"{rate} asked for, {ours.points_s:,.0f} read"
    what = (
        f"agent, {asked}, {hall.readings_s} devices in 4 reads a second: quality, live messages, "
        f"spool with {hall.commit_s} s commits, uplink, acknowledgement"
    )
    theirs = (peer.us_per_point, peer.resident_mb, peer.late_p99_ms) if peer else (None,) * 3
    return [
        Row(what, ours.us_per_point, "µs CPU/point", name, theirs[0], runs),
        Row(f"agent resident at {rate}", ours.resident_mb, "MB", name, theirs[1], runs),
        Row(f"cycles begin late at {rate}, p99", ours.late_p99_ms, "ms", name, theirs[2], runs),
    ]


def _rate(hall: _Hall) -> str:
    return f"{hall.readings_s * material.POINTS:,} points/s"


def _median(seen: list[_Seen]) -> _Seen:
    return _Seen(
        statistics.median(one.us_per_point for one in seen),
        statistics.median(one.resident_mb for one in seen),
        statistics.median(one.late_p99_ms for one in seen),
        statistics.median(one.points_s for one in seen),
        statistics.median(one.dozer_p99_ms for one in seen),
    )


def _watched(hall: _Hall, contender: _Contender, folder: Path) -> _Seen:
    with contender(hall, folder) as process:
        stand.until(lambda: hall.meters.asked().points > 0)
        time.sleep(hall.settled_s)
        hall.meters.asked()
        cpu = cpu_s(process.pid)
        dozer_p99_ms = stand.dozing(hall.watched_s)
        cpu, asked = cpu_s(process.pid) - cpu, hall.meters.asked()
        if not asked.points:
            raise TimeoutError("it began, and reads no more")
        return _Seen(
            cpu * 1e6 / asked.points,
            resident_mb(process.pid),
            max(asked.late_p99_ms, 0.001),
            asked.points / hall.watched_s,
            dozer_p99_ms,
        )


@contextlib.contextmanager
def _agent(hall: _Hall, folder: Path) -> Iterator[Popen[str]]:
    stand.configure(folder, hall.meters.urls, hall.units, hall.port, commit_s=hall.commit_s)
    config = ("--config", str(folder))
    gateway = python("millprint.roots.server", *config, "--part", "gateway")
    collector = python("millprint.roots.collector", *config)
    journal = folder / "var" / "journal.db"
    with contextlib.ExitStack() as stack:
        stack.enter_context(stand.running(gateway, folder / "gateway.log"))
        stand.until(journal.exists)
        time.sleep(_SUBSCRIBES_S)
        process = stack.enter_context(stand.running(collector, folder / "collector.log"))
        stand.until(lambda: _stored(journal) >= hall.readings_s)
        before = _stored(journal)
        yield process
        stand.until(lambda: _stored(journal) >= before + hall.readings_s * hall.watched_s)


def _bare(hall: _Hall, folder: Path) -> AbstractContextManager[Popen[str]]:
    arguments = (str(hall.port), str(hall.units), *hall.meters.urls)
    return stand.running(python("tests.bench.bare_agent", *arguments), folder.with_suffix(".log"))


def _of(peer: Peer) -> _Contender:
    @contextlib.contextmanager
    def running(hall: _Hall, folder: Path) -> Iterator[Popen[str]]:
        command = peer.command(folder, hall.meters.urls, hall.units, hall.port)
        with (
            peer.platform(hall.port),
            stand.running(command, folder / "peer.log") as process,
        ):
            yield process

    return running


def _stored(journal: Path) -> int:
    """Readings in the journal."""
    try:
        return len(forms(journal))
    except sqlite3.OperationalError:
        return 0  # it is just being made
