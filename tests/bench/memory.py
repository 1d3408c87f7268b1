"""What a journal's writer and a reader beside it keep in memory while readings pass through."""

import os
import statistics
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from collector.wire import chain, topics
from collector.wire.canonical import canonical
from collector.wire.message import encode_readings, reading_form
from collector.wire.reading import ClockState, Reading
from gateway.journal import Arrival
from gateway.journal.sqlite_reader import SqliteJournal
from gateway.journal.sqlite_writer import SqliteWriter
from tests.bench import material
from tests.bench.processes import resident_mb
from tests.bench.row import Effort, Row

_DEVICES, _POINTS, _EVERY_S = 100, 2, 10
_MINUTE = timedelta(minutes=1)
_LEAST_MB = 0.001  # a slope is compared with what a leak of a byte a reading would make


def measure(effort: Effort) -> list[Row]:
    """Growth of resident memory over the readings of the second half."""
    readings = effort.pick(1_000_000, 5_000)
    resident = list(_passing(readings))
    half = resident[len(resident) // 2 :]
    quarter = max(1, len(half) // 4)
    grown = statistics.median(half[-quarter:]) - statistics.median(half[:quarter])
    return [
        Row(
            f"journal: growth of memory over the second half of {readings / 1e6:g} million "
            f"readings, stored, packed and read; {statistics.median(half):.0f} MB resident",
            max(grown, _LEAST_MB),
            "MB",
            "a leak of one byte a reading",
            readings / 2 / 1e6,
            1,
        )
    ]


def _passing(count: int) -> Iterator[float]:
    """Resident memory after each minute of a mill. [MB]"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = material.births(folder, _DEVICES, points=_POINTS, every_s=_EVERY_S)
        writer = SqliteWriter(folder / "journal.db", site=material.SITE)
        journal = SqliteJournal(folder / "journal.db")
        made, now = 0, material.START
        h = chain.genesis(material.SITE, material.COLLECTOR, "e")
        point = "l00_kw"
        while made < count:
            arrivals = []
            for birth in known.values():
                forms = []
                for second in range(0, 60, _EVERY_S):
                    one = _reading(birth.device, now + timedelta(seconds=second), made)
                    made += 1
                    form = reading_form(one, made, birth.hash)
                    h = chain.link(h, canonical(form))
                    forms.append((form, h))
                topic = topics.readings(material.SITE, material.COLLECTOR, birth.device)
                payload = encode_readings("e", birth.hash, forms)
                arrivals.append(Arrival(topics.parse(topic), topic, payload))
            now += _MINUTE
            writer.store(arrivals, now)
            if now.minute % 5 == 0:
                writer.pack(now - timedelta(minutes=5))
                for device in known:
                    journal.samples(device, point, now - timedelta(hours=1), now)
                    journal.latest(device)
            yield resident_mb(os.getpid())
        writer.close()


def _reading(device: str, at: datetime, made: int) -> Reading:
    values = {"l00_kw": made / 100, "l01_kw": 230.1}
    return Reading(device, at, ClockState.SYNCHRONISED, "b0", made, values)
