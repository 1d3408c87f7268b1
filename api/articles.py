"""Articles: which batches are of one, and what is declared of it over a period (rule 25)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from api.assemble import digest, plain, problem_body
from api.books import Books
from api.calendar import Span
from api.environment import environment, together
from api.ledger.declared import LIMIT, Member, Omission, exempted_share, spread
from api.ledger.genealogy import article_per_kg
from api.ledger.lines import MILLIGRAM
from api.omissions import left_out
from api.remainders import Remainders
from collector.wire.problem import Problem
from collector.wire.reading import stamp

_Body = Mapping[str, Any]
_PER_KG = Decimal("1e-6")
_FOREBEARS = 50
"""Generations of batches that an article is handed down through, at most."""


@dataclass(frozen=True, slots=True)
class Found:
    """The batches of an article that ended in a period.

    Attributes:
        kept: Batch and revision of the final ones.
        bodies: Their footprints, in the same order.
        open: Those that are not final.
    """

    kept: tuple[tuple[str, int], ...]
    bodies: tuple[_Body, ...]
    open: tuple[str, ...]


class Articles:
    """The articles of the books.

    Args:
        books: Where batches and results are.
        remainders: What of each month no meter saw.
    """

    def __init__(self, books: Books, remainders: Remainders) -> None:
        self._books, self._remainders = books, remainders

    def batches_of(self, article: str) -> list[str]:
        """Batches entered with an article, and those that became of them and of no other."""
        names = self._books.batches.of_article(article)
        for event in self._books.genealogy.relatives(names):
            for heir in event.heirs:
                if heir.batch not in names and self._articles_of(heir.batch) == {article}:
                    names.append(heir.batch)
        return names

    def found(self, article: str, period: Span, unfinished: set[str]) -> Found:
        """What of an article ended in a period.

        Args:
            article: Which.
            period: When; its end belongs to it.
            unfinished: Batches that are not final as they stand.
        """
        names = self.batches_of(article)
        results = [
            one
            for one in self._books.results.ended("footprint", period, names)
            if one.batch not in unfinished
        ]
        bodies = tuple(orjson.loads(one.text) for one in results)
        return Found(
            tuple((one.batch, one.revision) for one in results),
            bodies,
            tuple(sorted(name for name in unfinished & set(names) if self._ran(name, period))),
        )

    def declared(
        self, article: str, period: Span, unfinished: set[str], now: datetime
    ) -> dict[str, Any]:
        """The declared value of an article, or why there is none."""
        found = self.found(article, period, unfinished)
        members = [_member(body) for body in found.bodies]
        total, accepted, per_kg = article_per_kg((one.kgco2e, one.accepted_kg) for one in members)
        omissions = left_out(found.bodies, self._books.entries.of("exemption"))
        ended = [run["end"] for body in found.bodies for run in body["runs"]]
        omissions += self._remainders.omitted(total, ended, now) if members else ()
        share = exempted_share(total, omissions)
        problems = [
            *_masses(article, found.bodies),
            *_refusals(article, members, share, omissions),
        ]
        refused = bool(problems) or per_kg is None
        problems += _open(article, found.open)
        body = {
            "article": article,
            "from": stamp(period[0]),
            "to": stamp(period[1]),
            "boundary": "gate-to-gate",
            "view": "footprint",
            "method": "location",
            "status": _status(members, refused=refused),
            "kgco2e_per_kg": None if refused or per_kg is None else f"{per_kg.quantize(_PER_KG):f}",
            "kgco2e": plain(total),
            "accepted_kg": plain(accepted),
            "spread": _spread(members),
            "exempted": {
                "share": None if share is None else f"{share:f}",
                "limit": f"{LIMIT:f}",
                "left_out": [_omission(one) for one in omissions],
            },
            "by_process": _by(found.bodies, "by_process", "process", total),
            "by_carrier": _by(found.bodies, "by_carrier", "carrier", total),
            "environment": together(
                [
                    (environment(body), one.accepted_kg)
                    for body, one in zip(found.bodies, members, strict=True)
                ]
            ),
            "batches": [
                _row(member, revision)
                for member, (_, revision) in zip(members, found.kept, strict=True)
            ],
            "open": list(found.open),
            "problems": [problem_body(one) for one in problems],
        }
        # Beside the digest and not in it: what was declared before has the same one as it had.
        return body | {"digest": digest(body), "uncertainty": None}

    def _ran(self, batch: str, period: Span) -> bool:
        last = max((run.end for run in self._books.runs.of(batch)), default=None)
        return last is not None and period[0] < last <= period[1]

    def _articles_of(self, batch: str, below: int = 0) -> set[str]:
        """The articles that a batch is of: its own, else those of its parents."""
        entry = self._books.batches.entered(batch)
        if (entry is not None and entry.article) or below > _FOREBEARS:
            return {entry.article} if entry else set()
        parents = [
            parent
            for event in self._books.genealogy.relatives([batch])
            if any(heir.batch == batch for heir in event.heirs) and event.kind != "redye"
            for parent in event.parents
        ]
        return {one for parent in parents for one in self._articles_of(parent, below + 1)}


def _member(body: _Body) -> Member:
    return Member(
        body["batch"], Decimal(body["total"]["kgco2e"]), Decimal(body["accepted_kg"] or 0)
    )


def _status(members: Sequence[Member], *, refused: bool) -> str:
    if refused:
        return "refused"
    return "batch-value" if len(members) == 1 else "declared"


def _masses(article: str, bodies: Iterable[_Body]) -> list[Problem]:
    """Batches that carry something and of which nobody says what was accepted."""
    bare = [
        body["batch"]
        for body in bodies
        if body["accepted_kg"] is None and Decimal(body["total"]["kgco2e"])
    ]
    values = {"batches": ", ".join(bare)}
    return [Problem("declared-mass-missing", article, None, values)] if bare else []


def _refusals(
    article: str, members: Sequence[Member], share: Decimal | None, omissions: Iterable[Omission]
) -> list[Problem]:
    if not any(one.accepted_kg for one in members):
        return [Problem("declared-no-batch", article)]
    if share is None:
        unknown = ", ".join(_name(one) for one in omissions if one.kgco2e is None)
        return [Problem("declared-unknown", article, None, {"what": unknown})]
    if share > LIMIT:
        known = sorted(omissions, key=lambda one: -(one.kgco2e or 0))
        what = ", ".join(f"{_name(one)} {one.kgco2e:f} kgCO2e" for one in known if one.kgco2e)
        values = {"percent": f"{share * 100:.2f}", "limit": f"{LIMIT * 100:f}", "what": what}
        return [Problem("declared-exempted", article, None, values)]
    return []


def _open(article: str, batches: Sequence[str]) -> list[Problem]:
    values = {"batches": ", ".join(batches)}
    return [Problem("declared-open", article, None, values)] if batches else []


def _name(one: Omission) -> str:
    return f"{one.why} {one.carrier}".strip()


def _omission(one: Omission) -> dict[str, Any]:
    return {
        "why": one.why,
        "carrier": one.carrier,
        "unit": one.unit,
        "amount": None if one.amount is None else plain(one.amount),
        "kgco2e": None if one.kgco2e is None else plain(one.kgco2e),
        "source": one.source,
    }


def _spread(members: Sequence[Member]) -> dict[str, str] | None:
    found = spread(members)
    if found is None:
        return None
    return {
        "low": f"{found.low:f}",
        "high": f"{found.high:f}",
        "standard_deviation": f"{found.deviation:f}",
    }


def _row(member: Member, revision: int) -> dict[str, Any]:
    return {
        "batch": member.batch,
        "revision": revision,
        "kgco2e": plain(member.kgco2e),
        "accepted_kg": plain(member.accepted_kg),
        "kgco2e_per_kg": None if member.per_kg is None else f"{member.per_kg:f}",
    }


def _by(bodies: Iterable[_Body], key: str, name: str, total: Decimal) -> list[dict[str, str]]:
    sums: dict[str, Decimal] = {}
    for one in (one for body in bodies for one in body[key]):
        sums[one[name]] = sums.get(one[name], Decimal(0)) + Decimal(one["kgco2e"] or 0)
    return [
        {
            name: what,
            "kgco2e": plain(kgco2e.quantize(MILLIGRAM)),
            "share": f"{(kgco2e / total if total else Decimal(0)).quantize(Decimal('1e-4')):f}",
        }
        for what, kgco2e in sorted(sums.items(), key=lambda one: (-one[1], one[0]))
    ]
