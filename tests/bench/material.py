"""What the benchmarks work on: meters that exist nowhere, and their readings.

A meter has `POINTS` float32 points in four islands of registers, as in the measurements of peers
that the budgets come from; the holes between them are too long to read over.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collector.births import birth_of
from collector.devices import Device
from collector.profile_files import load
from collector.spool import Spool
from collector.wire import topics
from collector.wire.birth import Birth
from collector.wire.reading import ClockState, Reading, stamp
from gateway.journal import Arrival

SITE, COLLECTOR = "bench", "bench-a"
POINTS = 50
ISLANDS = (13, 13, 12, 12)
START = datetime(2026, 3, 2, tzinfo=UTC)
COMMIT_S = 5
_ISLAND_STRIDE = 200
_PROFILE = "bench-meter"


def addresses() -> list[int]:
    """Address of each point's first register."""
    return [
        island * _ISLAND_STRIDE + 2 * place
        for island, size in enumerate(ISLANDS)
        for place in range(size)
    ]


def write_profile(folder: Path, points: int = POINTS) -> None:
    """Write the meter's profile where a configuration folder has its own."""
    head = (
        'maker = "Nobody"\nmodel = "Bench"\ntitle = "A meter that exists in benchmarks only"\n'
        'version = 1\nsource = "made up for measuring; no such device"\ntable = "holding"\n'
        'order = "ABCD"\n\n[limits]\nregisters_per_request = 125\nlongest_hole = 0\n'
    )
    tables = (
        f'\n[points.l{number:02d}_kw]\nkind = "gauge"\naddress = {address}\n'
        'type = "float32"\nunit = "kW"\nconfidence = "invented"\n'
        for number, address in enumerate(addresses()[:points])
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{_PROFILE}.toml").write_text(head + "".join(tables), encoding="utf-8")


def device(folder: Path, name: str, *, points: int = POINTS, every_s: int = 1) -> Device:
    """A meter whose profile stands in the folder, written now."""
    write_profile(folder, points)
    profile = load(_PROFILE, (folder,), "bench")
    return Device(name, "bus", 1, profile, every_s * 1000)


def births(folder: Path, devices: int, *, points: int, every_s: int) -> dict[str, Birth]:
    """Births of so many meters."""
    names = [f"meter-{number:03d}" for number in range(devices)]
    one = device(folder, names[0], points=points, every_s=every_s)
    return {name: birth_of(Device(name, "bus", 1, one.profile, one.every_ms)) for name in names}


def windows(known: dict[str, Birth], hours: float) -> Iterator[list[Reading]]:
    """Commit windows of `COMMIT_S`, each with the readings that fall into it."""
    drawn = random.Random(1)
    for window in range(int(hours * 3600 / COMMIT_S)):
        begins = window * COMMIT_S
        yield [
            _reading(birth, begins + second, drawn)
            for number, birth in enumerate(known.values())
            for second in range(COMMIT_S)
            if (begins + second - number) % (birth.every_ms // 1000) == 0
        ]


def _reading(birth: Birth, second: int, drawn: random.Random) -> Reading:
    values = {point.name: round(drawn.uniform(0, 500), 2) for point in birth.points}
    at = START + timedelta(seconds=second)
    return Reading(birth.device, at, ClockState.SYNCHRONISED, "b0", second * 1000, values)


def messages(folder: Path, known: dict[str, Birth], hours: float) -> list[Arrival]:
    """Messages as a real spool makes them of so many hours, in their order."""
    spool = Spool(folder / "bench.spool", site=SITE, collector=COLLECTOR, max_mb=4096)
    for readings in windows(known, hours):
        spool.commit(readings, known, stamp(readings[-1].at))
    stored = spool.next_after(0, 10**9)
    spool.close()
    return [Arrival(topics.parse(one.topic), one.topic, one.payload) for one in stored]


def grouped(arrivals: Sequence[Arrival], size: int) -> Iterator[Sequence[Arrival]]:
    """So many at a time."""
    for at in range(0, len(arrivals), size):
        yield arrivals[at : at + size]
