"""The runs that count: what a machine said, what people entered, and what they corrected.

Nothing is overwritten: entries are rows with a name and a reason, and the runs that count are
computed from all of them. They depend on the entries' numbers alone, not on the order in which
they are handed in. Where a person and a PLC say different things of one machine at one time, the
person's word counts, and only that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from api.ledger.accounts import Run
from api.ledger.plant import Machine
from collector.wire.problem import Problem
from collector.wire.reading import EPOCH

PLC = "plc"
CORRECTION = "correction"
_DRIFT = timedelta(minutes=15)
"""How far late data may move the start of a run that was corrected."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person or another system said of a machine's runs: one row, never changed.

    Attributes:
        number: Its place among all entries.
        kind: ``add``, ``edit``, ``delete``, ``undo`` (of an import) or ``dismiss`` (a proposal).
        run: Which run: ``e12`` was entered by entry 12, ``p-<machine>-<ms>`` was shown by a PLC.
        machine: Where.
        batch: Which batch; None leaves it as it was.
        process: Doing what; None leaves it.
        start: From when; None leaves it.
        end: Until when; None leaves it, and in an addition means that it goes on.
        kg: Mass of the batch, a decimal; None where not said. [kg]
        said: For a correction of a PLC's run, the id that the PLC showed.
        anchor: For a correction, when the run that it is about began.
        source: ``http``, ``csv``, ``scan``, ``load`` or ``correction``.
        by: Whose key it was.
        reason: Why.
        entered: When, UTC.
        file: Number of the import that it came with, or that it undoes.
    """

    number: int
    kind: str
    run: str
    machine: str
    batch: str | None
    process: str | None
    start: datetime | None
    end: datetime | None
    kg: str | None
    said: str
    anchor: datetime
    source: str
    by: str
    reason: str
    entered: datetime
    file: int | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """A run that counts, and who says so.

    Attributes:
        run: The run.
        id: Its name for corrections.
        source: ``plc``, ``http``, ``csv``, ``scan``, ``load`` or ``correction``.
        by: Who; empty for a PLC.
        kg: Mass of the batch as said with it. [kg]
        place: Number of its first entry; 0 for a PLC's.
    """

    run: Run
    id: str
    source: str
    by: str = ""
    kg: str | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class _Claim:
    """A run as one source states it, before the sources are held against each other."""

    stated: Stated
    open: bool

    @property
    def run(self) -> Run:
        return self.stated.run

    @property
    def by_hand(self) -> bool:
        return self.stated.source != PLC

    def until(self, end: datetime, *, going_on: bool = False) -> "_Claim":
        run = replace(self.run, end=max(self.run.start, end), going_on=going_on)
        return _Claim(replace(self.stated, run=run), open=False)


def shown_id(run: Run) -> str:
    """The name, for corrections, of a run that a PLC showed."""
    return f"p-{run.machine}-{(run.start - EPOCH) // timedelta(milliseconds=1)}"


def began(stated: Stated) -> datetime:
    """When the run that a correction is to be about began, as its first source has it."""
    if stated.id.startswith("p-"):
        return EPOCH + timedelta(milliseconds=int(stated.id.rpartition("-")[2]))
    return stated.run.start


def effective(
    machine: Machine, found: Sequence[Run], entries: Iterable[Entry], until: datetime
) -> tuple[tuple[Stated, ...], tuple[Problem, ...]]:
    """The runs that count on a machine.

    Args:
        machine: Which.
        found: What its PLC showed, by time.
        entries: Every entry about it, in any order.
        until: How far its readings reach.

    Returns:
        The runs by start; and problems: contradictions, and corrections of what is not there.
    """
    by_run = _standing(entries)
    shown, problems = _corrected(machine, found, by_run)
    entered = [_added(rows, until) for rows in by_run.values() if rows[0].kind == "add"]
    claims = [*shown, *(claim for claim in entered if claim is not None)]
    claims.sort(key=lambda one: (one.run.start, one.stated.place))
    claims = _ended(machine, claims, until)
    by_hand = [one for one in claims if one.by_hand]
    kept = list(by_hand)
    spans = [(one.run.start, one.run.end, one) for one in by_hand]
    for claim in claims:
        if not claim.by_hand:
            since, until = claim.run.start, claim.run.end
            near = [one for start, end, one in spans if start < until and since < end]
            rivals = [one for one in near if machine.holds == 1 or _same_batch(one, claim)]
            kept += _beside(claim, rivals)
            problems += _overruled(claim, rivals)
    stated = sorted(
        (one.stated for one in kept if one.run.going_on or one.run.start < one.run.end),
        key=lambda one: (one.run.start, one.place),
    )
    for one, other in overlaps(machine, stated):
        values = {"one": one.run.batch, "other": other.run.batch, "holds": str(machine.holds)}
        problems.append(Problem("runs-overlap", machine.id, other.run.start, values))
    return tuple(stated), tuple(problems)


def overlaps(machine: Machine, stated: Sequence[Stated]) -> list[tuple[Stated, Stated]]:
    """Runs, by start, that cannot be on a machine at once: one too many, or one batch twice."""
    found: list[tuple[Stated, Stated]] = []
    on: list[Stated] = []
    for one in stated:
        on = [other for other in on if other.run.end > one.run.start]
        twice = [other for other in on if other.run.batch == one.run.batch]
        if twice or len(on) >= machine.holds:
            found.append(((twice or on)[0], one))
        on.append(one)
    return found


def _standing(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Entries by run, in the order of their numbers, without those of imports undone."""
    ordered = sorted(entries, key=lambda one: one.number)
    undone = {one.file for one in ordered if one.kind == "undo"}
    by_run: dict[str, list[Entry]] = {}
    for one in ordered:
        if one.kind in ("add", "edit", "delete") and (one.file is None or one.file not in undone):
            by_run.setdefault(one.run, []).append(one)
    return by_run


def _added(rows: Sequence[Entry], until: datetime) -> _Claim | None:
    """What was entered, with its corrections; None where it was deleted."""
    first, last = rows[0], rows[-1]
    if any(row.kind == "delete" for row in rows):
        return None
    batch, process, start = first.batch or "", first.process or "", first.start or first.anchor
    end, kg = first.end, first.kg
    for row in rows[1:]:
        batch, process = row.batch or batch, row.process or process
        start, end, kg = row.start or start, row.end or end, row.kg or kg
    run = Run(first.machine, batch, process, start, end or max(start, until), end is None, batch)
    stated = Stated(run, first.run, first.source, last.by, kg, first.number)
    return _Claim(stated, open=end is None)


def _corrected(
    machine: Machine, found: Sequence[Run], by_run: dict[str, list[Entry]]
) -> tuple[list[_Claim], list[Problem]]:
    """What the PLC showed, with its corrections."""
    rows_of: dict[int, list[Entry]] = {}
    problems: list[Problem] = []
    for rows in by_run.values():
        if rows[0].kind == "add":
            continue
        place = _meant(rows[0], found)
        if place is None:
            values = {"said": rows[0].said, "by": rows[0].by, "reason": rows[0].reason}
            problems.append(Problem("correction-without-run", machine.id, rows[0].anchor, values))
        else:
            rows_of.setdefault(place, []).extend(rows)
    claims = []
    for place, run in enumerate(found):
        rows = sorted(rows_of.get(place, []), key=lambda one: one.number)
        renamed = [
            row for other in _stay(found, place) for row in rows_of.get(other, []) if row.batch
        ]
        if not any(row.kind == "delete" for row in rows):
            claims.append(_edited(run, rows, sorted(renamed, key=lambda one: one.number)))
    return claims, problems


def _edited(run: Run, rows: Sequence[Entry], renamed: Sequence[Entry]) -> _Claim:
    """A PLC's run as corrected; a batch was on the machine for all of its stay, or not at all."""
    name = shown_id(run)
    for row in rows:
        ended = row.end is not None
        run = replace(
            run,
            process=row.process or run.process,
            start=row.start or run.start,
            end=row.end or run.end,
            going_on=run.going_on and not ended,
        )
    run = replace(run, batch=renamed[-1].batch or run.batch) if renamed else run
    last = max((*rows, *renamed), key=lambda one: one.number, default=None)
    if last is None:
        return _Claim(Stated(run, name, PLC), open=False)
    return _Claim(Stated(run, name, CORRECTION, last.by), open=False)


def _meant(entry: Entry, found: Sequence[Run]) -> int | None:
    """Place of the run that a correction is about: late data may have moved its start."""
    same = [place for place, run in enumerate(found) if run.said == entry.said]
    inside = [place for place in same if found[place].start <= entry.anchor < found[place].end]
    near = [place for place in same if abs(found[place].start - entry.anchor) <= _DRIFT]
    return min(
        inside or near, key=lambda place: abs(found[place].start - entry.anchor), default=None
    )


def _stay(found: Sequence[Run], place: int) -> list[int]:
    """Places of the adjoining runs of one id: its steps."""
    first = last = place
    while first and _adjoin(found[first - 1], found[first]):
        first -= 1
    while last + 1 < len(found) and _adjoin(found[last], found[last + 1]):
        last += 1
    return list(range(first, last + 1))


def _adjoin(one: Run, other: Run) -> bool:
    return one.said == other.said and one.end == other.start


def _ended(machine: Machine, claims: Sequence[_Claim], until: datetime) -> list[_Claim]:
    """What was begun and never ended: it ends where another batch needs its place."""
    done: list[_Claim] = []
    on: list[_Claim] = []
    for claim in claims:
        start = claim.run.start
        on = [one for one in on if one.open or one.run.end > start]
        others = [one for one in on if not _same_batch(one, claim)]
        crowd = max(0, len(others) - machine.holds + 1)
        leaving = [one for one in others if one.open][:crowd]
        leaving += [one for one in on if one.open and claim.by_hand and _same_batch(one, claim)]
        done += [one.until(start) for one in leaving]
        done += [] if claim.open else [claim]
        on = [*(one for one in on if one not in leaving), claim]
    still = [one for one in on if one.open]
    return done + [one.until(max(until, one.run.start), going_on=True) for one in still]


def _same_batch(one: _Claim, other: _Claim) -> bool:
    return one.run.batch == other.run.batch


def _beside(claim: _Claim, rivals: Sequence[_Claim]) -> list[_Claim]:
    """What is left of a PLC's run where people said other things of parts of it."""
    pieces = [claim.run]
    for rival in rivals:
        pieces = [part for run in pieces for part in _without(run, rival.run)]
    return [_Claim(replace(claim.stated, run=run), open=False) for run in pieces]


def _without(run: Run, other: Run) -> list[Run]:
    """A run without the time of another."""
    if other.end <= run.start or run.end <= other.start or other.start == other.end:
        return [run]
    before = replace(run, end=other.start, going_on=False)
    after = replace(run, start=other.end)
    return [part for part in (before, after) if part.start < part.end]


def _overruled(claim: _Claim, rivals: Sequence[_Claim]) -> list[Problem]:
    """Where a person and a PLC name different batches: the person's counts, and it is said."""
    return [
        Problem(
            "run-overruled",
            claim.run.machine,
            max(claim.run.start, rival.run.start),
            {
                "said": claim.run.said,
                "entered": rival.run.batch,
                "source": rival.stated.source,
                "by": rival.stated.by,
            },
        )
        for rival in rivals
        if rival.stated.source != CORRECTION
        and not _same_batch(claim, rival)
        and max(claim.run.start, rival.run.start) < min(claim.run.end, rival.run.end)
    ]
