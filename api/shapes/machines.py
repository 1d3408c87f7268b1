"""Shapes of machines as they are now, and of their points."""

from typing import Annotated, Literal

from pydantic import Field

from api.shapes import At, Exact, Shape, Value, says
from api.shapes.runs import Run

Quality = Literal["good", "uncertain", "bad"]


class MachineStep(Shape):
    """What a machine does."""

    value: Value = says("As its PLC says it")
    label: str = says("In words, where its profile has them")


class Gauge(Shape):
    """What a gauge shows."""

    point: str = says("device.point")
    quantity: str = says("power, steam_flow, gas_flow, water_flow or bath_temperature")
    value: Value = says("What it shows [unit]")
    unit: str = says("Of the value")
    at: At = says("When it was read")
    quality: Quality = says("Whether it can be trusted")
    reason: str = says("Why not; empty where it can")


class PerHour(Shape):
    """What the gauges come to if nothing changes for an hour."""

    kgco2e: Exact | None = says("Emissions [kgCO2e/h]")
    money: Exact | None = says("Cost, where the site says its prices [currency/h]")


class SoFar(Shape):
    """What the running batch carries so far."""

    kgco2e: Exact = says("Sum of its lines [kgCO2e]")
    kgco2e_per_kg: Exact | None = says("Per accepted kilogram [kgCO2e/kg]")
    biogenic_kgco2: Exact = says("Biogenic CO2, which is not in the sum [kgCO2]")
    computed_at: At = says("When it was computed")


class Golden(Shape):
    """The golden batch beside the one that runs."""

    of: Literal["article", "process"] = says("What both are of")
    batch: str = says("Which batch it is")
    kgco2e_per_kg: Exact = says("What that one carried [kgCO2e/kg]")
    among: int = says("Among how many batches")
    so_far_per_kg: Exact | None = says("The same of the one that runs [kgCO2e/kg]")


class Machine(Shape):
    """A machine as it is now."""

    id: str = says("Its name in the plant")
    process: str = says("What it does, or does by itself")
    line: str = says("Where it stands; empty where nobody says")
    capacity_kg: Exact | None = says("What it takes [kg]")
    state: Literal["running", "idle", "silent"] = says("silent: no reading for two minutes")
    batch: str | None = says("The batch that is on it")
    step: MachineStep | None = says("Its programme's step")
    since: At | None = says("Since when the batch is on it, or off it")
    at: At | None = says("Its newest reading")
    gauges: list[Gauge] = says("What its gauges show")
    per_hour: PerHour = says("What that comes to")
    last_batch: str | None = says("The batch before, where none is on it")
    so_far: SoFar | None = says("What the batch carries")
    golden: Golden | None = says("The reference beside it")


class Machines(Shape):
    """Every machine as it is now."""

    now: At = says("The server's time")
    currency: str | None = says("Of all money, where the site says its prices", examples=["CNY"])
    machines: list[Machine] = says("In the order of the plant")


class LiveMachine(Machine):
    """One machine as it is now."""

    now: At = says("The server's time")


class Sample(Shape):
    """A reading of a point."""

    at: At = says("When; the stretch's beginning with every_s")
    value: Value = says("What it was [the point's unit]")
    quality: Quality = says("Whether it can be trusted")


class Readings(Shape):
    """Readings of a point."""

    point: str = says("device.point")
    unit: str = says("Of the values")
    every: int | None = says("How many readings stand for one; absent with every_s", default=None)
    readings: list[Sample] = says("By time")


Stretch = Annotated[list[float], Field(min_length=3, max_length=3)]


class Curve(Shape):
    """A point's lowest and highest values over a time."""

    point: str = says("device.point")
    unit: str = says("Of the values")
    start: At = says("Beginning of the time that was asked for", alias="from")
    end: At = says("Its end", alias="to")
    step_ms: int = says("Length of the stretches [ms]")
    every_ms: int = says("How often the point is read [ms]")
    complete: bool = says("False while days that nobody asked for before are gone through")
    stretches: list[Stretch] = says("Each begins [ms since 1970], lowest and highest [unit]")


class StepMark(Shape):
    """When a machine's step changed."""

    at: At = says("When it began")
    value: Value = says("As its PLC says it")
    label: str = says("In words, where its profile has them")


class Marks(Shape):
    """Which batches and steps a machine did."""

    runs: list[Run] = says("Runs that touch the time")
    steps: list[StepMark] = says("Its steps, where the time is no longer than three days")
