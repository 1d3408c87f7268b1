"""A backlog drained: how much faster than it came, and how long live windows wait meanwhile.

A real spool is filled as if the line had been down, then it is sent through a real Mosquitto into
the real ingest, in a process of its own, while the collector goes on committing live windows.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable
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
from tests.bench.row import Effort, Row

_DEVICES, _POINTS, _EVERY_S = 100, 10, 10
_LIVE_EVERY_S = 1.0
_PATIENCE_S = 900.0


def measure(effort: Effort) -> list[Row]:
    """How many times faster than real time, and the live windows' delay at p99."""
    # Two hours show the rate of 24: nothing of it depends on how much waits behind.
    hours = effort.pick(2.0, 0.02)
    ratio, delay = _run(hours)
    told = f"{hours:g} h of {_DEVICES} devices of {_POINTS} points every {_EVERY_S} s"
    return [
        Row(f"backlog drained: {told}", ratio, "× real time", "the limit", 20.0, 1),
        Row(f"live p99 meanwhile: {told}", delay, "s", "the limit", 2.0, 1),
    ]


def _run(hours: float) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = free_port()
        (folder / "gateway.toml").write_text(
            f'site = "{material.SITE}"\n[mqtt]\nurl = "mqtt://127.0.0.1:{port}"\n'
            '[journal]\nurl = "sqlite:///journal.db"\n',
            encoding="utf-8",
        )
        gateway = python("millprint.roots.server", "--config", str(folder), "--part", "gateway")
        household = Household(
            [broker(folder / "broker", port), Child("gateway", gateway, folder / "gateway.log")]
        )
        known = material.births(folder, _DEVICES, points=_POINTS, every_s=_EVERY_S)
        spool = Spool(
            folder / "a.spool", site=material.SITE, collector=material.COLLECTOR, max_mb=4096
        )
        for readings in material.windows(known, hours):
            spool.commit(readings, known, stamp(readings[-1].at))
        household.start()
        wait_for_port(port)
        try:
            return _drain(folder, port, spool, known, hours)
        finally:
            spool.close()
            household.stop()


def _drain(
    folder: Path, port: int, spool: Spool, known: dict[str, Birth], hours: float
) -> tuple[float, float]:
    uplink = Uplink(
        MqttSettings(f"mqtt://127.0.0.1:{port}"),
        spool,
        site=material.SITE,
        collector=material.COLLECTOR,
        births=known,
    )
    journal = folder / "journal.db"
    _until(journal.exists)
    uplink.start()
    _until(lambda: uplink.up)
    began = time.monotonic()
    delays = [_live(journal, spool, uplink, known)]
    while spool.waiting() > 2 * _DEVICES:
        assert time.monotonic() < began + _PATIENCE_S, "the backlog did not drain"
        time.sleep(_LIVE_EVERY_S)
        delays.append(_live(journal, spool, uplink, known))
    drained_s = time.monotonic() - began
    uplink.stop()
    return hours * 3600 / drained_s, _p99(delays)


def _p99(delays: list[float]) -> float:
    return sorted(delays)[int(0.99 * (len(delays) - 1))]


def _live(journal: Path, spool: Spool, uplink: Uplink, known: dict[str, Birth]) -> float:
    """From the commit of a live window until its last reading is in the journal. [s]"""
    now = datetime.now(UTC)
    now -= timedelta(microseconds=now.microsecond % 1000)
    readings = [_reading(birth, now) for birth in list(known.values())[: _DEVICES // 2]]
    began = time.monotonic()
    spool.commit(readings, known, stamp(now))
    uplink.committed()
    at = int(now.timestamp() * 1000)
    _until(lambda: _stored(journal, at) == len(readings))
    return time.monotonic() - began


def _reading(birth: Birth, now: datetime) -> Reading:
    values = {point.name: 1.5 for point in birth.points}
    return Reading(
        birth.device, now, ClockState.SYNCHRONISED, "b1", int(time.monotonic() * 1000), values
    )


def _stored(journal: Path, at: int) -> int:
    db = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    try:
        return int(db.execute("SELECT count(*) FROM recent WHERE at = ?", (at,)).fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # it is just being made
    finally:
        db.close()


def _until(fact: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not fact():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)
