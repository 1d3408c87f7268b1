"""A small mill in minutes and round numbers, for facts about the ledger."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from api.ledger.accounts import Account, Posting, Run
from api.ledger.attribute import Attribution, attribute
from api.ledger.cuts import cuts
from api.ledger.factors import Factor
from api.ledger.machines import Shift
from api.ledger.plant import Machine, Plant, SharedMeter, Standby, Supply, Utility
from api.ledger.pools import Window
from collector.wire.reading import Value
from gateway.intervals import Counter, Measured, Sample, Swap, measure

START = datetime(2026, 3, 2, tzinfo=UTC)
SITE = "keqiao"
DYEING = "dyeing-exhaust"
MINUTE = timedelta(minutes=1)


def so_many(usual: int) -> int:
    """How many mills a property is tried on: as usual, or as MILLPRINT_MILLS says."""
    return int(os.environ.get("MILLPRINT_MILLS", usual))


def at(minutes: float) -> datetime:
    """So many minutes after the beginning."""
    return START + minutes * MINUTE


def run(
    batch: str = "B1",
    start: float = 0,
    end: float = 60,
    *,
    machine: str = "jet-01",
    process: str = DYEING,
    going_on: bool = False,
) -> Run:
    """A batch on a machine, from minute to minute."""
    return Run(machine, batch, process, at(start), at(end), going_on, batch)


def machine(
    name: str = "jet-01", *, to: str = "next-batch", longest: float = 240, **meters: str
) -> Machine:
    """A machine, its own meters by carrier, and who carries its idling."""
    standby = Standby(to, longest * MINUTE)
    return Machine(name, DYEING, meters=tuple(meters.items()), standby=standby)


def plant(
    *machines: Machine,
    shared: Sequence[SharedMeter] = (),
    supplies: Sequence[Supply] = (),
    utilities: Sequence[Utility] = (),
) -> Plant:
    """A plant of these."""
    return Plant(
        SITE,
        "Asia/Shanghai",
        "CN-ZJ",
        at(-(10**5)),
        machines,
        tuple(shared),
        tuple(supplies),
        tuple(utilities),
    )


def boiler(**changed: Any) -> Utility:
    """A boiler that makes steam from gas and power."""
    facts: dict[str, Any] = {
        "id": "boiler-1",
        "makes": "steam",
        "output": "boiler.mass_kg",
        "uses": (("natural_gas", "boiler.gas_m3_0c"), ("electricity", "boiler.energy_kwh")),
        "balance_over": 60 * MINUTE,
    }
    return Utility(**(facts | changed))


def samples(*shown: tuple[float, Value | None]) -> list[Sample]:
    """Samples by minute; None is a bad one."""
    return [
        Sample(at(minute), value, "bad" if value is None else "good", "", "b")
        for minute, value in shown
    ]


@dataclass
class Mill:
    """A plant, what happened in it, and what its registers showed.

    Attributes:
        plant: The plant.
        runs: What ran.
        registers: What each counter showed, by minute.
        masses: Kilograms by batch.
        rated: Kilowatts by machine.
        until: Minute up to which readings reach.
        period: First and last minute that is attributed.
        windows: First and last minute of each window, and whether it is closed, by utility.
        gauges: Means of gauges by slot.
        facts: What else `Shift` may know: quantities, curves, working shifts.
        limits: The most that a counter can count an hour, by counter.
        swaps: What people decided, by counter.
    """

    plant: Plant
    runs: Sequence[Run] = ()
    registers: Mapping[str, Sequence[tuple[float, Value]]] = field(default_factory=dict)
    masses: Mapping[str, str] = field(default_factory=dict)
    rated: Mapping[str, str] = field(default_factory=dict)
    until: float = 60
    period: tuple[float, float] = (0, 60)
    windows: Mapping[str, Sequence[tuple[float, float, bool]]] = field(default_factory=dict)
    gauges: Mapping[str, Mapping[datetime, Decimal]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    swaps: Mapping[str, Sequence[Swap]] = field(default_factory=dict)

    def measured(self) -> dict[str, Measured]:
        """Its counters over the period, cut where the ledger wants them cut."""
        period = at(self.period[0]), at(self.period[1])
        bounds = cuts(self.plant, self.runs, *period, self.facts.get("work_shifts", ()))
        return {
            meter: measure(
                samples(*shown), bounds[meter], self.counter(meter), self.swaps.get(meter, ())
            )
            for meter, shown in self.registers.items()
        }

    def counter(self, meter: str) -> Counter:
        """What is known of a counter: polled every five minutes, and its limit."""
        limit = self.limits.get(meter)
        return Counter(meter, "", None, 5 * MINUTE, limit=Decimal(limit) if limit else None)

    def attribution(self) -> Attribution:
        """Who carries what."""
        by_machine: dict[str, list[Run]] = {}
        for one in sorted(self.runs, key=lambda one: one.start):
            by_machine.setdefault(one.machine, []).append(one)
        shift = Shift(
            by_machine,
            {batch: Decimal(kg) for batch, kg in self.masses.items()},
            {name: Decimal(kw) for name, kw in self.rated.items()},
            at(self.until),
            **self.facts,
        )
        windows = {
            name: [Window(at(a), at(b), closed) for a, b, closed in found]
            for name, found in self.windows.items()
        }
        return attribute(self.plant, shift, windows, self.measured(), self.gauges)

    def carried(self, meter: str) -> dict[str, Decimal]:
        """Amounts of a meter by account."""
        return carried(self.attribution(), meter)


def carried(found: Attribution, meter: str) -> dict[str, Decimal]:
    """Amounts of a meter by account: ``run B1``, ``standby B1``, ``overhead jet-01`` …"""
    amounts: dict[str, Decimal] = {}
    for posting in found.postings:
        if posting.meter == meter and posting.amount:
            name = named(posting.account)
            amounts[name] = amounts.get(name, Decimal(0)) + posting.amount
    return amounts


def charged(found: Attribution, meter: str, *rules: str) -> dict[str, Decimal]:
    """Amounts of a utility's input by account, by some rules or by all."""
    amounts: dict[str, Decimal] = {}
    for charge in found.charges:
        if charge.meter == meter and (not rules or charge.rule in rules):
            name = named(charge.account)
            amounts[name] = amounts.get(name, Decimal(0)) + charge.amount
    return amounts


def named(account: Account) -> str:
    """An account in two words."""
    if account.run is not None:
        return f"{account.kind} {account.run.batch or account.run.machine}"
    return f"{account.kind} {account.name}"


def rules(found: Attribution, meter: str) -> set[str]:
    """The rules by which a meter was posted."""
    return {posting.rule for posting in found.postings if posting.meter == meter}


def amount_of(postings: Sequence[Posting]) -> Decimal:
    """What postings come to."""
    return sum((posting.amount for posting in postings), Decimal(0))


def factor(name: str = "grid-2024", **changed: Any) -> Factor:
    """A row of a catalogue; ``year`` and ``published`` may be given short."""
    year = changed.pop("year", 2024)
    published = changed.pop("published", f"{year + 1}-06-01")
    facts: dict[str, Any] = {
        "id": name,
        "carrier": "electricity",
        "unit": "kWh",
        "views": ("footprint",),
        "component": "life_cycle",
        "method": "location",
        "gas": "CO2e",
        "value": "0.5",
        "region": "CN",
        "data_from": date(year, 1, 1),
        "published": date.fromisoformat(published),
        "names": {"en": name, "zh": name},
        "source": {},
    } | changed
    return Factor(**(facts | {"value": Decimal(facts["value"])}))


GWP = {"CO2": Decimal(1), "CH4": Decimal("29.8"), "N2O": Decimal(273), "CO2e": Decimal(1)}
