"""A row of the fault table."""

import random
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A fault, injected so many times, and what it cost.

    Attributes:
        row: Number in the fault table.
        fault: What was done.
        injected: How often.
        readings: How many readings had to be in the journal afterwards.
        lost: How many of them are not.
        doubled: How many stand there twice.
        recovered_s: The longest time from an injection until every device's readings of after
            it were in the journal. [s]
    """

    row: int
    fault: str
    injected: int
    readings: int
    lost: int
    doubled: int
    recovered_s: float

    @property
    def harmless(self) -> bool:
        """Whether nothing was lost and nothing doubled."""
        return not self.lost and not self.doubled

    def form(self) -> dict[str, Any]:
        """As it stands in ``faults.json``."""
        return asdict(self) | {"recovered_s": round(self.recovered_s, 2)}


@dataclass(frozen=True, slots=True)
class Dose:
    """How much of every fault.

    Attributes:
        seed: What instants and orders are drawn by.
        times: How often each fault is injected.
        stop_s: How long a broker is stopped. [s]
        bound_s: When a row is given up. [s]
    """

    seed: int
    times: int
    stop_s: float
    bound_s: float

    def drawn(self, row: int) -> random.Random:
        """The row's own source of chance."""
        return random.Random(f"{self.seed}-{row}")
