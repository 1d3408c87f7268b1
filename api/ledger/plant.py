"""The plant: machines, meters, supplies and utilities as they stand from a day on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal

from api.ledger.meter import Meter


@dataclass(frozen=True, slots=True)
class Standby:
    """Who carries what a machine, or a group behind one meter, uses while idle (rule 8).

    Attributes:
        to: ``next-batch``; ``shift``: the runs of the working shift, by run hours; or
            ``overhead``.
        longest: Idle time further than this from a run that would carry it is overhead.
    """

    to: str = "next-batch"
    longest: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine and the points that tell of it; points are ``device.point``.

    Attributes:
        id: Its name.
        process: What it does, where its step does not say.
        line: The production line that it stands in.
        capacity_kg: What it holds; None where not said. [kg]
        rated_kw: Rated power; None where not said. [kW]
        meters: Carrier and counter of each own meter.
        batch: Text point that says which batch it runs.
        running: State point that says whether it runs.
        step: State point of the step type.
        mass: Gauge of the fabric in it. [kg]
        processes: Process by step type.
        standby: Who carries its idle use.
        drivers: What divides its own meters among batches that are on it at once (rule 6).
        signals: Gauge or state by the name that drivers call it: ``motor_on``, ``liquor``,
            ``temperature``. ``device.point=2`` is the time in that state.
        quantities: Gauge of a batch's ``length``, ``area``, ``pieces`` or ``passes``.
        holds: How many batches are in it at once.
        settle: What its batch point shows for less than this is no run.
        restart: An id that was gone for no longer than this, and is the same again, never left.
        idle_kw: What it draws at most while no batch is in it; None where not said. [kW]
        beside_kw: What it draws besides a drive that shows its power: reel, controls; None where
            not said. [kW]
    """

    id: str
    process: str
    line: str = ""
    capacity_kg: str | None = None
    rated_kw: str | None = None
    meters: tuple[tuple[str, str], ...] = ()
    batch: str | None = None
    running: str | None = None
    step: str | None = None
    mass: str | None = None
    processes: Mapping[int, str] = field(default_factory=dict)
    standby: Standby = Standby()
    drivers: tuple[str, ...] = ("mass",)
    signals: Mapping[str, str] = field(default_factory=dict)
    quantities: Mapping[str, str] = field(default_factory=dict)
    holds: int = 1
    settle: timedelta = timedelta(seconds=30)
    restart: timedelta = timedelta(minutes=10)
    idle_kw: str | None = None
    beside_kw: str | None = None

    def signal(self, name: str) -> str | None:
        """Where a signal is read: as declared, else the point of that name on its PLC."""
        own = next((ref for ref in (self.batch, self.running, self.step) if ref), "")
        plc = own.partition(".")[0]
        return self.signals.get(name) or (f"{plc}.{name}" if plc else None)


def signal_names(rung: str) -> tuple[str, ...]:
    """The signals that a rung of a ladder asks of every machine."""
    name, _, argument = rung.partition(":")
    if argument:
        return (argument,)
    return ("liquor", "temperature") if name == "liquor" else ()


@dataclass(frozen=True, slots=True)
class SharedMeter:
    """One meter before several machines (rule 7).

    Attributes:
        id: Its name.
        carrier: What it counts.
        meter: The counter.
        machines: The group behind it.
        drivers: The ladder that divides it, the first rung with a signal for the whole group.
        standby: Who carries what it shows while none of the group runs.
        shares: Share by machine, for the driver ``fixed``; they add up to 1.
    """

    id: str
    carrier: str
    meter: str
    machines: tuple[str, ...]
    drivers: tuple[str, ...]
    standby: Standby = Standby()
    shares: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Process:
    """What is declared of a process, for drivers.

    Attributes:
        coefficient: What a kilogram counts for in it, beside other processes.
        passes: How often the fabric passes the machine.
        source: Where these are from.
    """

    coefficient: Decimal | None
    passes: Decimal | None
    source: str


@dataclass(frozen=True, slots=True)
class WorkShift:
    """A working shift of every day, in site time; one that ends before it starts, on the next."""

    name: str
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Supply:
    """A carrier that comes into the mill, counted by one meter or by several side by side.

    Attributes:
        id: Its name.
        carrier: What comes in.
        meters: Its counters.
        source: ``solar`` for the mill's own generation; else empty.
        export_meter: Of own generation, the counter of what is sent out; None where nobody counts.
        unmetered: Who carries what no meter behind it saw: ``stand`` (nobody) or ``share``.
    """

    id: str
    carrier: str
    meters: tuple[str, ...]
    source: str = ""
    export_meter: str | None = None
    unmetered: str = "stand"


@dataclass(frozen=True, slots=True)
class Treatment:
    """What an effluent plant measures of what it takes (rule 14).

    Attributes:
        kind: How it treats: ``aerobic``, ``anaerobic-reactor`` …; decides its methane factor.
        cod_in: Gauge of the chemical oxygen demand that comes in. [mg/l]
        cod_out: Gauge of what of it goes out. [mg/l]
        nitrogen_in: Gauge of the total nitrogen that comes in. [mg/l]
        cod_of: Gauge of the chemical oxygen demand by the counter that gives wastewater. [mg/l]
    """

    kind: str
    cod_in: str | None = None
    cod_out: str | None = None
    nitrogen_in: str | None = None
    cod_of: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Utility:
    """Turns carriers into a carrier (rule 12), or takes one away at the expense of others.

    Attributes:
        id: Its name.
        makes: The carrier that it makes; of an effluent plant, the one that it takes.
        output: Counter of what it made or took; None where nobody counts it.
        uses: Carrier and counter of each input.
        balance_over: Length of its balancing window; None: the calendar month.
        treatment: Of an effluent plant, what it does.
    """

    id: str
    makes: str
    output: str | None
    uses: tuple[tuple[str, str], ...]
    balance_over: timedelta | None
    treatment: Treatment | None = None


@dataclass(frozen=True, slots=True)
class Heat:
    """How heat is told from mass in a steam network (rule 13).

    Attributes:
        pressure: Gauge of the header's absolute pressure; None: what is declared. [kPa]
        temperature: Gauge of its temperature; None: what is declared. [°C]
        pressure_kpa_abs: What to take where no gauge tells. [kPa]
        temperature_c: The same; None: saturated. [°C]
        dryness: Part of vapour in saturated steam.
        feed_heat: ``subtract`` or ``ignore``: what was in the water before counts, or not.
        feed_kj_per_kg: Enthalpy of that water. [kJ/kg]
        condensate_c: Temperature of returned condensate. [°C]
    """

    pressure_kpa_abs: Decimal
    temperature_c: Decimal | None = None
    dryness: Decimal = Decimal(1)
    pressure: str | None = None
    temperature: str | None = None
    feed_heat: str = "ignore"
    feed_kj_per_kg: Decimal = Decimal(0)
    condensate_c: Decimal = Decimal(100)


@dataclass(frozen=True, slots=True)
class Network:
    """Terms of a network: what joins those who make or buy a carrier and those who take it.

    Attributes:
        carrier: What flows in it.
        losses: Who carries what reaches no consumer's meter: ``consumers`` or ``overhead``.
        heat: How it is weighed, where heat is its basis; None: as its meters count.
        balance_over: Length of its window, where no utility makes its carrier.
    """

    carrier: str
    losses: str = "consumers"
    heat: Heat | None = None
    balance_over: timedelta | None = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plant:
    """What the mill is, from a day on; `digest` is the SHA-256 of the file that says so."""

    site: str
    timezone: str
    region: str
    valid_from: datetime
    machines: tuple[Machine, ...]
    shared: tuple[SharedMeter, ...] = ()
    supplies: tuple[Supply, ...] = ()
    utilities: tuple[Utility, ...] = ()
    networks: tuple[Network, ...] = ()
    meters: tuple[Meter, ...] = ()
    processes: Mapping[str, Process] = field(default_factory=dict)
    shifts: tuple[WorkShift, ...] = ()
    digest: str = ""

    @property
    def place(self) -> str:
        """Where it is, as narrow as factors are chosen: CN-ZJ-keqiao."""
        return f"{self.region}-{self.site}"

    def machine(self, name: str) -> Machine | None:
        """The machine of that name."""
        return next((machine for machine in self.machines if machine.id == name), None)

    def meter(self, ref: str) -> Meter:
        """What the register says of a meter; one that it does not name has nothing but its name."""
        return next((meter for meter in self.meters if meter.ref == ref), Meter(ref))

    def standbys(self, machine: str) -> tuple[Standby, ...]:
        """What is declared of idling that a machine's runs may carry: its own, and its groups'."""
        own = [one.standby for one in self.machines if one.id == machine]
        return (*own, *(one.standby for one in self.shared if machine in one.machines))

    def signals_of(self, machine: Machine) -> dict[str, str]:
        """Where the signals are read that shared meters ask of a machine, by name."""
        rungs = [rung for one in self.shared if machine.id in one.machines for rung in one.drivers]
        found = {name: machine.signal(name) for rung in rungs for name in signal_names(rung)}
        return {name: ref for name, ref in found.items() if ref}

    def makers(self, carrier: str) -> tuple[Utility, ...]:
        """Utilities that make a carrier."""
        return tuple(utility for utility in self.utilities if utility.makes == carrier)

    def carrier_of(self) -> dict[str, str]:
        """Carrier by counter, over every meter of the plant."""
        carriers: dict[str, str] = {}
        for machine in self.machines:
            carriers |= {meter: carrier for carrier, meter in machine.meters}
        carriers |= {shared.meter: shared.carrier for shared in self.shared}
        for utility in self.utilities:
            carriers |= {meter: carrier for carrier, meter in utility.uses}
            if utility.output:
                carriers[utility.output] = utility.makes
        for supply in self.supplies:
            carriers |= dict.fromkeys(supply.meters, supply.carrier)
            if supply.export_meter:
                carriers[supply.export_meter] = supply.carrier
        return carriers | self._sub_mains(carriers)

    def _sub_mains(self, carriers: Mapping[str, str]) -> dict[str, str]:
        """Counters that stand between others and belong to nobody: they count what those do."""
        behind = {meter.ref: meter.behind for meter in self.meters if meter.behind}
        found: dict[str, str] = {}
        for ref in behind:
            above = ref
            for _ in behind:  # no chain is longer, also where one bites its tail
                above = behind.get(above, "")
                if above in carriers:
                    break
            if ref not in carriers and above in carriers:
                found[ref] = carriers[above]
        return found
