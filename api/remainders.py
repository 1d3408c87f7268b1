"""What the mains saw and no meter behind them did, and nobody carries: left standing (rule 9)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from api.balance_over import parts_of
from api.books import Books
from api.calendar import month, month_of
from api.ledger.declared import Omission
from api.ledger.factors import Catalogue
from api.ledger.lines import MILLIGRAM
from api.report import Reporter
from collector.wire.reading import parse_stamp

_Part = Mapping[str, Any]
_NODE = "unmetered:"


class Remainders:
    """Tells of months what of their supplies was left standing."""

    def __init__(self, books: Books, reporter: Reporter, catalogue: Catalogue) -> None:
        self._books, self._reporter, self._catalogue = books, reporter, catalogue

    def omitted(
        self, kgco2e: Decimal, ended: Iterable[str | None], now: datetime
    ) -> tuple[Omission, ...]:
        """The part of it that stands beside what batches carry, in the same proportion.

        Args:
            kgco2e: What the batches carry. [kgCO2e]
            ended: When their runs ended: whole months are looked at, for so a mill balances.
            now: Later factors are not used.
        """
        timezone = self._reporter.plants[-1].timezone
        names = {month_of(parse_stamp(one), timezone) for one in ended if one}
        parts = [part for name in sorted(names) for part in self._balance(name, timezone, now)]
        stands, came = _sum(_left(parts)), _sum(_came(parts))
        if not stands:
            return ()
        carried = came - stands
        beside = (kgco2e * stands / carried).quantize(MILLIGRAM) if carried > 0 else None
        return (Omission("unmetered", "", "", None, beside),)

    def _balance(self, name: str, timezone: str, now: datetime) -> Sequence[_Part]:
        """A month's balance as it was kept, else as it stands."""
        kept = self._books.periods.statement(name)
        if kept is not None:
            found: list[_Part] = orjson.loads(kept.body)["balance"]
            return found
        start, end = month(name, timezone)
        return parts_of(self._reporter, self._catalogue, start, min(end, now), now)


def _left(parts: Iterable[_Part]) -> Iterable[str | None]:
    return (band["kgco2e"] for part in parts for band in part["flows"] if band["end"] == _NODE)


def _came(parts: Iterable[_Part]) -> Iterable[str | None]:
    return (supply["kgco2e"] for part in parts for supply in part["supplies"])


def _sum(found: Iterable[str | None]) -> Decimal:
    """What is negative stands for meters that disagree, and leaves nothing out."""
    return sum((max(Decimal(0), Decimal(one)) for one in found if one), Decimal(0))
