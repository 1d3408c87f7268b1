"""Shapes of improvement measures, and of two periods beside each other."""

from typing import Literal

from api.shapes import At, Exact, Shape, says

Kind = Literal["article", "process", "machine"]


class Improvement(Shape):
    """A measure that was taken to save."""

    id: int = says("In the order in which they were entered")
    what: str = says("What was done")
    of: Kind = says("Whom it is about")
    name: str = says("Which article, process or machine")
    since: At = says("From when it works")
    by: str = says("Who entered it")
    why: str = says("Why it should save")
    evidence: str = says("What proves it")
    entered_at: At = says("When it was entered")


class Improvements(Shape):
    """The register of improvement measures."""

    improvements: list[Improvement] = says("In the order in which they were entered")


class Side(Shape):
    """One of the two periods."""

    start: At = says("Its beginning", alias="from")
    end: At = says("Its end", alias="to")
    batches: int = says("Final batches that ended in it and count")
    without_mass: list[str] = says("Those of which nobody knows the accepted mass; they do not")
    accepted_kg: Exact = says("Accepted mass [kg]")
    kgco2e: Exact = says("What it emitted [kgCO2e]")


class PerKilogram(Shape):
    """What an accepted kilogram took before and after; by = mix + own, exactly."""

    before: Exact = says("In the first period [unit/kg]")
    after: Exact = says("In the second [unit/kg]")
    by: Exact = says("The difference; negative where it became less [unit/kg]")
    part: Exact | None = says("Of what it was before; null where that was nothing [1]")
    mix: Exact = says("What of the difference comes of other things being made [unit/kg]")
    own: Exact = says("And what of the things themselves [unit/kg]")


class CarrierPerKilogram(PerKilogram):
    """The same of a carrier."""

    carrier: str = says("Which")
    unit: str = says("Its unit")


class Made(Shape):
    """What of a group was made in a period."""

    accepted_kg: Exact = says("Accepted mass [kg]")
    kgco2e: Exact = says("What it emitted [kgCO2e]")


class Group(Shape):
    """An article, or of an article a route, in both periods."""

    group: str = says("Its name; empty for batches that were entered with no article")
    before: Made | None = says("Null where none of it was made")
    after: Made | None = says("Null where none of it was made")


class Comparison(Shape):
    """An article, a process or a machine before and after."""

    of: Kind = says("What is compared")
    name: str = says("Which")
    view: Literal["footprint"] = says("Of which view")
    grouped_by: Literal["route", "article"] = says("Between what the mix is")
    before: Side = says("The first period")
    after: Side = says("The second")
    kgco2e_per_kg: PerKilogram | None = says("Null where one of them made nothing [kgCO2e/kg]")
    avoided_kgco2e: Exact | None = says("What was not emitted in the second period [kgCO2e]")
    avoided_by_itself_kgco2e: Exact | None = says("And that without the mix [kgCO2e]")
    carriers: list[CarrierPerKilogram] = says("Carrier by carrier, water and pollutants too")
    groups: list[Group] = says("Group by group")
    measures: list[Improvement] = says("Measures about the same, from the first to the last day")


class ImprovementCompared(Comparison):
    """What a measure did."""

    improvement: Improvement = says("Which measure")
