"""The balance of a period in which the plant changed: each plant for its days, and their sum."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from api.assemble import plain
from api.balance import balance_body
from api.ledger.factors import Catalogue
from api.plant import stretches
from api.report import Reporter

_Body = dict[str, Any]
_BAND = ("start", "end", "carrier", "unit")
"""What makes two bands of a balance the same."""


def parts_of(
    reporter: Reporter, catalogue: Catalogue, start: datetime, end: datetime, now: datetime
) -> list[_Body]:
    """The balances of a period, one for each plant that held in it."""
    return [
        balance_body(reporter, catalogue, one.start, one.end, now)
        for one in stretches(reporter.plants, start, end)
    ]


def joined(parts: Sequence[_Body]) -> _Body:
    """One balance of several that follow each other; they stand in it as ``parts``."""
    if len(parts) == 1:
        return parts[0]
    return {
        "from": parts[0]["from"],
        "to": parts[-1]["to"],
        "meters": _alike(parts, "meters", lambda one: (one["meter"], one["carrier"]), _meter),
        "supplies": _alike(parts, "supplies", lambda one: (one["supply"], one["unit"]), _supply),
        "flows": _alike(parts, "flows", lambda one: tuple(one[key] for key in _BAND), _flow),
        "problems": _distinct(one for part in parts for one in part["problems"]),
        "parts": list(parts),
    }


def _alike(
    parts: Iterable[_Body],
    kind: str,
    name_of: Callable[[_Body], tuple[str, ...]],
    sum_of: Callable[[Sequence[_Body]], _Body],
) -> list[_Body]:
    """The rows of a kind that are about the same in every part, each summed to one."""
    groups: dict[tuple[str, ...], list[_Body]] = {}
    for one in (one for part in parts for one in part[kind]):
        groups.setdefault(name_of(one), []).append(one)
    return [sum_of(group) for group in groups.values()]


def _meter(group: Sequence[_Body]) -> _Body:
    # Where a plant in between did not know the meter, its register rose meanwhile uncounted.
    sums = {key: _sum(group, key) for key in ("register", "posted", "difference")}
    return group[0] | {"end": group[-1]["end"]} | sums | {"accounts": _accounts(group, "accounts")}


def _supply(group: Sequence[_Body]) -> _Body:
    priced = [one for one in group if one["kgco2e"] is not None]
    return group[0] | {
        "amount": _sum(group, "amount"),
        "kgco2e": _sum(priced, "kgco2e") if priced else None,
        "to": _accounts(group, "to"),
    }


def _flow(group: Sequence[_Body]) -> _Body:
    priced = [one for one in group if one["kgco2e"] is not None]
    return group[0] | {
        "amount": _sum(group, "amount"),
        "kgco2e": _sum(priced, "kgco2e") if priced else None,
        "meters": sorted({meter for one in group for meter in one["meters"]}),
    }


def _accounts(group: Iterable[_Body], key: str) -> list[dict[str, str]]:
    found: dict[str, Decimal] = {}
    for one in (one for body in group for one in body[key]):
        found[one["account"]] = found.get(one["account"], Decimal(0)) + Decimal(one["amount"])
    return [{"account": kind, "amount": plain(amount)} for kind, amount in sorted(found.items())]


def _sum(group: Iterable[Mapping[str, str]], key: str) -> str:
    return plain(sum((Decimal(one[key]) for one in group), Decimal(0)))


def _distinct(problems: Iterable[_Body]) -> list[_Body]:
    return list({(one["code"], one["where"], one["at"]): one for one in problems}.values())
