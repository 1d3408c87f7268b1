"""Shapes of tables of a mill's own systems: what they would change, and what came in with them."""

from typing import Literal

from api.shapes import At, Shape, says
from api.shapes.problems import Refusal
from api.shapes.runs import BadRow


class Progress(Shape):
    """How far the table is that is being taken in."""

    kind: str = says("As in /imports/kinds")
    file: str = says("What its sender calls it")
    phase: Literal["reading", "comparing", "entering"] = says("What is being done with it")
    lines: int = says("Lines that were read so far")


class UnderWay(Shape):
    """The import that is under way."""

    under_way: Progress | None = says("Null where there is none")


class TakenBack(Shape):
    """That an import was taken back."""

    by: str = says("Who did")
    why: str = says("What they said")
    at: At = says("When")


class Import(Shape):
    """A table that was taken in."""

    number: int = says("Its number", alias="import")
    kind: str = says("As in /imports/kinds")
    file: str = says("What its sender called it")
    sha256: str = says("Of the file, in base64url without padding")
    new: int = says("How many rows said something new")
    changed: int = says("How many said something other")
    same: int = says("How many said what was known")
    by: str = says("Who sent it")
    entered_at: At = says("When it was entered")
    undone: TakenBack | None = says("Null while it counts")


class Imports(UnderWay):
    """A page of what was imported."""

    imports: list[Import] = says("The newest first")


class Column(Shape):
    """A field of a kind of table."""

    name: str = says("As mappings have it")
    en: str = says("Its heading")
    zh: str = says("Its heading in Chinese")
    needed: bool = says("Whether a table cannot be without it")


class TableKind(Shape):
    """A kind of table that can be imported."""

    kind: str = says("Its name in paths")
    en: str = says("Its title")
    zh: str = says("Its title in Chinese")
    fields: list[Column] = says("What its tables have columns for")
    mappings: dict[str, dict[str, str]] = says("Saved ones by name: field → heading")


class TableKinds(Shape):
    """What can be imported."""

    kinds: list[TableKind] = says("By name")


class Mapping(Shape):
    """Which heading of a mill's own system is which field."""

    name: str = says("What imports call it")
    columns: dict[str, str] = says("Field → heading")


class RowCounts(Shape):
    """How many rows there are of each sort."""

    new: int = says("That say something new")
    changed: int = says("That say something other")
    same: int = says("That say what is known")
    bad: int = says("That cannot be taken in")


class TableRow(Shape):
    """A row of a table, and what it would change."""

    line: int = says("In the file")
    change: Literal["new", "changed", "same"] = says("What it does")
    said: dict[str, str | None] = says("Its fields as they would be, each in its stored unit")
    was: dict[str, str | None] = says("Those that would be other, as they are now")


class Table(Shape):
    """What a table changes; all of it or nothing."""

    kind: str = says("As in /imports/kinds")
    file: str = says("What its sender calls it")
    columns: dict[str, str] = says("How it was read: field → heading")
    unread: list[str] = says("Headings that are none of the fields")
    counts: RowCounts = says("How many rows are what")
    rows: list[TableRow] = says("The first 200: what changes, what is new, what is the same")
    bad: list[BadRow] = says("The first 200 that cannot be taken in")
    notices: list[BadRow] = says("The first 200 that are worth a look, and refuse nothing")
    number: int | None = says("Of the import; null where nothing was entered", alias="import")


class RefusedImport(Table, Refusal):
    """A table with rows that cannot be taken in; nothing of it is."""

    number: None = says("Nothing was imported", alias="import")


class Proof(Shape):
    """A file that proves what was entered."""

    name: str = says("As tables name it")
    size: int = says("How large it is [bytes]", alias="bytes")
    sha256: str = says("Of the file, in hexadecimal digits")
    by: str = says("Who sent it")
    kept_at: At = says("When it was sent")


class Proofs(Shape):
    """A page of such files."""

    proofs: list[Proof] = says("The newest first")
