"""Shapes: what answers over HTTP look like, field by field with its unit.

They describe and do not build: an answer goes out as the routes made it, a kept result byte for
byte. Every answer that a test gets is held against its shape, so neither can say what the other
does not. A field that is added to an answer is added here; none is ever taken away.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Exact: TypeAlias = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", examples=["1312.410000"])]
"""A number that people account with: a decimal as text."""
Change: TypeAlias = Annotated[str, Field(pattern=r"^[+-]\d+(\.\d+)?$", examples=["-3.250000"])]
"""A difference of two of those, with its sign."""
At: TypeAlias = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
        json_schema_extra={"format": "date-time"},
        examples=["2026-03-01T04:15:00.120Z"],
    ),
]
"""An instant in UTC, with milliseconds."""
Day: TypeAlias = Annotated[
    str, Field(pattern=r"^\d{4}-\d\d-\d\d$", json_schema_extra={"format": "date"})
]
Value: TypeAlias = int | float | str | bool | None
"""What a register showed; floats, as devices give them."""
View: TypeAlias = Literal["footprint", "inventory"]


class Shape(BaseModel):
    """An object of an answer; later versions may add fields."""

    model_config = ConfigDict(defer_build=True)


def says(description: str, **more: Any) -> Any:
    """A field, what it says, and its unit in brackets."""
    return Field(description=description, **more)


def answers(shape: Any, status: int = 200, *others: int) -> dict[int | str, Any]:
    """What a route answers with: its shape, under each status that it may have."""
    return {one: {"model": shape, "description": _WORDS[one]} for one in (status, *others)}


def file_of(media_type: str, about: str) -> dict[int | str, Any]:
    """What a route answers with where it is no JSON of a shape of ours."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"content": {media_type: binary}, "description": about}}


NOT_THERE: dict[int | str, Any] = {404: {"description": "There is no such thing"}}
"""What a route may answer, too, that is told elsewhere than in its path whom it is about."""
_WORDS = {
    202: "It waits for a second person",
    200: "What was asked for",
    201: "It was entered",
    422: "It cannot be taken in",
}
