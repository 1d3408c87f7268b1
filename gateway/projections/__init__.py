"""Projections: copies of the journal's good numbers in time-series stores, for plots.

One file an engine; its name is the name in ``gateway.toml``, ``[projections.<name>]``. An engine is
a module with a function ``read``. Nothing here is trusted: an engine may say success for what it
drops, be wiped or restored old; whatever it holds is compared with the journal and made anew.
Energy is never computed in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple, Protocol, cast

from collector.wire.problem import Problem

READING, INTERVAL, STEP, FOOTPRINT = "reading", "interval", "step", "footprint"
"""The measurements."""
Number = tuple[datetime, float]


class Unanswered(Exception):
    """An engine is away, slow, or says no; it is asked again later."""


class Total(NamedTuple):
    """What stands of a point in an hour.

    Attributes:
        numbers: How many.
        sum: Their sum.
    """

    numbers: int
    sum: float


Totals = dict[tuple[str, str, int], Total]
"""By device, point and the hour's beginning. [ms since 1970]"""


class Series(Protocol):
    """Numbers of points, read back from the journal or from an engine: the same from each.

    Of several values at one instant the last that the journal knows counts; instants are whole
    milliseconds.
    """

    def between(self, device: str, point: str, start: datetime, end: datetime) -> list[Number]:
        """Good numbers in ``[start, end)``, by time."""

    def last_at_or_before(self, device: str, point: str, at: datetime) -> Number | None:
        """The last good number at or before an instant."""

    def thinned(
        self, device: str, point: str, start: datetime, end: datetime, every: timedelta
    ) -> list[Number]:
        """The last good number of each stretch of `every`, stamped with the stretch's beginning.

        Stretches are counted from 1970; `start` and `end` are edges of some. Empty ones are left
        out.
        """


class Engine(Series, Protocol):
    """A time-series store.

    Whatever asks it raises `Unanswered` where it does not answer.
    """

    @property
    def target(self) -> str:
        """What is written to: how far it is filled is kept under this name."""

    def check(self) -> tuple[Problem, ...]:
        """Why it may not be written to as it is set up, after making what can be made."""

    def write(self, lines: bytes) -> None:
        """Take lines of the line protocol with milliseconds, as many as there are."""

    def settle(self) -> None:
        """Make what was written visible to queries."""

    def totals(self, start: datetime, end: datetime) -> Totals:
        """Counts and sums of the site's readings by point and hour; both ends are whole hours."""

    def remove(self, device: str, start: datetime, end: datetime) -> bool:
        """Take a device's readings of ``[start, end)`` out; False where it cannot."""

    def forget(self, measurement: str, tags: Mapping[str, str]) -> None:
        """Take the site's series of a measurement with these tags out, whole."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an engine's table stands.

    Attributes:
        site: Whose readings; nothing of another site is touched.
        folder: The configuration folder, for files that the table names.
        where: File and table, for problems.
    """

    site: str
    folder: Path
    where: str


class EngineModule(Protocol):
    """What an engine's module offers."""

    def read(self, table: object, place: Place) -> Engine:
        """The engine of a table of ``gateway.toml``; `Refused` where it cannot stand."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an engine stands, for those who look at the site's health.

    Attributes:
        name: Which.
        behind: Slots of devices that have changed and were not sent.
        fault: Why it cannot be written to now; empty where it can.
        reconciled: When journal and engine were last compared; None where they never were.
        missing: Numbers that it lacked then.
        refused: Those of them that it lacks still, though it said that it took them.
        foreign: Numbers in it that the journal does not have, and that it cannot take out.
        compared: How many numbers of the journal were compared.
    """

    name: str
    behind: int
    fault: str
    reconciled: datetime | None = None
    missing: int = 0
    refused: int = 0
    foreign: int = 0
    compared: int = 0


def names() -> list[str]:
    """Every engine, as it is named in ``gateway.toml``."""
    return sorted(module.name for module in iter_modules(__path__))


@cache
def engine_module(name: str) -> EngineModule:
    """The module of an engine."""
    return cast("EngineModule", import_module(f"{__name__}.{name}"))
