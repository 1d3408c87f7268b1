"""Shapes of batches."""

from api.shapes import At, Exact, Shape, says
from api.shapes.footprint import Status
from api.shapes.runs import Run


class BatchSummary(Shape):
    """A batch in the list."""

    id: str = says("The batch's own id (缸号)")
    article: str = says("Article or product; empty where nobody entered it")
    colour: str = says("Colour; empty where nobody entered it")
    order: str = says("The customer's order; empty where nobody entered it")
    machines: list[str] = says("Where it was, in order")
    start: At = says("Beginning of its first run")
    end: At | None = says("End of its last run; null while one goes on")
    accepted_kg: Exact | None = says("Accepted mass [kg]")
    status: Status = says("Whether its result is final")
    kgco2e: Exact | None = says("What it carries so far [kgCO2e]")
    kgco2e_per_kg: Exact | None = says("Per accepted kilogram [kgCO2e/kg]")
    problems: int = says("How many problems its data have")
    became: list[str] = says("Batches that took of what it carries")


class BatchPage(Shape):
    """A page of batches; where there are more, the Link header says where."""

    batches: list[BatchSummary] = says("The newest first")


class EnteredBatch(Shape):
    """A batch as it was entered."""

    id: str = says("The batch's own id (缸号)")
    article: str = says("Article or product")
    colour: str = says("Colour")
    order: str = says("The customer's order")
    accepted_kg: str | None = says("Accepted mass, a decimal as it was entered [kg]")


class Batch(EnteredBatch):
    """What was entered of a batch, and its runs."""

    runs: list[Run] = says("By time")
