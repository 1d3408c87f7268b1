"""Genealogy: splits, merges, re-dyes and scraps, as named people entered them. Append-only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from api.books import schema
from api.ledger.genealogy import Event, Heir
from collector.wire.reading import instant, stamp, unix_ms

_UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as it was entered.

    Attributes:
        event: What happened; for an undoing, without batches.
        by: Who entered it.
        reason: Why.
        entered: When, as a stamp.
        undoes: Number of the event that it undoes.
        undone: Whether another one undid it.
    """

    event: Event
    by: str
    reason: str
    entered: str
    undoes: int | None
    undone: bool


class Genealogy:
    """What batches became of batches."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, event: Event, by: str, reason: str, now: datetime) -> int:
        """Keep an event for ever; its number."""
        pairs = [(parent, heir) for parent in event.parents for heir in event.heirs or (None,)]
        rows = [
            {
                "parent": parent,
                "heir": heir.batch if heir else "",
                "kg": None if heir is None or heir.kg is None else f"{heir.kg:f}",
            }
            for parent, heir in pairs
        ]
        facts = {"kind": event.kind, "at_ms": unix_ms(event.at), "undoes": None}
        return self._insert(rows, facts, by, reason, now)

    def undo(self, number: int, by: str, reason: str, now: datetime) -> int:
        """Keep for ever that an event did not happen."""
        facts = {"kind": _UNDO, "at_ms": unix_ms(now), "undoes": number}
        return self._insert([{"parent": "", "heir": "", "kg": None}], facts, by, reason, now)

    def event(self, number: int) -> Event | None:
        """An event that stands."""
        found = [one for one in self._read([number]) if not one.undone and one.undoes is None]
        return found[0].event if found else None

    def relatives(self, batches: Iterable[str]) -> tuple[Event, ...]:
        """Every event that stands in the families of these batches, forebears and heirs."""
        names, events = set(batches), dict[int, Event]()
        fresh = set(names)
        while fresh:
            kept = [one for one in self._read(self._numbers(fresh)) if not one.undone]
            events |= {one.event.number: one.event for one in kept}
            near = {name for one in kept for name in _names(one.event)}
            fresh, names = near - names, names | near
        return tuple(events[number] for number in sorted(events))

    def history(self, batch: str) -> list[Kept]:
        """Every event that names a batch, and what undid any of them, as entered."""
        numbers = self._numbers({batch})
        table = schema.genealogy
        with self._engine.connect() as db:
            query = sa.select(table.c.event).where(table.c.undoes.in_(numbers))
            undoings = [row[0] for row in db.execute(query)]
        return self._read([*numbers, *undoings])

    def kg(self, batch: str) -> Decimal | None:
        """The mass that a batch was given by a split or a merge, the first. [kg]"""
        for one in self._read(self._numbers({batch})):
            if not one.undone and one.event.kind in ("split", "merge"):
                for heir in one.event.heirs:
                    if heir.batch == batch and batch not in one.event.parents:
                        return heir.kg
        return None

    def _numbers(self, batches: set[str]) -> list[int]:
        table, names = schema.genealogy, sorted(batches)
        found: set[int] = set()
        with self._engine.connect() as db:
            for first in range(0, len(names), 500):
                some = names[first : first + 500]
                named = sa.or_(table.c.parent.in_(some), table.c.heir.in_(some))
                found.update(db.execute(sa.select(table.c.event).where(named)).scalars())
        return sorted(found)

    def _read(self, numbers: Sequence[int]) -> list[Kept]:
        table = schema.genealogy
        columns = [table.c[name] for name in ("event", "kind", "at_ms", "parent", "heir", "kg",
                   "undoes", "entered_by", "reason", "entered")]  # fmt: skip
        query = sa.select(*columns).where(table.c.event.in_(numbers))
        undone_query = sa.select(table.c.undoes).where(table.c.undoes.in_(numbers))
        with self._engine.connect() as db:
            rows = db.execute(query.order_by(table.c.event, table.c.place)).all()
            undone = {row[0] for row in db.execute(undone_query)}
        by_event: dict[int, list[sa.Row[tuple[object, ...]]]] = {}
        for row in rows:
            by_event.setdefault(row.event, []).append(row)
        return [_kept(own, undone=number in undone) for number, own in by_event.items()]

    def _insert(
        self,
        rows: Sequence[Mapping[str, object]],
        facts: dict[str, object],
        by: str,
        reason: str,
        now: datetime,
    ) -> int:
        table = schema.genealogy
        more = facts | {"entered_by": by, "reason": reason, "entered": stamp(now)}
        with self._engine.begin() as db:
            last = db.execute(sa.select(sa.func.max(table.c.event))).scalar()
            number = int(last or 0) + 1
            kept = [{**row} | more | {"event": number, "place": i} for i, row in enumerate(rows)]
            db.execute(table.insert(), kept)
        return number


def _kept(rows: Sequence[sa.Row[tuple[object, ...]]], *, undone: bool) -> Kept:
    first = rows[0]
    heirs = {
        row.heir: Heir(row.heir, None if row.kg is None else Decimal(row.kg))
        for row in rows
        if row.heir
    }
    parents = tuple(dict.fromkeys(row.parent for row in rows if row.parent))
    event = Event(first.event, first.kind, instant(first.at_ms), parents, tuple(heirs.values()))
    return Kept(event, first.entered_by, first.reason, first.entered, first.undoes, undone)


def _names(event: Event) -> set[str]:
    return {*event.parents, *(heir.batch for heir in event.heirs)}
