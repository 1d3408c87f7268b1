"""Pages: what twenty cost a server with two hundred machines, and how soon a year is drawn."""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from collector.spool import Spool
from collector.wire import topics
from collector.wire.birth import Birth, Point
from collector.wire.reading import ClockState, Kind, Reading, stamp
from gateway.journal import Arrival
from tests.api.given import COLLECTOR, SITE, START, World, world
from tests.bench.row import Effort, Row
from tests.browser.serving import served

MACHINES = 200
"""So many stand in the hall."""
_PAGES = 20
_EVERY_S = {"/machines": 0.9, "/problems": 15.0, "/health": 10.0}
_POINTS = (
    Point("energy_import_kwh", "kWh", Kind.COUNTER),
    Point("power_kw", "kW", Kind.GAUGE),
)
_PLC = (Point("batch_id", "", Kind.TEXT), Point("machine_state", "", Kind.STATE))
_READERS = """
import json, sys, threading, time, urllib.request
origin, key, seconds, pages, every = json.loads(sys.argv[1])
def page():
    end = time.monotonic() + seconds
    due = {path: time.monotonic() for path in every}
    while (now := time.monotonic()) < end:
        path = min(due, key=due.get)
        time.sleep(max(0, due[path] - now))
        ask = urllib.request.Request(origin + path, headers={
            "Authorization": f"Bearer {key}", "Accept-Encoding": "gzip"})
        with urllib.request.urlopen(ask) as answer:
            answer.read()
        due[path] = time.monotonic() + every[path]
threads = [threading.Thread(target=page) for _ in range(pages)]
for one in threads:
    one.start()
    time.sleep(every["/machines"] / pages)
for one in threads:
    one.join()
"""


def measure(effort: Effort) -> list[Row]:
    """CPU of the pages' server, and the slowest answer of a long curve."""
    machines, days = effort.pick(MACHINES, 10), effort.pick(365, 3)
    with tempfile.TemporaryDirectory() as folder:
        percent = _cpu_percent(Path(folder), effort.pick(30, 2), machines)
        slowest, first = _curves(Path(folder), days)
    return [
        Row(
            f"{_PAGES} open halls, {machines} machines: the server's CPU",
            percent,
            "% of a core",
            "what it may cost",
            10.0,
            1,
        ),
        Row(
            f"a curve over {days} days of 10 s readings over HTTP, the slowest of its zooms",
            slowest,
            "ms",
            "what it may take",
            300.0,
            1,
        ),
        Row(
            f"the same {days} days: the first answer, before anything was outlined",
            first,
            "ms",
            "the slowest of its zooms",
            slowest,
            1,
        ),
    ]


def _cpu_percent(folder: Path, seconds: float, machines: int) -> float:
    mill = hall(folder / "hall", machines)
    with served(mill) as (origin, key):
        ask = urllib.request.Request(
            f"{origin}/api/v1/machines", headers={"Authorization": f"Bearer {key}"}
        )
        urllib.request.urlopen(ask).read()  # the first answer computes what later ones know
        given = [f"{origin}/api/v1", key, seconds, _PAGES, _EVERY_S]
        began, cpu = time.monotonic(), time.process_time()
        subprocess.run([sys.executable, "-c", _READERS, json.dumps(given)], check=True)
        spent, took = time.process_time() - cpu, time.monotonic() - began
    mill.close()
    return 100 * spent / took


def hall(folder: Path, machines: int) -> World:
    """A mill of so many machines, each with a meter and a PLC that have been read for an hour."""
    plant = '[site]\nid = "keqiao"\ntimezone = "Asia/Shanghai"\nregion = "CN-ZJ"\n'
    for n in range(machines):
        plant += (
            f'[machines.m-{n:03}]\nprocess = "dyeing-exhaust"\nline = "line-{n // 20}"\n'
            f'electricity = "m-{n:03}-power.energy_import_kwh"\nbatch = "m-{n:03}-plc.batch_id"\n'
            f'running = "m-{n:03}-plc.machine_state"\n'
        )
    meters = ", ".join(f'"m-{n:03}-power.energy_import_kwh"' for n in range(machines))
    plant += f'[supplies.grid]\ncarrier = "electricity"\nmeters = [{meters}]\n'
    mill = world(folder / "config", plant, checked=False)
    births = {}
    for n in range(machines):
        for device, points in ((f"m-{n:03}-power", _POINTS), (f"m-{n:03}-plc", _PLC)):
            births[device] = Birth(device, "bench", 1, 60_000, "1", "1", points)
    for minute in range(0, 60, 5):
        _sends(mill, [_reading(device, minute * 60) for device in births], births)
    mill.clock[0] = START + timedelta(minutes=60)
    mill.closes_its_books()
    return mill


def _reading(device: str, second: int) -> Reading:
    at = START + timedelta(seconds=second)
    values: dict[str, int | float | str | bool] = {
        "batch_id": f"B{device[2:5]}",
        "machine_state": 2,
    }
    if device.endswith("power"):
        values = {"energy_import_kwh": second / 100, "power_kw": 20.0 + second % 37}
    return Reading(device, at, ClockState.SYNCHRONISED, "b0", second * 1000 + 10**6, values, {}, {})


def _sends(mill: World, readings: list[Reading], births: dict[str, Birth]) -> None:
    before = mill.spool.newest
    mill.spool.commit(readings, births, stamp(START))
    waiting = mill.spool.next_after(before, 10**6)
    arrivals = [Arrival(topics.parse(m.topic), m.topic, m.payload) for m in waiting]
    mill.writer.store(arrivals, max(one.at for one in readings))


def _curves(folder: Path, days: int) -> tuple[float, float]:
    """The slowest answer of all zooms once the days are outlined, and the first one. [ms]"""
    mill = hall(folder / "year", 1)
    device = "m-000-power"
    births = {device: Birth(device, "bench", 1, 10_000, "1", "1", _POINTS)}
    spool = Spool(folder / "year.spool", site=SITE, collector=f"{COLLECTOR}-y", max_mb=20_000)
    mill.spool = spool
    for day in range(days):
        seconds = range(3600 + day * 86_400, 3600 + (day + 1) * 86_400, 10)
        _sends(mill, [_reading(device, second) for second in seconds], births)
        mill.writer.pack(START + timedelta(days=day))
    end = START + timedelta(days=days)
    mill.clock[0] = end
    outline = mill.service.outline
    with served(mill) as address:
        first = _asked_ms(address, end, days)
        outline.finish()
        zooms = [days, days / 2, 30, 7, 1.5, 1, 0.25, 1 / 24, 1 / 1440]
        slowest = max(_asked_ms(address, end, zoom) for zoom in zooms)
        outline.finish()
    spool.close()
    mill.close()
    return slowest, first


def _asked_ms(address: tuple[str, str], end: datetime, days: float) -> float:
    origin, key = address
    asked = {"from": stamp(end - timedelta(days=days)), "to": stamp(end), "most": "900"}
    ask = urllib.request.Request(
        f"{origin}/api/v1/points/m-000-power.power_kw/curve?{urlencode(asked)}",
        headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "gzip"},
    )
    began = time.perf_counter()
    with urllib.request.urlopen(ask) as answer:
        answer.read()
    return (time.perf_counter() - began) * 1000
