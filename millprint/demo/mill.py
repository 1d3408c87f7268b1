"""What the simulated mill consists of and what its machines can do.

One frozen dataclass a table of ``configs/demo/mill.toml``, which explains every key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

StepType: TypeAlias = Literal["fill", "heat", "hold", "dose", "drain", "rinse", "unload", "load"]
Span: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Site:
    """The mill as a whole."""

    id: str
    timezone: str
    region: str
    line: str
    collector: str
    start: datetime
    ambient_c: float
    water_c: float
    valley_hours: tuple[int, ...] = ()
    open: str = ""
    lunch: str = ""
    closed_days: tuple[int, ...] = ()
    repair_every: int = 0
    merge_every: int = 0


@dataclass(frozen=True, slots=True)
class Once:
    """How much is done where the scenario is to end."""

    batches_per_jet: int


@dataclass(frozen=True, slots=True)
class Unmetered:
    """Electricity that only a main meter sees."""

    lighting_kw: float
    compressor_kw: float


@dataclass(frozen=True, slots=True)
class Boiler:
    """A steam boiler fired with gas."""

    name: str
    rated_kg_h: float
    efficiency: Span
    standing_kw: float
    blowdown: float
    pipe_loss_kg_h: float
    steam_kj_per_kg: float
    water_kj_per_kg: float
    feed_kj_per_kg: float
    gas_kj_per_m3_0c: float
    idle_kw: float
    full_kw: float
    pressure_kpa_gauge: float
    steam_c: float
    balance_over: str

    @property
    def latent_kj_per_kg(self) -> float:
        """Heat that a kilogram of steam gives where it condenses. [kJ/kg]"""
        return self.steam_kj_per_kg - self.water_kj_per_kg


@dataclass(frozen=True, slots=True)
class Stenter:
    """A stenter that dries and heat-sets what the jets have dyed."""

    name: str
    kg_per_min: float
    moisture: Span
    set_c: float
    efficiency: float
    gas_kj_per_m3_0c: float
    idle_gas_m3_0c_h: float
    fan_kw: float
    idle_kw: float
    gap_min: float
    capacity_kg: float
    air_m3_0c_h: float = 0.0
    then: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """A machine through which fabric passes at a steady speed; what it takes goes by the kilogram.

    Where it has `programmes` it works off orders of its own, else what others bring.
    """

    name: str
    process: str
    kg_per_min: float
    run_kw: float
    idle_kw: float
    gap_min: float
    capacity_kg: float
    steam_from: str = ""
    steam_per_kg: float = 0.0
    water_l_per_kg: float = 0.0
    hot_water_l_per_kg: float = 0.0
    gas_m3_0c_per_kg: float = 0.0
    air_m3_0c_h: float = 0.0
    then: str = ""
    programmes: tuple[str, ...] = ()
    fabric_kg: Span = (0.0, 0.0)
    load_factor: Span = (1.0, 1.0)
    idle_min: Span = (0.0, 0.0)
    wait_min: Span = (1.0, 2.0)
    liquor_ratio: Span = (0.0, 0.0)

    @property
    def carriers(self) -> tuple[str, ...]:
        """What it takes."""
        rates = {
            "steam": self.steam_per_kg,
            "water": self.water_l_per_kg,
            "hot_water": self.hot_water_l_per_kg,
            "natural_gas": self.gas_m3_0c_per_kg,
            "compressed_air": self.air_m3_0c_h,
        }
        return ("electricity", *(carrier for carrier, rate in rates.items() if rate))


@dataclass(frozen=True, slots=True)
class Works:
    """A utility beside the boilers: makes a carrier of electricity and water, or takes one away.

    Attributes:
        name: Its name.
        makes: The carrier; `wastewater` is taken.
        kwh_per_unit: Electricity for a unit of it. [kWh/unit]
        idle_kw: And while nothing is made.
        loss_per_h: What it makes that nobody gets. [unit/h]
        water_per_unit: Water for a unit of it. [m3/unit]
        balance_over: Window over which its inputs go to those who took.
    """

    name: str
    makes: str
    kwh_per_unit: float
    idle_kw: float
    balance_over: str
    loss_per_h: float = 0.0
    water_per_unit: float = 0.0


@dataclass(frozen=True, slots=True)
class Roof:
    """Solar modules: what they give under a clear sky, and how much of it on which days."""

    peak_kw: float
    clear: Span


@dataclass(frozen=True, slots=True)
class Shared:
    """One meter before several machines."""

    name: str
    carrier: str
    machines: tuple[str, ...]
    drivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Jet:
    """A jet dyeing machine."""

    name: str
    steam_from: str
    then: str
    programmes: tuple[str, ...]
    capacity_kg: float
    fabric_kg: Span
    liquor_ratio: Span
    load_factor: Span
    first_min: Span
    idle_min: Span
    wait_min: Span
    pump_kw: float
    reel_kw: float
    idle_kw: float
    loss_kw_per_c: float
    carry_over_l_per_kg: float
    fill_l_min: float
    rinse_l_min: float
    drain_l_min: float


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a programme.

    Attributes:
        type: What is done.
        minutes: How long; after the temperature is reached where `to_c` is given. [min]
        to_c: Bath temperature to go to; None stays. [°C]
        c_per_min: How fast. [°C/min]
    """

    type: StepType
    minutes: float = 0.0
    to_c: float | None = None
    c_per_min: float = 0.0


@dataclass(frozen=True, slots=True)
class Programme:
    """A dyeing programme."""

    name: str
    number: int
    steps: tuple[Step, ...]
    article: str = ""


@dataclass(frozen=True, slots=True)
class Bus:
    """A Modbus TCP socket or a serial line."""

    name: str
    kind: Literal["tcp", "rtu"]
    baud: int = 9600


@dataclass(frozen=True, slots=True)
class Pulses:
    """What a pulse input counts: the decimal `each` is one pulse's worth."""

    input: str
    each: str


@dataclass(frozen=True, slots=True)
class Device:
    """A meter or PLC.

    Attributes:
        name: Its name in the mill.
        bus: Where it is.
        unit: Its unit id there.
        profile: Its model.
        measures: What it sees, such as ``jet-01.steam``, ``jet-01.plc``, ``site.electricity``.
        every: How often the collector is to read it.
        registers: What its counters show at the start, in the unit of the point's suffix.
        pulses: What its pulse inputs count, by point.
        points: Which of its points the collector is to read; none named: all.
        counter: The point at which it counts what it sees, where that is not the usual one.
    """

    name: str
    bus: str
    unit: int
    profile: str
    measures: str
    every: str = "10s"
    registers: Mapping[str, float] = field(default_factory=dict)
    pulses: Mapping[str, Pulses] = field(default_factory=dict)
    points: tuple[str, ...] = ()
    counter: str = ""

    @property
    def machine(self) -> str:
        """The machine that it is at, or ``site``."""
        return self.measures.partition(".")[0]

    @property
    def carrier(self) -> str:
        """What it measures there; ``plc`` for a PLC."""
        return self.measures.partition(".")[2]


@dataclass(frozen=True, slots=True)
class Mill:
    """A whole mill."""

    site: Site
    once: Once
    unmetered: Unmetered
    boilers: Mapping[str, Boiler]
    stenters: Mapping[str, Stenter]
    jets: Mapping[str, Jet]
    ranges: Mapping[str, Range]
    works: Mapping[str, Works]
    shared: Mapping[str, Shared]
    roof: Roof | None
    programmes: Mapping[str, Programme]
    buses: Mapping[str, Bus]
    devices: Mapping[str, Device]
