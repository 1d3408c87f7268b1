"""The floor: every machine as it is now, worked out once for all who look.

Twenty screens ask every second. What they see is made at most twice a second and packed once, so
what a screen costs is one copy of bytes; and footprints of running batches are computed anew only
as often as leaves the server nearly all of its time for readings.
"""

import gzip
import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from api.golden import WHOLE, reference
from api.ledger.accounts import Run
from api.ledger.plant import Machine
from api.rates import Rate, rates
from api.service import Service
from api.tariff import CENT
from collector.wire.birth import Birth, Point
from collector.wire.reading import Kind, Reading, stamp

STALE = timedelta(minutes=2)
"""A machine whose meters have said nothing for longer is silent."""
_LIVE_FOR = timedelta(minutes=1)
"""As long as a live reading is no older, the journal is not asked whether it has a newer one."""
_FRESH_S = 0.4
_PATIENCE_S = 0.5  # for footprints that nobody has computed yet
_BIRTHS_FOR_S = 30.0
_RATES_FOR_S = 300.0
_NO_RATES_FOR_S = 5.0
_NEWEST = 100  # batches that rates come from
_QUANTITIES = (
    ("power_kw", "power", "electricity"),
    ("mass_flow_kg_h", "steam_flow", "steam"),
    ("flow_m3_0c_h", "gas_flow", "natural_gas"),
    ("flow_m3_h", "water_flow", "water"),
    ("bath_c", "bath_temperature", ""),
)
_CARRIERS = {quantity: carrier for _, quantity, carrier in _QUANTITIES if carrier}
_RUNNING_STATE = 2
_GRAM = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Said:
    """The whole floor as bytes, plain and packed."""

    plain: bytes
    packed: bytes


class Floor:
    """Describes machines; safe to ask from many threads."""

    def __init__(self, service: Service) -> None:
        self._the = service
        self._lock = threading.Lock()
        self._said: tuple[float, Said] | None = None
        self._births: tuple[float, dict[str, Birth | None]] = (0.0, {})
        self._rates: tuple[float, Mapping[str, Rate]] | None = None
        self._articles: dict[str, str] = {}

    def all(self) -> Said:
        """Every machine, no older than a moment."""
        with self._lock:
            now = time.monotonic()
            if self._said is None or now - self._said[0] > _FRESH_S:
                plant, until, known = self._the.reporter.plants[-1], now + _PATIENCE_S, self.rates()
                machines = [self.machine(one, known, patient_until=until) for one in plant.machines]
                body = {
                    "now": stamp(self._the.now()),
                    "currency": self._the.tariff.currency or None,
                    "machines": machines,
                }
                plain = orjson.dumps(body)
                self._said = (time.monotonic(), Said(plain, gzip.compress(plain, 1)))
            return self._said[1]

    def rates(self) -> Mapping[str, Rate]:
        """What a unit of each carrier was worth in the newest final batches, some minutes ago."""
        now = time.monotonic()
        # Before the first batch is final there are none: it is soon looked again.
        stands_for = _RATES_FOR_S if self._rates and self._rates[1] else _NO_RATES_FOR_S
        if self._rates is None or now - self._rates[0] > stands_for:
            the = self._the
            the.sight.goldens.look(the.now())
            spans = the.books.runs.spans(_NEWEST)
            stored = (the.books.results.find(span.id, "footprint") for span in spans)
            bodies = [orjson.loads(one.text) for one in stored if one is not None]
            self._rates = (now, rates(bodies, the.tariff))
            self._articles.clear()  # one that was entered since is seen the next time
        return self._rates[1]

    def machine(
        self, machine: Machine, known: Mapping[str, Rate], *, patient_until: float = math.inf
    ) -> dict[str, Any]:
        """One machine: state, batch, step, gauges, what it draws and what its batch carries.

        Args:
            machine: Which.
            known: What a unit of each carrier is worth.
            patient_until: Monotonic time after which no footprint is computed. [s]
        """
        the = self._the
        latest = {device: self._latest(device) for device in _devices(machine)}
        at = max((one.at for one in latest.values() if one), default=None)
        batch = _value(latest, machine.batch)
        said = str(batch).strip() if batch is not None else ""
        last = the.books.runs.neighbour(machine.id, the.now() + STALE, later=False)
        # What a person said of it counts; a PLC that shows another batch already is newer.
        stated = last is not None and last.going_on and (machine.batch is None or last.said == said)
        name = last.batch if last is not None and stated else said
        state = self._state(machine, latest, at)
        if machine.batch is None and machine.running is None and stated and state == "idle":
            state = "running"
        run = last if name else None
        gauges = [one for device in latest for one in self._gauges(device, latest[device])]
        return {
            "id": machine.id,
            "process": run.process if run else machine.process,
            "line": machine.line,
            "capacity_kg": machine.capacity_kg,
            "state": state,
            "batch": name or None,
            "step": self._step(machine, latest),
            "since": None if last is None else stamp(run.start if run else last.end),
            "at": stamp(at) if at else None,
            "gauges": gauges,
            "per_hour": _per_hour(gauges, known),
            "last_batch": last.batch or None if last and not name else None,
        } | self._so_far(name, last, patient_until)

    def _so_far(self, batch: str, last: Run | None, patient_until: float) -> dict[str, Any]:
        """What the running batch carries, beside the golden one of its kind."""
        known = self._the.bookkeeper
        so_far = known.so_far if time.monotonic() < patient_until else known.known_so_far
        body = so_far(batch) if batch else None
        if body is None:
            return {"so_far": None, "golden": None}
        process = last.process if last else ""
        return {
            "so_far": body["total"] | {"computed_at": body["computed_at"]},
            "golden": self._beside_golden(body, process),
        }

    def _beside_golden(self, body: Mapping[str, Any], process: str) -> dict[str, Any] | None:
        """The golden batch of its article, else of its process, and what this one has of that."""
        known, article = self._the.sight.goldens.references, self._article(body["batch"])
        of, golden = "article", reference(known, article, WHOLE)
        so_far = body["total"]["kgco2e_per_kg"]
        if golden is None:
            of, golden = "process", reference(known, article, process)
            so_far = _per_kg(body, process)
        if golden is None:
            return None
        return {
            "of": of,
            "batch": golden.batch,
            "kgco2e_per_kg": f"{golden.kgco2e_per_kg:f}",
            "among": golden.among,
            "so_far_per_kg": so_far,
        }

    def _article(self, batch: str) -> str:
        article = self._articles.get(batch)  # once: others may forget all of them meanwhile
        if article is None:
            entered = self._the.books.batches.entered(batch)
            article = self._articles[batch] = entered.article if entered else ""
        return article

    def _birth(self, device: str) -> Birth | None:
        since, known = self._births
        if time.monotonic() - since > _BIRTHS_FOR_S:
            since, known = self._births = (time.monotonic(), {})
        birth = known.get(device)
        if birth is None:  # a device that nobody told of yet may be told of at any moment
            birth = known[device] = self._the.journal.newest_birth(device)
        return birth

    def _latest(self, device: str) -> Reading | None:
        """The newest reading, live where there is one: pages see it before the commit."""
        live = self._the.ears.reading(device)
        if live is not None and self._the.now() - live.at < _LIVE_FOR:
            return live  # what is stored has come by there, but for a backlog of what is older
        stored = self._the.journal.latest(device)
        if live is None or stored is None:
            return live or stored
        return live if live.at >= stored.at else stored

    def _state(
        self, machine: Machine, latest: Mapping[str, Reading | None], at: datetime | None
    ) -> str:
        if at is None or self._the.now() - at > STALE:
            return "silent"
        running = _value(latest, machine.running)
        if isinstance(running, int | float):
            return "running" if running == _RUNNING_STATE else "idle"
        return "running" if _value(latest, machine.batch) else "idle"

    def _step(
        self, machine: Machine, latest: Mapping[str, Reading | None]
    ) -> dict[str, Any] | None:
        value = _value(latest, machine.step)
        if not isinstance(value, int | float) or not value:
            return None
        device, _, name = (machine.step or "").partition(".")
        birth = self._birth(device)
        point = birth.point(name) if birth else None
        return {"value": value, "label": point.labels.get(str(int(value)), "") if point else ""}

    def _gauges(self, device: str, reading: Reading | None) -> list[dict[str, Any]]:
        birth = self._birth(device)
        if reading is None or birth is None:
            return []
        return [
            _gauge(device, point, quantity, reading)
            for point in birth.points
            if point.kind is Kind.GAUGE and (quantity := quantity_of(point.name))
        ]


def quantity_of(point: str) -> str:
    """What a gauge is of: ``power``, ``steam_flow`` …; empty for one that pages do not show."""
    return next((quantity for end, quantity, _ in _QUANTITIES if point.endswith(end)), "")


def _devices(machine: Machine) -> list[str]:
    refs = [meter for _, meter in machine.meters]
    refs += [ref for ref in (machine.batch, machine.running, machine.step) if ref]
    return list(dict.fromkeys(ref.partition(".")[0] for ref in refs))


def _value(latest: Mapping[str, Reading | None], ref: str | None) -> object:
    device, _, point = (ref or "").partition(".")
    one = latest.get(device)
    return one.values.get(point) if one else None


def _gauge(device: str, point: Point, quantity: str, reading: Reading) -> dict[str, Any]:
    bad, doubt = reading.bad.get(point.name), reading.uncertain.get(point.name)
    return {
        "point": f"{device}.{point.name}",
        "quantity": quantity,
        "value": reading.values.get(point.name),
        "unit": point.unit,
        "at": stamp(reading.at),
        "quality": "bad" if bad else "uncertain" if doubt else "good",
        "reason": bad or doubt or "",
    }


def _per_hour(gauges: list[dict[str, Any]], known: Mapping[str, Rate]) -> dict[str, str | None]:
    """What gauges come to if nothing changes for an hour; of known rates only."""
    kgco2e: list[Decimal] = []
    money: list[Decimal] = []
    for gauge in gauges:
        rate = known.get(_CARRIERS.get(gauge["quantity"], ""))
        if rate is None or gauge["value"] is None or gauge["quality"] == "bad":
            continue
        drawn = Decimal(repr(gauge["value"]))
        kgco2e += [] if rate.kgco2e is None else [drawn * rate.kgco2e]
        money += [] if rate.money is None else [drawn * rate.money]
    return {"kgco2e": _sum(kgco2e, _GRAM), "money": _sum(money, CENT)}


def _per_kg(body: Mapping[str, Any], process: str) -> str | None:
    """What a footprint has of a process, per accepted kilogram."""
    mass = body["accepted_kg"]
    parts = [Decimal(one["kgco2e"]) for one in body["by_process"] if one["process"] == process]
    return _sum([part / Decimal(mass) for part in parts], _GRAM) if mass else None


def _sum(parts: list[Decimal], step: Decimal) -> str | None:
    return f"{sum(parts, Decimal(0)).quantize(step):f}" if parts else None
