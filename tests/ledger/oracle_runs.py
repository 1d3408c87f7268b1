"""An oracle for the runs that count: minute by minute, who says that which batch was there.

It shares no code with the ledger. Everything happens on whole minutes, on one machine that holds
one batch.
"""

from dataclasses import dataclass


@dataclass
class Said:
    """One thing that was said: by a PLC's reading (`hand` False), or by a person."""

    number: int
    batch: str
    start: int
    end: int | None
    hand: bool = True
    deleted: bool = False


def on(minutes: int, said: list[Said], until: int) -> list[set[str]]:
    """The batches on the machine, minute by minute."""
    found = []
    for minute in range(minutes):
        hands = [one for one in said if one.hand and not one.deleted]
        there = {one.batch for one in hands if one.start <= minute < end_of(one, said, until)}
        shown = {
            one.batch
            for one in said
            if not one.hand and one.end is not None and one.start <= minute < one.end
        }
        found.append(there or shown)
    return found


def end_of(one: Said, said: list[Said], until: int) -> int:
    """Where a run ends: as said, or else where the next batch begins, or else it goes on."""
    if one.end is not None:
        return one.end
    order = (one.start, one.number)
    later = [
        other.start
        for other in said
        if not other.deleted
        and (other.start, other.number if other.hand else 0) > order
        and (other.hand or other.batch != one.batch)
    ]
    return min(later, default=max(until, one.start))
