"""Shapes of what waits for a second pair of eyes."""

from typing import Any, Literal

from api.shapes import At, Exact, Shape, answers, says

State = Literal["waiting", "confirmed", "refused"]


class Waiting(Shape):
    """A change that a second person has to confirm."""

    review: int = says("Its number under /reviews")
    state: State = says("waiting")
    subject: str = says("What it is about")


class AskedFactor(Shape):
    """A factor that somebody asks to enter, beside what stands."""

    id: str = says("Its name")
    name_en: str = says("What it is of")
    name_zh: str = says("The same in Chinese")
    carrier: str = says("Of which carrier")
    unit: str = says("Unit of the values, such as kgCO2e/kWh")
    value: Exact = says("What it is to be")
    value_before: Exact | None = says("What it is until then; null of a new one")
    publisher: str = says("Who published it")
    document: str = says("In which document")
    published: str = says("When")
    evidence: str = says("The file that proves it")


class Review(Shape):
    """A change that waits, or waited, for a second person."""

    number: int = says("For ever")
    call: str = says("What is to be done")
    subject: str = says("What it is about")
    asked: dict[str, Any] = says("With which values")
    asked_at: At = says("When somebody asked for it")
    asked_by: str = says("Who")
    state: State = says("How it stands")
    decided_at: At | None = says("When somebody decided")
    decided_by: str | None = says("Who")
    why: str | None = says("What they said")
    factors: list[AskedFactor] = says("The factors that it would enter, while it waits")


class Confirmed(Review):
    """A change that was confirmed and made."""

    answer: Any = says("What the change itself answers")


class Reviews(Shape):
    """What waits for a second person."""

    now: At = says("The server's time")
    four_eyes: list[str] = says("For which kinds of change the mill wants them")
    reviews: list[Review] = says("The newest first")


def may_wait(shape: Any, status: int = 200) -> dict[int | str, Any]:
    """What a route answers with whose change may have to wait."""
    return answers(shape, status) | answers(Waiting, 202)
