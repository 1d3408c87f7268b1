"""The agent's CPU per point and its memory, against pymodbus and paho with nothing between.

Both are processes of their own and poll the same simulated meters over real sockets, by turns;
what they cost is what the kernel says that their threads ran. The agent is the whole collector:
quality, live messages, spool, uplink, and a gateway that stores and acknowledges.
"""

import contextlib
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from millprint.broker import broker, free_port, wait_for_port
from millprint.children import python
from tests.bench import material, stand
from tests.bench.processes import cpu_s, resident_mb
from tests.bench.row import Effort, Row
from tests.faults.oracle import forms

_SUBSCRIBES_S = 0.7  # after it has made its journal, the gateway only has to connect


@dataclass(slots=True)
class _Line:
    """What both agents have in front of them, and how long they are watched."""

    urls: list[str]
    units: int
    port: int
    commit_s: int
    watched_s: float
    resident: list[tuple[float, float]] = field(default_factory=list)

    @property
    def readings_s(self) -> int:
        """Readings a second that are asked for."""
        return len(self.urls) * self.units


def measure(effort: Effort) -> list[Row]:
    """CPU a point, and resident memory at that rate."""
    buses, units = effort.pick((10, 10), (2, 5))
    commit_s, watched_s = effort.pick((5, 15.0), (1, 1.0))
    with tempfile.TemporaryDirectory() as name, stand.simulated(buses, units) as urls:
        folder = Path(name)
        port = free_port()
        with stand.running(broker(folder / "broker", port).command, folder / "broker.log"):
            wait_for_port(port)
            line = _Line(urls, units, port, commit_s, watched_s)
            turns: Iterator[int] = iter(range(effort.runs))
            value, peer_value = effort.medians(
                lambda: _agent(folder / f"run-{next(turns)}", line), lambda: _bare(folder, line)
            )
    rate = f"{line.readings_s * material.POINTS:,} points/s"
    ours = sorted(mb for mb, _ in line.resident)
    peers = sorted(mb for _, mb in line.resident if mb)
    return [
        Row(
            f"agent at {rate}, {line.readings_s} devices in 4 reads a second: quality, live "
            f"messages, spool with {commit_s} s commits, uplink, acknowledgement",
            value,
            "µs CPU/point",
            "bare pymodbus async, coalesced, and paho QoS 1, same simulator",
            peer_value,
            effort.runs,
        ),
        Row(
            f"agent resident at {rate}",
            ours[len(ours) // 2],
            "MB",
            "bare pymodbus and paho at the same rate",
            peers[len(peers) // 2],
            effort.runs,
        ),
    ]


def _agent(folder: Path, line: _Line) -> float:
    """CPU of the collector's process a point. [µs]"""
    stand.configure(folder, line.urls, line.units, line.port, commit_s=line.commit_s)
    config = ("--config", str(folder))
    gateway = python("millprint.roots.server", *config, "--part", "gateway")
    collector = python("millprint.roots.collector", *config)
    journal = folder / "var" / "journal.db"
    with contextlib.ExitStack() as stack:
        stack.enter_context(stand.running(gateway, folder / "gateway.log"))
        stand.until(journal.exists)
        time.sleep(_SUBSCRIBES_S)
        process = stack.enter_context(stand.running(collector, folder / "collector.log"))
        stand.until(lambda: _stored(journal, 0) >= line.readings_s * line.commit_s)
        began, cpu = datetime.now(UTC), cpu_s(process.pid)
        time.sleep(line.watched_s)
        ended, cpu = datetime.now(UTC), cpu_s(process.pid) - cpu
        line.resident.append((resident_mb(process.pid), 0.0))
        stand.until(lambda: _stored(journal, _ms(ended)) >= line.readings_s)
        readings = _stored(journal, _ms(began)) - _stored(journal, _ms(ended))
    return cpu * 1e6 / (readings * material.POINTS)


def _bare(folder: Path, line: _Line) -> float:
    """CPU of the peer's process a point. [µs]"""
    arguments = (str(line.port), str(line.units), *line.urls)
    command = python("tests.bench.bare_agent", *arguments)
    with stand.running(command, folder / "bare.log", listen=True) as process:
        stand.until(lambda: _ready(process.pid))
        time.sleep(min(line.watched_s, 3.0))
        points, cpu = _said(process), cpu_s(process.pid)
        time.sleep(line.watched_s)
        points, cpu = _said(process) - points, cpu_s(process.pid) - cpu
        line.resident.append((line.resident[-1][0], resident_mb(process.pid)))
    return cpu * 1e6 / points


def _said(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGUSR1)
    assert process.stdout is not None
    return int(process.stdout.readline())


def _ready(pid: int) -> bool:
    """Whether it catches SIGUSR1 already."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:"))
    return bool(caught >> (signal.SIGUSR1 - 1) & 1)


def _stored(journal: Path, since_ms: int) -> int:
    """Readings in the journal from an instant on."""
    if not journal.exists():
        return 0
    try:
        found = forms(journal)
    except sqlite3.OperationalError:
        return 0  # it is just being made
    return sum(_ms(datetime.fromisoformat(form["at"])) >= since_ms for form in found)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
