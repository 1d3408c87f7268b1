"""Spools for the tests: what is committed to them, and what a journal would make of it."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collector.spool import Spool, Stored
from collector.wire import chain, topics
from collector.wire.birth import Birth, Point
from collector.wire.gone import read_gone
from collector.wire.message import Sequenced, decode
from collector.wire.reading import ClockState, Kind, Reading, stamp

SITE, COLLECTOR = "keqiao", "a"
START = datetime(2026, 3, 2, tzinfo=UTC)
EVERY = timedelta(seconds=10)
METER = Birth(
    "jet-01-power",
    "test",
    1,
    10_000,
    "1",
    "1",
    (Point("energy_import_kwh", "kWh", Kind.COUNTER), Point("power_kw", "kW", Kind.GAUGE)),
)
PLC = Birth("jet-01-plc", "test", 1, 10_000, "1", "1", (Point("step", "", Kind.STATE),))
ROOM = Birth("room", "test", 1, 10_000, "1", "1", (Point("air_c", "°C", Kind.GAUGE),))
BIRTHS = {one.device: one for one in (METER, PLC, ROOM)}


def spool(path: Path, max_mb: float = 100) -> Spool:
    return Spool(path, site=SITE, collector=COLLECTOR, max_mb=max_mb)


def at(number: int) -> datetime:
    return START + number * EVERY


def meter(number: int) -> Reading:
    values = {"energy_import_kwh": 100 + number / 100, "power_kw": 40.5}
    return Reading(METER.device, at(number), ClockState.SYNCHRONISED, "b0", number * 10_000, values)


def plc(number: int, step: int) -> Reading:
    return Reading(
        PLC.device,
        at(number),
        ClockState.SYNCHRONISED,
        "b0",
        number * 10_000 + 5,
        {"step": step},
    )


def room(number: int) -> Reading:
    return Reading(
        ROOM.device, at(number), ClockState.SYNCHRONISED, "b0", number * 10_000, {"air_c": 31.5}
    )


def commit(one: Spool, *readings: Reading) -> None:
    """A window with these readings, and the births of their devices."""
    devices = {reading.device for reading in readings}
    births = {device: BIRTHS[device] for device in devices}
    one.commit(readings, births, stamp(max(reading.at for reading in readings)))


def commit_meters(one: Spool, first: int, last: int) -> None:
    """A window a reading of the meter, both ends included."""
    for number in range(first, last + 1):
        commit(one, meter(number))


def commit_hall(one: Spool, windows: int, devices: int) -> None:
    """Windows with a message of each of so many meters."""
    names = [f"hall-{number:03d}" for number in range(devices)]
    births = {name: replace(METER, device=name) for name in names}
    for number in range(windows):
        readings = [replace(meter(number), device=name) for name in names]
        one.commit(readings, births, stamp(at(number)))


def everything(one: Spool) -> list[Stored]:
    return one.next_after(0, 10**9)


@dataclass(slots=True)
class Books:
    """What a journal would know of a spool's messages, made by nobody's code but the contract's.

    Attributes:
        records: Every record by epoch and number.
        gone: What was declared gone: the numbers, by epoch.
        hashes: The hash of the last number of each range that named one.
    """

    records: dict[tuple[str, int], Sequenced] = field(default_factory=dict)
    gone: dict[str, set[int]] = field(default_factory=dict)
    hashes: dict[tuple[str, int], bytes] = field(default_factory=dict)

    def take(self, messages: Iterable[Stored]) -> "Books":
        for message in messages:
            address = topics.parse(message.topic)
            decoded = decode(message.payload, address.device)
            for record in decoded.records:
                assert message.first <= record.seq <= message.last
                self.records[decoded.epoch, record.seq] = record
                if record.kind == "gone":
                    self._declare(decoded.epoch, record)
        return self

    def _declare(self, epoch: str, record: Sequenced) -> None:
        said = read_gone(record.body)
        for span in said.ranges:
            epoch_meant = said.epoch or epoch
            self.gone.setdefault(epoch_meant, set()).update(range(span.first, span.last + 1))
            if span.h:
                self.hashes[epoch_meant, span.last] = span.h

    def numbers(self, epoch: str) -> set[int]:
        return {seq for whose, seq in self.records if whose == epoch}

    def readings(self) -> list[Reading]:
        return [one.reading for _, one in sorted(self.records.items()) if one.reading]

    def why(self) -> set[str]:
        return {str(r.body["why"]) for r in self.records.values() if r.kind == "gone"}

    def breaks(self, epoch: str) -> list[int]:
        """Numbers whose hash does not follow from the one before, where that is known."""
        h: bytes | None = chain.genesis(SITE, COLLECTOR, epoch)
        found = []
        for seq in range(1, max(self.numbers(epoch), default=0) + 1):
            record = self.records.get((epoch, seq))
            if record is None:
                h = self.hashes.get((epoch, seq))
                continue
            if h is not None and chain.link(h, record.form) != record.h:
                found.append(seq)
            h = record.h
        return found


def books(one: Spool) -> Books:
    return Books().take(everything(one))


def flip(path: Path, offsets: Sequence[int]) -> None:
    """Flip a bit at each place of a file."""
    content = bytearray(path.read_bytes())
    for offset in offsets:
        content[offset % len(content)] ^= 0x10
    path.write_bytes(bytes(content))


def rows(path: Path) -> int:
    """Windows in a closed spool's file."""
    db = sqlite3.connect(path)
    (found,) = db.execute("SELECT count(*) FROM windows").fetchone()
    db.close()
    return int(found)
