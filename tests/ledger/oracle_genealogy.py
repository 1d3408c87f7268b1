"""An oracle for families of batches: every amount on its way, in Fractions, by the clock.

It shares no code with the ledger. Time goes minute by minute: first what happens to batches then,
then what runs that begin then will use. Without cuts to whole quanta; a caller allows for them.
"""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction


@dataclass
class Happening:
    """A split, merge or re-dye at a minute; parts are (batch, kg)."""

    kind: str
    minute: int
    givers: list[str]
    takers: list[tuple[str, int]]


def carried(happenings, uses, minutes):
    """What every batch carries in the end of what each one used: by (batch, who used it).

    `uses` are (batch, minute, amount).
    """
    again = {one.givers[0]: one.takers[0][0] for one in happenings if one.kind == "redye"}
    has = defaultdict(Fraction)
    for minute in range(minutes):
        waiting = [one for one in happenings if one.minute == minute and one.kind != "redye"]
        while waiting:  # who is still to be handed something waits
            late = {name for one in waiting for name, _ in one.takers if name not in one.givers}
            one = next(one for one in waiting if not late & set(one.givers))
            waiting.remove(one)
            hand_on(one, has)
        for batch, begun, amount in uses:
            if begun == minute:
                has[first_of(batch, again), batch] += amount
    return has


def hand_on(one, has):
    whole = sum(kg for _, kg in one.takers)
    for (carrier, user), amount in list(has.items()):
        if carrier in one.givers:
            has[carrier, user] -= amount
            for name, kg in one.takers:
                part = Fraction(kg, whole) if whole else Fraction(1, len(one.takers))
                has[name, user] += amount * part


def first_of(batch, again):
    """What a batch is that was dyed again, perhaps again and again."""
    while batch in again:
        batch = again[batch]
    return batch
