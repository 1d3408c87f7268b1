"""Fields: what a kind of file has columns for, and what a mill's own system calls them."""

from dataclasses import dataclass
from enum import Enum


class Holds(Enum):
    """What the cells of a column hold."""

    NAME = "name"
    TEXT = "text"
    MASS = "mass"
    NUMBER = "number"
    TIME = "time"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Field:
    """A field.

    Attributes:
        name: Its name, for programs; never changes.
        en: Its heading in a template.
        zh: The same.
        holds: What it holds; a name keeps its leading zeros.
        known: Headings under which it is recognised besides, as mills have them.
        needed: Whether a file must have it.
        most: Most letters of a text.
        example: Of a template.
    """

    name: str
    en: str
    zh: str
    holds: Holds = Holds.TEXT
    known: tuple[str, ...] = ()
    needed: bool = False
    most: int = 80
    example: str = ""

    def heading(self, lang: str) -> str:
        """Its heading in a language."""
        return self.zh if lang == "zh" else self.en
