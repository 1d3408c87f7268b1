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
    """A field that cannot be as it is, and what can be, in both languages."""

    field: str
    value: str
    allowed: str
    allowed_zh: str


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
        near = nearest(draft.machine, known)
        said = f"a machine of the plant; the closest is {near!r}"
        found.append(Refusal("machine", draft.machine, said, f"本厂机台；最接近的是 {near!r}"))
    found += check_batch(draft.batch)
    found += check_process(draft.process) if draft.process else []
    found += check_kg(draft.kg) if draft.kg is not None else []
    return found + check_times(draft.start, draft.end, now)


def check_batch(batch: str) -> list[Refusal]:
    """Whether this can be a batch's id."""
    if not BATCH_ID.fullmatch(batch):
        allowed = "1 to 40 letters (of any script), digits, _ . + # - and blanks inside"
        allowed_zh = "1 至 40 个字符：文字、数字、_ . + # -，中间可有空格"
        return [Refusal("batch", batch, allowed, allowed_zh)]
    if _MANGLED.fullmatch(batch):
        allowed = "the id as it was before the table program shortened it; format it as text"
        allowed_zh = "表格软件改写之前的缸号；请将该列设为文本格式"
        return [Refusal("batch", batch, allowed, allowed_zh)]
    return []


def check_process(process: str) -> list[Refusal]:
    """Whether this can be a process's name."""
    ok = _PROCESS.fullmatch(process)
    allowed, allowed_zh = "a process's name, at most 64 letters", "工序名称，至多 64 个字符"
    return [] if ok else [Refusal("process", process, allowed, allowed_zh)]


def check_kg(kg: str) -> list[Refusal]:
    """Whether this can be a batch's mass."""
    try:
        mass = Decimal(kg) if len(kg) <= 32 else Decimal(0)
    except InvalidOperation:
        mass = Decimal(0)
    if mass.is_finite() and _GRAM <= mass < _MOST_KG:
        return []
    return [Refusal("kg", kg, "a decimal, from a gram to 10,000 t", "小数，从 1 克到 10,000 吨")]


def check_times(start: datetime, end: datetime | None, now: datetime) -> list[Refusal]:
    """Whether a run can have been from one time to another."""
    said, began = now.isoformat(), start.isoformat()
    found = [
        Refusal(field, at.isoformat(), f"not in the future: it is {said}", f"不晚于现在 {said}")
        for field, at in (("start", start), ("end", end))
        if at is not None and at > now
    ]
    days = _LONGEST.days
    if end is not None and end <= start:
        allowed, allowed_zh = f"after the start, {began}", f"晚于开始时间 {began}"
        found.append(Refusal("end", end.isoformat(), allowed, allowed_zh))
    elif end is None and now - start > _LONGEST:
        allowed = f"at most {days} days ago, where it is not said when it ended"
        allowed_zh = f"未填结束时间时，开始不早于 {days} 天前"
        found.append(Refusal("start", began, allowed, allowed_zh))
    elif end is not None and end - start > _LONGEST:
        allowed = f"at most {days} days after the start, {began}"
        allowed_zh = f"开始时间 {began} 之后 {days} 天以内"
        found.append(Refusal("end", end.isoformat(), allowed, allowed_zh))
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
