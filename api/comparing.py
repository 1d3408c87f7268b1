"""Before and after: two periods of an article, a process or a machine, per accepted kilogram."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from api.assemble import plain
from api.books import Books
from api.books.pages import PAGE
from api.calendar import Span
from api.crew import shared_out
from api.ledger.comparison import Change, Made, change
from api.ledger.lines import MILLIGRAM
from api.ledger.pollutants import POLLUTANTS
from collector.wire.reading import stamp

_ZERO = Decimal(0)
_CARBON = ("", "kgCO2e")
_Key = tuple[str, str]
_Body = Mapping[str, Any]


class Subject(NamedTuple):
    """What is compared: ``article``, ``process`` or ``machine``, and which."""

    kind: str
    name: str


class Took(NamedTuple):
    """What one batch took of a subject.

    Attributes:
        batch: Which.
        group: Its article; of an article, the processes that it went through.
        kg: Its accepted mass; None where nobody says it. [kg]
        amounts: By carrier and unit, and what it emitted.
    """

    batch: str
    group: str
    kg: Decimal | None
    amounts: Mapping[_Key, Decimal]


@dataclass(slots=True)
class _Side:
    """One of the two periods, by group; a batch without mass counts in nothing, and is named."""

    batches: int = 0
    without_mass: list[str] = field(default_factory=list)
    kg: dict[str, Decimal] = field(default_factory=dict)
    amounts: dict[_Key, dict[str, Decimal]] = field(default_factory=dict)

    def add(self, one: Took) -> None:
        if one.kg is None:
            self.without_mass.append(one.batch)
            return
        self.batches += 1
        self.kg[one.group] = self.kg.get(one.group, _ZERO) + one.kg
        for key, amount in one.amounts.items():
            groups = self.amounts.setdefault(key, {})
            groups[one.group] = groups.get(one.group, _ZERO) + amount

    def made(self, key: _Key) -> dict[str, Made]:
        found = self.amounts.get(key, {})
        return {group: Made(kg, found.get(group, _ZERO)) for group, kg in self.kg.items()}

    @property
    def whole_kg(self) -> Decimal:
        return sum(self.kg.values(), _ZERO)


def compare(
    books: Books, subject: Subject, names: Sequence[str], periods: tuple[Span, Span]
) -> dict[str, Any]:
    """What a kilogram took before and after, and what of the difference the mix explains.

    Args:
        books: Where the final results are.
        subject: What is compared.
        names: Batches that may be of it.
        periods: Before and after: a batch belongs to the one in which it ended.
    """
    before, after = (_side(books, subject, names, period) for period in periods)
    carbon = change(before.made(_CARBON), after.made(_CARBON))
    keys = sorted((before.amounts.keys() | after.amounts.keys()) - {_CARBON})
    saved = None if carbon is None else (-carbon.by * after.whole_kg).quantize(MILLIGRAM)
    by_itself = None if carbon is None else (-carbon.own * after.whole_kg).quantize(MILLIGRAM)
    return {
        "of": subject.kind,
        "name": subject.name,
        "view": "footprint",
        "grouped_by": "route" if subject.kind == "article" else "article",
        "before": _side_body(before, periods[0]),
        "after": _side_body(after, periods[1]),
        "kgco2e_per_kg": _change(carbon),
        "avoided_kgco2e": None if saved is None else plain(saved),
        "avoided_by_itself_kgco2e": None if by_itself is None else plain(by_itself),
        "carriers": [
            {"carrier": key[0], "unit": key[1], **(_change(found) or {})}
            for key in keys
            if (found := change(before.made(key), after.made(key))) is not None
        ],
        "groups": [
            {"group": group, "before": _group(before, group), "after": _group(after, group)}
            for group in sorted(before.kg.keys() | after.kg.keys())
        ],
    }


def taking_part(books: Books, subject: Subject, period: Span) -> list[str]:
    """Batches that ran the process, or on the machine, in a period."""
    found = books.runs.between(*period)
    kind, name = subject
    own = [run for run in found if (run.machine if kind == "machine" else run.process) == name]
    return sorted({run.batch for run in own} - {""})


@dataclass(frozen=True)
class _Look:
    """What a page of batches took of a subject; of many pages, in short-lived processes."""

    books: Books
    subject: Subject
    period: Span

    def __call__(self, page: Sequence[str]) -> list[Took]:
        found = self.books.results.ended("footprint", self.period, page)
        bodies = [orjson.loads(one.text) for one in found]
        return [took for body in bodies if (took := self._took(body)) is not None]

    def _took(self, body: _Body) -> Took | None:
        amounts: dict[_Key, Decimal] = {}
        lines = list(self._lines(body))
        for line in lines:
            key = (line["carrier"], line["unit"])
            if line["carrier"] not in POLLUTANTS:
                amounts[_CARBON] = amounts.get(_CARBON, _ZERO) + Decimal(line["kgco2e"] or 0)
            amounts[key] = amounts.get(key, _ZERO) + Decimal(line["amount"])
        if not lines:
            return None
        kg = body["accepted_kg"]
        return Took(body["batch"], self._group(body), None if kg is None else Decimal(kg), amounts)

    def _lines(self, body: _Body) -> Iterator[_Body]:
        kind, name = self.subject
        for run in body["runs"]:
            if kind == "article" or run[kind] == name:
                yield from run["lines"]
        # Idling is its machine's, and no process's.
        for line in body["idle"] if kind != "process" else ():
            if kind == "article" or line["machine"] == name:
                yield line

    def _group(self, body: _Body) -> str:
        if self.subject.kind == "article":
            return " + ".join(dict.fromkeys(run["process"] for run in body["runs"]))
        entry = self.books.batches.entered(body["batch"])
        return entry.article if entry else ""


def _side(books: Books, subject: Subject, names: Sequence[str], period: Span) -> _Side:
    if subject.kind != "article":
        names = taking_part(books, subject, period)
    pages = [names[first : first + PAGE] for first in range(0, len(names), PAGE)]
    side = _Side()
    for found in shared_out(_Look(books, subject, period), pages):
        for one in found:
            side.add(one)
    return side


def _side_body(side: _Side, period: Span) -> dict[str, Any]:
    kgco2e = sum(side.amounts.get(_CARBON, {}).values(), _ZERO)
    return {
        "from": stamp(period[0]),
        "to": stamp(period[1]),
        "batches": side.batches,
        "without_mass": side.without_mass,
        "accepted_kg": plain(side.whole_kg),
        "kgco2e": plain(kgco2e),
    }


def _change(found: Change | None) -> dict[str, str | None] | None:
    if found is None:
        return None
    return {
        "before": f"{found.before:f}",
        "after": f"{found.after:f}",
        "by": f"{found.by:f}",
        "part": None if found.part is None else f"{found.part:f}",
        "mix": f"{found.mix:f}",
        "own": f"{found.own:f}",
    }


def _group(side: _Side, group: str) -> dict[str, str] | None:
    kg = side.kg.get(group)
    if kg is None:
        return None
    return {"accepted_kg": plain(kg), "kgco2e": plain(side.made(_CARBON)[group].amount)}
