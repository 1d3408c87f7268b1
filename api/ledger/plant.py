"""The plant: machines, meters, supplies and utilities as they stand from a day on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal


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

    def signal(self, name: str) -> str | None:
        """Where a signal is read: as declared, else the point of that name on its PLC."""
        own = next((ref for ref in (self.batch, self.running, self.step) if ref), "")
        plc = own.partition(".")[0]
        return self.signals.get(name) or (f"{plc}.{name}" if plc else None)


def signal_names(rung: str) -> tuple[str, ...]:
    """The signals that a rung of a ladder asks of every machine."""
    if rung == "liquor":
        return ("liquor", "temperature")
    return (rung.removeprefix("signal:"),) if rung.startswith("signal:") else ()


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
    """A carrier that comes into the mill, counted by one meter or by several side by side."""

    id: str
    carrier: str
    meters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Utility:
    """Turns carriers into a carrier (rule 12).

    Attributes:
        id: Its name.
        makes: The carrier that it makes.
        output: Counter of what it made; None where nobody counts it.
        uses: Carrier and counter of each input.
        balance_over: Length of its balancing window.
    """

    id: str
    makes: str
    output: str | None
    uses: tuple[tuple[str, str], ...]
    balance_over: timedelta


@dataclass(frozen=True, slots=True)
class Plant:
    """What the mill is, from a day on.

    `limits` is the most that a counter can count, by counter. [stored unit per hour]
    """

    site: str
    timezone: str
    region: str
    valid_from: datetime
    machines: tuple[Machine, ...]
    shared: tuple[SharedMeter, ...] = ()
    supplies: tuple[Supply, ...] = ()
    utilities: tuple[Utility, ...] = ()
    processes: Mapping[str, Process] = field(default_factory=dict)
    shifts: tuple[WorkShift, ...] = ()
    limits: Mapping[str, Decimal] = field(default_factory=dict)

    def machine(self, name: str) -> Machine | None:
        """The machine of that name."""
        return next((machine for machine in self.machines if machine.id == name), None)

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
        return carriers
