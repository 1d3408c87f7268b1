"""The oracle: what must stand in the journal, and what stands there.

What must stand there is what the simulator knows: every device, every instant of its period, from
the mill's start on. What stands there is read by plain sqlite3, json and zlib: nothing here is
shared with the code that wrote it.
"""

import json
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the readings.

    Attributes:
        readings: How many had to be there.
        lost: Of those, how many are not there; numbers missing in an epoch count too.
        doubled: How many are there more than once.
    """

    readings: int
    lost: int
    doubled: int


def forms(journal: Path) -> list[dict[str, Any]]:
    """Every reading of a journal, as its file has it."""
    return [form for _, form in numbered(journal)]


def numbered(journal: Path) -> list[tuple[int, dict[str, Any]]]:
    """Every reading of a journal with the number of its stream."""
    db = _open(journal)
    db.execute("BEGIN")  # one moment of the file: between two, an hour may be packed
    found = []
    for (body,) in db.execute(
        "SELECT body FROM segments UNION ALL SELECT body FROM chunks WHERE body IS NOT NULL"
    ):
        for line in zlib.decompress(body).split(b"\n"):
            _, stream, _, _, _, form = line.split(b" ", 5)
            found.append((int(stream), json.loads(form)))
    waiting = db.execute("SELECT stream, form FROM unplaced")
    found += [(stream, json.loads(form)) for stream, form in waiting]
    db.close()
    return found


def others(journal: Path) -> list[int]:
    """Numbers of the records that are no readings: births, clock anchors, what is gone."""
    db = _open(journal)
    found = [seq for (seq,) in db.execute("SELECT seq FROM records")]
    db.close()
    return found


def newest(journal: Path) -> dict[str, datetime]:
    """The newest instant of each device that is not yet packed."""
    db = _open(journal)
    names = dict(db.execute("SELECT id, name FROM devices"))
    zero = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    found: dict[str, datetime] = {}
    # What was stored last is newest, but for what was sent again.
    for (body,) in db.execute("SELECT body FROM segments ORDER BY id DESC LIMIT 200"):
        for line in zlib.decompress(body).split(b"\n"):
            at, _, _, device, _ = line.split(b" ", 4)
            name, instant = names[int(device)], zero + timedelta(milliseconds=int(at))
            found[name] = max(instant, found.get(name, instant))
    db.close()
    return found


def judge(
    journal: Path, devices: Iterable[str], start: datetime, end: datetime, starts: int
) -> Verdict:
    """Compare a journal with what the simulator knows.

    Args:
        journal: The journal's file.
        devices: Every device of the mill.
        start: Its first instant.
        end: The last instant that must be there.
        starts: How often the collector was started. One that is killed between a commit and the
            passing of time polls the same instant again after its start: two readings, two
            numbers, both true. As many instants may stand there twice as it was started anew.
    """
    through = _through(journal)  # before the readings, so that these hold all that it counts
    found = numbered(journal)
    times: dict[str, Counter[datetime]] = {device: Counter() for device in devices}
    for _, form in found:
        times[form["device"]][datetime.fromisoformat(form["at"])] += 1
    whole = [start + n * EVERY for n in range((end - start) // EVERY + 1)]
    known = set(whole)
    missing = sum(len(known - polled.keys()) for polled in times.values())
    strange = sum(at not in known for polled in times.values() for at in polled if at <= end)
    again = {at for polled in times.values() for at, n in polled.items() if n > 1}
    forgiven = again if len(again) < starts else set()
    more = sum(n - 1 for p in times.values() for at, n in p.items() if at not in forgiven)
    identities = Counter((stream, form["seq"]) for stream, form in found)
    twice = sum(n - 1 for n in identities.values())
    return Verdict(
        readings=len(whole) * len(times),
        lost=missing + _missing_numbers(journal, found, through),
        doubled=max(more, twice) + strange,
    )


def _through(journal: Path) -> dict[int, int]:
    """Up to which number each stream says that it has everything."""
    db = _open(journal)
    found = dict(db.execute("SELECT stream, last FROM accounted WHERE first = 0"))
    db.close()
    return found


def _missing_numbers(
    journal: Path, found: Iterable[tuple[int, dict[str, Any]]], through: dict[int, int]
) -> int:
    """Numbers at or below a watermark that stand nowhere, not even as a birth."""
    db = _open(journal)
    there = set(db.execute("SELECT stream, seq FROM records"))
    db.close()
    there.update((stream, form["seq"]) for stream, form in found)
    return sum(
        (stream, seq) not in there
        for stream, highest in through.items()
        for seq in range(1, highest + 1)
    )


def _open(journal: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{journal}?mode=ro", uri=True, isolation_level=None)
