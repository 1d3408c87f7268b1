"""Factors that changed: which kept results they touch, and by how much (rule 19).

A row that was put right, or a mill's own that was added, revises by itself before closing. What
was published after a result was computed never does: it waits for a person, all batches at once.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from api.assemble import plain
from api.books import Books
from api.books.changes import (
    PENDING,
    PUBLICATION,
    REJECTED,
    SUPERSEDED,
    Change,
    ChangeLine,
)
from api.books.results import Result
from api.crew import shared_out
from api.factor_book import FactorBook
from api.ledger.factors import Price
from api.ledger.tally import Intake, carried
from api.pricing import Priced, Pricer
from api.repricing import PAGE
from api.revisions import Revisions
from collector.wire.reading import parse_stamp, stamp

_Prices: TypeAlias = Mapping[tuple[str, str], Price]
_Moved: TypeAlias = tuple[str, str, str]


@dataclass(slots=True)
class _Found:
    """What the kept results come to by the catalogue of today.

    Attributes:
        corrected: What it would have made of results at the time of their own.
        lines: What newer publications make of results.
        moved: Factors that were and are to be, by carrier, unit and view.
    """

    corrected: list[ChangeLine] = field(default_factory=list)
    lines: list[ChangeLine] = field(default_factory=list)
    moved: dict[_Moved, tuple[list[str], list[str]]] = field(default_factory=dict)

    def compare(
        self,
        result: Result,
        intakes: Sequence[Intake],
        old: Sequence[_Prices],
        new: Sequence[_Prices],
    ) -> None:
        """Take in what one result comes to."""
        moved = {
            (*key, result.view): (_ids(before[key]), _ids(after[key]))
            for before, after in zip(old, new, strict=True)
            for key in after
            if _ids(before[key]) != _ids(after[key])
        }
        total = _total(intakes, new) if moved else result.kgco2e
        if total is not None and total != result.kgco2e:
            self.lines.append(_line(result, total))
            self.moved |= moved


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares a page of kept results with what they come to by the catalogue of today.

    Attributes:
        books: Where they are kept.
        pricer: Prices by that catalogue.
        catalogue: Its digest.
        published: Days on which any of its factors was published, in order.
        now: When it is looked.
    """

    books: Books
    pricer: Pricer
    catalogue: str
    published: Sequence[date]
    now: datetime

    def __call__(self, batches: Sequence[str]) -> _Found:
        """What some batches come to."""
        found = _Found()
        for result, intakes in self._kept(batches):
            asked = _asked(result)
            old = [self.pricer.prices(one, Priced(result.view, asked)) for one in intakes]
            if self._differs(result) and (total := _total(intakes, old)) != result.kgco2e:
                found.corrected.append(_line(result, total))
            if self._newer(asked):
                new = [self.pricer.prices(one, Priced(result.view, self.now)) for one in intakes]
                found.compare(result, intakes, old, new)
        return found

    def _kept(self, batches: Sequence[str]) -> Iterator[tuple[Result, tuple[Intake, ...]]]:
        """Last results that may have changed, with what their totals depend on."""
        found = [
            one
            for views in self.books.results.heads(batches).values()
            for one in views.values()
            if one.tally and one.asked
            if self._differs(one) or self._newer(_asked(one))
        ]
        intakes = self.books.tallies.intakes({(one.batch, one.tally or 0) for one in found})
        yield from ((one, intakes[one.batch, one.tally or 0]) for one in found)

    def _differs(self, result: Result) -> bool:
        """Whether a result was made with another catalogue than today's."""
        return result.factors != self.catalogue

    def _newer(self, asked: datetime) -> bool:
        """Whether anything was published in between."""
        before = bisect_right(self.published, asked.date())
        return bisect_right(self.published, self.now.date(), before) > before


class FactorChanges:
    """Looks once a day, and when the catalogue is another than the results were made with."""

    def __init__(self, books: Books, pricer: Pricer, revisions: Revisions) -> None:
        self._books, self._pricer, self._revisions = books, pricer, revisions
        self.book = FactorBook(books, pricer)
        self._looked: date | None = None

    def entered(self) -> None:
        """Somebody entered factors, or took them back: the next look finds what they change."""
        with self._revisions.lock:
            self.book.follow()
            self._looked = None

    def follow(self, now: datetime) -> None:
        """Revise what was put right, and let wait what was published since."""
        if self._looked == now.date():
            return
        self._looked = now.date()
        with self._revisions.lock:
            found = self._found(now)
            detail = {"factors": self._pricer.catalogue.digest}
            if self._revisions.put_right(sorted(found.corrected, key=_by_name), detail):
                found = self._found(now)
            self._pend(sorted(found.lines, key=_by_name), found.moved, now)

    def _found(self, now: datetime) -> _Found:
        """What the catalogue of today makes of the kept results, in one walk over them."""
        catalogue = self._pricer.catalogue
        published = sorted({factor.published for factor in catalogue.factors})
        work = _Comparison(self._books, self._pricer, catalogue.digest, published, now)
        names = self._books.results.batches()
        pages = [names[first : first + PAGE] for first in range(0, len(names), PAGE)]
        found = _Found()
        for page in shared_out(work, pages):
            found.corrected += page.corrected
            found.lines += page.lines
            found.moved |= page.moved
        return found

    def _pend(
        self,
        lines: list[ChangeLine],
        moved: Mapping[_Moved, tuple[list[str], list[str]]],
        now: datetime,
    ) -> None:
        known = self._books.changes.publications()
        waits = [change for change in known if change.state == PENDING]
        refused = {line for one in known if one.state == REJECTED for line in one.lines}
        left = tuple(line for line in lines if line not in refused)
        if waits and waits[-1].lines == left:
            return
        if not left:
            for change in waits:
                self._books.changes.decide(change.id, None, replace(change, state=SUPERSEDED))
            return
        detail = {
            "carriers": [
                {"carrier": carrier, "unit": unit, "view": view, "from": old, "to": new}
                for (carrier, unit, view), (old, new) in sorted(moved.items())
            ]
        }
        at = stamp(now)
        change = Change(PENDING, PUBLICATION, detail, at, left, made=at)
        self._books.changes.pend(change, (), [one.id for one in waits])


def _line(result: Result, total: str) -> ChangeLine:
    return ChangeLine(result.batch, result.view, result.revision, result.kgco2e, total)


def _by_name(line: ChangeLine) -> tuple[str, str]:
    return line.batch, line.view


def _total(intakes: Iterable[Intake], prices: Iterable[_Prices]) -> str:
    return plain(sum(map(carried, intakes, prices), Decimal(0)))


def _asked(result: Result) -> datetime:
    return parse_stamp(result.asked or result.computed)


def _ids(price: Price) -> list[str]:
    return sorted(part.factor.id for part in price.parts)
