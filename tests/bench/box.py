"""Everything on one box: its memory, its processor, its cold start, and what it does when slowed.

Alone: ``python -m tests.bench.box MINUTES``. The processes are those that the services start, with
the broker that is installed; meters and a browser that looks at the hall are not counted.
"""

import contextlib
import json
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from millprint import children
from millprint.broker import broker, free_port, wait_for_port
from millprint.children import python
from tests.bench import material, share, stand
from tests.bench.processes import family, proportional_mb, spent_s
from tests.bench.row import Effort, Row, rounded
from tests.chromium import browsing
from tests.faults.oracle import forms

POINTS = 10
_PATIENCE_S = 60.0
_SETTLES_S = 60.0  # at a start every machine that no PLC speaks for is looked at
_QUARTER = 0.25
_MOST_MB, _MOST_PERCENT, _LONGEST_S = 130.0, 5.0, 5.0
_UNIT = Path(__file__).parents[2] / "deploy" / "systemd" / "millprint.service"
_ENVIRONMENT = re.findall(
    r"[A-Z_]+=\S+", "".join(re.findall(r"^Environment=(.*)", _UNIT.read_text(), re.M))
)
_METER = """maker = "Nobody"
model = "Box"
title = "A meter that exists in benchmarks only"
version = 1
source = "made up for measuring; no such device"
table = "holding"
order = "ABCD"
"""


@dataclass(slots=True)
class _Box:
    """A running box.

    Attributes:
        folder: Its configuration and data.
        pids: Its processes: the broker, and what keeps collector and server, with both.
        port: Where its pages are.
        key: Of one who may look at them.
    """

    folder: Path
    pids: list[int]
    port: int
    key: str

    def resident_mb(self) -> float:
        """Of all processes, what they share counted once. [MB]"""
        return self._all(proportional_mb)

    def spent_s(self) -> float:
        """Processor that all of them have used. [s]"""
        return self._all(spent_s)

    def _all(self, of: Callable[[int], float]) -> float:
        total = 0.0
        for pid in family(self.pids):
            with contextlib.suppress(OSError, StopIteration):  # one that is just ending
                total += of(pid)
        return total

    def stored(self) -> int:
        """Readings in the journal that hold values."""
        journal = self.folder / "var" / "journal.db"
        try:
            return sum(bool(form.get("values")) for form in forms(journal))
        except sqlite3.OperationalError:
            return 0  # it is not there yet, or just being made

    def values(self, quality: str) -> int:
        """Values of that quality, as the collector tells Prometheus."""
        text = (self.folder / "var" / "a.prom").read_text(encoding="utf-8")
        found = re.findall(rf'quality="{quality}",reason="[^"]*"}} (\d+)', text)
        return sum(int(number) for number in found)


def measure(effort: Effort, watched_s: float = 240.0) -> list[Row]:
    """Memory, processor, cold start, and values read with a quarter of a core."""
    lines, units = effort.pick((10, 10), (1, 3))
    watched_s, slowed_s, every_s = effort.pick((watched_s, 60.0, 10), (3.0, 4.0, 1))
    what = f"one box, broker included: {lines * units} devices of {POINTS} points"
    with _meters(lines, units) as urls:
        settles_s = effort.pick(_SETTLES_S, 2.0)
        with _running(urls, units, every_s) as box:
            seen = _watched(box, watched_s, settles_s)
        cold = [_cold(urls, units) for _ in range(effort.runs)]
        read = _slowed(urls, units, every_s, slowed_s)
    during = f"{what} every {every_s} s and a page open, {watched_s:.0f} s"
    shared = "shared pages counted once"
    return [
        Row(f"{during}: resident, {shared}", seen.usual_mb, "MB", "budget", _MOST_MB, 1),
        Row(
            f"{during}: the most of it, with the sealer", seen.most_mb, "MB", "budget", _MOST_MB, 1
        ),
        Row(f"{during}: of one core", seen.percent, "%", "budget", _MOST_PERCENT, 1),
        Row(
            f"{what} every second: cold start to the first stored reading",
            sorted(cold)[len(cold) // 2],
            "s",
            "budget",
            _LONGEST_S,
            effort.runs,
        ),
        Row(
            f"{what} every {every_s} s, with a quarter of a core from its start, {slowed_s:.0f} s: "
            "values that were not shed",
            read,
            "share",
            "all",
            1.0,
            1,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a box took: memory as a rule and at most, and the share of a core."""

    usual_mb: float
    most_mb: float
    percent: float


def _watched(box: _Box, watched_s: float, settles_s: float) -> _Seen:
    _until(lambda: box.stored() > 0)
    with _looked_at(box):
        time.sleep(settles_s)
        began, spent, taken = time.monotonic(), box.spent_s(), []
        while time.monotonic() - began < watched_s:
            time.sleep(1.0)
            taken.append(box.resident_mb())
        spent, took = box.spent_s() - spent, time.monotonic() - began
    return _Seen(statistics.median(taken), max(taken), 100 * spent / took)


def _cold(urls: list[str], units: int) -> float:
    """From the first process to the first stored reading of meters read every second. [s]"""
    began = time.monotonic()
    with _running(urls, units, 1) as box:
        _until(lambda: box.stored() > 0)
        return time.monotonic() - began


def _slowed(urls: list[str], units: int, every_s: int, slowed_s: float) -> float:
    """Share of the values that were due and not shed, with a quarter of a core."""
    with share.of_a_core(_QUARTER) as held, _running(urls, units, every_s, held) as box:
        _until(lambda: box.stored() > 0)
        time.sleep(slowed_s)
        kept = sum(box.values(quality) for quality in ("good", "uncertain", "bad"))
        return kept / (kept + box.values("shed"))


@contextlib.contextmanager
def _running(
    urls: list[str], units: int, every_s: int, within: Sequence[str] = ()
) -> Iterator[_Box]:
    """A box, configured and started; `within` stands before its commands."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder, mqtt, http = Path(name), free_port(), free_port()
        key = _configure(folder, _lines(urls, units, every_s), mqtt, http)
        ours = python("millprint", "run", "--config", name)
        pids = []
        for command in (broker(folder / "broker", mqtt).command, ours):
            process = children.start([*within, "env", *_ENVIRONMENT, *command], log=folder / "log")
            stack.callback(process.wait, timeout=_PATIENCE_S)
            stack.callback(process.terminate)
            pids.append(process.pid)
            wait_for_port(mqtt)
        yield _Box(folder, pids, http, key)


@contextlib.contextmanager
def _looked_at(box: _Box) -> Iterator[None]:
    """A browser that shows the hall."""
    with browsing() as browser:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{box.port}/#/?key={box.key}")
        page.wait_for_selector("[data-testid=machine]")
        yield


@contextlib.contextmanager
def _meters(lines: int, units: int) -> Iterator[list[str]]:
    command = python("tests.bench.simulator", str(lines), str(units))
    process = children.start(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _lines(urls: list[str], units: int, every_s: int) -> str:
    """The buses and devices."""
    tables = [f'[buses.line-{at}]\nurl = "{url}"\n' for at, url in enumerate(urls)]
    tables += [
        f'[devices.{_name(line, unit)}]\nbus = "line-{line}"\nunit = {unit}\n'
        f'profile = "box-meter"\nevery = "{every_s}s"\n'
        for line in range(len(urls))
        for unit in range(1, units + 1)
    ]
    return "\n".join(tables)


def _name(line: int, unit: int) -> str:
    return f"meter-{line}-{unit}"


def _configure(folder: Path, lines: str, mqtt: int, http: int) -> str:
    """Write a whole site; the key of one who may look at it."""
    head = f'site = "{material.SITE}"\n'
    url = f'[mqtt]\nurl = "mqtt://127.0.0.1:{mqtt}"\n'
    devices = re.findall(r"\[devices\.(.+)\]", lines)
    written = {
        "profiles/box-meter.toml": _METER + "".join(map(_point, range(POINTS))),
        "collector.toml": f'{head}collector = "box-a"\n{url}[spool]\npath = "var/a.spool"\n'
        f'[metrics]\nfile = "var/a.prom"\n{lines}',
        "gateway.toml": f'{head}{url}[journal]\nurl = "sqlite:///var/journal.db"\n',
        "api.toml": f'[http]\nport = {http}\n[books]\nurl = "sqlite:///var/books.db"\n',
        "plant/2026-01-01.toml": _plant(devices),
    }
    (folder / "var").mkdir()
    for name, text in written.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return stand.key_of(folder / "var/books.db")


def _plant(devices: Sequence[str]) -> str:
    """A main meter, and a machine for every four others."""
    main, *others = devices
    tables = [
        f'[site]\nid = "{material.SITE}"\ntimezone = "Asia/Shanghai"\nregion = "CN-ZJ"\n'
        f'[supplies.grid]\ncarrier = "electricity"\nmeter = "{main}.energy_import_kwh"\n'
    ]
    tables += [
        f'[machines.jet-{at}]\nprocess = "dyeing-exhaust"\n'
        f'electricity = "{device}.energy_import_kwh"\n'
        for at, device in enumerate(others[::4])
    ]
    return "".join(tables)


def _point(number: int) -> str:
    """A counter first, and gauges."""
    named, kind, unit = (
        ("energy_import_kwh", "counter", "kWh") if number == 0 else (f"l{number}_kw", "gauge", "kW")
    )
    return (
        f'\n[points.{named}]\nkind = "{kind}"\naddress = {material.addresses()[number]}\n'
        f'type = "float32"\nunit = "{unit}"\nconfidence = "invented"\n'
    )


def _until(fact: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not fact():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


if __name__ == "__main__":
    for row in measure(Effort(3), watched_s=60 * float(sys.argv[1])):
        sys.stdout.write(f"{row.name}: {rounded(row.value)} {row.unit}\n")
