"""A benchmark's row, and how every benchmark measures: ours and the peer by turns, medians."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One measured number beside a peer of the same run.

    Attributes:
        name: What was measured, and what is in it.
        value: Median of the runs. [unit]
        unit: Of both values.
        peer: What it is compared with: somebody's code, or a limit, measured in the same run.
        peer_value: Median of the peer's runs; None where it could not be had. [unit]
        runs: How many of each.
    """

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float | None
    runs: int

    @property
    def ratio(self) -> float | None:
        """Value over the peer's."""
        return None if self.peer_value is None else self.value / self.peer_value

    def form(self) -> dict[str, str | float | int | None]:
        """As it stands in ``bench.json``."""
        return {
            "name": self.name,
            "value": rounded(self.value),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": self.peer_value and rounded(self.peer_value),
            "ratio": self.ratio and rounded(self.ratio),
            "runs": self.runs,
        }


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done.

    Attributes:
        runs: Runs of each benchmark, of which the median counts.
        quick: Whether it is only to be seen that every benchmark runs; the numbers are worthless.
        values: Among how many values one is looked up.
        readings: How many readings pass through a journal while its memory is watched.
    """

    runs: int
    quick: bool = False
    values: int = 100_000_000
    readings: int = 10_000_000

    def pick(self, whole: T, quick: T) -> T:
        """One of the two."""
        return quick if self.quick else whole

    def medians(self, ours: Callable[[], float], peers: Callable[[], float]) -> tuple[float, float]:
        """Medians of our runs and the peer's, taken by turns so that both see the same load."""
        found = [(ours(), peers()) for _ in range(self.runs)]
        return statistics.median(o for o, _ in found), statistics.median(p for _, p in found)


def rounded(number: float) -> float:
    """Four significant digits: more were noise."""
    return float(f"{number:.4g}")
