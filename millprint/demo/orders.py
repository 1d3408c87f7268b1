"""What is to be dyed: batches drawn by the seed, for one jet after the other."""

import random
from dataclasses import dataclass
from itertools import count

from millprint.demo.mill import Jet, Mill, Programme, Range

_FIRST_BATCH = 2401
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
    """

    id: str
    fabric_kg: float
    liquor_ratio: float
    programme: Programme
    recipe: int
    load_factor: float
    pace: float
    moisture: float


class Numbers:
    """Batch numbers of a mill, in the order in which batches begin."""

    def __init__(self) -> None:
        self._count = count(_FIRST_BATCH)

    def next(self) -> str:
        """The next batch's."""
        return f"B{next(self._count)}"


class Orders:
    """One jet's orders.

    Args:
        mill: The mill.
        jet: The jet.
        numbers: Where its batches get their numbers.
        seed: What everything is drawn by; jets draw independently of each other.
        most: After how many the orders end; None never.
    """

    def __init__(
        self, mill: Mill, jet: Jet, numbers: Numbers, *, seed: int, most: int | None
    ) -> None:
        self._mill, self._jet, self._numbers = mill, jet, numbers
        self._left = most
        self._random = random.Random(f"{seed}/{jet.name}")

    def next(self) -> Batch | None:
        """The next batch; None where there is nothing more to do."""
        if self._left is not None:
            if not self._left:
                return None
            self._left -= 1
        jet, draw = self._jet, self._random
        stenter = self._mill.stenters.get(jet.then)
        return Batch(
            id=self._numbers.next(),
            fabric_kg=round(draw.uniform(*jet.fabric_kg), 1),
            liquor_ratio=round(draw.uniform(*jet.liquor_ratio), 1),
            programme=self._mill.programmes[draw.choice(jet.programmes)],
            recipe=draw.randrange(100_000, 1_000_000),
            load_factor=draw.uniform(*jet.load_factor),
            pace=draw.uniform(*_PACE),
            moisture=draw.uniform(*stenter.moisture) if stenter else 0.0,
        )

    def seconds(self, minutes: Range) -> int:
        """A pause, drawn. [s]"""
        return round(60 * self._random.uniform(*minutes))

    def flutter(self) -> float:
        """How a drive's power wavers around its mean. [1]"""
        return 0.97 + 0.06 * self._random.random()
