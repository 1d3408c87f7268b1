"""Genealogy (rule 21): batches that become other batches, and what they take with them.

A split shares what a batch carried so far by accepted mass; a merge adds; a re-dye posts to its
parent, and its kilograms count once; a scrapped batch keeps what it carries, and the article's
other batches answer for it. Whatever is handed on is handed on whole: over a family the sum of
what batches carry is the sum of what they used, exactly, and names are never looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from api.ledger.exact import split

MILLIGRAM = Decimal("1e-6")


@dataclass(frozen=True, slots=True)
class Heir:
    """A batch that takes a part; `kg` is its mass, None where it is not known. [kg]"""

    batch: str
    kg: Decimal | None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to batches at an instant.

    Attributes:
        number: Its name; events of one instant do not depend on it.
        kind: ``split`` (one parent, several heirs; the parent's own name among them is what
            stays with it), ``merge`` (several parents, one heir), ``redye`` (the parent is the
            batch that is dyed again, the heir the one that it is of) or ``scrap`` (no heir).
        at: When.
        parents: Who hands on.
        heirs: Who takes.
    """

    number: int
    kind: str
    at: datetime
    parents: tuple[str, ...]
    heirs: tuple[Heir, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """What a batch used by itself: emissions of its lines, by the start of their run. [kgCO2e]"""

    batch: str
    at: datetime
    kgco2e: Decimal


@dataclass(frozen=True, slots=True)
class Handed:
    """Something that went from one batch to another.

    Attributes:
        event: Number of the event.
        kind: ``split``, ``merge`` or ``redye``.
        at: When.
        giver: From whom.
        taker: To whom.
        share: Part of what the giver carried.
        kg: The taker's mass. [kg]
        kgco2e: What went over.
    """

    event: int
    kind: str
    at: datetime
    giver: str
    taker: str
    share: Decimal
    kg: Decimal | None
    kgco2e: Decimal


@dataclass(frozen=True, slots=True)
class Carried:
    """What a batch carries in the end, of its own and of others.

    Attributes:
        total: Its own, and what it was handed, without what it handed on. [kgCO2e]
        received: What it was handed.
        given: What it handed on.
    """

    total: Decimal
    received: tuple[Handed, ...] = ()
    given: tuple[Handed, ...] = ()


@dataclass(slots=True)
class _Purse:
    """What a batch has: pieces by when it got them; what it took from others comes after."""

    pieces: list[tuple[datetime, int, Decimal]] = field(default_factory=list)

    def take_before(self, at: datetime) -> Decimal:
        """Everything it has by an instant: runs begun before it, and what it was handed by then."""
        key = (at, 1)
        taken = [piece for piece in self.pieces if piece[:2] < key]
        self.pieces = [piece for piece in self.pieces if piece[:2] >= key]
        return sum((amount for _, _, amount in taken), Decimal(0))

    def put(self, at: datetime, amount: Decimal, *, own: bool) -> None:
        self.pieces.append((at, 1 if own else 0, amount))

    @property
    def whole(self) -> Decimal:
        return sum((amount for _, _, amount in self.pieces), Decimal(0))


def carried(events: Iterable[Event], own: Iterable[Own]) -> tuple[dict[str, Decimal], list[Handed]]:
    """What each batch of a family carries in the end, and what went from whom to whom.

    Args:
        events: What happened, in any order; without cycles, see `cycle`.
        own: What each batch used by itself, in whole milligrams.
    """
    ordered = in_order(events)
    redyes = {one.parents[0]: one for one in ordered if one.kind == "redye"}
    purses: dict[str, _Purse] = {}
    handed: list[Handed] = []
    gone: dict[str, Decimal] = {}
    for one in own:
        batch = one.batch
        while batch in redyes:
            gone[batch] = gone.get(batch, Decimal(0)) + one.kgco2e
            batch = redyes[batch].heirs[0].batch
        purses.setdefault(batch, _Purse()).put(one.at, one.kgco2e, own=True)
    for event in ordered:
        if event.kind == "redye":
            giver, heir = event.parents[0], event.heirs[0]
            went = gone.get(giver, Decimal(0))
            handed.append(_handed(event, giver, heir, Decimal(1), went))
        elif event.kind in ("split", "merge"):
            for parent in event.parents:
                purse = purses.setdefault(parent, _Purse())
                handed += _hand_on(event, parent, purse.take_before(event.at), purses)
    names = {*purses, *(one.giver for one in handed), *(one.taker for one in handed)}
    totals = {name: purses[name].whole if name in purses else Decimal(0) for name in names}
    return totals, [one for one in handed if one.giver != one.taker]


def carried_by(batch: str, events: Iterable[Event], own: Iterable[Own]) -> Carried:
    """What one batch of a family carries in the end."""
    totals, handed = carried(events, own)
    return Carried(
        totals.get(batch, Decimal(0)),
        tuple(one for one in handed if one.taker == batch),
        tuple(one for one in handed if one.giver == batch),
    )


def _hand_on(event: Event, parent: str, amount: Decimal, purses: dict[str, _Purse]) -> list[Handed]:
    masses = [heir.kg or Decimal(0) for heir in event.heirs]
    weights = masses if sum(masses) > 0 else [Decimal(1)] * len(masses)
    whole = sum(weights, Decimal(0))
    found = []
    for heir, weight, part in zip(
        event.heirs, weights, split(amount, weights, MILLIGRAM), strict=True
    ):
        purses.setdefault(heir.batch, _Purse()).put(event.at, part, own=False)
        found.append(_handed(event, parent, heir, weight / whole, part))
    return found


def _handed(event: Event, giver: str, heir: Heir, share: Decimal, amount: Decimal) -> Handed:
    return Handed(event.number, event.kind, event.at, giver, heir.batch, share, heir.kg, amount)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events so that nobody hands on before it was handed to: by time, then by descent."""
    waiting = sorted(events, key=lambda one: one.at)
    ordered: list[Event] = []
    while waiting:
        first = [one for one in waiting if one.at == waiting[0].at]
        takers = [(heir.batch, one) for one in first for heir in one.heirs]
        ready = [
            one
            for one in first
            if not any(name in one.parents and one is not other for name, other in takers)
        ]
        if not ready:
            raise ValueError(f"events {sorted(one.number for one in first)} go in a circle")
        ordered += ready
        waiting = [one for one in waiting if one not in ready]
    return ordered


def cycle(events: Sequence[Event]) -> tuple[str, ...]:
    """Batches that would descend from themselves; empty where none does."""
    heirs: dict[str, set[str]] = {}
    for event in events:
        for parent in event.parents:
            found = {heir.batch for heir in event.heirs} - {parent}
            heirs.setdefault(parent, set()).update(found)
    while True:
        free = {name for name in heirs if not heirs[name] & heirs.keys()}
        if not free:
            return tuple(sorted(heirs))
        heirs = {name: found for name, found in heirs.items() if name not in free}
        if not heirs:
            return ()


def kilograms(batch: str, kg: Decimal | None, events: Iterable[Event]) -> Decimal | None:
    """The accepted mass that counts under a batch's own name; 0 where all of it counts elsewhere.

    Args:
        batch: Which.
        kg: Its mass, before anything was handed on. [kg]
        events: What happened.
    """
    for event in in_order(events):
        if batch in event.parents:
            stays = [heir.kg for heir in event.heirs if heir.batch == batch]
            kg = stays[0] if stays else Decimal(0)
    return kg


def article_per_kg(
    batches: Iterable[tuple[Decimal, Decimal | None]],
) -> tuple[Decimal, Decimal, Decimal | None]:
    """What a kilogram of an article carries: all its batches' emissions over its accepted mass.

    Scrapped batches come with a mass of 0: what they carry is shared by those that were accepted.

    Args:
        batches: Emissions and accepted mass of each. [kgCO2e, kg]

    Returns:
        Emissions, accepted kilograms, and their ratio; None where nothing was accepted.
    """
    found = list(batches)
    emitted = sum((kgco2e for kgco2e, _ in found), Decimal(0))
    accepted = sum((kg or Decimal(0) for _, kg in found), Decimal(0))
    return emitted, accepted, emitted / accepted if accepted else None


def family(batch: str, events: Iterable[Event]) -> tuple[tuple[str, ...], tuple[Event, ...]]:
    """Whom a batch's footprint depends on, itself included, and the events that tell of them.

    Those are its forebears, and what was dyed again for it or for them; not its heirs.
    """
    known = list(events)
    names: list[str] = [batch]
    for name in names:
        for event in known:
            if any(heir.batch == name for heir in event.heirs):
                names += [parent for parent in event.parents if parent not in names]
    told = tuple(one for one in known if set(one.parents) & set(names))
    return tuple(names), told
