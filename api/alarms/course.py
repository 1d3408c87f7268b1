"""The course of an alarm: raised, acknowledged by somebody or escalated, and over by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from api.alarms import Cost, Finding
from collector.wire.problem import Problem

Kind: TypeAlias = Literal["raised", "acknowledged", "escalated", "ended"]
KINDS: tuple[Kind, ...] = ("raised", "acknowledged", "escalated", "ended")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an alarm; kept for ever.

    Attributes:
        kind: What.
        at: When.
        alarm: Number of the alarm: that of the event that raised it; 0 for one not yet numbered.
        rule: The alarm's rule,
        subject: and what it is about.
        problem: What was said of it then.
        cost: What it had cost by then.
        by: Who acknowledged it; empty for what happened by itself.
        number: Its own, rising over all alarms; 0 while it is not kept.
    """

    kind: Kind
    at: datetime
    alarm: int
    rule: str
    subject: str
    problem: Problem
    cost: Cost
    by: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm as its events make it.

    Attributes:
        id: Number of the event that raised it.
        events: All of them, the first one first.
    """

    id: int
    events: tuple[Event, ...]

    @property
    def last(self) -> Event:
        """The newest event."""
        return self.events[-1]

    @property
    def key(self) -> tuple[str, str]:
        """Rule and subject: there is at most one open alarm of each."""
        return self.last.rule, self.last.subject

    def event(self, kind: Kind) -> Event | None:
        """The event of a kind; None where it has not happened."""
        return next((one for one in self.events if one.kind == kind), None)

    @property
    def state(self) -> Literal["open", "acknowledged", "escalated", "ended"]:
        """How it stands."""
        for kind in ("ended", "acknowledged", "escalated"):
            if self.event(kind) is not None:
                return kind
        return "open"


def alarms(events: Iterable[Event]) -> list[Alarm]:
    """Alarms out of their events, in the order in which they were raised."""
    found: dict[int, list[Event]] = {}
    for one in events:
        found.setdefault(one.alarm, []).append(one)
    return [Alarm(number, tuple(own)) for number, own in sorted(found.items())]


def course(
    opened: Sequence[Alarm],
    findings: Iterable[Finding],
    now: datetime,
    escalate_after: timedelta | None,
) -> list[Event]:
    """What happens to alarms at a moment.

    Args:
        opened: Those that are not over.
        findings: All that the rules find now.
        now: The moment.
        escalate_after: How long an alarm may stand without anybody acknowledging it; None: for
            ever.

    Returns:
        Events to be kept: alarms raised, ended and escalated. What is found still, and has been
        said, is no event.
    """
    there = {(one.rule, one.subject): one for one in findings}
    known = {alarm.key: alarm for alarm in opened}
    events = [_event("raised", one, 0, now) for key, one in there.items() if key not in known]
    for key, alarm in known.items():
        found = there.get(key)
        if found is None:
            events.append(replace(alarm.last, kind="ended", at=now, by="", number=0))
        elif alarm.state == "open" and _is_old(alarm, now, escalate_after):
            events.append(_event("escalated", found, alarm.id, now))
    return events


def seen_last(alarm: Alarm, findings: Mapping[tuple[str, str], Finding]) -> Alarm:
    """An open alarm with what is said of it, and what it costs, by what was found last."""
    found = findings.get(alarm.key)
    if found is None or alarm.state == "ended":
        return alarm
    last = replace(alarm.last, problem=found.problem, cost=found.cost)
    return Alarm(alarm.id, (*alarm.events[:-1], last))


def _event(kind: Kind, found: Finding, alarm: int, now: datetime) -> Event:
    return Event(kind, now, alarm, found.rule, found.subject, found.problem, found.cost)


def _is_old(alarm: Alarm, now: datetime, escalate_after: timedelta | None) -> bool:
    return escalate_after is not None and now - alarm.events[0].at >= escalate_after
