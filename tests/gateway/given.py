"""An agent that numbers and chains what it sends, and a journal to send it to."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.wire import chain, topics
from collector.wire.anchor import Anchor, anchor_form
from collector.wire.birth import Birth, Point, birth_form
from collector.wire.canonical import canonical
from collector.wire.gone import GoneRange, gone_form
from collector.wire.message import encode_readings, encode_records, reading_form, record_form
from collector.wire.reading import ClockState, Kind, Reading, Value, stamp, unix_ms
from gateway.intervals import Counter, Sample
from gateway.journal import Arrival, Outcome
from gateway.journal.lines import SLOT_MS, unpack
from gateway.journal.reader import Reader
from gateway.journal.store import Store
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer

LONG = bool(os.environ.get("MILLPRINT_LONG"))
"""Whether tests may take minutes: more examples, and every place where there is a choice."""
STORES = ("sqlite", "postgresql")
LONG_ON_A_SERVER = pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)
IN_A_FILE = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
SITE, COLLECTOR = "keqiao", "dyehouse-a"
DEVICE, POINT = "jet-07-power", "energy_import_kwh"
METER = f"{DEVICE}.{POINT}"
START = datetime(2026, 3, 2, tzinfo=UTC)
FAR = START + timedelta(days=999)
NOW = START + timedelta(days=30)
BIRTH = Birth(DEVICE, "test", 1, 10_000, "1", "1", (Point(POINT, "kWh", Kind.COUNTER),))


def at(seconds: float) -> datetime:
    """So long after the beginning."""
    return START + timedelta(seconds=seconds)


def unix_slot(seconds: float) -> int:
    """The slot of an instant, as the journal counts slots."""
    return unix_ms(at(seconds)) // SLOT_MS


def reading(
    seconds: float, value: Value | None = 1, *, device: str = DEVICE, reason: str = ""
) -> Reading:
    """A reading of the one point; without a value it is bad, with a reason it is uncertain."""
    values = {} if value is None else {POINT: value}
    bad = {POINT: reason or "timeout"} if value is None else {}
    doubt = {POINT: reason} if reason and value is not None else {}
    up_ms = int(seconds * 1000) + 10**9
    return Reading(device, at(seconds), ClockState.SYNCHRONISED, "b0", up_ms, values, doubt, bad)


def unsure(up_s: float, value: Value, *, says: float = 0, clock: str = "U") -> Reading:
    """A reading of boot b1, so long after it, whose clock is not to be believed."""
    one = reading(says, value)
    return replace(one, clock=ClockState(clock), boot="b1", up_ms=int(up_s * 1000))


class Agent:
    """Makes messages as a collector's spool does: numbered, chained, encoded once."""

    def __init__(self, epoch: str = "e1", collector: str = COLLECTOR, site: str = SITE) -> None:
        self.epoch, self.collector, self.site = epoch, collector, site
        self.seq, self.h = 0, chain.genesis(site, collector, epoch)

    def says(self, *readings: Reading) -> Arrival:
        """One message with readings of one device."""
        forms = [self._next(reading_form(one, self.seq + 1, BIRTH.hash)) for one in readings]
        topic = topics.readings(self.site, self.collector, readings[0].device)
        return arrival(topic, encode_readings(self.epoch, BIRTH.hash, forms))

    def each(self, *readings: Reading) -> list[Arrival]:
        """One message a reading."""
        return [self.says(one) for one in readings]

    def notes(self, kind: str, body: dict[str, Any], device: str = "") -> Arrival:
        """One record that is no reading."""
        form = self._next(record_form(self.seq + 1, kind, stamp(START), device, body))
        topic = topics.records(self.site, self.collector)
        return arrival(topic, encode_records(self.epoch, [form]))

    def is_born(self, birth: Birth = BIRTH) -> Arrival:
        """A birth, as a record."""
        return self.notes("birth", birth_form(birth), birth.device)

    def lost(self, first: int, last: int) -> Arrival:
        """The record that says which readings are gone."""
        return self.notes("gone", {"first": first, "last": last, "why": "spool-full"})

    def thinned(self, *ranges: GoneRange, epoch: str = "") -> Arrival:
        """The record that says which readings are gone, with the hashes of the last ones."""
        return self.notes("gone", gone_form("thinned", ranges, epoch=epoch))

    def knows(self, up_s: float, seconds: float, boot: str = "b1") -> Arrival:
        """An anchor: so long after a boot it was so long after the beginning."""
        one = Anchor(boot, int(up_s * 1000), at(seconds), "kernel")
        return self.notes("anchor", anchor_form(one))

    def skips(self, count: int) -> None:
        """So many readings are made and never sent."""
        for _ in range(count):
            self.says(reading(self.seq))

    def _next(self, form: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        self.seq += 1
        self.h = chain.link(self.h, canonical(form))
        return form, self.h


def arrival(topic: str, payload: bytes) -> Arrival:
    """A message as the broker brings it."""
    return Arrival(topics.parse(topic), topic, payload)


class House:
    """A journal with its writer and a reader."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.writer = Writer(store, site=SITE)
        self.journal = Reader(store)

    @property
    def path(self) -> Path:
        """Its file."""
        assert self.store.file is not None
        return self.store.file

    def takes(self, *arrivals: Arrival, received: datetime = NOW) -> Outcome:
        """Store messages in one transaction."""
        return self.writer.store(arrivals, received)

    def reopens(self) -> None:
        """The process ends and another one begins."""
        self.writer.close()
        self.writer = Writer(self.store, site=SITE)
        self.journal = Reader(self.store)

    def shown(self, device: str = DEVICE) -> list[tuple[datetime, Value | None]]:
        """Every reading of a device: when, and what."""
        found = self.journal.readings(device, START - timedelta(days=999), FAR)
        return [(one.at, one.values.get(POINT)) for one in found]

    def through(self, epoch: str = "e1") -> int:
        """How far an epoch is accounted for, as writer and reader agree."""
        (said,) = [ack for ack in self.writer.acks(COLLECTOR) if ack.epoch == epoch]
        (kept,) = [one.ack for one in self.journal.chains() if one.ack.epoch == epoch]
        assert said == kept
        return said.through

    def broken_at(self) -> tuple[int, ...]:
        """Where the only epoch's chain is broken."""
        (one,) = self.journal.chains()
        return one.broken_at

    def forms(self) -> list[tuple[int, bytes, bytes]]:
        """Number, form and hash of every reading, wherever it is kept."""
        return sorted(row for row in self._kept())

    def _kept(self) -> Iterator[tuple[int, bytes, bytes]]:
        for (body,) in self.journal._db.execute(
            "SELECT body FROM segments UNION ALL SELECT body FROM chunks WHERE body IS NOT NULL"
        ):
            yield from ((row.seq, row.form, row.h) for row in unpack(body))
        yield from self.journal._db.execute("SELECT seq, form, h FROM unplaced")

    def close(self) -> None:
        """Let go of the file."""
        self.writer.close()
        self.journal._db.close()


@contextmanager
def house(store: Store | Path) -> Iterator[House]:
    """A journal, for the length of one example."""
    one = House(Sqlite(store) if isinstance(store, Path) else store)
    try:
        yield one
    finally:
        one.close()


# Counters and their samples.

KWH = Counter(METER, "kWh", None, timedelta(seconds=10))


def counter(
    modulus: str | None = None, every_s: float = 10, limit: int | None = None, **facts: Any
) -> Counter:
    """A counter that starts again at zero where said, and counts no more an hour than said."""
    from decimal import Decimal

    return Counter(
        METER,
        "kWh",
        None if modulus is None else Decimal(modulus),
        timedelta(seconds=every_s),
        limit=None if limit is None else Decimal(limit),
        **facts,
    )


def samples(*shown: tuple[float, Value | None]) -> list[Sample]:
    """Samples by second; None is a bad one."""
    return [
        Sample(at(seconds), value, "bad" if value is None else "good", "", "b")
        for seconds, value in shown
    ]


def every_10_s(values: Sequence[Value | None]) -> list[Sample]:
    """Samples that follow each other at ten seconds."""
    return samples(*[(10 * place, value) for place, value in enumerate(values)])
