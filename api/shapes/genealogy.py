"""Shapes of what batches become of batches, and of whole articles."""

from typing import Literal

from api.shapes import At, Exact, Shape, View, says

Kind = Literal["split", "merge", "redye", "scrap", "undo"]


class Heir(Shape):
    """Who takes of what batches carry."""

    batch: str = says("Which")
    kg: Exact | None = says("Its accepted mass; null where nobody knows it [kg]")
    share: Exact = says("What it takes of the whole, by mass [1]")


class Event(Shape):
    """What batches became of batches."""

    event: int = says("Its number for ever")
    kind: Kind = says("What happened")
    at: At = says("When")
    parents: list[str] = says("The batches that there were before", alias="from")
    to: list[Heir] = says("Who took what they carry; nobody after a scrap")
    by: str = says("Who says so")
    why: str = says("The reason")


class KeptEvent(Event):
    """An event as it was entered."""

    entered_at: At = says("When it was entered")
    undoes: int | None = says("The event that this one takes back")
    undone: bool = says("Whether it counts no more")


class Genealogy(Shape):
    """What a batch came from, and what became of it."""

    events: list[KeptEvent] = says("In the order in which they were entered")


class Undone(Shape):
    """An event that counts no more."""

    event: int = says("Its number")
    undone: Literal[True] = says("It stays visible and counts no more")


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
