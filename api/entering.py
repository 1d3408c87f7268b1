"""What people and other systems say of runs, checked before it is taken in.

A refusal names the field, quotes the value and says what is allowed; one that is refused changes
nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from api.ledger.corrections import Entry, Stated, began
from api.ledger.plant import Plant
from api.ledger.runs import BATCH_ID
from collector.toml_files import nearest

_PROCESS = re.compile(r"[\w](?:[\w .()/+-]{0,62}[\w)])?")
_MANGLED = re.compile(r"\d+(\.\d+)?E\+?\d+", re.IGNORECASE)
_GRAM, _MOST_KG = Decimal("0.001"), 10**7
_LONGEST = timedelta(days=14)
"""No batch is on a machine for longer: who says so has mistyped a date."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A field that cannot be as it is."""

    field: str
    value: str
    allowed: str


class Unacceptable(Exception):
    """An entry that is refused, with everything that is wrong with it."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("; ".join(f"{one.field}={one.value!r}: {one.allowed}" for one in refusals))
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Draft:
    """A run as somebody states it; without an end it goes on.

    Attributes:
        machine: Where.
        batch: Which batch.
        process: Doing what; empty for the machine's own.
        start: From when.
        end: Until when; None while it goes on.
        kg: Mass of the batch, a decimal; None where not said. [kg]
        source: ``http``, ``csv``, ``scan`` or ``load``.
        reason: Why, where a person says.
    """

    machine: str
    batch: str
    process: str
    start: datetime
    end: datetime | None
    kg: str | None
    source: str
    reason: str = ""


def check(plant: Plant, draft: Draft, now: datetime) -> list[Refusal]:
    """What is wrong with a draft by itself."""
    found = []
    machine = plant.machine(draft.machine)
    if machine is None:
        known = [one.id for one in plant.machines]
        said = f"a machine of the plant; the closest is {nearest(draft.machine, known)!r}"
        found.append(Refusal("machine", draft.machine, said))
    found += check_batch(draft.batch)
    found += check_process(draft.process) if draft.process else []
    found += check_kg(draft.kg) if draft.kg is not None else []
    return found + check_times(draft.start, draft.end, now)


def check_batch(batch: str) -> list[Refusal]:
    """Whether this can be a batch's id."""
    if not BATCH_ID.fullmatch(batch):
        allowed = "1 to 40 letters (of any script), digits, _ . + # - and blanks inside"
        return [Refusal("batch", batch, allowed)]
    if _MANGLED.fullmatch(batch):
        allowed = "the id as it was before the table program shortened it; format it as text"
        return [Refusal("batch", batch, allowed)]
    return []


def check_process(process: str) -> list[Refusal]:
    """Whether this can be a process's name."""
    ok = _PROCESS.fullmatch(process)
    return [] if ok else [Refusal("process", process, "a process's name, at most 64 letters")]


def check_kg(kg: str) -> list[Refusal]:
    """Whether this can be a batch's mass."""
    try:
        mass = Decimal(kg) if len(kg) <= 32 else Decimal(0)
    except InvalidOperation:
        mass = Decimal(0)
    if mass.is_finite() and _GRAM <= mass < _MOST_KG:
        return []
    return [Refusal("kg", kg, "a decimal, from a gram to 10,000 t")]


def check_times(start: datetime, end: datetime | None, now: datetime) -> list[Refusal]:
    """Whether a run can have been from one time to another."""
    found = [
        Refusal(field, at.isoformat(), f"not in the future: it is {now.isoformat()}")
        for field, at in (("start", start), ("end", end))
        if at is not None and at > now
    ]
    if end is not None and end <= start:
        found.append(Refusal("end", end.isoformat(), f"after the start, {start.isoformat()}"))
    elif end is None and now - start > _LONGEST:
        allowed = f"at most {_LONGEST.days} days ago, where it is not said when it ended"
        found.append(Refusal("start", start.isoformat(), allowed))
    elif end is not None and end - start > _LONGEST:
        allowed = f"at most {_LONGEST.days} days after the start, {start.isoformat()}"
        found.append(Refusal("end", end.isoformat(), allowed))
    return found


def addition(plant: Plant, draft: Draft, by: str, now: datetime) -> Entry:
    """A draft as an entry, still without its number."""
    machine = plant.machine(draft.machine)
    process = draft.process or (machine.process if machine else "")
    return Entry(
        0, "add", "", draft.machine, draft.batch, process, draft.start, draft.end, draft.kg,
        draft.batch, draft.start, draft.source, by, draft.reason, now,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be other about a run; None leaves it."""

    batch: str | None = None
    process: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    kg: str | None = None


def correction(stated: Stated, change: Change, by: str, reason: str, now: datetime) -> Entry:
    """A change of a run as an entry, still without its number."""
    run = stated.run
    return Entry(
        0, "edit", stated.id, run.machine, change.batch, change.process, change.start, change.end,
        change.kg, run.said, began(stated), "correction", by, reason, now,
    )  # fmt: skip


def deletion(stated: Stated, by: str, reason: str, now: datetime) -> Entry:
    """The deletion of a run as an entry, still without its number."""
    run = stated.run
    return Entry(0, "delete", stated.id, run.machine, None, None, None, None, None, run.said,
                 began(stated), "correction", by, reason, now)  # fmt: skip


def check_change(stated: Stated, change: Change, now: datetime) -> list[Refusal]:
    """What is wrong with a change of a run."""
    found = check_batch(change.batch) if change.batch is not None else []
    found += check_process(change.process) if change.process is not None else []
    found += check_kg(change.kg) if change.kg is not None else []
    if change.start is None and change.end is None:
        return found
    end = change.end or (None if stated.run.going_on else stated.run.end)
    return found + check_times(change.start or stated.run.start, end, now)


def same(known: Sequence[Stated], draft: Draft) -> Stated | None:
    """The run that was entered before with the same machine, batch and start."""
    return next(
        (
            one
            for one in known
            if one.id.startswith("e")
            and (one.run.machine, one.run.batch) == (draft.machine, draft.batch)
            and one.run.start == draft.start
        ),
        None,
    )


def said_otherwise(was: Stated, draft: Draft) -> Change:
    """What a draft says otherwise than the run of the same machine, batch and start."""
    ended = None if was.run.going_on else was.run.end
    return Change(
        process=draft.process if draft.process not in ("", was.run.process) else None,
        end=draft.end if draft.end not in (None, ended) else None,
        kg=draft.kg if draft.kg is not None and draft.kg != was.kg else None,
    )
