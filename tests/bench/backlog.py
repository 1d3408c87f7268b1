"""A backlog drained: how much faster than it came, and how long live windows wait meanwhile.

A real spool is filled as if the line had been down, then it is sent through a real Mosquitto into
the real ingest, in a process of its own, while the collector goes on committing live windows.

``python -m tests.bench.backlog HOURS DEVICES`` measures another backlog than the default.
"""

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collector.mqtt import MqttSettings
from collector.spool import Spool
from collector.uplink import Uplink
from collector.wire.birth import Birth
from collector.wire.reading import ClockState, Reading, stamp
from millprint.broker import broker, free_port, wait_for_port
from millprint.children import Child, Household, python
from tests.bench import material
from tests.bench.processes import resident_mb
from tests.bench.row import Effort, Row, rounded

_POINTS, _EVERY_S = 10, 10
_LIVE_EVERY_S = 1.0
_LEAST_LIVE = 50  # windows: of fewer there is no p99
_PATIENCE_S = 3600.0
_SUBSCRIBES_S = 0.7  # after it has made its journal, the gateway only has to connect


@dataclass(slots=True)
class _Drain:
    """What was seen while a backlog drained.

    Attributes:
        took_s: From the first connection until nothing of it waited. [s]
        delays: Of each live window, from its commit until it was in the journal. [s]
        collector: Resident memory of its process: before, and after each live window. [MB]
        server: Likewise, of its own.
    """

    took_s: float = 0.0
    delays: list[float] = field(default_factory=list)
    collector: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)

    def note(self, server: int) -> None:
        """Note what both processes take now."""
        self.collector.append(resident_mb(os.getpid()))
        self.server.append(resident_mb(server))

    @property
    def p99_s(self) -> float:
        """The delay that one live window in a hundred exceeds. [s]"""
        return sorted(self.delays)[int(0.99 * (len(self.delays) - 1))]


def measure(effort: Effort) -> list[Row]:
    """How many times faster than real time, live windows' delay at p99, and memory."""
    # Half a day shows the rate of a whole one: nothing of it depends on how much waits behind.
    hours, devices = effort.pick((12.0, 15), (0.02, 15))
    return _rows(hours, devices, least_live=effort.pick(_LEAST_LIVE, 1))


def _rows(hours: float, devices: int, *, least_live: int) -> list[Row]:
    drain = _run(hours, devices, least_live)
    told = f"{hours:g} h of {devices} devices of {_POINTS} points every {_EVERY_S} s"
    ratio = hours * 3600 / drain.took_s
    windows = len(drain.delays)
    return [
        Row(f"backlog drained: {told}", ratio, "× real time", "the limit", 20.0, 1),
        Row(f"live p99 meanwhile: {windows} windows", drain.p99_s, "s", "the limit", 2.0, 1),
        _memory("collector", drain.collector),
        _memory("server", drain.server),
    ]


def _memory(whose: str, seen: list[float]) -> Row:
    half = seen[len(seen) // 2]
    told = f"{seen[0]:.0f} MB before, {half:.0f} at half, {seen[-1]:.0f} after"
    return Row(f"{whose}'s memory at its peak meanwhile, {told}", max(seen), "MB", "half", half, 1)


def _run(hours: float, devices: int, least_live: int) -> _Drain:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = free_port()
        (folder / "gateway.toml").write_text(
            f'site = "{material.SITE}"\n[mqtt]\nurl = "mqtt://127.0.0.1:{port}"\n'
            '[journal]\nurl = "sqlite:///journal.db"\n',
            encoding="utf-8",
        )
        part = python("millprint.roots.server", "--config", str(folder), "--part", "gateway")
        gateway = Child("gateway", part, folder / "gateway.log")
        household = Household([broker(folder / "broker", port), gateway])
        known = material.births(folder, devices, points=_POINTS, every_s=_EVERY_S)
        _fill(folder / "a.spool", known, hours)
        spool = _spool(folder / "a.spool")
        household.start()
        wait_for_port(port)
        try:
            return _drain(folder / "journal.db", port, spool, known, least_live, gateway)
        finally:
            spool.close()
            household.stop()


def _spool(path: Path) -> Spool:
    return Spool(path, site=material.SITE, collector=material.COLLECTOR, max_mb=4096)


def _fill(path: Path, known: dict[str, Birth], hours: float) -> None:
    """Commit all windows of so many hours; in memory, since that is not what is measured."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        spool = _spool(Path(name) / path.name)
        for readings in material.windows(known, hours):
            if readings:
                spool.commit(readings, known, stamp(readings[-1].at))
        spool.close()
        shutil.move(Path(name) / path.name, path)


def _drain(
    journal: Path,
    port: int,
    spool: Spool,
    known: dict[str, Birth],
    least_live: int,
    gateway: Child,
) -> _Drain:
    uplink = Uplink(
        MqttSettings(f"mqtt://127.0.0.1:{port}"),
        spool,
        site=material.SITE,
        collector=material.COLLECTOR,
        births=known,
    )
    _until(journal.exists)
    time.sleep(_SUBSCRIBES_S)
    assert gateway.process is not None
    drain, server = _Drain(), gateway.process.pid
    drain.note(server)
    backlog = spool.newest
    uplink.start()
    _until(lambda: uplink.up)
    began = time.monotonic()
    while not drain.took_s or len(drain.delays) < least_live:
        assert time.monotonic() < began + _PATIENCE_S, "the backlog did not drain"
        drain.delays.append(_live(journal, spool, uplink, known))
        drain.note(server)
        if not drain.took_s and _has(journal, 1, backlog):
            drain.took_s = time.monotonic() - began
        time.sleep(_LIVE_EVERY_S)
    uplink.stop()
    return drain


def _live(journal: Path, spool: Spool, uplink: Uplink, known: dict[str, Birth]) -> float:
    """From the commit of a live window until its last reading is in the journal. [s]"""
    now = datetime.now(UTC)
    now -= timedelta(microseconds=now.microsecond % 1000)
    readings = [_reading(birth, now) for birth in known.values()]
    before, began = spool.newest, time.monotonic()
    spool.commit(readings, known, stamp(now))
    uplink.committed()
    _until(lambda: _has(journal, before + 1, spool.newest))
    return time.monotonic() - began


def _has(journal: Path, first: int, last: int) -> bool:
    """Whether the journal accounts for all these numbers of the only epoch."""
    db = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    try:
        asked = "SELECT count(*) FROM accounted WHERE first <= ? AND last >= ?"
        return bool(db.execute(asked, (first, last)).fetchone()[0])
    finally:
        db.close()


def _reading(birth: Birth, now: datetime) -> Reading:
    values = {point.name: 1.5 for point in birth.points}
    return Reading(
        birth.device, now, ClockState.SYNCHRONISED, "b1", int(time.monotonic() * 1000), values
    )


def _until(fact: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not fact():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


if __name__ == "__main__":
    for row in _rows(float(sys.argv[1]), int(sys.argv[2]), least_live=1):
        sys.stdout.write(f"{row.name}: {rounded(row.value)} {row.unit}\n")
