"""Shape of a derivation: from kilograms back to register readings."""

from api.shapes import At, Exact, Shape, says
from api.shapes.footprint import Line, Revision, Status
from api.shapes.genealogy import Event
from api.shapes.site import UsedFactor


class Step(Shape):
    """A reading of a register."""

    at: At = says("When")
    value: Exact = says("What it showed [the meter's unit]")
    quality: str = says("good: others are not used")


class Mark(Shape):
    """A register at an instant, between the readings around it."""

    at: At = says("When")
    value: Exact = says("What it would have shown [the meter's unit]")
    before: Step | None = says("The reading before")
    after: Step | None = says("The reading after")


class Stretch(Shape):
    """An unbroken time over which a meter counted for a line."""

    meter: str = says("Which")
    unit: str = says("Its unit")
    start: Mark = says("Its register at the beginning")
    end: Mark = says("And at the end")
    difference: Exact = says("What it counted meanwhile [unit]")
    carried: Exact = says("What of that the line carries [unit]")
    weight: Exact = says("The one over the other [1]")
    slots: int = says("Over how many quarters of an hour")


class Handed(Shape):
    """What came with kilograms of another batch (rule 21)."""

    batch: str = says("Who used it")
    used: Exact = says("How much [the line's unit]")
    part: Exact = says("What of that came [1]")


class ToldLine(Line):
    """A line and how it came about."""

    machine: str = says("Where")
    idle: bool = says("Whether it is standby")
    before: At | None = says("Of standby: the run that it stood by for", default=None)
    batch: str | None = says("Whose run it was, where that is another batch", default=None)
    registers: list[Stretch] = says("What its meters showed", alias="register")
    sentence: str = says("The same in a sentence")
    handed: Handed | None = says("Where batches were split or merged", default=None)


class Window(Shape):
    """A utility's balance over a window."""

    utility: str = says("Which")
    makes: str = says("What it makes")
    start: At = says("From when")
    end: At = says("Until when")
    closed: bool = says("Whether all of it is known")
    inputs: dict[str, Exact] = says("What it used, by meter [the meter's unit]")
    output: Exact | None = says("What it made, where a meter says so [the unit of what it makes]")
    taken: Exact = says("What was taken [same]")
    lost: Exact = says("What nobody took [same]")


class Explanation(Shape):
    """A footprint's derivation."""

    batch: str = says("Of which batch")
    revision: int = says("Of which revision; 0 for what is not kept")
    status: Status = says("Whether it is final")
    lines: list[ToldLine] = says("Line by line")
    windows: list[Window] = says("The utilities behind them")
    factors: list[UsedFactor] = says("The factors that priced them")
    genealogy: list[Event] = says("Events that it depends on")
    revisions: list[Revision] = says("How it changed, and why")
    text: str = says("All of it in sentences, in the language that was asked for")
    agrees_with_revision: bool | None = says(
        "Whether it comes out as the kept revision says", default=None
    )
