"""What the mills' sealed results come to: by mill and article, with the seal that vouches."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from urllib.parse import quote

from api.assemble import plain
from api.group.configuration import Mill
from api.group.store import KeptResult, KeptSeal, KeptWord, Store
from api.ledger.genealogy import article_per_kg
from collector.wire.reading import instant, stamp, unix_ms

Period = tuple[datetime | None, datetime | None]
"""Batches that ended after the one and not after the other; None: from the first, to the last."""
_PER_KG = Decimal("1e-6")
_WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class _Held:
    """What is held of a mill, read once for each of its seals."""

    seals: tuple[KeptSeal, ...]
    batches: tuple[KeptResult, ...]
    article_of: Mapping[str, str]

    def within(self, period: Period) -> list[KeptResult]:
        start, end = (None if at is None else unix_ms(at) for at in period)
        return [
            one
            for one in self.batches
            if (start is None or one.ended_ms > start) and (end is None or one.ended_ms <= end)
        ]

    def seal(self, number: int) -> dict[str, Any]:
        found = self.seals[number - 1]  # they are numbered from 1, without a gap
        return {"number": found.number, "day": found.day, "hash": found.digest}


class GroupArticles:
    """The articles of every mill.

    Args:
        store: What is held.
        mills: The mills, in the order in which they are shown.
    """

    def __init__(self, store: Store, mills: Iterable[Mill]) -> None:
        self._store, self.mills = store, {mill.name: mill for mill in mills}
        self._held: dict[str, _Held] = {}
        self._reading = threading.Lock()

    def mill(self, name: str, period: Period = (None, None)) -> dict[str, Any]:
        """A mill with its articles; `KeyError` where there is none of that name."""
        mill, held = self.mills[name], self._of(name)
        last = held.seals[-1] if held.seals else None
        by_article: dict[str, list[KeptResult]] = {}
        for one in held.within(period):
            by_article.setdefault(held.article_of.get(one.batch, ""), []).append(one)
        return {
            "mill": name,
            "site": mill.site,
            "pages": mill.pages or None,
            "seal": held.seal(last.number) if last else None,
            "received": last.received if last else None,
            "articles": [
                _article(mill, held, article, found)
                for article, found in sorted(by_article.items(), key=_nameless_last)
            ],
        }

    def batches(self, name: str, article: str, period: Period) -> list[dict[str, Any]]:
        """The batches of an article of a mill, the last one first; `KeyError` for no mill."""
        mill, held = self.mills[name], self._of(name)
        found = [
            one for one in held.within(period) if held.article_of.get(one.batch, "") == article
        ]
        return [
            {
                "batch": one.batch,
                "revision": one.revision,
                "ended": stamp(instant(one.ended_ms)),
                "seal": held.seal(one.seal),
                "page": _page(mill, f"batches/{quote(one.batch, safe='')}"),
            }
            | _sum([one])
            for one in sorted(found, key=lambda one: (-one.ended_ms, one.batch))
        ]

    def _of(self, name: str) -> _Held:
        """What is held of a mill; nothing of it changes but by another seal."""
        with self._reading:
            last, held = self._store.last(name), self._held.get(name)
            if held is None or (last is not None and len(held.seals) != last.number):
                newest = [
                    list(revisions)[-1]
                    for _, revisions in groupby(self._store.results(name), lambda one: one.batch)
                ]
                held = self._held[name] = _Held(
                    tuple(self._store.seals(name)),
                    tuple(one for one in newest if one.status != _WITHDRAWN),
                    _articles(self._store.words(name)),
                )
            return held


def _nameless_last(article: tuple[str, object]) -> tuple[bool, str]:
    return not article[0], article[0]


def _articles(words: Iterable[KeptWord]) -> dict[str, str]:
    """The article of each batch, by the last word on it that nobody took back."""
    said = list(words)
    back = {one.subject for one in said if one.kind == "undone"}
    return {
        one.subject: one.article
        for one in said
        if one.kind == "batch" and not {one.evidence, f"entry {one.number}"} & back
    }


def _article(mill: Mill, held: _Held, article: str, found: list[KeptResult]) -> dict[str, Any]:
    ended = [one.ended_ms for one in found]
    return (
        {"article": article}
        | _sum(found)
        | {
            "batches": len(found),
            "unweighed": sum(one.accepted_kg is None for one in found),
            "from": stamp(instant(min(ended))),
            "to": stamp(instant(max(ended))),
            "seal": held.seal(max(one.seal for one in found)),
            "page": _page(mill, f"office/articles?article={quote(article, safe='')}"),
        }
    )


def _sum(found: Iterable[KeptResult]) -> dict[str, Any]:
    """Emissions over accepted mass, of those that were weighed."""
    kgco2e, accepted_kg, per_kg = article_per_kg(
        (Decimal(one.kgco2e), Decimal(one.accepted_kg))
        for one in found
        if one.accepted_kg is not None
    )
    return {
        "kgco2e": plain(kgco2e),
        "accepted_kg": plain(accepted_kg),
        "kgco2e_per_kg": None if per_kg is None else f"{per_kg.quantize(_PER_KG):f}",
    }


def _page(mill: Mill, place: str) -> str | None:
    """Where the mill's own pages show it."""
    return f"{mill.pages}/#/{place}" if mill.pages else None
