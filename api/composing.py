"""Composing: a tally as results, each with its reason, its difference and what it was made with."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from api.assemble import Edition, digest, footprint_body, plain
from api.books import Books
from api.books.changes import ChangeLine
from api.books.glances import VIEW, Glance, glance
from api.books.packing import packed
from api.books.results import Result
from api.ledger import RULES
from api.ledger.plant import Plant
from api.ledger.tally import Tally
from api.plant import digest_of
from api.pricing import Priced, Pricer
from collector.wire.reading import parse_stamp, unix_ms

VIEWS = ("footprint", "inventory")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A batch about which something changed.

    Attributes:
        batch: Which.
        reasons: Why: ``late-data``, ``correction``, ``plant``, ``rules``.
        last: Its last result by view; empty where it has none.
        tally: What it comes to now; None while that is not final.
        kept: Number of the kept tally that this is; None for a new one.
        views: The views that are to be composed.
        asked: By when its factors were published, where they are not to change with it; None: when
            each view's last result was made, where its amounts are kept, else now.
    """

    batch: str
    reasons: frozenset[str]
    last: Mapping[str, Result]
    tally: Tally | None
    kept: int | None = None
    views: tuple[str, ...] = VIEWS
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class New:
    """A result that is not yet written, and the line that says what it changes.

    Attributes:
        result: The result.
        line: What it changes.
        fresh: Its tally, where that is not kept yet.
        glance: What lists show of it; None where they show another view.
    """

    result: Result
    line: ChangeLine
    fresh: Tally | None
    glance: Glance | None


class Composer:
    """Makes results; writes none.

    Args:
        books: Where tallies are numbered.
        pricer: Prices.
        plants: The plant's snapshots.
        software: Version of the software.
        rules: Version of the rules.

    Attributes:
        position: How far the journal is followed.
    """

    def __init__(
        self,
        books: Books,
        pricer: Pricer,
        plants: tuple[Plant, ...],
        *,
        software: str,
        rules: str = RULES,
    ) -> None:
        self._books, self._pricer, self._plants = books, pricer, plants
        self._software, self.rules = software, rules
        self.position = 0

    def results_of(self, waiting: Waiting, at: str) -> list[New]:
        """The results that differ from a batch's last ones."""
        tally = waiting.tally
        if tally is None:
            return []
        number = waiting.kept or self._books.tallies.last(waiting.batch) + 1
        plant = digest_of(self._plants, *tally.scope)
        made_with = {
            "factors": self._pricer.catalogue.digest,
            "plant": plant,
            "rules": self.rules,
            "software": self._software,
            "position": self.position,
        }
        found = []
        masses = self._masses(waiting)
        for view in waiting.views:
            last = waiting.last.get(view)
            # Kept amounts are priced by what was published when that view was made, if by no other.
            of_its_time = last.asked if last is not None and waiting.kept else None
            asked = waiting.asked or of_its_time or at
            report = self._pricer.price(tally, Priced(view, parse_stamp(asked)))
            total = plain(report.footprint.total)
            edition = Edition(
                last.revision + 1 if last else 1,
                at,
                ",".join(sorted(self._reasons(waiting, last))),
                _difference(last, total),
                made_with | {"priced_as_of": asked},
            )
            body = footprint_body(report, edition)
            same = digest(body)
            if last is not None and last.digest == same:
                continue
            result = Result(
                batch=waiting.batch,
                view=view,
                revision=edition.revision,
                computed=at,
                reason=edition.reason,
                digest=same,
                body=packed(orjson.dumps(body)),
                scope_start_ms=unix_ms(tally.scope[0]),
                scope_end_ms=unix_ms(tally.scope[1]),
                tally=number,
                ended_ms=unix_ms(tally.ended),
                kgco2e=total,
                asked=asked,
                factors=self._pricer.catalogue.digest,
                plant=plant,
                rules=self.rules,
                software=self._software,
                position=self.position,
            )
            line = ChangeLine(
                waiting.batch,
                view,
                last.revision if last else None,
                last.kgco2e if last else None,
                total,
                *masses,
            )
            seen = glance(body) if view == VIEW else None
            found.append(New(result, line, None if waiting.kept else tally, seen))
        return found

    def _masses(self, one: Waiting) -> tuple[str | None, str | None]:
        """What a batch weighed in its last result, and what it does now, where that is new. [kg]"""
        if one.tally is None or one.kept is not None or not one.last:
            return None, None
        before = self._books.glances.of([one.batch]).get(one.batch)
        now = one.tally.accepted_kg
        return before.accepted_kg if before else None, None if now is None else plain(now)

    def _reasons(self, one: Waiting, last: Result | None) -> frozenset[str]:
        """Why there is a new result; another software is a reason where it changes the last one."""
        reasons = reasons_of(one)
        if (
            last is None
            or last.software == self._software
            or last.factors != self._pricer.catalogue.digest
        ):
            return reasons
        kept = self._books.tallies.find(one.batch, last.tally or 0)
        if kept is None:
            return reasons
        how = Priced(last.view, parse_stamp(last.asked or last.computed))
        same = digest(footprint_body(self._pricer.price(kept, how), Edition(0, "", "")))
        return reasons if same == last.digest else reasons | {"software"}


def reasons_of(one: Waiting) -> frozenset[str]:
    """Why a batch gets a result: a first one is only that."""
    return one.reasons if one.last else frozenset(["first-final"])


def _difference(last: Result | None, total: str) -> dict[str, Any]:
    if last is None or last.kgco2e is None:
        return {}
    difference = Decimal(total) - Decimal(last.kgco2e)
    return {
        "from_revision": last.revision,
        "kgco2e_from": last.kgco2e,
        "kgco2e_to": total,
        "kgco2e": f"{difference:+f}",
    }
