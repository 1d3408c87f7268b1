"""Derivations: a tally with what it was made from, of a batch alone or in its family (rule 21)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from api.ledger.attribute import Attribution
from api.ledger.genealogy import Event, carried, kilograms
from api.ledger.lines import Line
from api.ledger.plant import Plant
from api.ledger.tally import Origin, Tally
from collector.wire.problem import Problem
from gateway.intervals import Measured


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a batch's time in which one plant holds, and who carries what of it."""

    batch: str
    plant: Plant
    attribution: Attribution
    measured: Mapping[str, Measured]


@dataclass(frozen=True, slots=True)
class Derivation:
    """A tally and what it was made from, down to registers; one piece per plant (rule 24).

    Attributes:
        tally: What the batch carries.
        pieces: What it was made from, of relatives too.
        used: What it and each relative used by themselves, before anything was handed on.
    """

    tally: Tally
    pieces: tuple[Piece, ...]
    used: tuple[Line, ...]


def in_family(
    batch: str,
    weighed: tuple[Decimal | None, str],
    found: Mapping[str, Derivation],
    events: Sequence[Event],
) -> Derivation:
    """What a batch carries of what it and its forebears used.

    Args:
        batch: Which.
        weighed: Its own mass before anything was handed on, and who says so. [kg]
        found: What each of them used by itself.
        events: What happened among them.
    """
    tallies = [one.tally for one in found.values()]
    own = found[batch].tally if batch in found else replace(tallies[0], batch=batch, runs=())
    used = {name: one.tally.lines for name, one in found.items()}
    lines = carried(events, used).get(batch, ())
    runs = {*own.runs, *(line.run for line in lines)}
    kg, said_by = weighed
    began = own.runs[0].start if own.runs else None
    counted = kilograms(batch, kg, events, began)
    tally = replace(
        own,
        runs=tuple(sorted(runs, key=lambda run: (run.start, run.machine, run.batch))),
        final=all(one.final for one in tallies),
        lines=lines,
        accepted_kg=counted,
        accepted_from=said_by if counted == kg else "genealogy",
        scope=(min(one.scope[0] for one in tallies), max(one.scope[1] for one in tallies)),
        problems=(*(p for one in tallies for p in one.problems), *_missing(found, events)),
        origins=tuple(Origin(one.batch, one.region, one.about) for one in tallies),
        events=tuple(sorted(events, key=lambda one: (one.at, one.number))),
    )
    return Derivation(
        tally,
        tuple(piece for one in found.values() for piece in one.pieces),
        tuple(line for one in found.values() for line in one.tally.lines),
    )


def _missing(found: Mapping[str, Derivation], events: Sequence[Event]) -> list[Problem]:
    """Who is said to have handed something on, and had nothing: its runs were deleted since."""
    heirs = {heir.batch for event in events for heir in event.heirs}
    return [
        Problem("relative-without-runs", name, event.at, {"kind": event.kind, "by": event.by})
        for event in events
        for name in event.parents
        if event.kind in ("split", "merge") and name not in found and name not in heirs
    ]
