"""Whether an agent's memory stays flat while its broker and half of its meters are down.

Of a hundred meters, twenty stand behind sockets that nobody opens, and thirty behind gateways that
say that they do not answer. The spool is small, so that it is full and thinned within minutes.

``python -m tests.bench.outage MINUTES`` watches for so long.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from millprint.broker import free_port
from millprint.children import python
from tests.bench import material, stand
from tests.bench.processes import resident_mb
from tests.bench.row import Effort, Row, rounded

_LIVING, _UNITS, _SPOOL_MB = 5, 10, 24
_DEAD, _SILENT = 2, 6  # buses, and units of each bus that lives: together as many as live
_SETTLED = 0.2
"""By then the spool is full, and what is planned anew by measurement is planned."""


def measure(effort: Effort) -> list[Row]:
    """Growth of resident memory."""
    return [_watched(effort.pick(600.0, 4.0))]


def _watched(for_s: float) -> Row:
    resident: list[float] = []
    with tempfile.TemporaryDirectory() as name, stand.simulated(_LIVING, _UNITS) as meters:
        folder = Path(name)
        dead = [f"tcp://127.0.0.1:{free_port()}" for _ in range(_DEAD)]
        urls = [*meters.urls, *dead]
        stand.configure(folder, urls, _UNITS, free_port(), commit_s=5, spool_mb=_SPOOL_MB)
        _add_silent(folder / "collector.toml")
        command = python("millprint.roots.collector", "--config", str(folder))
        with stand.running(command, folder / "collector.log") as process:
            end = time.monotonic() + for_s
            while time.monotonic() < end:
                time.sleep(min(10.0, for_s / 10))
                resident.append(resident_mb(process.pid))
    settled = resident[int(_SETTLED * len(resident)) :]
    third = max(1, len(settled) // 3)
    grown = statistics.median(settled[-third:]) - statistics.median(settled[:third])
    told = ", ".join(
        f"{resident[int(part * len(resident)) - 1]:.1f} MB at {part * for_s / 60:.0f} min"
        for part in (0.1, 0.2, 0.5, 1.0)
    )
    return Row(
        f"agent, broker down, half of 100 meters down, 2,500 points/s, spool full at {_SPOOL_MB} "
        f"MB, over {for_s / 60:.0f} min: growth from its first to its last third ({told})",
        max(grown, 0.001),
        "MB",
        "a leak of one byte a point",
        for_s * _LIVING * _UNITS * material.POINTS / 1e6,
        1,
    )


def _add_silent(path: Path) -> None:
    """Units that are not there, behind buses that are."""
    tables = [
        f'\n[devices.silent-{bus}-{unit}]\nbus = "bus-{bus}"\nunit = {unit}\n'
        f'profile = "bench-meter"\nevery = "1s"\n'
        for bus in range(_LIVING)
        for unit in range(_UNITS + 1, _UNITS + 1 + _SILENT)
    ]
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(tables))


if __name__ == "__main__":
    row = _watched(60 * float(sys.argv[1]))
    sys.stdout.write(f"{row.name}: {rounded(row.value)} {row.unit}\n")
