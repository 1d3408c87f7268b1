"""Where to save: what was spent and bought nothing, ranked by what it costs. Pure.

Each kind is computed from final footprints or from registers, says the batches, machines or meters
that prove it, and never more than they show: a saving is what was above a reference that the mill
reached, or what ran while nothing was made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from api.golden import WHOLE, Golden, Key, finished, reference
from api.rates import Rate, spent_on
from api.tariff import Tariff

_REDYE = "redye"
_EVIDENCE = 6  # of each kind that is shown

Final: TypeAlias = tuple[str, Mapping[str, Any]]
"""A batch's article, or nothing, and its footprint's body."""
Amounts = dict[tuple[str, str], Decimal]
"""Amount by carrier and unit."""


@dataclass(slots=True)
class Saving:
    """What could have been saved.

    Attributes:
        kind: ``idle``, ``above-golden``, ``rework``, ``solar-exported`` or ``nothing-ran``.
        where: A machine, an article or process, a supply or a utility.
        amounts: What was used for it.
        kgco2e: What that emitted. [kgCO2e]
        money: What that cost; None where nobody said prices.
        evidence: Batches or meters that show it, with the kilograms of each.
    """

    kind: str
    where: str
    amounts: Amounts = field(default_factory=dict)
    kgco2e: Decimal = Decimal(0)
    money: Decimal | None = None
    evidence: dict[str, Decimal] = field(default_factory=dict)

    def add(self, kgco2e: Decimal, money: Decimal | None, shown_by: str) -> None:
        """With more of it."""
        self.kgco2e += kgco2e
        self.evidence[shown_by] = self.evidence.get(shown_by, Decimal(0)) + kgco2e
        if money is not None:
            self.money = (self.money or Decimal(0)) + money

    def use(self, carrier: str, unit: str, amount: Decimal) -> None:
        """With more that was used."""
        self.amounts[carrier, unit] = self.amounts.get((carrier, unit), Decimal(0)) + amount

    def shown(self) -> list[tuple[str, Decimal]]:
        """What shows it most."""
        ranked = sorted(self.evidence.items(), key=lambda one: (-one[1], one[0]))
        return ranked[:_EVIDENCE]


def ranked(found: Iterable[Saving]) -> list[Saving]:
    """The costliest first: by money where there is any, then by kilograms."""
    known = [one for one in found if one.kgco2e > 0 or (one.money or 0) > 0]
    return sorted(known, key=lambda one: (-(one.money or 0), -one.kgco2e, one.kind, one.where))


def idling(finals: Iterable[Final], tariff: Tariff) -> list[Saving]:
    """What machines used between batches, by machine."""
    found: dict[str, Saving] = {}
    for _, body in finals:
        for line in body["idle"]:
            one = found.setdefault(line["machine"], Saving("idle", line["machine"]))
            one.use(line["carrier"], line["unit"], Decimal(line["amount"]))
            one.add(Decimal(line["kgco2e"] or 0), spent_on(line, tariff), body["batch"])
    return list(found.values())


def above_golden(
    finals: Iterable[Final], goldens: Mapping[Key, Golden], tariff: Tariff
) -> list[Saving]:
    """What batches emitted above the golden one of their article; without one, of each process."""
    found: dict[str, Saving] = {}
    for article, body in finals:
        own = finished(article, body)
        whole = [one for one in own if one.process == WHOLE]
        parts = whole if reference(goldens, article, WHOLE) else own[len(whole) :]
        for one in parts:
            golden = reference(goldens, article, one.process)
            if golden is None or one.kgco2e_per_kg <= golden.kgco2e_per_kg:
                continue
            above = 1 - golden.kgco2e_per_kg / one.kgco2e_per_kg
            emitted = one.kgco2e_per_kg * Decimal(body["accepted_kg"])
            spent = _spent(body, one.process, tariff)
            saving = found.setdefault(
                article or one.process, Saving("above-golden", article or one.process)
            )
            saving.add(emitted * above, None if spent is None else spent * above, one.batch)
    return list(found.values())


def rework(finals: Iterable[Final], tariff: Tariff) -> list[Saving]:
    """What dyeing again took: the runs of a batch that was made of another one's fabric."""
    saving = Saving("rework", _REDYE)
    for _, body in finals:
        again = any(
            event["kind"] == _REDYE and any(heir["batch"] == body["batch"] for heir in event["to"])
            for event in body.get("genealogy", ())
        )
        for run in body["runs"] if again else ():
            if run.get("batch", body["batch"]) != body["batch"]:
                continue
            for line in run["lines"]:
                saving.use(line["carrier"], line["unit"], Decimal(line["amount"]))
                saving.add(Decimal(line["kgco2e"] or 0), spent_on(line, tariff), body["batch"])
    return [saving]


def counted(kind: str, where: str, meter: str, amount: Decimal, worth: tuple[str, Rate]) -> Saving:
    """What a meter counted for nothing, at the rate of a carrier."""
    carrier, rate = worth
    saving = Saving(kind, where)
    saving.use(carrier, rate.unit, amount)
    money = None if rate.money is None else amount * rate.money
    saving.add(amount * (rate.kgco2e or Decimal(0)), money, meter)
    return saving


def pauses(
    runs: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """The times in which no run was on, inside a period, by time."""
    found, free_from = [], start
    for first, last in sorted(runs):
        if first > free_from:
            found.append((free_from, min(first, end)))
        free_from = max(free_from, last)
        if free_from >= end:
            break
    if free_from < end:
        found.append((free_from, end))
    return [(a, b) for a, b in found if a < b]


def _spent(body: Mapping[str, Any], process: str, tariff: Tariff) -> Decimal | None:
    lines = [
        line for run in body["runs"] if process in (WHOLE, run["process"]) for line in run["lines"]
    ]
    costs = [cost for line in lines if (cost := spent_on(line, tariff)) is not None]
    return sum(costs, Decimal(0)) if costs else None
