"""Alarms: what is called out, what it costs, and when it is over. Pure.

A rule is a file in ``rules/``: a frozen dataclass, whose fields are the keys of its table in
``alarms.toml``, and which finds in the `Facts` of a moment whatever it is there to find.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeAlias

from api.golden import Golden, Key
from collector.wire.problem import Problem

_MILLIGRAM = Decimal("1e-6")
_WATT_HOUR = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Cost:
    """What something costs as long as it lasts; None where nobody can say."""

    kgco2e: Decimal | None = None
    kwh: Decimal | None = None

    @classmethod
    def of(cls, kgco2e: Decimal | None, kwh: Decimal | None) -> "Cost":
        """In whole milligrams and watt hours."""
        return cls(
            None if kgco2e is None else kgco2e.quantize(_MILLIGRAM),
            None if kwh is None else kwh.quantize(_WATT_HOUR),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found in a moment.

    Attributes:
        rule: The rule's name.
        subject: The batch, machine, device or supply that it is about.
        problem: What is said of it.
        cost: What it has cost by now.
    """

    rule: str
    subject: str
    problem: Problem
    cost: Cost


@dataclass(frozen=True, slots=True)
class Load:
    """What a batch that is on a machine carries so far.

    Attributes:
        batch: Which.
        article: Of which article; empty where nobody entered it.
        machine: Where it is.
        process: What is done there now.
        mass_kg: What the batch weighs. [kg]
        whole: All that it carries,
        in_process: what it carries of this process,
        on_machine: and of this machine, idling before it included.
    """

    batch: str
    article: str
    machine: str
    process: str
    mass_kg: Decimal
    whole: Cost
    in_process: Cost
    on_machine: Cost


@dataclass(frozen=True, slots=True)
class Heard:
    """A device, and since when nothing that is worth anything came of it.

    Attributes:
        device: Which.
        last: Its last good value; None where there never was one.
        per_hour: What its counter counted in an hour before that. [stored unit/h]
        carrier: What it counts; empty where it has no counter.
        awaited: Since when one that never spoke is waited for.
    """

    device: str
    last: datetime | None
    per_hour: Decimal = Decimal(0)
    carrier: str = ""
    awaited: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A machine without a batch.

    Attributes:
        machine: Which.
        since: When its last run ended.
        used: What its meters counted since then, by carrier. [stored unit]
    """

    machine: str
    since: datetime
    used: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Passed:
    """What came in by a supply in the last day, and what of it the meters behind it saw.

    Attributes:
        supply: Which.
        carrier: What.
        came: Through the main meters. [stored unit]
        seen: By all meters right behind them.
    """

    supply: str
    carrier: str
    came: Decimal
    seen: Decimal


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so at a moment.

    Attributes:
        now: The moment.
        loads: Every batch that is on a machine.
        heard: Every device of the plant.
        standing: Every machine without a batch.
        passed: Every supply that has meters behind it.
        golden: References, by article and process.
        prices: kgCO2e per stored unit of each carrier, as lately carried.
    """

    now: datetime
    loads: tuple[Load, ...] = ()
    heard: tuple[Heard, ...] = ()
    standing: tuple[Standing, ...] = ()
    passed: tuple[Passed, ...] = ()
    golden: Mapping[Key, Golden] = field(default_factory=dict)
    prices: Mapping[str, Decimal] = field(default_factory=dict)

    def cost(self, used: Mapping[str, Decimal]) -> Cost:
        """What amounts by carrier come to; unknown where one of them has no price."""
        known = all(carrier in self.prices for carrier, amount in used.items() if amount)
        kgco2e = sum(
            (amount * self.prices.get(carrier, Decimal(0)) for carrier, amount in used.items()),
            Decimal(0),
        )
        return Cost.of(kgco2e if known else None, used.get("electricity"))


class Rule(Protocol):
    """What every rule is."""

    def find(self, name: str, facts: Facts) -> list[Finding]:
        """What it finds; `name` is the rule's own."""


Rules: TypeAlias = Mapping[str, Rule]


def find(rules: Rules, facts: Facts) -> list[Finding]:
    """What all rules find."""
    return [one for name, rule in rules.items() for one in rule.find(name, facts)]
