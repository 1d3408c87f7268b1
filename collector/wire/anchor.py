"""An anchor: what the time really was at an instant of a boot, once the agent knows it.

Readings that were taken before the clock was right are placed by it:
``at = anchor.at - (anchor.up_ms - up_ms)``; what they said of themselves is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collector.wire.reading import parse_stamp, stamp


@dataclass(frozen=True, slots=True)
class Anchor:
    """A boot's time, tied to the world's.

    Attributes:
        boot: Identity of the boot.
        up_ms: Time since it. [ms]
        at: The world's time at that moment, UTC, whole milliseconds.
        source: Who says so: ``kernel``, or a person.
    """

    boot: str
    up_ms: int
    at: datetime
    source: str

    def place(self, up_ms: int) -> datetime:
        """When a moment of the same boot was. [ms since boot]"""
        return self.at - timedelta(milliseconds=self.up_ms - up_ms)


def anchor_form(anchor: Anchor) -> dict[str, Any]:
    """An anchor record's body as JSON."""
    return {
        "boot": anchor.boot,
        "up_ms": anchor.up_ms,
        "at": stamp(anchor.at),
        "source": anchor.source,
    }


def read_anchor(body: Mapping[str, Any]) -> Anchor:
    """An anchor record's body; ValueError where it is none."""
    try:
        up_ms = body["up_ms"]
        if isinstance(up_ms, bool) or not isinstance(up_ms, int) or not 0 <= up_ms < 2**53:
            raise ValueError(f"up_ms {up_ms!r} is no time since a boot")
        return Anchor(str(body["boot"]), up_ms, parse_stamp(body["at"]), str(body["source"]))
    except (KeyError, TypeError) as fault:
        raise ValueError(f"not an anchor: {fault!r}") from fault
