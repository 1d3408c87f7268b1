"""Shapes of articles: what a kilogram carries, what is declared, and what that leaves out."""

from typing import Literal

from api.shapes import At, Exact, Shape, View, says
from api.shapes.environment import EnvironmentOfBatches
from api.shapes.footprint import ByProcess
from api.shapes.problems import DataProblem


class Article(Shape):
    """An article that batches were entered with."""

    article: str = says("Its name")
    batches: int = says("How many were entered with it")


class Articles(Shape):
    """What the mill makes."""

    articles: list[Article] = says("By name")


class BatchOfArticle(Shape):
    """A batch of an article."""

    batch: str = says("Which")
    status: str = says("Whether its result is final")
    accepted_kg: Exact | None = says("Accepted mass; null where nobody knows it [kg]")
    kgco2e: Exact = says("What it carries [kgCO2e]")


class ArticleFootprint(Shape):
    """What a kilogram of an article carries, over a period."""

    article: str = says("Which")
    start: At = says("Beginning of the period", alias="from")
    end: At = says("Its end", alias="to")
    view: View = says("Of which view")
    kgco2e: Exact = says("What its batches carry, scrapped ones too [kgCO2e]")
    accepted_kg: Exact = says("Their accepted mass [kg]")
    kgco2e_per_kg: Exact | None = says("The one over the other [kgCO2e/kg]")
    batches: list[BatchOfArticle] = says("What was summed")


class Spread(Shape):
    """How far batches lie apart, each by its own accepted kilogram."""

    low: Exact = says("The lowest [kgCO2e/kg]")
    high: Exact = says("The highest [kgCO2e/kg]")
    standard_deviation: Exact = says("Weighted by accepted mass [kgCO2e/kg]")


class LeftOut(Shape):
    """Something that a declared value leaves out."""

    why: Literal["unmetered", "factor-missing", "upstream-missing"] = says("Why it is left out")
    carrier: str = says("Of what; empty for what no meter saw")
    unit: str = says("Of the amount")
    amount: Exact | None = says("How much; null for what no meter saw [unit]")
    kgco2e: Exact | None = says("What it may come to; null where nobody has said [kgCO2e]")
    source: str = says("Where the estimate is from")


class LeftOutTogether(Shape):
    """How much is left out, and how much may be."""

    share: Exact | None = says("Of the whole with it; null where a part is not known [1]")
    limit: Exact = says("Above this there is no declared value [1]")
    left_out: list[LeftOut] = says("What it is")


class CarrierOfArticle(Shape):
    """A carrier's share."""

    carrier: str = says("Which")
    kgco2e: Exact = says("What its lines emit [kgCO2e]")
    share: Exact = says("Of the whole [1]")


class DeclaredBatch(Shape):
    """A final batch that a declared value is made of."""

    batch: str = says("Which")
    revision: int = says("The revision that was summed")
    kgco2e: Exact = says("What it carries [kgCO2e]")
    accepted_kg: Exact = says("Accepted mass; 0 where all was scrapped or nobody knows it [kg]")
    kgco2e_per_kg: Exact | None = says("The one over the other [kgCO2e/kg]")


class Declared(Shape):
    """The declared value of an article, or why there is none."""

    article: str = says("Which")
    start: At = says("Beginning of the period", alias="from")
    end: At = says("Its end", alias="to")
    boundary: str = says("What is counted", examples=["gate-to-gate"])
    view: Literal["footprint"] = says("Of which view")
    method: Literal["location"] = says("How electricity is priced")
    status: Literal["declared", "batch-value", "refused"] = says(
        "A batch-value is made of one batch alone; refused: the problems say why"
    )
    kgco2e_per_kg: Exact | None = says("The value; null where it is refused [kgCO2e/kg]")
    kgco2e: Exact = says("What its final batches carry, scrapped ones too [kgCO2e]")
    accepted_kg: Exact = says("Their accepted mass [kg]")
    spread: Spread | None = says("How far they lie apart; null where nothing was accepted")
    exempted: LeftOutTogether = says("What it leaves out")
    by_process: list[ByProcess] = says("The whole by process, the most first")
    by_carrier: list[CarrierOfArticle] = says("The whole by carrier, the most first")
    environment: EnvironmentOfBatches = says("Water and pollution beside carbon")
    batches: list[DeclaredBatch] = says("What was summed")
    open: list[str] = says("Batches that ended in the period and are not final; not summed")
    problems: list[DataProblem] = says("Why there is no value, or what is to be known of it")
    digest: str = says("SHA-256 of all the rest but the uncertainty")
    uncertainty: None = says("Of the value: not stated, neither meters' nor factors' are combined")


class Exemption(Shape):
    """What something that no factor prices may come to; it prices nothing."""

    id: int = says("In the order in which they were entered")
    omitted: Literal["factor-missing", "upstream-missing"] = says("What is missing")
    carrier: str = says("As in the footprint")
    unit: str = says("As in the footprint")
    kgco2e_per_unit: Exact = says("The estimate [kgCO2e/unit]")
    source: str = says("Where the estimate is from")
    by: str = says("Who entered it")
    why: str = says("Why it is good enough")
    entered_at: At = says("When it was entered")


class Exemptions(Shape):
    """What people say that what is left out may come to."""

    exemptions: list[Exemption] = says("As they were entered; the last about a thing counts")
