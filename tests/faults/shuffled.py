"""Row 9: messages that come doubled, out of order and late, some into hours already packed.

The same messages go once in order into one journal and then as the network might bring them into
another; the two must hold the same, number by number, hash by hash.
"""

import base64
import sqlite3
import tempfile
import time
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from collector.spool import Spool
from collector.wire import topics
from collector.wire.birth import Birth, Point
from collector.wire.reading import ClockState, Kind, Reading, stamp
from gateway.journal import Arrival
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from tests.faults import late
from tests.faults.oracle import EVERY, judge
from tests.faults.row import Dose, Row, joined

_SITE = "keqiao"
_START = datetime(2026, 3, 2, tzinfo=UTC)
_INSTANTS = 480  # more than an hour, so that one is packed while the other comes
_DEVICES = tuple(f"jet-{number:02d}-power" for number in range(1, 7))
_POINT = Point("energy_import_kwh", "kWh", Kind.COUNTER)
_LATEST = timedelta(days=30)


def deliveries(dose: Dose) -> Row:
    """Row 9."""
    once = replace(dose, times=min(dose.times, 3))
    fault = "messages doubled, shuffled and up to 30 days late, some into packed hours"
    return joined(fault, delivery(dose), late.deliveries(once))


def delivery(dose: Dose) -> Row:
    """The part of row 9 that compares two journals, record by record."""
    drawn = dose.drawn(9)
    slowest, readings, lost, doubled = 0.0, 0, 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sent = _messages(folder)
        ordered = folder / "ordered.db"
        _store(ordered, [[one] for one in sent], Random(0), pack=False)
        for number in range(dose.times):
            began = time.monotonic()
            path = folder / f"shuffled-{number}.db"
            _store(path, _as_the_network_brings(sent, drawn), drawn, pack=True)
            slowest = max(slowest, time.monotonic() - began)
            end = _START + (_INSTANTS - 1) * EVERY
            verdict = judge(path, _DEVICES, _START, end, starts=1)
            readings += verdict.readings
            lost += verdict.lost + len(_content(ordered) - _content(path))
            doubled += verdict.doubled + len(_content(path) - _content(ordered))
            path.unlink()
    fault = "messages doubled, shuffled and up to 30 days late, some into packed hours"
    return Row(9, fault, dose.times, readings, lost, doubled, slowest)


def _messages(folder: Path) -> list[Arrival]:
    births = {d: Birth(d, "test", 1, 10_000, "1", "1", (_POINT,)) for d in _DEVICES}
    spool = Spool(folder / "a.spool", site=_SITE, collector="a", max_mb=100)
    for number in range(_INSTANTS):
        at = _START + number * EVERY
        values = {_POINT.name: 100 + number / 100}
        window = [
            Reading(device, at, ClockState.SYNCHRONISED, "b0", number * 10_000, values)
            for device in _DEVICES
        ]
        spool.commit(window, births, stamp(at))
    stored = spool.next_after(0, 10**6)
    spool.close()
    return [Arrival(topics.parse(one.topic), one.topic, one.payload) for one in stored]


def _as_the_network_brings(sent: list[Arrival], drawn: Random) -> list[list[Arrival]]:
    """Transactions of doubled messages: most nearly in order, some to the very end of the month."""
    copies = sent + drawn.sample(sent, len(sent) // 2)
    order = {id(one): place for place, one in enumerate(sent)}
    places = [
        (order[id(one)] + drawn.uniform(0, 200) + (drawn.random() < 0.1) * 1e6, one)
        for one in copies
    ]
    ordered = [one for _, one in sorted(places, key=lambda pair: pair[0])]
    groups = []
    while ordered:
        size = drawn.randint(1, 60)
        groups.append(ordered[:size])
        ordered = ordered[size:]
    return groups


def _store(path: Path, groups: list[list[Arrival]], drawn: Random, *, pack: bool) -> None:
    writer = Writer(Sqlite(path), site=_SITE)
    for group in groups:
        writer.store(group, _START + _LATEST)
        if pack and drawn.random() < 0.1:
            writer.pack(_START + drawn.randrange(_INSTANTS) * EVERY)
    writer.close()


def _content(journal: Path) -> set[tuple[object, ...]]:
    """All that a journal holds: readings and records with their hashes, watermarks, breaks."""
    db = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    found: set[tuple[object, ...]] = set()
    for (body,) in db.execute(
        "SELECT body FROM segments UNION ALL SELECT body FROM chunks WHERE body IS NOT NULL"
    ):
        for line in zlib.decompress(body).split(b"\n"):
            at, _, seq, _, h, form = line.split(b" ", 5)
            found.add((int(seq), int(at), form, _hash(h)))
    found.update(db.execute("SELECT seq, kind, device, form, h FROM records"))
    found.update(db.execute("SELECT stream, first, last, h FROM accounted"))
    found.update(db.execute("SELECT epoch, conflict FROM streams"))
    found.update(("broken", *row) for row in db.execute("SELECT seq FROM breaks"))
    found.update(("quarantined", *row) for row in db.execute("SELECT id, why FROM quarantine"))
    db.close()
    return found


def _hash(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=")
