"""The office: takes in a table, says first what it would change, and takes it back when asked.

One table at a time, so that what was looked at is what is entered.
"""

import base64
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from api.books.batches import KIND as BATCH
from api.books.entries import Decision
from api.books.said import IMPORT, UNDONE, Awaiting, mark_of
from api.factor_book import KIND as FACTOR
from api.importing import child
from api.importing.kinds import kind as kind_of
from api.importing.parsing import Asked, Parsed, Row
from api.importing.planning import Ground, Plan
from api.ledger.corrections import Entry
from collector.wire.problem import Problem, Refused

MAPPING = "mapping"
_RUNS = "runs"
_numbering = threading.Lock()
"""No two imports get one number."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """How far the table is that is being taken in.

    Attributes:
        kind: Which kind.
        name: What its sender calls it.
        phase: ``waiting``, ``reading``, ``comparing`` or ``entering``.
        lines: Lines that were read so far.
    """

    kind: str
    name: str
    phase: str
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that somebody sends.

    Attributes:
        kind: Which kind of table it is.
        path: Where it is.
        name: What its sender calls it.
        mapping: Headings by field, where they are not recognised.
        mass_unit: ``kg`` or ``t``, where its headings do not say.
    """

    kind: str
    path: Path
    name: str
    mapping: dict[str, str]
    mass_unit: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        hashed = hashlib.sha256(self.path.read_bytes()).digest()
        return base64.urlsafe_b64encode(hashed).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: kind and name of the table, and SHA-256 of its file."""

    kind: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file would do, or did.

    Attributes:
        parsed: What was read.
        plan: What that changes.
        number: Of the import; None where nothing was entered.
    """

    parsed: Parsed
    plan: Plan
    number: int | None = None

    @property
    def changes(self) -> bool:
        """Whether there is something to enter, and nothing that cannot be."""
        return not self.bad and any(step.word is not None for step in self.plan.steps)

    @property
    def rows(self) -> list[dict[str, str]]:
        """What was read, row by row."""
        return [row.said for row in self.parsed.rows]

    @property
    def bad(self) -> int:
        """How many rows cannot be."""
        return len({one.line for one in (*self.parsed.bad, *self.plan.bad)})


class Office:
    """Takes tables in, one at a time; safe from many threads."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self.under_way: UnderWay | None = None

    def take_in(self, sent: Sent, ground: Ground, *, dry_run: bool) -> Outcome:
        """Look at a file, and enter all of it unless a row is bad or it is a dry run.

        Raises:
            Refused: It is no table of this kind.
            Clash: Runs contradict what was said meanwhile; nothing is changed.
        """
        with self._one_at_a_time:
            try:
                return self._take_in(sent, ground, dry_run=dry_run)
            finally:
                self.under_way = None

    def _take_in(self, sent: Sent, ground: Ground, *, dry_run: bool) -> Outcome:
        self.under_way = state = UnderWay(sent.kind, sent.name, "reading")

        def told(lines: int) -> None:
            self.under_way = replace(state, lines=lines)

        one = kind_of(sent.kind)
        zone = ground.plant.timezone
        asked = Asked(sent.name, one.FIELDS, zone, sent.mapping, sent.mass_unit)
        parsed = child.read(sent.path, asked, told)
        lines = len(parsed.rows)
        self.under_way = replace(state, phase="comparing", lines=lines)
        found = Outcome(parsed, one.plan(parsed.rows, ground))
        if dry_run or not found.changes:
            return found
        self.under_way = replace(state, phase="entering", lines=lines)
        source = Source(sent.kind, sent.name[:200], sent.digest)
        return replace(found, number=_enter(source, found.plan, ground))


def enter_rows(source: Source, rows: Sequence[Row], ground: Ground) -> int | None:
    """Enter the rows of a table that was looked at before; None where nothing is new.

    Raises:
        Refused: A row cannot be any more, as things are by now.
    """
    plan = kind_of(source.kind).plan(rows, ground)
    if plan.bad:
        raise Refused(
            *(
                Problem(
                    one.code,
                    f"line {one.line}",
                    None,
                    {**one.values, "value": one.value, "field": one.field},
                )
                for one in plan.bad
            )
        )
    if all(step.word is None for step in plan.steps):
        return None
    return _enter(source, plan, ground)


def _enter(sent: Source, plan: Plan, ground: Ground) -> int:
    """Enter a plan as one import; its number."""
    with _numbering:
        return _entered(sent, plan, ground)


def _entered(sent: Source, plan: Plan, ground: Ground) -> int:
    number = ground.books.said.next_import()
    body = {"kind": sent.kind, "file": sent.name, "sha256": sent.digest} | plan.counts()
    kept = Decision(IMPORT, str(number), ground.now, body, ground.by, "", sent.name)
    if sent.kind == _RUNS:
        entries = [step.word for step in plan.steps if isinstance(step.word, Entry)]
        ground.bookkeeper.enter([replace(one, file=number) for one in entries], [kept])
        return number
    mark = mark_of(number)
    words = [
        replace(step.word, evidence=mark) for step in plan.steps if isinstance(step.word, Decision)
    ]
    if sent.kind == "batches":
        ground.bookkeeper.say([kept, *words], _weighed(plan))
    elif sent.kind == "factors":
        ground.bookkeeper.say_factors([kept, *words])
    else:
        ground.books.said.enter([kept, *words], ground.now, Awaiting())
    return number


def _weighed(plan: Plan) -> list[str]:
    """Batches whose mass is other than it was: only that changes what they carry per kilogram."""
    return [
        step.word.subject
        for step in plan.steps
        if isinstance(step.word, Decision)
        and ("accepted_kg" in step.was or (step.change == "new" and step.said.get("accepted_kg")))
    ]


def undo(number: int, why: str, ground: Ground) -> bool:
    """Take an import back: everything is as if it had not been, and all of it stays to be read.

    Returns:
        False where there is no such import; taken back once is taken back.
    """
    books, mark = ground.books, mark_of(number)
    entries, words = books.run_entries.of_file(number), books.said.by(number)
    if not entries and not words:
        return False
    if mark in books.said.taken_back() or any(one.kind == "undo" for one in entries):
        return True
    back = Decision(UNDONE, mark, ground.now, {}, ground.by, why, "")
    if entries:
        first = entries[0]
        row = Entry(0, "undo", "", first.machine, None, None, None, None, None, "", first.anchor,
                    "csv", ground.by, why, ground.now, number)  # fmt: skip
        ground.bookkeeper.enter([row], [back])
        return True
    about = [one.subject for one in words if one.kind == BATCH]
    if about:
        ground.bookkeeper.take_back(back, about)
    elif any(one.kind == FACTOR for one in words):
        ground.bookkeeper.say_factors([back])
    else:
        books.said.enter([back], ground.now, Awaiting())
    return True


def history(ground: Ground) -> list[dict[str, Any]]:
    """Every import, the newest first, and whether it was taken back."""
    back = ground.books.said.taken_back()
    return [
        dict(one.body)
        | {"import": int(one.subject), "by": one.by, "entered_at": one.entered}
        | _undone(back.get(mark_of(int(one.subject))))
        for one in reversed(ground.books.said.imports())
    ]


def _undone(back: Decision | None) -> dict[str, Any]:
    if back is None:
        return {"undone": None}
    return {"undone": {"by": back.by, "why": back.why, "at": back.entered}}


def mappings(ground: Ground, kind: str) -> dict[str, dict[str, str]]:
    """Saved mappings of a kind: name → field → heading."""
    found = ground.books.said.standing(MAPPING)
    begins = f"{kind}/"
    return {
        subject.removeprefix(begins): dict(word.body)
        for subject, word in sorted(found.items())
        if subject.startswith(begins) and word.body
    }


def save_mapping(ground: Ground, kind: str, name: str, headings: dict[str, str]) -> None:
    """Save a mapping under a name; an empty one is one that is not there any more."""
    word = Decision(MAPPING, f"{kind}/{name}", ground.now, headings, ground.by, "", "")
    ground.books.said.enter([word], ground.now, Awaiting())
