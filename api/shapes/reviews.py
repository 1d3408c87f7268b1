"""Shapes of what waits for a second pair of eyes."""

from typing import Any, Literal

from api.shapes import At, Shape, says


class Waiting(Shape):
    """A change that the mill wants a second person to confirm; nothing is changed yet."""

    review: int = says("Its number in /reviews")
    state: Literal["waiting"] = says("It waits")
    subject: str = says("What it is about")


OR_WAITS: dict[int | str, Any] = {
    202: {"model": Waiting, "description": "It waits for a second person"}
}
"""What a route answers besides, where the mill wants four eyes for what it changes."""


class Review(Shape):
    """Something that waits, or waited, for a second pair of eyes."""

    number: int = says("Its number for ever")
    call: str = says("What is to be done")
    subject: str = says("About what")
    asked: dict[str, Any] = says("With which values")
    asked_at: At = says("When it was asked for")
    asked_by: str = says("By whom")
    state: Literal["waiting", "confirmed", "refused"] = says("Where it stands")
    decided_at: At | None = says("When a second person decided")
    decided_by: str | None = says("Who that is")
    why: str | None = says("The reason for that")


class Confirmed(Review):
    """A review that was confirmed, and what the change itself answers."""

    answer: Any = says("As the route would have answered whoever asked for it")


class Reviews(Shape):
    """What waits, or was decided."""

    now: At = says("The server's time")
    four_eyes: list[str] = says("Kinds of change for which the mill wants a second person")
    reviews: list[Review] = says("The newest first")
