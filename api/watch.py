"""The watch: sees every few seconds what is so, and keeps what happens to alarms."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from api.alarm_files import AlarmSettings
from api.alarms import Finding, find
from api.alarms.course import Alarm, Event, course, seen_last
from api.books import Books
from api.sight import Sight
from gateway.journal import FAULTS

log = logging.getLogger("api")

_EVERY_S = 3.0


class Watch:
    """Works in a thread of its own; `look` is one look, for tests.

    Args:
        books: Where alarms are kept.
        sight: What is so.
        settings: What is to be called out.
        now: The clock.
    """

    def __init__(
        self, books: Books, sight: Sight, settings: AlarmSettings, *, now: Callable[[], datetime]
    ) -> None:
        self._books, self._sight, self._settings, self._now = books, sight, settings, now
        self._writing = threading.Lock()
        self._found: dict[tuple[str, str], Finding] = {}
        self._stopping, self._news = threading.Event(), threading.Condition()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the look that is under way."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def look(self) -> list[Event]:
        """One look: what the rules find is raised, what they find no more is over."""
        now, rules = self._now(), self._settings.rules
        found = find(rules, self._sight.facts(now)) if rules else []
        with self._writing:
            opened = self.opened()
            self._found = {(one.rule, one.subject): one for one in found}
            events = course(opened, found, now, self._settings.escalate_after)
            return self._keep(events, now)

    def opened(self) -> list[Alarm]:
        """Alarms that are not over, with what they cost by the last look."""
        return [self.now_of(one) for one in self._books.alarms.opened()]

    def find(self, number: int) -> Alarm | None:
        """An alarm, with what it costs by the last look."""
        alarm = self._books.alarms.find(number)
        return None if alarm is None else self.now_of(alarm)

    def now_of(self, alarm: Alarm) -> Alarm:
        """An alarm as the books have it, with what it costs by the last look."""
        return seen_last(alarm, self._found)

    def acknowledge(self, number: int, by: str) -> Alarm | None:
        """Somebody has seen it; None where there is no such alarm, or it is over.

        Who acknowledged it first stays the one who did.
        """
        with self._writing:
            alarm = self.find(number)
            if alarm is None or alarm.state == "ended":
                return None
            if alarm.event("acknowledged") is None:
                now, last = self._now(), alarm.last
                cost, problem = last.cost, last.problem
                event = Event(
                    "acknowledged", now, alarm.id, last.rule, last.subject, problem, cost, by
                )
                self._keep([event], now)
            return self.find(number)

    def wait(self, seconds: float) -> None:
        """Wait until something happens to an alarm, or so long. [s]"""
        with self._news:
            self._news.wait(seconds)

    def _keep(self, events: list[Event], now: datetime) -> list[Event]:
        if not events:
            return []
        kept = self._books.alarms.add(events, now)
        with self._news:
            self._news.notify_all()
        return kept

    def _run(self) -> None:
        failing = False
        while not self._stopping.wait(_EVERY_S):
            try:
                self.look()
            except (sa.exc.OperationalError, *FAULTS) as fault:
                if not failing:
                    log.error("alarms cannot be kept; it is tried again: %s", fault)  # noqa: TRY400 - said once
                failing = True
            else:
                failing = False
