"""Genealogy: what batches became of batches, as named people entered it; never overwritten."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.books.entries import Decision, Entries
from api.books.marks import RELATED
from api.ledger.genealogy import Event, Heir

KIND = "genealogy"
_UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as it was entered.

    Attributes:
        event: What happened; for an undoing, without batches.
        entered: When, as a stamp.
        undoes: Number of the event that it undoes.
        undone: Whether another one undid it.
    """

    event: Event
    entered: str
    undoes: int | None
    undone: bool


@dataclass(frozen=True, slots=True)
class Handed:
    """A mass that a batch was given. [kg]"""

    at: datetime
    kg: Decimal


class Genealogy:
    """What batches became of batches; all of it in memory, for every result asks."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._known: _Known | None = None

    def add(self, event: Event, now: datetime) -> int:
        """Keep an event for ever, and that the family waits for it; its number."""
        heirs = [[heir.batch, None if heir.kg is None else f"{heir.kg:f}"] for heir in event.heirs]
        body = {"kind": event.kind, "parents": list(event.parents), "heirs": heirs}
        subject = event.parents[0]
        decision = Decision(KIND, subject, event.at, body, event.by, event.reason, "")
        return self._enter(decision, event, now)

    def undo(self, event: Event, by: str, reason: str, now: datetime) -> int:
        """Keep for ever that an event did not happen."""
        body = {"kind": _UNDO, "undoes": event.number}
        return self._enter(Decision(KIND, "", now, body, by, reason, ""), event, now)

    def event(self, number: int) -> Event | None:
        """An event that stands."""
        found = [one for one in self._all().kept if one.event.number == number]
        return next((one.event for one in found if not one.undone and one.undoes is None), None)

    def relatives(self, batches: Iterable[str]) -> tuple[Event, ...]:
        """Every event that stands in the families of these batches, forebears and heirs."""
        about, names = self._all().about, list(dict.fromkeys(batches))
        events: dict[int, Event] = {}
        for name in names:
            for event in about.get(name, ()):
                events[event.number] = event
                names += [near for near in sorted(event.names) if near not in names]
        return tuple(events[number] for number in sorted(events))

    def kin(self, batches: Iterable[str]) -> set[str]:
        """These batches, and every batch of their families."""
        names = set(batches)
        return names.union(*(one.names for one in self.relatives(names)))

    def became(self, batch: str) -> list[str]:
        """Other batches that took what a batch carried, or a part of it."""
        own = (one for one in self._all().about.get(batch, ()) if batch in one.parents)
        heirs = (heir.batch for one in own for heir in one.heirs)
        return sorted({heir for heir in heirs if heir != batch})

    def came_of_others(self) -> dict[str, datetime]:
        """Batches that were handed something by a split or merge, and when first."""
        found: dict[str, datetime] = {}
        for batch, events in self._all().about.items():
            taken = [one.at for one in events if one.kind in ("split", "merge")
                     if batch not in one.parents]  # fmt: skip
            if taken:
                found[batch] = min(taken)
        return found

    def history(self, batch: str) -> list[Kept]:
        """Every event that names a batch, and what undid any of them, as entered."""
        kept = self._all().kept
        own = {one.event.number for one in kept if batch in one.event.names}
        return [one for one in kept if one.event.number in own or one.undoes in own]

    def handed(self, batch: str) -> "Handed | None":
        """The mass that a batch was given by the first split or merge, and when."""
        for one in self._all().about.get(batch, ()):
            for heir in one.heirs if batch not in one.parents and one.kind != "redye" else ():
                if heir.batch == batch and heir.kg is not None:
                    return Handed(one.at, heir.kg)
        return None

    def _enter(self, decision: Decision, event: Event, now: datetime) -> int:
        kept = self._entries.add(decision, now, self.kin(event.names), RELATED)
        self._known = None
        return kept.id

    def _all(self) -> "_Known":
        known = self._known
        if known is None:
            entered = self._entries.of(KIND)
            undone = {one.body.get("undoes") for one in entered}
            known = _Known(tuple(_kept(one, undone=one.id in undone) for one in entered), {})
            for one in known.kept:
                for name in one.event.names if not one.undone else ():
                    known.about.setdefault(name, []).append(one.event)
            self._known = known
        return known


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything that was entered, and what of it stands about each batch."""

    kept: tuple[Kept, ...]
    about: dict[str, list[Event]]


def _kept(one: Decision, *, undone: bool) -> Kept:
    said = one.body
    heirs = tuple(
        Heir(batch, None if kg is None else Decimal(kg)) for batch, kg in said.get("heirs", ())
    )
    parents = tuple(said.get("parents", ()))
    event = Event(one.id, said["kind"], one.at, parents, heirs, one.by, one.why)
    return Kept(event, one.entered, said.get("undoes"), undone)
