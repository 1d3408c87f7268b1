"""The plant: machines, meters, supplies and utilities as they stand from a day on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Standby:
    """Who carries what a machine uses between two runs (rule 8).

    Attributes:
        to: ``next-batch`` or ``overhead``.
        longest: Idle time before a run beyond this is overhead.
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
        holds: How many batches are in it at once.
        settle: What its batch point shows for less than this is no run.
        restart: An id that was gone for no longer than this, and is the same again, never left.
        idle_kw: What it draws at most while no batch is in it; None where not said. [kW]
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
    holds: int = 1
    settle: timedelta = timedelta(seconds=30)
    restart: timedelta = timedelta(minutes=10)
    idle_kw: str | None = None


@dataclass(frozen=True, slots=True)
class SharedMeter:
    """One meter before several machines, and the ladder of drivers that divides it (rule 7)."""

    id: str
    carrier: str
    meter: str
    machines: tuple[str, ...]
    drivers: tuple[str, ...]


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
    """What the mill is, from a day on."""

    site: str
    timezone: str
    region: str
    valid_from: datetime
    machines: tuple[Machine, ...]
    shared: tuple[SharedMeter, ...] = ()
    supplies: tuple[Supply, ...] = ()
    utilities: tuple[Utility, ...] = ()

    def machine(self, name: str) -> Machine | None:
        """The machine of that name."""
        return next((machine for machine in self.machines if machine.id == name), None)

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
