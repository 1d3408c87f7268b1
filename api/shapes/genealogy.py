"""Shapes of what batches become of batches."""

from typing import Literal

from api.shapes import At, Exact, Shape, says

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
