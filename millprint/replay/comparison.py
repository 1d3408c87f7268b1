"""What came back of a replay, read over HTTP, beside the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from collector.profiles import ProfilePoint
from collector.wire.reading import stamp
from collector.wire.suffixes import stored_unit
from millprint.replay.play import Replay

TOLERANCE = Decimal("0.01")
_AT_ONCE = 9000  # readings that are asked for in one request


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a replay, in the recording's time zone.

    Attributes:
        name: Such as ``2018-01``.
        intervals: How many intervals end in it.
        file: What the file says of it, in the point's unit.
        journal: What the readings say.
    """

    name: str
    intervals: int
    file: Decimal
    journal: Decimal


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came back of a recording, read over HTTP.

    Attributes:
        unit: Of all amounts.
        months: Month by month.
        step: What the meter's register shows at best; a month may be off by so much.
        missing: Rows of the file at whose instant the journal has no reading.
        differ: Intervals whose amount is not the file's.
    """

    unit: str
    months: tuple[Month, ...]
    step: Decimal
    missing: int
    differ: int

    @property
    def agrees(self) -> bool:
        """Whether everything came back."""
        slack = max(TOLERANCE, self.step)
        near = all(abs(one.file - one.journal) <= slack for one in self.months)
        return not self.missing and not self.differ and near

    @property
    def whole(self) -> Month:
        """All months together."""
        return Month(
            "all",
            sum(one.intervals for one in self.months),
            sum((one.file for one in self.months), Decimal(0)),
            sum((one.journal for one in self.months), Decimal(0)),
        )


def read_back(replay: Replay) -> Verdict:
    """Ask the service for every register reading, and compare its differences with the file."""
    recording = replay.part.recording
    shown = dict(_readings(replay))
    zone = recording.mapping.zone
    step = step_of(replay.part.point, recording.marks[-1][1])
    missing = sum(at not in shown for at, _ in recording.marks)
    months: dict[str, list[tuple[Decimal, Decimal]]] = {}
    differ = 0
    for before, at, amount in recording.intervals:
        if before in shown and at in shown:
            read = shown[at] - shown[before]
            differ += abs(read - amount) > step
            inside = (at - timedelta(milliseconds=1)).astimezone(zone)
            months.setdefault(f"{inside:%Y-%m}", []).append((amount, read))
    return Verdict(
        unit=stored_unit(replay.part.point.name),
        months=tuple(
            Month(
                name,
                len(own),
                sum((amount for amount, _ in own), Decimal(0)),
                sum((read for _, read in own), Decimal(0)),
            )
            for name, own in months.items()
        ),
        step=step,
        missing=missing,
        differ=differ,
    )


def step_of(point: ProfilePoint, largest: Decimal) -> Decimal:
    """How far the difference of two readings may be off, in the point's stored unit.

    That is one step of the register; of a float twice that of the largest value: a reading is its
    shortest decimal, which may be half a step beside what is half a step beside the truth.
    """
    step = Fraction(point.resolution or 0) * point.to_stored
    digits = {"float32": 23, "float64": 52}
    floats = [2.0 ** -digits[one.type] for one in point.registers if one.type in digits]
    shown = Decimal(step.numerator) / Decimal(step.denominator)
    return max([shown, *(largest * 2 * Decimal(each) for each in floats)])


def _readings(replay: Replay) -> Iterator[tuple[datetime, Decimal]]:
    """Every reading of the meter from the beginning of the recording to its end."""
    marks = replay.part.recording.marks
    step = timedelta(milliseconds=replay.part.recording.poll_every_ms)
    start, end = marks[0][0], marks[-1][0] + step
    while start < end:
        until = min(end, start + _AT_ONCE * step)
        query = urlencode({"from": stamp(start), "to": stamp(until), "limit": 10_000})
        for one in replay.get(f"/points/{replay.ref}/readings?{query}")["readings"]:
            if one["quality"] != "bad":
                yield datetime.fromisoformat(one["at"]), Decimal(repr(one["value"]))
        start = until


def document(replay: Replay, verdict: Verdict) -> dict[str, Any]:
    """What ``--json`` writes."""
    return {
        "profile": replay.part.profile.name,
        "point": replay.ref,
        "unit": verdict.unit,
        "timezone": replay.part.recording.mapping.zone.key,
        "intervals": verdict.whole.intervals,
        "missing": verdict.missing,
        "differ": verdict.differ,
        "total": {"file": str(verdict.whole.file), "journal": str(verdict.whole.journal)},
        "months": [
            {
                "month": one.name,
                "intervals": one.intervals,
                "file": str(one.file),
                "journal": str(one.journal),
            }
            for one in verdict.months
        ],
        "agrees": verdict.agrees,
    }
