"""Shapes of a footprint and its revisions."""

from typing import Literal

from api.shapes import At, Change, Exact, Shape, View, says
from api.shapes.environment import Environment
from api.shapes.genealogy import Event
from api.shapes.problems import DataProblem
from api.shapes.site import UsedFactor

Status = Literal["final", "provisional", "running", "withdrawn"]


class Difference(Shape):
    """How a revision differs from the one before."""

    from_revision: int = says("Which one before")
    kgco2e: Change = says("By how much [kgCO2e]")
    kgco2e_from: Exact = says("From how much [kgCO2e]")
    kgco2e_to: Exact = says("To how much [kgCO2e]")


class MadeWith(Shape):
    """What a revision was made with: with the same, it comes out the same."""

    factors: str = says("SHA-256 of the factor set")
    plant: str = says("SHA-256 of the plant's snapshots")
    rules: str = says("Version of the accounting rules")
    software: str = says("Version of the software")
    position: int = says("How far the journal was followed")
    priced_as_of: At = says("Factors published later were not used")


class Gwp(Shape):
    """Which warming potentials were used."""

    edition: Literal["ar4", "ar5", "ar6"] = says("The IPCC's assessment report")
    sets_in_factors: list[str] = says("Those that are in the values of factors already")


class Total(Shape):
    """What a batch carries."""

    kgco2e: Exact = says("Sum of all lines [kgCO2e]")
    kgco2e_per_kg: Exact | None = says("Per accepted kilogram [kgCO2e/kg]")
    biogenic_kgco2: Exact = says("Biogenic CO2, which is not in the sum [kgCO2]")


class Quality(Shape):
    """Where an amount comes from; the three add up to 1."""

    measured: Exact = says("Share between two good readings [1]")
    interpolated: Exact = says("Share that was shared out over a gap [1]")
    estimated: Exact = says("Share that is estimated [1]")


class Reads(Shape):
    """How well a line's meters were read meanwhile."""

    scheduled: int = says("Readings that were due")
    good: int = says("Of those, how many were good")
    share: Exact = says("Good of those that were due [1]")


class Input(Shape):
    """What a utility used for a line's amount."""

    carrier: str = says("What it used")
    amount: Exact = says("How much [unit]")
    unit: str = says("Of the amount")
    kgco2e: Exact | None = says("What that emits; null without a factor [kgCO2e]")
    meter: str = says("The meter that counted it", alias="from")
    factor: str | None = says("Ids of the factors that price it")


class Line(Shape):
    """An amount that a batch carries, by which rule, and what it emits."""

    id: str = says("Its place in this footprint")
    carrier: str = says("Electricity, steam, natural_gas, water …")
    amount: Exact = says("How much [unit]")
    unit: str = says("Of the amount: the carrier's stored unit")
    kgco2e: Exact | None = says("What it emits, whole milligrams; null without a factor [kgCO2e]")
    meter: str = says("The meters that counted it", alias="from")
    rule: str = says("The accounting rule that gave it to the batch", examples=["direct"])
    factor: str | None = says("Ids of its factors, or the utility that made it")
    quality: Quality = says("Where the amount comes from")
    inputs: list[Input] = says("What its utility used for it")
    readings: Reads | None = says("Where collectors counted their reads", default=None)


class RunOfFootprint(Shape):
    """A run and the lines of it."""

    machine: str = says("Where")
    process: str = says("Doing what")
    start: At = says("From when")
    end: At | None = says("Until when; null while it goes on")
    batch: str | None = says("Whose run it was, where that is another batch", default=None)
    lines: list[Line] = says("What it carries")


class IdleLine(Line):
    """Standby of a machine before a run."""

    machine: str = says("Which machine stood by")
    before: At = says("Beginning of the run that it stood by for")
    batch: str | None = says("Whose run that was, where that is another batch", default=None)


class ByProcess(Shape):
    """A process's share."""

    process: str = says("Which")
    kgco2e: Exact = says("Its lines [kgCO2e]")
    share: Exact = says("Of the whole [1]")


class ByCarrier(Shape):
    """A carrier's or supply's share."""

    carrier: str = says("Which")
    amount: Exact = says("How much [unit]")
    unit: str = says("Of the amount")
    kgco2e: Exact | None = says("What that emits; null without a factor [kgCO2e]")
    share: Exact = says("Of the whole [1]")


class Exempted(ByCarrier):
    """What no factor prices, or only in part."""

    why: Literal["factor-missing", "upstream-missing"] = says("What is missing")


class ByGas(Shape):
    """A gas's share."""

    gas: str = says("Which")
    kg: Exact | None = says("How much of it, where its factors say gas by gas [kg]")
    kgco2e: Exact = says("What that comes to [kgCO2e]")


class Carried(Shape):
    """What came from a relative."""

    batch: str = says("Who used it")
    kgco2e: Exact = says("How much of it this batch carries [kgCO2e]")


class Footprint(Shape):
    """What a batch carries; totals are the sums of their lines."""

    batch: str = says("The batch's own id (缸号)")
    revision: int = says("From 1; 0 for what is not kept")
    computed_at: At = says("When it was computed")
    reason: str = says("Why there is a new one, several by comma: first-final, late-data …")
    difference: Difference | None = says("From which revision, and by how much")
    made_with: MadeWith | None = says("What a kept revision was made with")
    status: Status = says("Final once every window that it depends on is closed")
    view: View = says("Life cycle (footprint), or scope 1 and 2 with CO2 factors (inventory)")
    method: Literal["location", "market"] = says("How electricity is priced")
    gwp: Gwp = says("Warming potentials")
    boundary: str = says("What is counted", examples=["gate-to-gate"])
    accepted_kg: Exact | None = says("Accepted mass; null where nobody knows it [kg]")
    accepted_kg_from: str | None = says("Who says so")
    total: Total = says("Sums")
    runs: list[RunOfFootprint] = says("Its runs with their lines")
    idle: list[IdleLine] = says("Standby that it answers for")
    overhead: list[Line] = says("Lines of the mill as a whole; empty within this boundary")
    by_process: list[ByProcess] = says("The whole by process")
    by_carrier: list[ByCarrier] = says("The whole by carrier")
    by_supply: list[ByCarrier] = says("The whole by what came into the mill for it")
    by_gas: list[ByGas] = says("The whole by gas")
    factors: list[UsedFactor] = says("Every factor that priced a line, and why this one")
    exempted: list[Exempted] = says("What is missing in the sum")
    metered_share: Exact = says("Of the whole, how much a meter of its own counted [1]")
    primary_data_share: Exact = says("Of the whole, how much primary factors priced [1]")
    problems: list[DataProblem] = says("What is wrong with its data")
    environment: Environment | None = says("Water and pollution beside carbon", default=None)
    carried_from: list[Carried] | None = says("The whole by who used it", default=None)
    genealogy: list[Event] | None = says("Events that it depends on", default=None)


class Revision(Shape):
    """A revision of a footprint, without its lines."""

    revision: int = says("From 1")
    computed_at: At = says("When")
    reason: str = says("Why, several by comma")
    kgco2e: Exact | None = says("Its total [kgCO2e]")
    difference: Change | None = says("To the one before; null for the first [kgCO2e]")
    change: str = says("The same for people, in parentheses; empty for the first")
    factors: str | None = says("SHA-256 of the factor set")
    plant: str | None = says("SHA-256 of the plant's snapshots")
    rules: str | None = says("Version of the accounting rules")
    software: str | None = says("Version of the software")
    position: int | None = says("How far the journal was followed")
    priced_as_of: At | None = says("Factors published later were not used")


class Revisions(Shape):
    """How a batch's footprint changed."""

    batch: str = says("Which")
    view: View = says("Of which view")
    revisions: list[Revision] = says("The first one first")
