"""Suspects: meters that are likely wrong, looked for once a day is over, unasked."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from api.calendar import Span, windows
from api.ledger.plant import Plant
from api.ledger.supplies import nodes
from api.ledger.suspects import suspects
from api.meters import INSTANT, Meters
from collector.wire.problem import Problem
from gateway.journal import SLOT

_DAY = timedelta(days=1)
_DAYS = 7
"""A week shows every machine at work and at rest, and the mill with and without each."""


class Suspects:
    """Looks at the last seven days that are over; one day of one meter a round: nobody waits long.

    Attributes:
        problems: The meters that are likely wrong, by how much, and what to do.
    """

    def __init__(self, meters: Meters, plants: Sequence[Plant]) -> None:
        self._meters, self._plant = meters, plants[-1]
        self._days: list[Span] = []
        self._until: datetime | None = None
        self._waiting: list[tuple[str, Span]] = []
        self._seen: dict[str, dict[Span, tuple[float | None, ...]]] = defaultdict(dict)
        self.problems: tuple[Problem, ...] = ()

    def look(self, slot: datetime | None) -> None:
        """Go on looking; begin anew where another day is over.

        Args:
            slot: The newest slot that changed; None where none did.
        """
        if slot is not None and (self._until is None or slot >= self._until):
            self._begin(slot)
        if self._waiting:
            self._take_in_one()
            if not self._waiting:
                self.problems = tuple(suspects(self._plant, self._shown()))

    def _take_in_one(self) -> None:
        """The next day of a meter that had said anything by its end."""
        while self._waiting:
            meter, day = self._waiting.pop()
            if not self._meters.spoke_by(meter, day[1]):
                self._seen[meter][day] = ()
                continue
            measured = self._meters.each(meter, _slots(day))
            if measured is not None:  # a week of a hundred meters is not to weigh on the server
                self._seen[meter][day] = tuple(
                    float(one.amount) if one.complete else None for one in measured.slices
                )
            return

    def _begin(self, slot: datetime) -> None:
        timezone = self._plant.timezone
        ((today, self._until),) = windows(_DAY, timezone, slot, slot + INSTANT)
        since = today - _DAYS * _DAY
        self._days = [
            day for day in windows(_DAY, timezone, since, today) if day[0] >= self._plant.valid_from
        ]
        tree = nodes(self._plant)
        meters = dict.fromkeys(meter for node in tree for meter in (*node.mains, *node.below))
        for meter, seen in self._seen.items():
            self._seen[meter] = {day: one for day, one in seen.items() if day in self._days}
        self._waiting = [
            (meter, day) for meter in meters for day in self._days if day not in self._seen[meter]
        ]

    def _shown(self) -> dict[str, dict[datetime, Decimal]]:
        """Each meter's slots of all days in which every meter that speaks at all had reported."""
        shown = {
            meter: {
                slot: Decimal(repr(amount))
                for day, amounts in seen.items()
                for slot, amount in zip(_slots(day), amounts, strict=False)
                if amount is not None
            }
            for meter, seen in self._seen.items()
        }
        speaking = {meter: slots for meter, slots in shown.items() if slots}
        common = set.intersection(*map(set, speaking.values())) if speaking else set()
        return {
            meter: {slot: slots[slot] for slot in sorted(common)}
            for meter, slots in speaking.items()
        }


def _slots(day: Span) -> list[datetime]:
    start, end = day
    return [start + turn * SLOT for turn in range((end - start) // SLOT + 1)]
