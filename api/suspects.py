"""Suspects: meters that are likely wrong, looked for once a day is over, unasked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from api.calendar import Span, windows
from api.ledger.plant import Plant
from api.ledger.supplies import nodes
from api.ledger.suspects import suspects
from api.meters import INSTANT, Meters
from collector.wire.problem import Problem
from gateway.intervals import Measured
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
        self._seen: dict[str, dict[Span, Measured]] = defaultdict(dict)
        self.problems: tuple[Problem, ...] = ()

    def look(self, slot: datetime | None) -> None:
        """Go on looking; begin anew where another day is over.

        Args:
            slot: The newest slot that changed; None where none did.
        """
        if slot is not None and (self._until is None or slot >= self._until):
            self._begin(slot)
        if self._waiting:
            meter, day = self._waiting.pop()
            measured = self._meters.each(meter, _slots(day))
            if measured is not None:
                self._seen[meter][day] = measured
            if not self._waiting:
                self.problems = tuple(suspects(self._plant, self._whole()))

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

    def _whole(self) -> dict[str, Measured]:
        """Each meter's slots of all days, as far as every meter that speaks at all had reported."""
        slices = {
            meter: [one for day in self._days if day in seen for one in seen[day].slices]
            for meter, seen in self._seen.items()
        }
        complete = {
            meter: {one.start for one in own if one.complete} for meter, own in slices.items()
        }
        speaking = {meter: starts for meter, starts in complete.items() if starts}
        common = set.intersection(*speaking.values()) if speaking else set()
        return {
            meter: replace(
                next(iter(self._seen[meter].values())),
                slices=tuple(one for one in slices[meter] if one.start in common),
            )
            for meter in speaking
        }


def _slots(day: Span) -> list[datetime]:
    start, end = day
    return [start + turn * SLOT for turn in range((end - start) // SLOT + 1)]
