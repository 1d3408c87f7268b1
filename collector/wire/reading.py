"""A reading: the values of one device at one instant, each with a quality."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from orjson import Fragment

from collector.wire.canonical import canonical, fitted

Value: TypeAlias = float | int | str
"""A number in the unit of the point's suffix, or the text of a text point."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class ClockState(StrEnum):
    """How far the agent's wall clock could be trusted when it read (as OCMF marks it)."""

    SYNCHRONISED = "S"
    RELATIVE = "R"
    INFORMATIVE = "I"
    UNKNOWN = "U"


class Kind(StrEnum):
    """What a point is: only counters make energy, only states and texts make runs."""

    COUNTER = "counter"
    GAUGE = "gauge"
    STATE = "state"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one device said at one instant.

    Attributes:
        device: Name of the device, unique in its site.
        at: When it was sampled, UTC, whole milliseconds.
        clock: State of the agent's wall clock at that instant.
        boot: Identity of the agent's boot; with `up_ms` it orders readings without a clock.
        up_ms: Time since that boot. [ms]
        values: Good and uncertain values by point.
        uncertain: Why a value in `values` is in doubt, by point.
        bad: Why a point has no value, by point.
    """

    device: str
    at: datetime
    clock: ClockState
    boot: str
    up_ms: int
    values: Mapping[str, Value]
    uncertain: Mapping[str, str] = field(default_factory=dict)
    bad: Mapping[str, str] = field(default_factory=dict)
    _written: Fragment | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def written_values(self) -> Fragment:
        """Its values in RFC 8785 form: once for the live message, the hash and the stored one."""
        if self._written is None:
            object.__setattr__(self, "_written", Fragment(fitted(canonical(self.values))))
        return self._written  # type: ignore[return-value] # it has just been set


def unix_ms(at: datetime) -> int:
    """Milliseconds since 1970 of an aware instant, exactly. [ms]"""
    return (at - EPOCH) // _MS


def instant(ms: int) -> datetime:
    """The aware UTC instant of so many milliseconds since 1970."""
    return EPOCH + _MS * ms


def stamp(at: datetime) -> str:
    """An instant as it stands on the wire: ``2026-03-01T04:15:00.120Z``."""
    return f"{at.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def parse_stamp(text: str) -> datetime:
    """Read an instant from the wire; ValueError where it is none in UTC and whole milliseconds."""
    at = datetime.fromisoformat(text)
    if at.utcoffset() != timedelta(0):
        raise ValueError(f"{text!r} is not in UTC")
    if at < EPOCH or at.microsecond % 1000:
        raise ValueError(f"{text!r} is before 1970 or not in whole milliseconds")
    return at
