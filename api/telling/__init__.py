"""Telling people and machines of alarms; one way of telling a file. Nothing waits for any of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from api.alarms.course import Alarm, Event
from api.assemble import plain, problem_body
from collector.wire.reading import stamp


class Untold(Exception):
    """It could not be told now; says why."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is told.

    Attributes:
        site: Of which site.
        event: What happened,
        alarm: and to which alarm.
    """

    site: str
    event: Event
    alarm: Alarm

    def body(self) -> dict[str, Any]:
        """As JSON; `event.number` names it for ever, so that told twice it counts once."""
        event = self.event
        said = {"number": event.number, "kind": event.kind, "at": stamp(event.at), "by": event.by}
        return {"v": 1, "site": self.site, "event": said, "alarm": alarm_body(self.alarm)}


class Way(Protocol):
    """A way of telling."""

    def tell(self, letter: Letter, now: datetime) -> None:
        """Tell it; `Untold` where it did not arrive, as far as one can know."""


def alarm_body(alarm: Alarm) -> dict[str, Any]:
    """An alarm as everybody is shown it."""
    last = alarm.last
    at = {kind: event for kind in ("raised", "acknowledged", "escalated", "ended")
          if (event := alarm.event(kind)) is not None}  # fmt: skip
    seen = at.get("acknowledged")
    return {
        "id": alarm.id,
        "state": alarm.state,
        "rule": last.rule,
        "subject": last.subject,
        **{f"{kind}_at": stamp(at[kind].at) if kind in at else None
           for kind in ("raised", "acknowledged", "escalated", "ended")},
        "acknowledged_by": seen.by if seen else None,
        "cost": {
            "kgco2e": None if last.cost.kgco2e is None else plain(last.cost.kgco2e),
            "kwh": None if last.cost.kwh is None else plain(last.cost.kwh),
        },
        "problem": problem_body(last.problem),
    }  # fmt: skip
