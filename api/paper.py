"""A paper: what a report of a batch, an article or a month says, summed from an extract.

Where anything of it is final, only that is summed; what is not is named. A batch by itself is
reported as it stands, and says what it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from api.environment import environment, together
from api.extract import Extract
from api.ledger.declared import Member, Omission, Spread, spread
from api.ledger.genealogy import article_per_kg
from api.omissions import left_out

_ZERO = Decimal(0)
_PART = Decimal("1e-4")
_PER_KG = Decimal("1e-6")
_Body = Mapping[str, Any]


@dataclass(slots=True)
class Share:
    """A part of the whole under one name.

    Attributes:
        name: A code.
        kgco2e: None where no factor prices any of it. [kgCO2e]
        amounts: How much, by unit.
    """

    name: str
    kgco2e: Decimal | None = None
    amounts: dict[str, Decimal] = field(default_factory=dict)

    def add(self, kgco2e: str | None, amount: str | None = None, unit: str = "") -> None:
        """With more of it."""
        if kgco2e is not None:
            self.kgco2e = (self.kgco2e or _ZERO) + Decimal(kgco2e)
        if amount is not None:
            self.amounts[unit] = self.amounts.get(unit, _ZERO) + Decimal(amount)


class Shares(dict[str, Share]):
    """Parts by name."""

    def of(self, name: str) -> Share:
        """The part of that name."""
        return self.setdefault(name, Share(name))

    def largest_first(self) -> list[Share]:
        """The parts, what emits most first."""
        return sorted(self.values(), key=lambda one: (-(one.kgco2e or _ZERO), one.name))


@dataclass(slots=True)
class Paper:
    """What a report says.

    Attributes:
        extract: What it is about.
        rows: The batches that are summed.
        open: Those that are not final, and not summed.
        processes: Sums by process,
        carriers: by carrier,
        gases: by gas,
        rules: and by the rule by which lines are attributed.
        meters: What each meter counted of it.
        exempted: What each batch leaves out.
        factors: Every factor used.
        qualities: Emissions on measured, interpolated and estimated amounts. [kgCO2e]
        problems: What is wrong, by code: how often, and the first.
        burdens: Water and pollution of each batch, and its mass.
        shares: Metered and primary share, weighed by what each batch carries. [kgCO2e]
        gwp_sets: Warming potentials of its factors.
    """

    extract: Extract
    rows: list[_Body] = field(default_factory=list)
    open: list[_Body] = field(default_factory=list)
    processes: Shares = field(default_factory=Shares)
    carriers: Shares = field(default_factory=Shares)
    gases: Shares = field(default_factory=Shares)
    rules: Shares = field(default_factory=Shares)
    meters: Shares = field(default_factory=Shares)
    exempted: list[_Body] = field(default_factory=list)
    factors: dict[str, _Body] = field(default_factory=dict)
    qualities: dict[str, Decimal] = field(default_factory=dict)
    problems: dict[str, tuple[int, _Body]] = field(default_factory=dict)
    burdens: list[tuple[dict[str, dict[str, Any] | None], Decimal]] = field(default_factory=list)
    shares: dict[str, Decimal] = field(default_factory=dict)
    gwp_sets: set[str] = field(default_factory=set)

    @property
    def members(self) -> list[Member]:
        """The batches that are summed, as a declared value weighs them."""
        return [
            Member(one["batch"], Decimal(one["total"]["kgco2e"]), Decimal(one["accepted_kg"] or 0))
            for one in self.rows
        ]

    @property
    def total(self) -> tuple[Decimal, Decimal, Decimal | None]:
        """Emissions, accepted mass, and their ratio. [kgCO2e, kg, kgCO2e/kg]"""
        found = article_per_kg((one.kgco2e, one.accepted_kg) for one in self.members)
        emitted, accepted, per_kg = found
        return emitted, accepted, None if per_kg is None else per_kg.quantize(_PER_KG)

    @property
    def spread(self) -> Spread | None:
        """How far the batches lie apart."""
        return spread(self.members)

    @property
    def water_and_pollution(self) -> dict[str, dict[str, Any] | None]:
        """What was measured beside carbon."""
        return together(self.burdens)

    @property
    def left_out(self) -> Sequence[Omission]:
        """What is left out, and what it may come to; of an article as it was declared."""
        declared = self.extract.declared
        if declared is None:
            return left_out(self.exempted, self.extract.estimates)
        return [
            Omission(
                one["why"],
                one["carrier"],
                one["unit"],
                None if one["amount"] is None else Decimal(one["amount"]),
                None if one["kgco2e"] is None else Decimal(one["kgco2e"]),
            )
            for one in declared["exempted"]["left_out"]
        ]

    def part(self, kgco2e: Decimal | None) -> Decimal:
        """An amount's part of the total."""
        whole = self.total[0]
        return ((kgco2e or _ZERO) / whole).quantize(_PART) if whole else _ZERO

    def add(self, body: _Body) -> None:
        """One more result."""
        if body["status"] != "final" and self.extract.kind != "batch":
            self.open.append(body)
            return
        self.rows.append(_row(body))
        for one in body["by_process"]:
            self.processes.of(one["process"]).add(one["kgco2e"])
        for one in body["by_carrier"]:
            self.carriers.of(one["carrier"]).add(one["kgco2e"], one["amount"], one["unit"])
        for one in body["by_gas"]:
            self.gases.of(one["gas"]).add(one["kgco2e"], one["kg"], "kg")
        for line in _lines(body):
            self._add_line(line)
        self._add_quality(body)
        self.factors |= {one["id"]: one for one in body["factors"]}
        self.exempted.append({"exempted": body["exempted"]})
        self.burdens.append((environment(body), Decimal(body["accepted_kg"] or 0)))
        self.gwp_sets.update(body["gwp"]["sets_in_factors"])

    def _add_quality(self, body: _Body) -> None:
        for one in body["problems"]:
            count, first = self.problems.get(one["code"], (0, one))
            self.problems[one["code"]] = (count + 1, first)
        for name in ("metered_share", "primary_data_share"):
            weighed = Decimal(body[name]) * Decimal(body["total"]["kgco2e"])
            self.shares[name] = self.shares.get(name, _ZERO) + weighed

    def _add_line(self, line: _Body) -> None:
        emitted = Decimal(line["kgco2e"] or 0)
        self.rules.of(line["rule"].partition(":")[0]).add(line["kgco2e"])
        for meter in line["from"].split(", "):
            amount = line["amount"] if meter == line["from"] else None
            self.meters.of(f"{line['carrier']}/{meter}").add(line["kgco2e"], amount, line["unit"])
        for name, share in line["quality"].items():
            weighed = emitted * Decimal(share)
            self.qualities[name] = self.qualities.get(name, _ZERO) + weighed


def paper(extract: Extract) -> Paper:
    """What a report about an extract says; its results are read once."""
    found = Paper(extract)
    for body in extract.results:
        found.add(body)
    return found


def _row(body: _Body) -> _Body:
    """What of a batch stands in the report: a month's bodies would fill a small box's memory."""
    ends = [run["end"] for run in body["runs"]]
    kept = ("batch", "article", "status", "revision", "accepted_kg", "total", "boundary", "method")
    return {name: body.get(name, "") for name in kept} | {
        "start": min((run["start"] for run in body["runs"]), default=None),
        "end": None if None in ends else max(ends, default=None),
    }


def _lines(body: _Body) -> Iterable[_Body]:
    for run in body["runs"]:
        yield from run["lines"]
    yield from body["idle"]
