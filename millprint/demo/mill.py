"""What the simulated mill consists of and what its machines can do.

One frozen dataclass a table of ``configs/demo/mill.toml``, which explains every key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

StepType: TypeAlias = Literal["fill", "heat", "hold", "dose", "drain", "rinse", "unload", "load"]
Range: TypeAlias = tuple[float, float]


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
    efficiency: Range
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
    moisture: Range
    set_c: float
    efficiency: float
    gas_kj_per_m3_0c: float
    idle_gas_m3_0c_h: float
    fan_kw: float
    idle_kw: float
    gap_min: float
    capacity_kg: float


@dataclass(frozen=True, slots=True)
class Jet:
    """A jet dyeing machine."""

    name: str
    steam_from: str
    then: str
    programmes: tuple[str, ...]
    capacity_kg: float
    fabric_kg: Range
    liquor_ratio: Range
    load_factor: Range
    first_min: Range
    idle_min: Range
    wait_min: Range
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
    programmes: Mapping[str, Programme]
    buses: Mapping[str, Bus]
    devices: Mapping[str, Device]
