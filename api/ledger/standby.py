"""Standby (rule 8): who carries what a machine, or a group behind one meter, uses while idle.

To the next batch: the run that begins first within `longest`, or those that begin together. A
group that is idle while batches are on (every weight is 0) is theirs, machine by machine. To the
shift: the runs of the working shift, by run hours, where any of them is within `longest`. While
nobody can know yet, it is pending: a standby account without a run. All else is overhead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from api.ledger.accounts import Account, Division, Run, Weight
from api.ledger.drivers import Case, Facts
from api.ledger.ladder import Ladders, evenly
from api.ledger.plant import Standby
from api.ledger.timeline import Timeline
from gateway.intervals import Slice


@dataclass(frozen=True, slots=True)
class Place:
    """A machine, or the group behind a shared meter.

    Attributes:
        name: Its name: who carries what is pending.
        overhead: Who carries what is nobody's: the machine, or the site.
        rule: How its standby is called.
        standby: What is declared.
        timeline: Its runs.
        within: What divides each machine among its own batches.
        shifts: Working shifts around the period, by time, UTC.
        known_until: How far the readings reach.
    """

    name: str
    overhead: str
    rule: str
    standby: Standby
    timeline: Timeline
    within: Ladders
    shifts: Sequence[tuple[datetime, datetime]]
    known_until: datetime


class Carried(NamedTuple):
    """Who carries a slice of standby: an account without a run, some runs, or those of a division.

    Attributes:
        rule: By which rule.
        account: The one who carries it where no run does.
        runs: The run that does, alone; several share by `division`.
        division: How they share.
        until: To when the same is said of every slice after this one; None of this one alone.
    """

    rule: str
    account: Account | None = None
    runs: tuple[Run, ...] = ()
    division: Division | None = None
    until: datetime | None = None


def idle(place: Place, piece: Slice, present: tuple[Run, ...], facts: Facts) -> Carried:
    """Who carries a slice in which a place was idle.

    Args:
        place: The machine or group.
        piece: The slice, cut where an answer may change.
        present: Batches that are on all the same, none of which counts for anything.
        facts: What is known, for dividing among batches of one machine.
    """
    match place.standby.to:
        case "overhead":
            return Carried(place.rule, Account("overhead", place.overhead))
        case "shift":
            return _to_shift(place, piece)
        case _:
            return _to_next(place, piece, present, facts)


def _to_next(place: Place, piece: Slice, present: tuple[Run, ...], facts: Facts) -> Carried:
    following = present or place.timeline.next_runs(piece.end)
    if not following:
        return _pending(place, place.known_until - place.standby.longest >= piece.end)
    begins = following[0].start
    if not present and piece.start < begins - place.standby.longest:
        return _too_long(place)._replace(until=begins - place.standby.longest)
    until = None if present else begins
    if len(following) == 1:
        return Carried(place.rule, runs=following, until=until)
    case = Case(piece.start, piece.end, following, facts)
    return Carried(place.rule, None, following, evenly(case, place.within), until)


def _to_shift(place: Place, piece: Slice) -> Carried:
    shift = next(
        (one for one in place.shifts if one[0] <= piece.start and piece.end <= one[1]), None
    )
    if shift is None:
        return Carried("standby-outside-shifts", Account("overhead", place.overhead))
    runs = place.timeline.touching(*shift)
    longest = place.standby.longest
    near = [r for r in runs if r.start - longest <= piece.start and piece.end <= r.end + longest]
    if not near:
        return _pending(place, place.known_until >= shift[1])
    weights = tuple(_hours_in(run, *shift) for run in runs)
    return Carried(place.rule, runs=runs, division=Division("run-hours", runs, weights))


def _hours_in(run: Run, start: datetime, end: datetime) -> Weight:
    overlap = min(run.end, end) - max(run.start, start)
    hours = Decimal(overlap.total_seconds()) / 3600
    return Weight(hours, {"run_h": hours})


def _pending(place: Place, over: bool) -> Carried:  # noqa: FBT001 - reads well where it is called
    return _too_long(place) if over else Carried(place.rule, Account("standby", place.name))


def _too_long(place: Place) -> Carried:
    return Carried(f"{place.rule}-too-long", Account("overhead", place.overhead))
