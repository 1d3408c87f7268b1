"""Planning: what a file would change, row by row, before anything is changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.bookkeeper import Bookkeeper
from api.books import Books
from api.books.entries import Decision
from api.entering import Refusal
from api.factor_book import FactorBook
from api.importing.parsing import Fault, Row
from api.ledger.corrections import Entry
from api.ledger.plant import Plant

Body = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a file is held against.

    Attributes:
        books: What is known.
        bookkeeper: Who takes in what is said.
        plants: Every snapshot of the plant, the one in force last.
        by: Who sends it.
        now: When.
    """

    books: Books
    bookkeeper: Bookkeeper
    plants: Sequence[Plant]
    by: str
    now: datetime

    @property
    def factors(self) -> FactorBook:
        """What was entered of factors."""
        return self.bookkeeper.factors

    @property
    def plant(self) -> Plant:
        """The plant as it is now."""
        return self.plants[-1]


@dataclass(frozen=True, slots=True)
class Step:
    """What a row would do.

    Attributes:
        line: Its number in the file.
        change: ``new``, ``changed`` or ``same``.
        said: Its fields as they would be.
        was: Those that would be other, as they are now.
        word: What is to be entered; None where nothing is.
    """

    line: int
    change: str
    said: Body
    was: Body
    word: Decision | Entry | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do, and every row that cannot be."""

    steps: Sequence[Step]
    bad: Sequence[Fault]

    def counts(self) -> dict[str, int]:
        """How many rows are new, changed and the same."""
        found = dict.fromkeys(("new", "changed", "same"), 0)
        for step in self.steps:
            found[step.change] += 1
        return found


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a row says.

    Attributes:
        subject: What it is about: two rows of one subject cannot both be.
        at: When it happened at the mill.
        body: What is said of it; what is missing stays as it is known.
    """

    subject: str
    at: datetime
    body: Mapping[str, str]


class Impossible(Exception):
    """A row that cannot be, with everything that is wrong with it."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{one.field}: {one.code}" for one in faults))
        self.faults = faults


def refused(line: int, refusals: Sequence[Refusal], **names: str) -> list[Fault]:
    """The same as faults of a line; `names` are fields of this kind that are called otherwise."""
    return [
        Fault(line, names.get(one.field, one.field), one.value, "import-refused",
              {"why": one.allowed, "why_zh": one.allowed_zh})
        for one in refusals
    ]  # fmt: skip


def unknown(line: int, field: str, value: str, closest: str) -> Fault:
    """A name that the mill does not have."""
    return Fault(line, field, value, "import-unknown", {"closest": closest})


def plan_words(
    kind: str,
    rows: Sequence[Row],
    ground: Ground,
    speak: Callable[[Row, Ground], Spoken],
    stands: Mapping[str, Body] | None = None,
) -> Plan:
    """Rows that each say something of a subject of its own.

    Args:
        kind: Of the entries.
        rows: What the file says.
        ground: What it is held against.
        speak: What a row says; `Impossible` where it cannot.
        stands: What is said of the subjects; without it, the last entry of the kind on each.
    """
    spoken: list[tuple[Row, Spoken]] = []
    bad: list[Fault] = []
    seen: dict[str, int] = {}
    for row in rows:
        try:
            one = speak(row, ground)
        except Impossible as fault:
            bad += fault.faults
            continue
        first = seen.setdefault(one.subject, row.line)
        if first != row.line:
            name = next(iter(row.said))
            bad.append(Fault(row.line, name, row.said[name], "import-twice", {"line": str(first)}))
        spoken.append((row, one))
    if stands is None:
        found = ground.books.said.standing(kind, seen)
        stands = {subject: word.body for subject, word in found.items()}
    return Plan([_step(kind, row, one, stands, ground) for row, one in spoken], bad)


def _step(kind: str, row: Row, one: Spoken, stands: Mapping[str, Body], ground: Ground) -> Step:
    known = stands.get(one.subject)
    body = {**(known or {}), **one.body}
    was = {key: known.get(key) for key in one.body if known.get(key) != body[key]} if known else {}
    said = {**row.said, **body}
    if known is not None and not was:
        return Step(row.line, "same", said, {}, None)
    word = Decision(kind, one.subject, one.at, body, ground.by, "", "")
    return Step(row.line, "new" if known is None else "changed", said, was, word)
