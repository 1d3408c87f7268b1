"""The mass balance of a period (rule 28): what went in against what came out, by kilograms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from api.assemble import plain
from api.books import Books
from api.books.entries import Decision
from api.calendar import Span

MATERIAL, NOTE = "material", "mass-note"
_IN, _OUT = ("greige", "chemical"), ("scrap", "waste")
_MOST = 50
_PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Weighed:
    """Batches that ended in a period.

    Attributes:
        accepted: Mass of those that count. [kg]
        scrapped: Of those that were scrapped as a whole. [kg]
        unweighed: Those of which nobody says what they weigh.
    """

    accepted: Mapping[str, Decimal]
    scrapped: Mapping[str, Decimal]
    unweighed: tuple[str, ...]


def balance_of(books: Books, name: str, span: Span, days: tuple[date, date]) -> dict[str, Any]:
    """Greige and chemicals against accepted mass, scrap and waste.

    Args:
        books: Where they are.
        name: Of the period, under which people explain it.
        span: Batches whose last run ended in it count,
        days: and materials whose last day lies in ``[first, after)``.
    """
    words = [
        word
        for word in books.said.standing(MATERIAL).values()
        if days[0] <= date.fromisoformat(word.body["last_day"]) < days[1]
    ]
    sums = {sort: _sum(words, sort) for sort in (*_IN, *_OUT)}
    found = weighed(books, span)
    sums["accepted"] = sum(found.accepted.values(), Decimal(0))
    sums["scrap"] += sum(found.scrapped.values(), Decimal(0))
    went_in = sums["greige"] + sums["chemical"]
    came_out = sums["accepted"] + sums["scrap"] + sums["waste"]
    difference = came_out - went_in
    share = (difference * 100 / went_in).quantize(_PERCENT) if went_in else None
    body: dict[str, Any] = {f"{sort}_kg": plain(kg) for sort, kg in sums.items()}
    body |= {"in_kg": plain(went_in), "out_kg": plain(came_out), "difference_kg": plain(difference)}
    body |= {"percent": None if share is None else plain(share)}
    body |= {"unweighed": len(found.unweighed), "batches": _by_batch(words, found)}
    return body | {"note": _note(books, name, body["difference_kg"])}


def weighed(books: Books, span: Span) -> Weighed:
    """What the batches weigh whose last result says that they ended in a period."""
    ended = {one.batch: one.revision for one in books.results.last_of_each("footprint", span)}
    masses: dict[str, Decimal | None] = {
        name: Decimal(kg) for name, kg in (books.runs.kg(ended) | books.batches.kg(ended)).items()
    }
    for name in ended.keys() - masses.keys():
        stored = books.results.find(name, "footprint", revision=ended[name])
        shown = orjson.loads(stored.text)["accepted_kg"] if stored else None
        masses[name] = None if shown is None else Decimal(shown)
    known = {name: kg for name, kg in masses.items() if kg is not None}
    events = books.genealogy.relatives(known)
    gone = {name for event in events if event.kind == "scrap" for name in event.parents}
    return Weighed(
        {name: kg for name, kg in known.items() if name not in gone},
        {name: kg for name, kg in known.items() if name in gone},
        tuple(sorted(ended.keys() - known.keys())),
    )


def note_of(name: str, difference_kg: str, by: str, why: str, now: datetime) -> Decision:
    """A person's word about the difference of a period; it stands as long as that does."""
    return Decision(NOTE, name, now, {"difference_kg": difference_kg}, by, why, "")


def _sum(words: list[Decision], sort: str) -> Decimal:
    return sum((Decimal(one.body["kg"]) for one in words if one.body["sort"] == sort), Decimal(0))


def _by_batch(words: list[Decision], found: Weighed) -> list[dict[str, Any]]:
    """Batches of which greige was weighed: those that lost or won most stand first."""
    greige: dict[str, Decimal] = {}
    for word in words:
        batch = word.body["batch"]
        if batch and word.body["sort"] == "greige":
            greige[batch] = greige.get(batch, Decimal(0)) + Decimal(word.body["kg"])
    rows = [
        (abs(found.accepted[batch] - kg), batch, kg)
        for batch, kg in greige.items()
        if batch in found.accepted
    ]
    return [
        {
            "batch": batch,
            "greige_kg": plain(kg),
            "accepted_kg": plain(found.accepted[batch]),
            "percent": plain(((found.accepted[batch] - kg) * 100 / kg).quantize(_PERCENT)),
        }
        for _, batch, kg in sorted(rows, reverse=True)[:_MOST]
    ]


def _note(books: Books, name: str, difference_kg: str) -> dict[str, Any] | None:
    word = books.said.standing(NOTE, [name]).get(name)
    if word is None:
        return None
    stands = word.body["difference_kg"] == difference_kg
    return {"why": word.why, "by": word.by, "at": word.entered, "stands": stands}
