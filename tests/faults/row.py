"""A row of the fault table."""

import random
from dataclasses import asdict, dataclass
from typing import Any


class Unrecovered(Exception):
    """A row was given up: the readings did not come."""


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
        recovered_s: The longest time from an injection until readings of after it were in the
            journal. [s]
        broken: What else was promised and not kept, as sentences.
    """

    row: int
    fault: str
    injected: int
    readings: int
    lost: int
    doubled: int
    recovered_s: float
    broken: tuple[str, ...] = ()

    @property
    def harmless(self) -> bool:
        """Whether nothing was lost, nothing doubled, and every promise kept."""
        return not self.lost and not self.doubled and not self.broken

    def form(self) -> dict[str, Any]:
        """As it stands in ``faults.json``."""
        return asdict(self) | {"recovered_s": round(self.recovered_s, 2)}


def joined(fault: str, *parts: Row) -> Row:
    """One row of several that tried the same fault in different ways."""
    return Row(
        parts[0].row,
        fault,
        injected=sum(part.injected for part in parts),
        readings=sum(part.readings for part in parts),
        lost=sum(part.lost for part in parts),
        doubled=sum(part.doubled for part in parts),
        recovered_s=max(part.recovered_s for part in parts),
        broken=tuple(dict.fromkeys(sentence for part in parts for sentence in part.broken)),
    )


@dataclass(frozen=True, slots=True)
class Dose:
    """How much of every fault.

    Attributes:
        seed: What instants and orders are drawn by.
        times: How often each fault is injected.
        stop_s: How long a broker is stopped. [s]
        bound_s: When a row is given up. [s]
        cuts: How many power cuts are drawn from one recording.
        trust_puback: Whether the collector is told that the broker's word is the journal's: the
            mutation under which the suite must go red.
    """

    seed: int
    times: int
    stop_s: float
    bound_s: float
    cuts: int = 1000
    trust_puback: bool = False

    def drawn(self, row: int) -> random.Random:
        """The row's own source of chance."""
        return random.Random(f"{self.seed}-{row}")
