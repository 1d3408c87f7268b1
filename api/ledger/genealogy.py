"""Genealogy (rule 21): batches that become other batches, and what they take with them.

A split shares by accepted mass what a batch carries so far, a merge adds, a re-dye posts to its
parent, and a scrapped batch keeps what it carries. Amounts are shared, line by line, and priced
afterwards (rule 17): over a family every amount that was used is carried once, exactly, and names
are never looked at.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from api.ledger.exact import split, split_slice, whole_weights
from api.ledger.lines import Line, together
from gateway.intervals import Slice


@dataclass(frozen=True, slots=True)
class Heir:
    """A batch that takes a part; `kg` is its mass, None where it is not known. [kg]"""

    batch: str
    kg: Decimal | None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to batches at an instant, as a named person entered it.

    Attributes:
        number: Its name; nothing that follows from events depends on it.
        kind: ``split`` (one parent, several heirs; the parent's own name among them is what
            stays with it), ``merge`` (several parents, one heir), ``redye`` (the parent is the
            batch that is dyed again, the heir the one that it is of) or ``scrap`` (no heir).
        at: When.
        parents: Who hands on.
        heirs: Who takes.
        by: Who says so.
        reason: Why.
    """

    number: int
    kind: str
    at: datetime
    parents: tuple[str, ...]
    heirs: tuple[Heir, ...]
    by: str = ""
    reason: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Every batch that it is about."""
        return frozenset([*self.parents, *(heir.batch for heir in self.heirs)])

    @property
    def weights(self) -> list[int]:
        """What each heir takes, in whole numbers: its mass; equal where nobody knows any."""
        masses = [heir.kg or Decimal(0) for heir in self.heirs]
        return whole_weights(masses if any(masses) else [Decimal(1)] * len(masses))

    def share(self, heir: Heir) -> Decimal:
        """What part of its parents an heir takes."""
        weights = self.weights
        return Decimal(weights[self.heirs.index(heir)]) / sum(weights)


@dataclass(slots=True)
class _Purse:
    """What a batch has: lines by when it got them; what it took from others came before its own."""

    pieces: list[tuple[datetime, bool, Line]] = field(default_factory=list)

    def take_before(self, at: datetime) -> list[Line]:
        """All that it has by an instant: of runs begun before it, and what it took by then."""
        taken = [piece for piece in self.pieces if piece[:2] < (at, True)]
        self.pieces = [piece for piece in self.pieces if piece[:2] >= (at, True)]
        return [line for _, _, line in taken]

    def put(self, at: datetime, line: Line, *, own: bool) -> None:
        self.pieces.append((at, own, line))

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is left, by time and place; one line that came on several ways is one again."""
        return tuple(sorted(together(line for _, _, line in self.pieces), key=_place))


def carried(
    events: Iterable[Event], own: Mapping[str, Sequence[Line]]
) -> dict[str, tuple[Line, ...]]:
    """What each batch of a family carries in the end.

    Args:
        events: What happened, in any order; without circles, see `circle`.
        own: What each batch used by itself, without prices.

    Returns:
        Lines by batch; the run of each says who used it.
    """
    ordered = in_order(events)
    dyed_for = {one.parents[0]: one.heirs[0].batch for one in ordered if one.kind == "redye"}
    purses: dict[str, _Purse] = defaultdict(_Purse)
    for user, lines in own.items():
        batch = user
        while batch in dyed_for:
            batch = dyed_for[batch]
        for line in lines:
            purses[batch].put(line.run.start, line, own=True)
    for event in ordered:
        if event.kind in ("split", "merge"):
            _hand_on(event, purses)
    return {batch: purse.lines for batch, purse in purses.items()}


def _hand_on(event: Event, purses: Mapping[str, _Purse]) -> None:
    weights = event.weights
    for parent in event.parents:
        for line in purses[parent].take_before(event.at):
            for heir, part in zip(event.heirs, _parts(line, weights), strict=True):
                if part.amount or part.inputs:
                    purses[heir.batch].put(event.at, part, own=False)


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


def circle(events: Sequence[Event]) -> tuple[str, ...]:
    """Batches that would descend from themselves; empty where none does."""
    heirs: dict[str, set[str]] = {}
    for event in events:
        for parent in event.parents:
            found = {heir.batch for heir in event.heirs} - {parent}
            heirs.setdefault(parent, set()).update(found)
    while heirs:
        free = {name for name, found in heirs.items() if not found & heirs.keys()}
        if not free:
            return tuple(sorted(heirs))
        heirs = {name: found for name, found in heirs.items() if name not in free}
    return ()


def kilograms(
    batch: str, kg: Decimal | None, events: Iterable[Event], began: datetime | None = None
) -> Decimal | None:
    """The accepted mass that counts under a batch's own name; 0 where all of it counts elsewhere.

    Args:
        batch: Which.
        kg: Its mass: its own, or where it came to be by an event, what it is since. [kg]
        events: What happened.
        began: When its first own run began; None where it has none. What it took after that came
            on top of its own.
    """
    for event in in_order(events):
        own = [heir.kg for heir in event.heirs if heir.batch == batch]
        if batch in event.parents:
            kg = own[0] if own else Decimal(0)
        elif own and event.kind != "redye" and began is not None and began < event.at:
            kg = None if kg is None or own[0] is None else kg + own[0]
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


def _parts(line: Line, weights: Sequence[int]) -> list[Line]:
    """A line shared by weight: its amount, and every input behind it."""
    run = line.run
    whole = Slice(
        run.start, run.end, line.amount, line.measured, line.interpolated, line.estimated,
        complete=True,
    )  # fmt: skip
    fractions = [Decimal(weight) for weight in weights]
    inputs = [split(one.amount, fractions) for one in line.inputs]
    return [
        line._replace(
            amount=amount,
            measured=measured,
            interpolated=interpolated,
            estimated=estimated,
            inputs=tuple(
                one._replace(amount=parts[place])
                for one, parts in zip(line.inputs, inputs, strict=True)
                if parts[place]
            ),
        )
        for place, (amount, measured, interpolated, estimated) in enumerate(
            split_slice(whole, weights)
        )
    ]


def _place(line: Line) -> tuple[object, ...]:
    """Where a line stands; a name decides the order of batches alone that were on at once."""
    run = line.run
    return (
        run.start, run.machine, run.end, not line.idle, line.carrier, line.meter, line.rule,
        line.utility, run.batch,
    )  # fmt: skip
