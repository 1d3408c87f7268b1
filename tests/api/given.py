"""A small mill with two hours of readings in a real journal, and the service over it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from api import factor_files
from api import plant as plant_files
from api.app import application
from api.books import Books
from api.books.engines import engine_of
from api.ledger import RULES
from api.outline import Outline
from api.report import Reporter
from api.sealing.key import SealKey
from api.sealing.sealer import Sealed, Sealer
from api.service import Service, serve
from api.tariff import Tariff
from collector.spool import Spool
from collector.toml_files import SHIPPED
from collector.wire import topics
from collector.wire.birth import Birth, Point
from collector.wire.counts import Counts
from collector.wire.reading import ClockState, Kind, Reading, Value, stamp
from gateway.journal import Arrival, Journal
from gateway.journal.reader import Reader
from gateway.journal.writer import Writer
from gateway.projecting.reading_back import JournalSeries
from gateway.projections import Standing
from tests.api import keeping
from tests.api.documented import untold

START = datetime(2026, 3, 2, tzinfo=UTC)
SITE, COLLECTOR = "keqiao", "dyehouse-a"
MINUTE = timedelta(minutes=1)

TARIFF = Tariff("CNY", {"electricity": Decimal("0.70"), "natural_gas": Decimal("3.60")})
"""Made up."""

PLANT = """
[site]
id = "keqiao"
timezone = "Asia/Shanghai"
region = "CN-ZJ"

[machines.jet-01]
process = "dyeing-exhaust"
line = "dyehouse-a"
capacity_kg = 500
electricity = "jet-01-power.energy_import_kwh"
steam = "jet-01-steam.mass_kg"
water = "jet-01-water.volume_m3"
batch = "jet-01-plc.batch_id"
running = "jet-01-plc.machine_state"
step = "jet-01-plc.step_type"
mass = "jet-01-plc.fabric_kg"
processes = { 1 = "scouring", 3 = "dyeing-exhaust" }

[machines.jet-02]
process = "dyeing-exhaust"
electricity = "jet-02-power.energy_import_kwh"
steam = "jet-02-steam.mass_kg"
batch = "jet-02-plc.batch_id"

[supplies.grid]
carrier = "electricity"
meter = "main-1.energy_import_kwh"

[supplies.gas]
carrier = "natural_gas"
meter = "boiler-1-gas.volume_m3_0c"

[supplies.water]
carrier = "water"
meter = "jet-01-water.volume_m3"

[utilities.boiler-1]
makes = "steam"
output = "boiler-1-steam.mass_kg"
uses = { natural_gas = "boiler-1-gas.volume_m3_0c", electricity = "boiler-1-power.energy_kwh" }
balance_over = "30min"
"""


def counter(name: str, unit: str) -> Point:
    return Point(name, unit, Kind.COUNTER)


POWER = (counter("energy_import_kwh", "kWh"), Point("power_kw", "kW", Kind.GAUGE))
STEAM = (counter("mass_kg", "kg"),)
PLC = (
    Point("batch_id", "", Kind.TEXT),
    Point("machine_state", "", Kind.STATE),
    Point("step_type", "", Kind.STATE, labels={"1": "scour", "3": "dye"}),
    Point("fabric_kg", "kg", Kind.GAUGE),
)
DEVICES: Mapping[str, tuple[Point, ...]] = {
    "jet-01-power": POWER,
    "jet-01-steam": STEAM,
    "jet-01-water": (counter("volume_m3", "m3"),),
    "jet-01-plc": PLC,
    "jet-02-power": POWER,
    "jet-02-steam": STEAM,
    "jet-02-plc": PLC[:1],
    "boiler-1-gas": (counter("volume_m3_0c", "m3_0c"),),
    "boiler-1-power": (counter("energy_kwh", "kWh"),),
    "boiler-1-steam": STEAM,
    "main-1": POWER[:1],
}
BIRTHS = {
    name: Birth(name, "test", 1, 60_000, "1", "1", points) for name, points in DEVICES.items()
}

# Who was on, from minute to minute.
JET_01 = (("B2601", 5, 40), ("缸号-7", 50, 80), ("<script>", 90, 100))
JET_02 = (("C1", 20, 70),)


def at(minutes: float) -> datetime:
    """So many minutes after the beginning."""
    return START + minutes * MINUTE


def on(stays: Sequence[tuple[str, int, int]], minute: int) -> str:
    """The batch on a machine at a minute."""
    return next((batch for batch, start, end in stays if start <= minute < end), "")


def ran(stays: Sequence[tuple[str, int, int]], minute: int) -> int:
    """For how many minutes batches were on a machine before a minute."""
    return sum(max(0, min(end, minute) - start) for _, start, end in stays)


def values(device: str, minute: int) -> dict[str, Value]:
    """What a device shows at a minute: counters rise by round amounts."""
    jet_01, jet_02 = on(JET_01, minute), on(JET_02, minute)
    ran_01, ran_02 = ran(JET_01, minute), ran(JET_02, minute)
    return {
        "jet-01-power": {"energy_import_kwh": 1000 + minute + ran_01 / 2, "power_kw": 60.5},
        "jet-01-steam": {"mass_kg": 500 + 20 * ran_01},
        "jet-01-water": {"volume_m3": 30 + ran_01 / 4},
        "jet-01-plc": {
            "batch_id": jet_01,
            "machine_state": 2 if jet_01 else 0,
            "step_type": (1 if minute < 15 else 3) if jet_01 else 0,
            "fabric_kg": 478.5,
        },
        "jet-02-power": {"energy_import_kwh": 7000 + minute / 4 + ran_02, "power_kw": 15},
        "jet-02-steam": {"mass_kg": 10 * ran_02},
        "jet-02-plc": {"batch_id": jet_02},
        "boiler-1-gas": {"volume_m3_0c": 90 + minute / 8 + 2 * ran_01 + ran_02},
        "boiler-1-power": {"energy_kwh": 12 + minute / 10},
        "boiler-1-steam": {"mass_kg": 9000 + minute / 2 + 20 * ran_01 + 10 * ran_02},
        "main-1": {"energy_import_kwh": 50_000 + 3 * minute + ran_01 / 2 + ran_02},
    }[device]


def reading(device: str, minute: int, shown: dict[str, Value] | None = None) -> Reading:
    """One reading of a device; with `shown`, of other values than it would show."""
    found = values(device, minute) if shown is None else shown
    bad = {} if found else {point.name: "timeout" for point in DEVICES[device]}
    up_ms = minute * 60_000 + 10**6
    return Reading(device, at(minute), ClockState.SYNCHRONISED, "b0", up_ms, found, {}, bad)


class QuietEars:
    """A gateway of which nothing live is heard."""

    def __init__(self) -> None:
        self.live: dict[str, Reading] = {}
        self.standings: list[Standing] = []

    def reading(self, device: str) -> Reading | None:
        """The newest live reading."""
        return self.live.get(device)

    def states(self) -> dict[str, str]:
        """State by collector."""
        return {COLLECTOR: "up"}

    def broker_up(self) -> bool:
        """Connected."""
        return True

    def behind(self) -> int:
        """Nothing waits."""
        return 0

    def lag_s(self) -> float:
        """At once."""
        return 0.0

    def fault(self) -> str:
        """None."""
        return ""

    def waiting(self) -> dict[str, int]:
        """Nothing waits."""
        return {COLLECTOR: 0}

    def projections(self) -> list[Standing]:
        """As a test says."""
        return self.standings


class Caller:
    """Asks the application over ASGI; a fault of ours is a 500, as on the wire.

    Whatever it answers stands in the OpenAPI document, or it is a fault of the one or the other.
    """

    def __init__(self, app: FastAPI, headers: dict[str, str]) -> None:
        self._app, self._headers = app, headers

    def get(self, path: str, **query: Any) -> httpx.Response:
        """GET under ``/api/v1``."""
        return self.asks("GET", f"/api/v1{path}", params=query or None)

    def post(self, path: str, body: Any) -> httpx.Response:
        """POST JSON under ``/api/v1``."""
        return self.asks("POST", f"/api/v1{path}", json=body)

    def asks(
        self, method: str, path: str, *, undocumented: bool = False, **more: Any
    ) -> httpx.Response:
        """Any request; only of a fault that a test makes is the answer undocumented."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://mill", headers=self._headers
            ) as client:
                return await client.request(method, path, **more)

        answer = asyncio.run(ask())
        found = [] if undocumented else untold(self._app, answer)
        assert not found, found
        return answer


@dataclass
class World:
    """A journal, the books over it, and the service that answers for them."""

    folder: Path
    spool: Spool
    writer: Writer
    books: Books
    service: Service
    app: FastAPI
    clock: list[datetime]

    def sends(self, *readings: Reading, births: Mapping[str, Birth] = BIRTHS) -> None:
        """Readings go through a real spool's encoding into the journal."""
        before = self.spool.newest
        self.spool.commit(readings, births, stamp(START))
        waiting = self.spool.next_after(before, 10**6)
        arrivals = [Arrival(topics.parse(m.topic), m.topic, m.payload) for m in waiting]
        received = max(self.clock[0], *[one.at for one in readings])  # nothing comes from ahead
        self.writer.store(arrivals, received)

    def counts(self, *counts: Counts) -> None:
        """What the collector counted of its reads goes the same way."""
        before = self.spool.newest
        self.spool.commit([], BIRTHS, stamp(START), counts=counts)
        waiting = self.spool.next_after(before, 10**6)
        arrivals = [Arrival(topics.parse(m.topic), m.topic, m.payload) for m in waiting]
        self.writer.store(arrivals, self.clock[0])

    def passes(self, first: int, last: int, *, without: Sequence[str] = ()) -> None:
        """Every device is read once a minute from one minute to another, both included."""
        devices = [name for name in DEVICES if name not in without]
        self.sends(*[reading(d, m) for m in range(first, last + 1) for d in devices])
        self.clock[0] = max(self.clock[0], at(last))

    def closes_its_books(self) -> None:
        """One round of the bookkeeper."""
        self.service.bookkeeper.tick()

    def is_sealed(self) -> None:
        """The sealer comes by."""
        what = Sealed(SITE, "Asia/Shanghai", self.folder, SHIPPED / "factors", "0")
        Sealer(self.service.journal, self.books, SealKey(bytes(32)), what).seal_due(self.clock[0])

    def edits(self, statement: str) -> None:
        """Somebody edits the books by hand, past millprint."""
        engine = engine_of(keeping.kept(self.folder).books)
        with engine.begin() as db:
            db.exec_driver_sql(statement)
        engine.dispose()

    def starts_again(self) -> None:
        """The server is started again: it reads its configuration anew."""
        self.service.journal._db.close()
        self.service = serving(self.folder, self.books, self.clock)
        self.app = application(self.service)

    def key(self, role: str = "engineer") -> dict[str, str]:
        """The headers of one who holds a key."""
        return {"Authorization": f"Bearer {self.books.keys.make(role, role, self.clock[0])}"}

    def caller(self, role: str | None = "engineer") -> "Caller":
        """A caller with a key of a role, or without one."""
        return Caller(self.app, self.key(role) if role else {})

    def close(self) -> None:
        """Let go of every file."""
        self.spool.close()
        self.writer.close()
        self.books.close()
        self.service.journal._db.close()
        keeping.forgotten(self.folder)


def world(
    folder: Path,
    plant: str = PLANT,
    past: World | None = None,
    *,
    checked: bool = True,
    site: str = SITE,
) -> World:
    """A journal and books of a plant: nothing has happened yet, or what did in another.

    A plant that is not `checked` may name other devices than those here.
    """
    (folder / "plant").mkdir(parents=True)
    if past is not None:
        past.spool.close()  # it opens again when it is used
        keeping.copied(past.folder / "a.spool", folder / "a.spool")
    (folder / "plant" / "2026-01-01.toml").write_text(plant, encoding="utf-8")
    kept = keeping.made(folder, past.folder if past else None)
    writer = Writer(kept.journal, site=site)
    books = Books(kept.books)
    clock = [past.clock[0] if past else START]
    service = serving(folder, books, clock, checked=checked)
    spool = Spool(folder / "a.spool", site=site, collector=COLLECTOR, max_mb=100)
    return World(folder, spool, writer, books, service, application(service), clock)


def serving(
    folder: Path,
    books: Books,
    clock: list[datetime],
    journal: Journal | None = None,
    rules: tuple[str, type[Reporter]] = (RULES, Reporter),
    *,
    checked: bool = True,
) -> Service:
    """The service over a configuration folder, its journal, and books; by other rules if asked."""
    points = {name: frozenset(p.name for p in found) for name, found in DEVICES.items()}
    plants = plant_files.load(folder, points if checked else None)
    journal = journal or Reader(keeping.kept(folder).journal)
    catalogue = factor_files.catalogue(SHIPPED / "factors", folder / "factors")
    reporter = rules[1](journal, books, plants, catalogue)
    return serve(
        journal,
        books,
        reporter,
        series=JournalSeries(journal),
        ears=QuietEars(),
        now=lambda: clock[0],
        version="0",
        tariff=TARIFF,
        outline=Outline(journal, folder / "outline.db"),
        rules=rules[0],
    )


def footprint(mill: World, batch: str = "B2601", **query: Any) -> httpx.Response:
    """The answer about a batch's footprint."""
    return mill.caller().get(f"/batches/{batch}/footprint", **query)
