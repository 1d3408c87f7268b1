"""Shapes of what was ever said of a batch."""

from api.shapes import At, Shape, says


class Word(Shape):
    """What somebody, or a table, said of a batch; what it does not have it leaves."""

    article: str | None = says("Article or product", default=None)
    colour: str | None = says("Colour", default=None)
    order: str | None = says("The customer's order", default=None)
    accepted_kg: str | None = says("Accepted mass, a decimal as it was said [kg]", default=None)
    by: str = says("Who")
    entered_at: At = says("When it was entered")
    why: str = says("Why; empty where it is no correction")
    file: int | None = says("Number of the import that it came with", alias="import")
    taken_back: bool = says("Whether that import was undone")


class Words(Shape):
    """All that was ever said of a batch."""

    batch: str = says("Which batch")
    words: list[Word] = says("In the order in which it was said")
