"""Counts: what became of every value that should have been read, per device and interval.

``scheduled = good + uncertain + bad + shed``, exactly: nothing is missing unsaid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector.wire.reading import parse_stamp, stamp

_MOST = 2**53


@dataclass(frozen=True, slots=True)
class Count:
    """Values of one device.

    Attributes:
        scheduled: How many there should have been.
        good: How many are good.
        uncertain: How many are in doubt, by reason.
        bad: How many slots of a point brought no value, by reason.
        shed: How many were left out, by reason: ``line-busy``, ``memory-full``.
    """

    scheduled: int
    good: int
    uncertain: Mapping[str, int]
    bad: Mapping[str, int]
    shed: Mapping[str, int]

    @property
    def settled(self) -> int:
        """All of whom it is said what became of them."""
        parts = (self.uncertain, self.bad, self.shed)
        return self.good + sum(sum(part.values()) for part in parts)


@dataclass(frozen=True, slots=True)
class Counts:
    """All devices of a collector in one interval.

    Attributes:
        boot: Identity of the boot.
        from_up_ms: When it began, time since that boot. [ms]
        until_up_ms: When it ended. [ms]
        start: When it began by the wall clock at its end, UTC, whole milliseconds.
        end: When it ended by it.
        devices: By name.
    """

    boot: str
    from_up_ms: int
    until_up_ms: int
    start: datetime
    end: datetime
    devices: Mapping[str, Count]


def counts_form(counts: Counts) -> dict[str, Any]:
    """A counts record's body as JSON. Reasons that nobody gave do not stand there."""
    return {
        "boot": counts.boot,
        "from_up_ms": counts.from_up_ms,
        "until_up_ms": counts.until_up_ms,
        "start": stamp(counts.start),
        "end": stamp(counts.end),
        "devices": {name: _form(one) for name, one in counts.devices.items()},
    }


def read_counts(body: Mapping[str, Any]) -> Counts:
    """A counts record's body; ValueError where it is none, or where it does not add up."""
    try:
        return Counts(
            boot=str(body["boot"]),
            from_up_ms=_number(body["from_up_ms"]),
            until_up_ms=_number(body["until_up_ms"]),
            start=parse_stamp(body["start"]),
            end=parse_stamp(body["end"]),
            devices={str(name): _count(form) for name, form in body["devices"].items()},
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"not read counts: {fault!r}") from fault


def _form(count: Count) -> dict[str, Any]:
    reasons = {"uncertain": count.uncertain, "bad": count.bad, "shed": count.shed}
    return {"scheduled": count.scheduled, "good": count.good} | {
        kind: dict(by_reason) for kind, by_reason in reasons.items() if by_reason
    }


def _count(form: Mapping[str, Any]) -> Count:
    reasons = (
        {str(reason): _number(times) for reason, times in form.get(kind, {}).items()}
        for kind in ("uncertain", "bad", "shed")
    )
    count = Count(_number(form["scheduled"]), _number(form["good"]), *reasons)
    if count.settled != count.scheduled:
        raise ValueError(f"{count.settled} of {count.scheduled} values are accounted for")
    return count


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST:
        raise ValueError(f"{value!r} is no number of values")
    return value
