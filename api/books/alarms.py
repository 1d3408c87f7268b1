"""Alarms: what happened to each, kept for ever; nothing is ever edited."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import cast

import orjson
import sqlalchemy as sa

from api.alarms import Cost
from api.alarms.course import Alarm, Event, Kind, alarms
from api.books import schema
from collector.wire.problem import Problem
from collector.wire.reading import instant, parse_stamp, stamp, unix_ms

_FEW = 500


class Alarms:
    """The events of all alarms. One process writes them."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, events: Iterable[Event], now: datetime) -> list[Event]:
        """Keep events, in one transaction; those that raise an alarm number it.

        Returns:
            The events with their numbers.
        """
        table = schema.alarm_events
        kept = []
        with self._engine.begin() as db:
            number = db.execute(sa.select(sa.func.max(table.c.number))).scalar() or 0
            for number, one in enumerate(events, start=number + 1):  # noqa: B020 - it goes on
                row = _row(one) | {"number": number, "alarm": one.alarm or number}
                db.execute(table.insert().values(row | {"entered": stamp(now)}))
                kept.append(_event(row))
        return kept

    def opened(self) -> list[Alarm]:
        """Alarms that are not over, in the order in which they were raised."""
        table = schema.alarm_events
        over = sa.select(table.c.alarm).where(table.c.kind == "ended")
        query = sa.select(table).where(table.c.alarm.not_in(over))
        with self._engine.connect() as db:
            return _alarms(db.execute(query.order_by(table.c.number)))

    def find(self, alarm: int) -> Alarm | None:
        """An alarm with all of its events; None where there is none of that number."""
        return next(iter(self._of([alarm])), None)

    def newest(self, limit: int, before: int | None = None) -> list[Alarm]:
        """So many alarms, the newest first; of those below a number, where one is given."""
        table = schema.alarm_events
        query = sa.select(table.c.number).where(table.c.kind == "raised")
        if before is not None:
            query = query.where(table.c.number < before)
        with self._engine.connect() as db:
            rows = db.execute(query.order_by(table.c.number.desc()).limit(limit))
            numbers = [row[0] for row in rows]
        return self._of(numbers)[::-1]

    def after(self, number: int) -> list[tuple[Event, Alarm]]:
        """The next events behind one, by number, each with its alarm as it was then."""
        table = schema.alarm_events
        query = sa.select(table).where(table.c.number > number).order_by(table.c.number)
        with self._engine.connect() as db:
            events = [_event(row._asdict()) for row in db.execute(query.limit(_FEW))]
        whole = {one.id: one for one in self._of({event.alarm for event in events})}
        return [(event, _until(whole[event.alarm], event.number)) for event in events]

    def last(self) -> int:
        """Number of the newest event; 0 where there is none."""
        table = schema.alarm_events
        with self._engine.connect() as db:
            return int(db.execute(sa.select(sa.func.max(table.c.number))).scalar() or 0)

    def _of(self, numbers: Iterable[int]) -> list[Alarm]:
        table = schema.alarm_events
        query = sa.select(table).where(table.c.alarm.in_(list(numbers)))
        with self._engine.connect() as db:
            return _alarms(db.execute(query.order_by(table.c.number)))


def _until(alarm: Alarm, number: int) -> Alarm:
    return Alarm(alarm.id, tuple(one for one in alarm.events if one.number <= number))


def _alarms(rows: Iterable[sa.Row[tuple[object, ...]]]) -> list[Alarm]:
    return alarms(_event(row._asdict()) for row in rows)


def _row(event: Event) -> dict[str, object]:
    problem, cost = event.problem, event.cost
    body = {
        "code": problem.code,
        "values": dict(problem.values),
        "kgco2e": None if cost.kgco2e is None else f"{cost.kgco2e:f}",
        "kwh": None if cost.kwh is None else f"{cost.kwh:f}",
    }
    return {
        "kind": event.kind,
        "rule": event.rule,
        "subject": event.subject,
        "at_ms": unix_ms(event.at),
        "said_at": stamp(problem.at) if problem.at else None,
        "body": orjson.dumps(body).decode(),
        "entered_by": event.by,
    }


def _event(row: dict[str, object]) -> Event:
    body = orjson.loads(str(row["body"]))
    said_at, subject = row["said_at"], str(row["subject"])
    return Event(
        kind=cast("Kind", row["kind"]),
        at=instant(int(str(row["at_ms"]))),
        alarm=int(str(row["alarm"])),
        rule=str(row["rule"]),
        subject=subject,
        problem=Problem(
            body["code"], subject, parse_stamp(str(said_at)) if said_at else None, body["values"]
        ),
        cost=Cost(
            *(None if one is None else Decimal(one) for one in (body["kgco2e"], body["kwh"]))
        ),
        by=str(row["entered_by"]),
        number=int(str(row["number"])),
    )
