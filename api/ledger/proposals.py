"""Runs from load alone: when a machine drew so much power that a batch must have been in it.

A proposal is no run: a person confirms it with a batch id, or dismisses it. Where the plant
declares no `idle_kw`, the threshold is taken from the machine itself: the tenth and the ninetieth
percentile of its power stand for idling and for working, and a quarter of the way between them
divides the two. Percentiles do not mind starting currents and short faults, and a quarter leaves
a batch's calm steps above the line. Where the ninetieth is not at least three times the tenth,
the machine did not show both states, and nothing is proposed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from gateway.intervals import Slice

_QUARTER = Decimal("0.25")
_APART = 3
_LEAST_KW = Decimal("0.5")
_LEAST_SLICES = 60
_PAUSE = timedelta(minutes=10)
_SHORTEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A machine that worked for ``[start, end)``, and nobody said what on.

    Attributes:
        start: Beginning.
        end: End.
        energy_kwh: What it used in that time.
        above_kw: The power that it drew more than.
    """

    start: datetime
    end: datetime
    energy_kwh: Decimal
    above_kw: Decimal


def threshold(slices: Sequence[Slice], idle_kw: Decimal | None = None) -> Decimal | None:
    """The power above which a machine works; None where it cannot be told. [kW]

    Args:
        slices: Its electricity in equal slices of time. [kWh]
        idle_kw: What it draws at most while no batch is in it, where the plant says so.
    """
    if idle_kw is not None:
        return idle_kw
    powers = sorted(_power(piece) for piece in slices if _sure(piece))
    if len(powers) < _LEAST_SLICES:
        return None
    idle, working = powers[len(powers) // 10], powers[len(powers) * 9 // 10]
    if working < _APART * max(idle, _LEAST_KW):
        return None
    return idle + (working - idle) * _QUARTER


def propose(
    slices: Sequence[Slice], known: Iterable[tuple[datetime, datetime]], above_kw: Decimal
) -> tuple[Proposal, ...]:
    """Times of load that no run and no person accounts for.

    Pauses of up to ten minutes do not end a proposal; load of less than a quarter of an hour,
    and what is left of less beside a run that is known, is none.

    Args:
        slices: The machine's electricity in equal slices of time, in order. [kWh]
        known: Runs, and times that a person said were none.
        above_kw: The threshold.
    """
    taken = sorted(known)
    stretches: list[list[Slice]] = []
    for piece in slices:
        if not _sure(piece) or _power(piece) <= above_kw or _inside(piece, taken):
            continue
        last = stretches[-1][-1] if stretches else None
        if last and piece.start - last.end <= _PAUSE and not _between(last, piece, taken):
            stretches[-1].append(piece)
        else:
            stretches.append([piece])
    return tuple(
        Proposal(own[0].start, own[-1].end, _used(slices, own), above_kw)
        for own in stretches
        if own[-1].end - own[0].start >= _SHORTEST
    )


def _used(slices: Sequence[Slice], own: Sequence[Slice]) -> Decimal:
    inside = (p.amount for p in slices if own[0].start <= p.start and p.end <= own[-1].end)
    return sum(inside, Decimal(0))


def _power(piece: Slice) -> Decimal:
    return piece.amount * 3600 / Decimal((piece.end - piece.start).total_seconds())


def _sure(piece: Slice) -> bool:
    """Whether it was seen when it was used: in a gap only the sum is known."""
    return piece.complete and not piece.estimated


def _inside(piece: Slice, taken: Sequence[tuple[datetime, datetime]]) -> bool:
    return any(start < piece.end and piece.start < end for start, end in taken)


def _between(last: Slice, piece: Slice, taken: Sequence[tuple[datetime, datetime]]) -> bool:
    return any(last.end <= end and start <= piece.start for start, end in taken)
