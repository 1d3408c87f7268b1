"""What is to be dyed: batches drawn by the seed, for one machine after the other."""

import random
from dataclasses import dataclass, replace
from itertools import count

from millprint.demo.hours import Hours
from millprint.demo.mill import Jet, Mill, Programme, Range, Span

_FIRST_BATCH = 2401
_REPAIR = 0.7
"""A re-dye is shorter than what it mends."""
_PACE = (0.96, 1.05)
"""How much quicker or slower than written a batch's steps are done."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A dye lot.

    Attributes:
        id: Its number in the mill, such as ``B2401``.
        fabric_kg: Weight of its fabric. [kg]
        liquor_ratio: Litres of bath per kilogram.
        programme: How it is dyed.
        recipe: Number of its recipe.
        load_factor: Share of a drive's rated power that its fabric asks for.
        pace: What its steps' written minutes are multiplied by.
        moisture: Water that it carries to the stenter. [kg/kg]
        again: Batch that this one is, dyed again; empty where it is none.
        joins: Batch with which this one becomes one lot when both are done; empty where none.
    """

    id: str
    fabric_kg: float
    liquor_ratio: float
    programme: Programme
    recipe: int
    load_factor: float
    pace: float
    moisture: float
    again: str = ""
    joins: str = ""


class Numbers:
    """Batch numbers of a mill, in the order in which batches begin."""

    def __init__(self) -> None:
        self._count = count(_FIRST_BATCH)

    def next(self) -> str:
        """The next batch's."""
        return f"B{next(self._count)}"


class Orders:
    """The orders of one machine, or what a machine that has none of its own draws by.

    Args:
        mill: The mill.
        machine: The machine.
        numbers: Where its batches get their numbers.
        seed: What everything is drawn by; jets draw independently of each other.
        most: After how many the orders end; None never.
    """

    def __init__(
        self, mill: Mill, machine: Jet | Range, numbers: Numbers, *, seed: int, most: int | None
    ) -> None:
        self._mill, self._machine, self._numbers = mill, machine, numbers
        self._left = most
        self._hours = Hours(mill.site)
        self._random = random.Random(f"{seed}/{machine.name}")
        self._begun = 0
        self._last: Batch | None = None

    @property
    def more(self) -> bool:
        """Whether there is anything more to do."""
        return self._left != 0

    def closed_for_s(self, now_s: int) -> int:
        """How long nobody begins anything; 0 while the mill works. [s]"""
        return self._hours.closed_for_s(now_s)

    def next(self) -> Batch:
        """The next batch."""
        if self._left is not None:
            self._left -= 1
        self._begun += 1
        site, last = self._mill.site, self._last
        if last is not None and self._is_due(site.repair_every):
            self._last = None
            return replace(
                last, id=f"{last.id}R", again=last.id, joins="", pace=last.pace * _REPAIR
            )
        self._last = self._drawn()
        if last is not None and self._is_due(site.merge_every):
            self._last = replace(self._last, programme=last.programme, joins=last.id)
        return self._last

    def _is_due(self, every: int) -> bool:
        return every > 0 and self._begun % every == 0

    def _drawn(self) -> Batch:
        machine, draw = self._machine, self._random
        stenter = self._mill.stenters.get(machine.then)
        return Batch(
            id=self._numbers.next(),
            fabric_kg=round(draw.uniform(*machine.fabric_kg), 1),
            liquor_ratio=round(draw.uniform(*machine.liquor_ratio), 1),
            programme=self._mill.programmes[draw.choice(machine.programmes)],
            recipe=draw.randrange(100_000, 1_000_000),
            load_factor=draw.uniform(*machine.load_factor),
            pace=draw.uniform(*_PACE),
            moisture=draw.uniform(*stenter.moisture) if stenter else 0.0,
        )

    def seconds(self, minutes: Span) -> int:
        """A pause, drawn. [s]"""
        return round(60 * self._random.uniform(*minutes))

    def flutter(self) -> float:
        """How a drive's power wavers around its mean. [1]"""
        return 0.97 + 0.06 * self._random.random()
