"""A thousand meters: 50,000 points a second, read, spooled, sent and stored, by one processor.

The collector alone has a processor to itself; the meters, the broker and the gateway share what
else there is. That it holds is said by the meters, which count what they are asked for, and by
the collector's own counts: every slot came and none was left out.
"""

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from millprint.broker import broker, free_port, wait_for_port
from millprint.children import python
from tests.bench import material, stand
from tests.bench.processes import cpu_s, resident_mb
from tests.bench.row import Effort, Row

_METRICS = '\n[metrics]\nfile = "var/metrics.prom"\n'
_TOLD = re.compile(r'^millprint_values_total\{.*quality="(\w+)".*\} (\d+)$', re.MULTILINE)


def measure(effort: Effort) -> list[Row]:
    """What is read of what is asked for, and what of one processor that takes."""
    buses, units = effort.pick((100, 10), (4, 5))
    settled_s, watched_s = effort.pick((20.0, 20.0), (3.0, 2.0))
    rate = buses * units * material.POINTS
    with tempfile.TemporaryDirectory() as name, _watched(Path(name), buses, units) as hall:
        meters, collector, metrics = hall
        time.sleep(settled_s)
        meters.asked()
        before, begun = _told(metrics), time.monotonic()
        cpu = cpu_s(collector)
        time.sleep(watched_s)
        cpu, asked = cpu_s(collector) - cpu, meters.asked()
        passed_s = time.monotonic() - begun
        after, resident = _told(metrics), resident_mb(collector)
    due = sum(after.values()) - sum(before.values())
    good = after["good"] - before["good"]
    what = f"agent on one processor, {rate:,} points/s asked for"
    return [
        Row(f"{what}: read", asked.points / passed_s, "points/s", "all of them", rate, 1),
        Row(f"{what}: good of what was due, by its own counts", good, "values", "due", due, 1),
        Row(f"{what}: its processor", 100 * cpu / passed_s, "%", "the whole of it", 100, 1),
        Row(f"{what}: resident", resident, "MB", "the budget at 5,000 points/s", 45, 1),
    ]


@contextlib.contextmanager
def _watched(folder: Path, buses: int, units: int) -> Iterator[tuple[stand.Meters, int, Path]]:
    """The meters, the collector's process and where it says how it goes."""
    port, (own, *others) = free_port(), sorted(os.sched_getaffinity(0), reverse=True)
    with contextlib.ExitStack() as stack:
        elsewhere = _on(others or [own])
        meters = stack.enter_context(stand.simulated(buses, units))
        os.sched_setaffinity(meters.process.pid, others or [own])
        message_broker = broker(folder / "broker", port).command
        stack.enter_context(stand.running([*elsewhere, *message_broker], folder / "log"))
        wait_for_port(port)
        stand.configure(folder, meters.urls, units, port, commit_s=5)
        with (folder / "collector.toml").open("a", encoding="utf-8") as file:
            file.write(_METRICS)
        config = ("--config", str(folder))
        gateway = python("millprint.roots.server", *config, "--part", "gateway")
        stack.enter_context(stand.running([*elsewhere, *gateway], folder / "gateway.log"))
        stand.until((folder / "var" / "journal.db").exists)
        agent = [*_on([own]), *python("millprint.roots.collector", *config)]
        collector = stack.enter_context(stand.running(agent, folder / "collector.log"))
        metrics = folder / "var" / "metrics.prom"
        stand.until(metrics.exists)
        yield meters, collector.pid, metrics


def _on(processors: Sequence[int]) -> list[str]:
    """Before a command: it runs on these."""
    return ["taskset", "--cpu-list", ",".join(map(str, processors))]


def _told(metrics: Path) -> dict[str, int]:
    """Values by what became of them."""
    told = dict.fromkeys(("good", "uncertain", "bad", "shed"), 0)
    for quality, number in _TOLD.findall(metrics.read_text(encoding="ascii")):
        told[quality] += int(number)
    return told
