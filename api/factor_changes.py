"""Factors that changed: which kept results they touch, and by how much (rule 19).

A row that was put right, or a mill's own that was added, revises by itself before closing. What
was published after a result was computed never does: it waits for a person, all batches at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

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
from api.composing import VIEWS
from api.ledger.factors import Catalogue, Price
from api.ledger.tally import Intake, carried
from api.report import Priced, Reporter
from api.revisions import Revisions
from collector.wire.reading import parse_stamp, stamp

_FEW = 500


class FactorChanges:
    """Looks once a day, and when the catalogue is another than the results were made with."""

    def __init__(
        self, books: Books, reporter: Reporter, revisions: Revisions, catalogue: Catalogue
    ) -> None:
        self._books, self._reporter, self._revisions = books, reporter, revisions
        self._catalogue = catalogue
        self._published = sorted({factor.published for factor in catalogue.factors})
        self._looked: date | None = None

    def follow(self, now: datetime) -> None:
        """Revise what was put right, and let wait what was published since."""
        if self._looked == now.date():
            return
        self._looked = now.date()
        with self._revisions.lock:
            corrected = sorted({result.batch for result in self._corrected()})
            if corrected:
                again = self._revisions.repriced(corrected, None, frozenset(["factor"]))
                self._revisions.settle(again, {"factors": self._catalogue.digest})
            self._wait(now)

    def _corrected(self) -> Iterator[Result]:
        """Results that the catalogue of today would give otherwise at the time of their own."""
        for result, intakes in self._kept(lambda one: one.factors != self._catalogue.digest):
            how = Priced(result.view, _asked(result))
            totals = (carried(one, self._reporter.prices(one, how)) for one in intakes)
            if plain(sum(totals, Decimal(0))) != result.kgco2e:
                yield result

    def _wait(self, now: datetime) -> None:
        lines: list[ChangeLine] = []
        moved: dict[tuple[str, str, str], Any] = {}
        for result, intakes in self._kept(lambda one: self._newer(_asked(one), now)):
            then, today = Priced(result.view, _asked(result)), Priced(result.view, now)
            found: dict[tuple[str, str, str], Any] = {}
            prices = []
            for intake in intakes:
                old, new = (self._reporter.prices(intake, how) for how in (then, today))
                found |= {
                    (*key, result.view): (_ids(old[key]), _ids(new[key]))
                    for key in new
                    if _ids(new[key]) != _ids(old[key])
                }
                prices.append(new)
            if not found:
                continue
            total = plain(sum(map(carried, intakes, prices), Decimal(0)))
            if total != result.kgco2e:
                lines.append(
                    ChangeLine(result.batch, result.view, result.revision, result.kgco2e, total)
                )
                moved |= found
        self._pend(sorted(lines, key=lambda one: (one.batch, one.view)), moved, now)

    def _pend(
        self, lines: list[ChangeLine], moved: dict[tuple[str, str, str], Any], now: datetime
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

    def _kept(
        self, wanted: Callable[[Result], bool]
    ) -> Iterator[tuple[Result, tuple[Intake, ...]]]:
        """Last results that are wanted, with what their totals depend on."""
        every = self._books.results.last_of_each(VIEWS[0])
        for _, page in groupby(enumerate(every), key=lambda pair: pair[0] // _FEW):
            heads = self._books.results.heads([result.batch for _, result in page])
            results = [one for views in heads.values() for one in views.values()]
            found = [one for one in results if one.tally and one.asked and wanted(one)]
            intakes = self._books.tallies.intakes({(one.batch, one.tally or 0) for one in found})
            yield from ((one, intakes[one.batch, one.tally or 0]) for one in found)

    def _newer(self, asked: datetime, now: datetime) -> bool:
        return any(asked.date() < day <= now.date() for day in self._published)


def _asked(result: Result) -> datetime:
    return parse_stamp(result.asked or result.computed)


def _ids(price: Price) -> list[str]:
    return sorted(part.factor.id for part in price.parts)
