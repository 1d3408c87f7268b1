"""The plant's files: dated full snapshots, ``plant/<valid-from>.toml``, checked and frozen."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from api.ledger import drivers
from api.ledger.cuts import SLOT
from api.ledger.plant import Machine, Plant, SharedMeter, Standby, Supply, Utility
from collector import toml_files
from collector.wire.problem import Problem, Refused
from collector.wire.topics import NAME

UNITS: Mapping[str, tuple[str, ...]] = {
    "electricity": ("_kwh",),
    "steam": ("_kg", "_kwh"),
    "natural_gas": ("_m3_0c", "_m3_20c"),
    "water": ("_m3",),
    "compressed_air": ("_m3_0c", "_m3_20c"),
    "thermal_oil_heat": ("_kwh",),
    "wastewater": ("_m3",),
}
"""Carriers, and how a counter of each must end: a gas without its reference is refused (rule 4)."""

_DAY = timedelta(days=1)
_DURATIONS = {"min": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class _Site:
    id: str
    timezone: str
    region: str


@dataclass(frozen=True, slots=True)
class _Standby:
    to: str = "next-batch"
    max: str = "4h"


@dataclass(frozen=True, slots=True)
class _Machine:
    process: str
    line: str = ""
    capacity_kg: float | int | None = None
    rated_kw: float | int | None = None
    batch: str | None = None
    running: str | None = None
    step: str | None = None
    mass: str | None = None
    processes: dict[str, str] = field(default_factory=dict)
    standby: _Standby = _Standby()
    electricity: str | None = None
    steam: str | None = None
    natural_gas: str | None = None
    water: str | None = None
    compressed_air: str | None = None
    thermal_oil_heat: str | None = None
    wastewater: str | None = None


@dataclass(frozen=True, slots=True)
class _Shared:
    carrier: str
    meter: str
    machines: tuple[str, ...]
    drivers: tuple[str, ...] = ("mass",)


@dataclass(frozen=True, slots=True)
class _Supply:
    carrier: str
    meter: str | None = None
    meters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Utility:
    makes: str
    uses: dict[str, str]
    output: str | None = None
    balance_over: str = "1d"


@dataclass(frozen=True, slots=True)
class _File:
    site: object
    machines: dict[str, object] = field(default_factory=dict)
    shared: dict[str, object] = field(default_factory=dict)
    supplies: dict[str, object] = field(default_factory=dict)
    utilities: dict[str, object] = field(default_factory=dict)


def load(folder: Path, points: Mapping[str, frozenset[str]] | None = None) -> tuple[Plant, ...]:
    """Read every snapshot of a configuration folder, oldest first.

    Args:
        folder: The configuration folder.
        points: Points by device, where they are known: a plant may name no other.

    Raises:
        Refused: There is none, or one cannot stand; with every problem found in it.
    """
    paths = sorted((folder / "plant").glob("*.toml"))
    if not paths:
        raise Refused(Problem("no-plant", str(folder / "plant")))
    return tuple(read(path, points) for path in paths)


def in_force(plants: tuple[Plant, ...], at: datetime) -> Plant:
    """The snapshot that holds at an instant; before the first one, the first."""
    return next((plant for plant in reversed(plants) if plant.valid_from <= at), plants[0])


def read(path: Path, points: Mapping[str, frozenset[str]] | None = None) -> Plant:
    """Read one snapshot; `Refused` with all that is wrong with it."""
    file = toml_files.shape(_File, toml_files.read(path), str(path))
    site = toml_files.shape(_Site, file.site, f"{path}  [site]")
    try:
        zone = ZoneInfo(site.timezone)
        valid_from = datetime.combine(date.fromisoformat(path.stem), datetime.min.time(), zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        values = {"name": path.name, "timezone": site.timezone}
        raise Refused(Problem("bad-plant-date", str(path), None, values)) from None
    if not NAME.fullmatch(site.id):
        raise Refused(Problem("bad-name", f"{path}  [site] id", None, {"name": site.id}))
    reader = _Reader(path)
    plant = Plant(
        site=site.id,
        timezone=site.timezone,
        region=site.region,
        valid_from=valid_from,
        machines=tuple(reader.machine(name, raw) for name, raw in file.machines.items()),
        shared=tuple(reader.shared(name, raw) for name, raw in file.shared.items()),
        supplies=tuple(reader.supply(name, raw) for name, raw in file.supplies.items()),
        utilities=tuple(reader.utility(name, raw) for name, raw in file.utilities.items()),
    )
    problems = [*reader.problems, *_contradictions(plant, path)]
    if points is not None:
        problems += _unknown_points(plant, path, points)
    if problems:
        raise Refused(*problems)
    return plant


def duration(text: str, where: str) -> timedelta:
    """A length of time such as ``30min``, ``4h``, ``1d``; `Refused` where it is none."""
    for suffix, name in _DURATIONS.items():
        number = text.removesuffix(suffix)
        if number != text and number.isdecimal() and int(number) > 0:
            return timedelta(**{name: int(number)})
    raise Refused(Problem("bad-duration", where, None, {"value": text}))


class _Reader:
    """Reads the tables of one file and gathers what is wrong with them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problems: list[Problem] = []

    def machine(self, name: str, raw: object) -> Machine:
        where = f"{self._path}  [machines.{name}]"
        table = toml_files.shape(_Machine, raw, where)
        meters = tuple((carrier, m) for carrier in UNITS if (m := getattr(table, carrier)))
        for carrier, meter in meters:
            self._meter(carrier, meter, f"{where} {carrier}")
        if not meters:
            self.problems.append(Problem("machine-without-meter", where))
        for number in (table.capacity_kg, table.rated_kw):
            if number is not None and not 0 <= number < math.inf:
                self._wrong(where, str(number), "a machine holds and draws 0 or more")
        processes = {}
        for step, process in table.processes.items():
            if step.isdecimal():
                processes[int(step)] = process
            else:
                self.problems.append(Problem("bad-step-type", where, None, {"step": step}))
        standby = Standby(table.standby.to, duration(table.standby.max, f"{where} standby.max"))
        if standby.to not in ("next-batch", "overhead"):
            self.problems.append(Problem("unknown-standby", where, None, {"to": standby.to}))
        return Machine(
            id=name,
            process=table.process,
            line=table.line,
            capacity_kg=None if table.capacity_kg is None else str(table.capacity_kg),
            rated_kw=None if table.rated_kw is None else str(table.rated_kw),
            meters=meters,
            batch=table.batch,
            running=table.running,
            step=table.step,
            mass=table.mass,
            processes=processes,
            standby=standby,
        )

    def shared(self, name: str, raw: object) -> SharedMeter:
        where = f"{self._path}  [shared.{name}]"
        table = toml_files.shape(_Shared, raw, where)
        self._meter(table.carrier, table.meter, where)
        known = drivers.names()
        for rung in table.drivers:
            if rung not in known:
                values = {"driver": rung, "nearest": toml_files.nearest(rung, known)}
                values["known"] = ", ".join(known)
                self.problems.append(Problem("unknown-driver", where, None, values))
        return SharedMeter(name, table.carrier, table.meter, table.machines, table.drivers)

    def supply(self, name: str, raw: object) -> Supply:
        where = f"{self._path}  [supplies.{name}]"
        table = toml_files.shape(_Supply, raw, where)
        meters = ((table.meter,) if table.meter else ()) + table.meters
        for meter in meters:
            self._meter(table.carrier, meter, where)
        if not meters:
            self.problems.append(Problem("supply-without-meter", where))
        return Supply(name, table.carrier, tuple(dict.fromkeys(meters)))

    def utility(self, name: str, raw: object) -> Utility:
        where = f"{self._path}  [utilities.{name}]"
        table = toml_files.shape(_Utility, raw, where)
        for carrier, meter in table.uses.items():
            self._meter(carrier, meter, f"{where} uses.{carrier}")
        if table.output:
            self._meter(table.makes, table.output, f"{where} output")
        over = duration(table.balance_over, f"{where} balance_over")
        if over % SLOT or (over > _DAY and over % _DAY):
            why = "a balancing window is whole quarters of an hour, and beyond a day whole days"
            self._wrong(f"{where} balance_over", repr(table.balance_over), why)
        return Utility(name, table.makes, table.output, tuple(table.uses.items()), over)

    def _wrong(self, where: str, value: str, why: str) -> None:
        self.problems.append(Problem("wrong-value", where, None, {"value": value, "why": why}))

    def _meter(self, carrier: str, meter: str, where: str) -> None:
        if carrier not in UNITS:
            values = {"carrier": carrier, "nearest": toml_files.nearest(carrier, UNITS)}
            values["known"] = ", ".join(UNITS)
            self.problems.append(Problem("unknown-carrier", where, None, values))
        elif not meter.endswith(UNITS[carrier]) or "." not in meter:
            values = {"meter": meter, "carrier": carrier, "units": " / ".join(UNITS[carrier])}
            self.problems.append(Problem("meter-of-wrong-unit", where, None, values))


def _contradictions(plant: Plant, path: Path) -> list[Problem]:
    """What cannot be true at once."""
    made = {utility.makes for utility in plant.utilities}
    supplied = made | {supply.carrier for supply in plant.supplies}
    looped = [
        {"utility": utility.id, "carrier": carrier}
        for utility in plant.utilities
        for carrier, _ in utility.uses
        if carrier in made
    ]
    bare = [{"carrier": carrier} for carrier in sorted(set(plant.carrier_of().values()) - supplied)]
    found = [("meter-in-two-places", values) for values in _twice(plant)]
    found += [("meter-of-wrong-unit", values) for values in _mixed(plant)]
    found += [("unknown-machine", values) for values in _strangers(plant)]
    found += [("utility-feeds-utility", values) for values in looped]
    found += [("carrier-without-supply", values) for values in bare]
    return [Problem(code, str(path), None, values) for code, values in found]


def _twice(plant: Plant) -> list[dict[str, str]]:
    """Meters that two owners claim, two supplies, or two utilities as what they made.

    A supply's meter may be its only user's own, and a utility's output its only consumer's.
    """
    used = [(m, f"machines.{one.id} {c}") for one in plant.machines for c, m in one.meters]
    used += [(one.meter, f"shared.{one.id}") for one in plant.shared]
    used += [(m, f"utilities.{one.id} {c}") for one in plant.utilities for c, m in one.uses]
    supplied = [(m, f"supplies.{one.id}") for one in plant.supplies for m in one.meters]
    made = [(one.output, f"utilities.{one.id}") for one in plant.utilities if one.output]
    found = []
    for claims in (used, supplied, made):
        places: dict[str, str] = {}
        found += [
            {"meter": meter, "one": places[meter], "other": place}
            for meter, place in claims
            if places.setdefault(meter, place) != place
        ]
    return found


def _mixed(plant: Plant) -> list[dict[str, str]]:
    """Meters that count a carrier in another unit than the first one: they cannot be added."""
    units: dict[str, str] = {}
    found = []
    for meter, carrier in plant.carrier_of().items():
        unit = next((one for one in UNITS.get(carrier, ()) if meter.endswith(one)), None)
        if unit is not None and units.setdefault(carrier, unit) != unit:
            values = {"meter": meter, "carrier": carrier, "units": units[carrier]}
            found.append(values)
    return found


def _strangers(plant: Plant) -> list[dict[str, str]]:
    """Machines that a shared meter names and that are not there."""
    names = {machine.id for machine in plant.machines}
    return [
        {"machine": name, "shared": shared.id, "nearest": toml_files.nearest(name, names)}
        for shared in plant.shared
        for name in shared.machines
        if name not in names
    ]


def named_points(plant: Plant) -> dict[str, str]:
    """Every point that a plant names, and where."""
    named = dict.fromkeys(plant.carrier_of(), "a meter")
    for machine in plant.machines:
        for key in ("batch", "running", "step", "mass"):
            ref = getattr(machine, key)
            if ref:
                named[ref] = f"machines.{machine.id} {key}"
        named |= {meter: f"machines.{machine.id} {carrier}" for carrier, meter in machine.meters}
    return named


def _unknown_points(
    plant: Plant, path: Path, points: Mapping[str, frozenset[str]]
) -> list[Problem]:
    known = [f"{device}.{point}" for device, names in points.items() for point in names]
    return [
        Problem(
            "unknown-point",
            f"{path}  {place}",
            None,
            {"point": ref, "nearest": toml_files.nearest(ref, known)},
        )
        for ref, place in named_points(plant).items()
        if ref not in known
    ]
