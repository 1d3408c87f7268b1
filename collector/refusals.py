"""Refusals: which registers of a device cannot be read, alone or together. Pure.

What was refused is not asked again for a minute, then for four, up to six hours: it may have been
a device that was starting, or one that has got the missing option since.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.profiles import Table

_FIRST_HOLD_MS = 60_000
_LONGEST_HOLD_MS = 6 * 3_600_000
_LONGEST_TIMES = 5  # 60 s x 4^5 is beyond the longest


@dataclass(slots=True)
class Refusals:
    """What one device refuses.

    Attributes:
        unreadable: Why, by point that cannot be read even alone.
        walls: Table and address that no request may read across.
        times: How often in a row it was learned.
        until_ms: When it is tried again, time since boot. [ms]
        fresh: Whether nobody has kept it yet.
    """

    unreadable: dict[str, str] = field(default_factory=dict)
    walls: set[tuple[Table, int]] = field(default_factory=set)
    times: int = 0
    until_ms: int = 0
    fresh: bool = False

    @property
    def many(self) -> int:
        """How much is known."""
        return len(self.unreadable) + len(self.walls)

    def refuse(self, point: str, reason: str) -> None:
        """A point cannot be read even alone."""
        self.unreadable[point] = reason

    def hold(self, up_ms: int) -> None:
        """It was learned now, again or for the first time."""
        hold_ms = min(_FIRST_HOLD_MS << 2 * self.times, _LONGEST_HOLD_MS)
        self.times = min(self.times + 1, _LONGEST_TIMES)
        self.until_ms = up_ms + hold_ms
        self.fresh = True

    def form(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "unreadable": dict(self.unreadable),
            "walls": sorted(self.walls),
            "times": self.times,
        }


def read_refusals(form: Mapping[str, Any], up_ms: int) -> Refusals:
    """From JSON, to be held from now on; ValueError where it is none."""
    try:
        found = Refusals(
            {str(point): str(reason) for point, reason in form["unreadable"].items()},
            {(_table(table), int(address)) for table, address in form["walls"]},
            max(0, min(int(form["times"]) - 1, _LONGEST_TIMES)),
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"not what a device refuses: {fault!r}") from fault
    found.hold(up_ms)
    found.fresh = False
    return found


def _table(name: object) -> Table:
    if name == "holding" or name == "input":
        return name
    raise ValueError(f"{name!r} is no table")
