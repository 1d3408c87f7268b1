"""Shapes of runs, of how they are stated, and of tables of them."""

from typing import Literal

from api.shapes import At, Shape, says
from api.shapes.problems import Refusal


class Run(Shape):
    """A batch on a machine, doing a process."""

    id: str = says("Its name; corrections go there")
    machine: str = says("Where")
    process: str = says("Doing what")
    start: At = says("From when")
    end: At | None = says("Until when; null while it goes on")
    batch: str = says("Which batch; empty where the machine ran without one")
    source: str = says("Who found it: plc, http, scan, csv or load")
    by: str = says("Who stated it; empty for a PLC")


class RunEntry(Shape):
    """What was entered about a run: nothing of it is ever taken away."""

    number: int = says("In the order in which they were entered")
    kind: str = says("add, edit, delete, undo or dismiss")
    run: str = says("About which run")
    machine: str = says("On which machine")
    batch: str | None = says("What it says of the batch; null where it stays")
    process: str | None = says("Of the process; null where it stays")
    start: At | None = says("Of the start; null where it stays")
    end: At | None = says("Of the end; null where it stays or is open")
    kg: str | None = says("Of the mass; null where it stays [kg]")
    said: str = says("The batch as it was read")
    source: str = says("http, scan, csv or load")
    by: str = says("Who entered it")
    reason: str = says("Why")
    entered: At = says("When it was entered")
    file: int | None = says("Number of the import that it came with", alias="import")


class Runs(Shape):
    """Where a batch was, and when."""

    runs: list[Run] = says("Those that count, by time")
    history: list[RunEntry] | None = says("All that was entered of them", default=None)


class Deleted(Shape):
    """A run that there was not."""

    id: str = says("Its name")
    deleted: Literal[True] = says("It counts no more; its entries stay")


class Scanned(Shape):
    """What a scan did."""

    action: Literal["started", "ended", "ignored"] = says("A second scan at once is ignored")
    runs: list[Run] = says("The runs that it began or ended")


class Row(Shape):
    """A row of a table, and what it would change."""

    line: int = says("In the file")
    change: str = says("new, changed or same")
    machine: str = says("Where")
    batch: str = says("Which batch")
    process: str = says("Doing what; empty for the machine's own")
    start: At = says("From when")
    end: At | None = says("Until when")
    kg: str | None = says("Mass of the batch [kg]")
    was: Run | None = says("The run as it was before")


class BadRow(Shape):
    """A row that cannot be taken in, or is worth a look, and what to do."""

    line: int = says("In the file")
    field: str = says("Which column")
    value: str = says("What stands there")
    allowed: str = says("What is wrong, and what would be accepted")
    code: str = says("What kind of problem; a word that stays")
    text_en: str = says("What is wrong")
    do_en: str = says("What to do")
    text_zh: str = says("What is wrong, in Chinese")
    do_zh: str = says("What to do, in Chinese")


class Imported(Shape):
    """What a table of runs changes; all of it or nothing."""

    rows: list[Row] = says("Row by row")
    bad: list[BadRow] = says("The first 200 that cannot be taken in")
    bad_rows: int = says("How many cannot")
    file: int | None = says("Number of the import; null where nothing was", alias="import")


class RefusedTable(Refusal):
    """A table with rows that cannot be taken in; nothing of it is."""

    rows: list[Row] = says("Row by row")
    bad: list[BadRow] = says("The first 200 that cannot be taken in")
    bad_rows: int = says("How many cannot")
    file: None = says("Nothing was imported", alias="import")


class ImportUndone(Shape):
    """An import that counts no more."""

    file: int = says("Its number", alias="import")
    undone: Literal[True] = says("Its rows stay in the history")


class Proposal(Shape):
    """Load that no run accounts for."""

    start: At = says("From when")
    end: At = says("Until when")
    energy_kwh: str = says("What it used [kWh]")
    above_kw: str = says("The load above which it counts as work [kW]")


class Proposals(Shape):
    """When a machine worked, and nobody said what on."""

    proposals: list[Proposal] = says("In the last three days")
