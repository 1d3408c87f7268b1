"""``[machines.…]``: a machine, its own meters, and what it says of itself."""

import math
from dataclasses import dataclass, field

from api.ledger.plant import Machine
from api.plant.findings import Findings
from api.plant.ladders import check_ladder
from api.plant.standby import StandbyTable, read_standby
from api.plant.units import UNITS, duration
from collector import toml_files
from collector.wire.problem import Problem

_SIGNALS = ("liquor", "temperature")
_QUANTITIES = ("length", "area", "pieces", "passes")


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
    standby: StandbyTable = field(default_factory=StandbyTable)
    holds: int = 1
    settle: str = "30s"
    restart: str = "10min"
    idle_kw: float | int | None = None
    beside_kw: float | int | None = None
    drivers: tuple[str, ...] = ("mass",)
    signals: dict[str, str] = field(default_factory=dict)
    liquor: str | None = None
    temperature: str | None = None
    length: str | None = None
    area: str | None = None
    pieces: str | None = None
    passes: str | None = None
    electricity: str | None = None
    steam: str | None = None
    natural_gas: str | None = None
    lpg: str | None = None
    fuel_oil: str | None = None
    diesel: str | None = None
    water: str | None = None
    soft_water: str | None = None
    hot_water: str | None = None
    heat: str | None = None
    compressed_air: str | None = None
    thermal_oil_heat: str | None = None
    condensate: str | None = None
    wastewater: str | None = None
    voc: str | None = None


def read_machine(name: str, raw: object, findings: Findings) -> Machine:
    """A machine from its table."""
    where = f"{findings.path}  [machines.{name}]"
    table = toml_files.shape(_Machine, raw, where)
    meters = tuple((carrier, m) for carrier in UNITS if (m := getattr(table, carrier, None)))
    for carrier, meter in meters:
        findings.check_meter(carrier, meter, f"{where} {carrier}")
    _check_numbers(table, where, findings)
    processes = {}
    for step, process in table.processes.items():
        if step.isdecimal():
            processes[int(step)] = process
        else:
            findings.problems.append(Problem("bad-step-type", where, None, {"step": step}))
    check_ladder(table.drivers, where, findings, of_batches=True)
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
        standby=read_standby(table.standby, where, findings),
        drivers=table.drivers,
        signals=table.signals | _points(table, _SIGNALS),
        quantities=_points(table, _QUANTITIES),
        holds=table.holds,
        settle=duration(table.settle, f"{where} settle"),
        restart=duration(table.restart, f"{where} restart"),
        idle_kw=None if table.idle_kw is None else str(table.idle_kw),
        beside_kw=None if table.beside_kw is None else str(table.beside_kw),
    )


def _points(table: _Machine, names: tuple[str, ...]) -> dict[str, str]:
    return {name: ref for name in names if (ref := getattr(table, name))}


def _check_numbers(table: _Machine, where: str, findings: Findings) -> None:
    for number in (table.capacity_kg, table.rated_kw, table.idle_kw, table.beside_kw):
        if number is not None and not 0 <= number < math.inf:
            findings.wrong(where, str(number), "a machine holds and draws 0 or more")
    if table.holds < 1:
        findings.wrong(f"{where} holds", str(table.holds), "a machine holds one batch or more")
