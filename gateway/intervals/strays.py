"""Spurious values of a register: zeros, giants, garbled floats among readings that fit together."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import NamedTuple, Protocol

from collector.wire.problem import Problem

BEYOND_ANY = Decimal(10) ** 15
"""No register of a mill counts so far: a float that does was garbled on the way."""
_LONGEST_RUN = 2
"""As many spurious values in a row are dropped where a limit proves them so; else one."""


class Shown(NamedTuple):
    """What a register showed, to a device or to a person."""

    at: datetime
    value: Decimal
    by_hand: bool = False


class Register(Protocol):
    """What must be known of a counter here."""

    @property
    def ref(self) -> str:
        """Its name, for problems."""

    @property
    def unit(self) -> str:
        """Its stored unit."""

    @property
    def limit(self) -> Decimal | None:
        """The most that it can count. [unit per hour]"""

    def most(self, gap: timedelta) -> Decimal | None:
        """The most that it can have counted in a while."""

    def wraps(self, before: Shown, after: Shown) -> bool:
        """Whether a fall is a wrap."""


def without_strays(
    shown: Sequence[Shown], counter: Register, problems: list[Problem]
) -> list[Shown]:
    """The readings that fit together; each of the others is named in `problems`.

    A value is dropped that lies off the way from the one before to one after it: a single one,
    or two in a row where the counter's limit proves them impossible. One at the end that falls
    waits for the next: alone it may be a reset, or nothing. What a person read stays.
    """
    kept: list[Shown] = []
    rest: list[Shown] = []
    for one, after in zip_longest(shown, shown[1:]):
        if abs(one.value) < BEYOND_ANY or one.by_hand:
            rest.append(one)
        else:
            problems.append(_dropped(one, rest[-1] if rest else None, after, counter))
    place = 0
    while place < len(rest):
        strays = _strays(kept[-1] if kept else None, rest[place : place + 4], counter)
        for one in rest[place : place + strays]:
            after = rest[place + strays] if place + strays < len(rest) else None
            problems.append(_dropped(one, kept[-1] if kept else None, after, counter))
        place += strays
        if place < len(rest):
            kept.append(rest[place])
            place += 1
    return kept


def _strays(before: Shown | None, ahead: Sequence[Shown], counter: Register) -> int:
    """How many of the readings ahead are spurious."""
    if ahead[0].by_hand:
        return 0
    if before is None:
        return _first(ahead, counter)
    if counter.limit is None:
        return _single(before, ahead, counter)
    for count in range(_LONGEST_RUN + 1):
        if count < len(ahead) and (ahead[count].by_hand or _fits(before, ahead[count], counter)):
            return count
    return len(ahead) if len(ahead) <= _LONGEST_RUN else 0


def _first(ahead: Sequence[Shown], counter: Register) -> int:
    """The first reading is spurious where the next two agree and it with neither."""
    if counter.limit is None or len(ahead) <= _LONGEST_RUN:
        return 0
    one, following, later = ahead[:3]
    if _fits(one, following, counter) or not _fits(following, later, counter):
        return 0
    most = counter.most(following.at - one.at) or Decimal(0)
    began_again = 0 <= following.value <= most and following.value < one.value
    return 0 if began_again else 1


def _single(before: Shown, ahead: Sequence[Shown], counter: Register) -> int:
    """Without a limit: one value off the way between two that are nearer to each other."""
    value = ahead[0].value
    if len(ahead) == 1:
        return int(value < before.value and not counter.wraps(before, ahead[0]))
    after = ahead[1].value
    if before.value > after:
        return 0
    off = value < before.value or value > after
    return int(off and after - before.value < abs(value - before.value))


def _fits(before: Shown, after: Shown, counter: Register) -> bool:
    most = counter.most(after.at - before.at)
    rises = after.value - before.value >= 0 and (most is None or after.value - before.value <= most)
    return rises or counter.wraps(before, after)


def _dropped(one: Shown, before: Shown | None, after: Shown | None, counter: Register) -> Problem:
    shown = (("value", one), ("before", before), ("after", after))
    quoted = {name: "-" if told is None else f"{told.value:f}" for name, told in shown}
    return Problem("value-dropped", counter.ref, one.at, quoted | {"unit": counter.unit})
