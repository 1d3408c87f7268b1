"""The truth of a hall: what its meters answered, compared with what stands in the journal.

Every answer has a value of its own, so the comparison is by value: an answer that stands nowhere
is lost, one that stands twice is doubled, and a value that no meter said is invented.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

POINT = "energy_import_kwh"
_METER = "meter-"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a meter said, and when.

    Attributes:
        device: The meter.
        wh: What it said; never the same again. [Wh]
        up_ms: CLOCK_BOOTTIME. [ms]
        wall_ms: The machine's clock, unix. [ms]
    """

    device: str
    wh: int
    up_ms: int
    wall_ms: int

    @property
    def value(self) -> tuple[str, int]:
        """What identifies it."""
        return self.device, self.wh


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of CLOCK_BOOTTIME, both ends included. [ms]"""

    first_ms: int
    last_ms: int

    def holds(self, answer: Answer) -> bool:
        """Whether the answer was given within it."""
        return self.first_ms <= answer.up_ms <= self.last_ms


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of the answers."""

    readings: int
    lost: tuple[Answer, ...]
    doubled: int
    invented: int


def device(unit: int) -> str:
    """Name of a unit's device."""
    return f"{_METER}{unit:02d}"


def said(log: Path) -> list[Answer]:
    """Every answer in the meters' log."""
    lines = log.read_text(encoding="ascii").splitlines() if log.exists() else []
    found = []
    for line in lines:
        unit, wh, up_ms, wall_ms = map(int, line.split())
        found.append(Answer(device(unit), wh, up_ms, wall_ms))
    return found


def value_of(form: Mapping[str, Any]) -> tuple[str, int] | None:
    """Which answer a reading came from; None where it is of no meter of ours, or without value."""
    kwh = form["values"].get(POINT)
    if kwh is None or not form["device"].startswith(_METER):
        return None
    return form["device"], round(float(kwh) * 1000)


@dataclass(slots=True)
class Excuses:
    """What may be missing, and what may not for all that.

    Attributes:
        spans: When what was said may be missing: the last window before a collector's death.
        committed: Values that were in the spool then: these may not.
        declared: Values that the collector has declared gone.
        unread: Values that were answers to a collector that had just ended.
    """

    spans: list[Span] = field(default_factory=list)
    committed: set[tuple[str, int]] = field(default_factory=set)
    declared: set[tuple[str, int]] = field(default_factory=set)
    unread: set[tuple[str, int]] = field(default_factory=set)

    def hold(self, answer: Answer) -> bool:
        """Whether an answer may be missing."""
        if answer.value in self.declared:
            return True
        unread = answer.value in self.unread or any(span.holds(answer) for span in self.spans)
        return unread and answer.value not in self.committed


def compare(
    answers: Iterable[Answer], until_ms: int, excuses: Excuses, there: Iterable[object]
) -> Compared:
    """Compare the meters' log with the values of the journal.

    Args:
        answers: All that was said.
        until_ms: Answers of after this need not be there yet. [ms of CLOCK_BOOTTIME]
        excuses: What may be missing.
        there: The values of all readings in the journal.
    """
    all_said = list(answers)
    known = {answer.value for answer in all_said}
    counted = Counter(there)
    due = [one for one in all_said if one.up_ms <= until_ms and not excuses.hold(one)]
    return Compared(
        readings=len(due),
        lost=tuple(answer for answer in due if answer.value not in counted),
        doubled=sum(times - 1 for times in counted.values()),
        invented=sum(value not in known for value in counted),
    )
