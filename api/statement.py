"""A month's statement: the balance of its meters and supplies, and the batches that ended in it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from api.assemble import Edition, digest, plain
from api.balance_over import parts_of
from api.books import Books
from api.books.periods import Statement
from api.books.results import Result
from api.calendar import month, month_of
from api.report import Reporter
from collector.wire.reading import parse_stamp, unix_ms


class Statements:
    """Makes statements; a plant that changes within a month gives it as many parts."""

    def __init__(self, books: Books, reporter: Reporter) -> None:
        self._books, self._reporter = books, reporter

    def bounds(self, name: str) -> tuple[datetime, datetime]:
        """Beginning and end of a month in site time; ValueError where it is none."""
        return month(name, self._reporter.plants[-1].timezone)

    @staticmethod
    def month_before(at: datetime, timezone: str) -> str:
        """The month that was over last."""
        this = month_of(at, timezone)
        return month_of(month(this, timezone)[0] - timedelta(hours=1), timezone)

    def make(
        self, name: str, asked: str, edition: Edition, new: Mapping[str, Result] | None = None
    ) -> Statement:
        """The totals of a month.

        Args:
            name: The month, ``2026-03``.
            asked: Factors published later are not used.
            edition: What it says of itself.
            new: Results by batch that are written together with it.
        """
        start, end = self.bounds(name)
        about = parse_stamp(asked)
        parts = parts_of(self._reporter, self._reporter.pricer.catalogue, start, end, about)
        last = self._books.results.last_of_each("footprint", (start, end))
        results = {one.batch: one for one in last} | dict(new or {})
        bounds = unix_ms(start), unix_ms(end)
        batches: list[dict[str, Any]] = [
            {"batch": one.batch, "revision": one.revision, "kgco2e": one.kgco2e}
            for _, one in sorted(results.items())
            if bounds[0] < (one.ended_ms or 0) <= bounds[1]
        ]
        total = sum((Decimal(one["kgco2e"] or 0) for one in batches), Decimal(0))
        body = edition.body() | {
            "month": name,
            "balance": parts,
            "batches": batches,
            "batches_kgco2e": plain(total),
        }
        text = orjson.dumps(body).decode()
        return Statement(
            name, edition.revision, edition.computed, edition.reason, asked, digest(body), text
        )
