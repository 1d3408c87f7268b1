"""Shapes of the site, its health and its factors."""

from typing import Literal

from api.shapes import At, Day, Exact, Shape, says


class Site(Shape):
    """Which mill this is."""

    site: str = says("The mill's id")
    timezone: str = says("Its time zone, from the IANA database", examples=["Asia/Shanghai"])
    region: str = says("Where it is, for factors", examples=["CN-ZJ"])
    version: str = says("Of this software")
    now: At = says("The server's time")


class Check(Shape):
    """One thing that is looked at."""

    name: str = says("What", examples=["broker"])
    ok: bool = says("Whether it is well")
    text_en: str = says("How it stands")
    text_zh: str = says("How it stands, in Chinese")


class Health(Shape):
    """Whether everything that feeds the ledger is well."""

    status: Literal["ok", "warn"] = says("ok where every check is")
    now: At = says("The server's time")
    checks: list[Check] = says("What was looked at")


class Factor(Shape):
    """A row of the factor catalogue, with its source."""

    id: str = says("Its name for ever")
    name_en: str = says("What it is")
    name_zh: str = says("What it is, in Chinese")
    carrier: str = says("The carrier or stuff that it prices", examples=["natural_gas"])
    unit: str = says("The unit of the amounts that it prices", examples=["m3_0c"])
    views: list[str] = says("footprint, inventory or both")
    component: str = says("combustion, upstream, total …")
    method: str | None = says("location or market, where that matters")
    gas: str = says("The gas that its value counts", examples=["co2e"])
    value: Exact = says("How much, in the unit that value_unit says")
    value_unit: str = says("The unit of the value", examples=["kgCO2e/kWh"])
    region: str = says("Where it holds")
    data_year: str = says("First year of its data")
    published: Day = says("When it was published: it is not used before")
    publisher: str = says("Who published it")
    document: str = says("In which document and table")
    source_url: str = says("Where that is")
    confidence: str = says("How sure the entry is")
    licence: str = says("Under which terms it may be used")
    notes: str = says("What else is to be known")
    gwp_set: str | None = says("Warming potentials that are in its value")
    primary: bool = says("Whether it is a supplier's own, measured value")
    evidence: str = says("What proves it, where the mill declared it")


class Factors(Shape):
    """The factor catalogue."""

    factors: list[Factor] = says("Every row that may price a carrier")


class UsedFactor(Factor):
    """A factor that priced a line."""

    why: str = says("Why this one was chosen")
