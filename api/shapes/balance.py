"""Shapes of a balance, of closed months and of what waits for a person."""

from typing import Literal

from api.shapes import At, Change, Exact, Shape, View, says
from api.shapes.footprint import Difference, MadeWith
from api.shapes.problems import DataProblem

Month = says("Which", pattern=r"^\d{4}-\d{2}$", examples=["2026-03"])


class Posted(Shape):
    """What went to an account."""

    account: str = says("run, standby, overhead, unmetered, exported, held …")
    amount: Exact = says("How much [the meter's unit]")


class MeterBalance(Shape):
    """Where a meter's amount went."""

    meter: str = says("device.point")
    carrier: str = says("What it counts")
    unit: str = says("Its unit")
    start: Exact = says("Its register at the beginning [unit]")
    end: Exact = says("And at the end [unit]")
    counted: Exact = says("What it counted [unit]", alias="register")
    posted: Exact = says("What was posted of that [unit]")
    difference: Exact = says("0, or the ledger is wrong [unit]")
    accounts: list[Posted] = says("To which accounts")


class SupplyBalance(Shape):
    """Where a supply went."""

    supply: str = says("Which")
    carrier: str = says("What it brings")
    unit: str = says("Of the amount")
    amount: Exact = says("How much came in [unit]")
    kgco2e: Exact | None = says("What that emits; null without a factor [kgCO2e]")
    to: list[Posted] = says("To which accounts")


class Flow(Shape):
    """A band between two places."""

    start: str = says("supply:grid, utility:boiler-1, process:…")
    end: str = says("batch:B2409, batches:12, standby:, loss:, open: …")
    carrier: str = says("What flows")
    unit: str = says("Of the amount")
    amount: Exact = says("How much [unit]")
    kgco2e: Exact | None = says("What it carries; null without a factor [kgCO2e]")
    meters: list[str] = says("Meters that saw it")


class PartOfBalance(Shape):
    """The balance of a time in which the plant stayed as it was."""

    start: At = says("Beginning", alias="from")
    end: At = says("End", alias="to")
    meters: list[MeterBalance] = says("Meter by meter")
    supplies: list[SupplyBalance] = says("Supply by supply")
    flows: list[Flow] = says("From supplies into processes and batches")
    problems: list[DataProblem] = says("What is wrong with the data")


class Balance(PartOfBalance):
    """Where every meter's amount went."""

    parts: list[PartOfBalance] | None = says("Where the plant changed meanwhile", default=None)


class KeptBalance(Shape):
    """A month's balance as it was kept at an instant."""

    month: str = Month
    revision: int = says("Of its totals, from 1")
    computed_at: At = says("When they were computed")
    reason: str = says("Why")
    as_of: At = says("The instant that was asked for")
    parts: list[PartOfBalance] = says("One for each plant of the month")


class BatchOfMonth(Shape):
    """A batch that ended in a month."""

    batch: str = says("Which")
    revision: int = says("The revision that was summed")
    kgco2e: Exact | None = says("Its total [kgCO2e]")


class Totals(Shape):
    """The totals of a month as they were kept."""

    month: str = Month
    revision: int = says("From 1")
    computed_at: At = says("When they were computed")
    reason: str = says("Why there is a new one")
    difference: Difference | None = says("From which revision, and by how much")
    made_with: MadeWith | None = says("What they were made with")
    balance: list[PartOfBalance] = says("One for each plant of the month")
    batches: list[BatchOfMonth] = says("Batches that ended in it")
    batches_kgco2e: Exact = says("Their sum [kgCO2e]")


class ClosedMonth(Shape):
    """A month that is closed."""

    month: str = Month
    closed_at: At = says("When")
    closed_by: str = says("By whom")


class ClosedMonthWhy(ClosedMonth):
    """A month that is closed, and why."""

    why: str = says("The reason")


class Periods(Shape):
    """Months that are closed."""

    periods: list[ClosedMonthWhy] = says("The last one first")


class KeptTotal(Shape):
    """A month's total as it was kept."""

    revision: int = says("From 1")
    computed_at: At = says("When it was computed")
    reason: str = says("Why there is a new one")
    kgco2e: Exact = says("Of all batches that ended in it [kgCO2e]")
    digest: str = says("SHA-256 of the totals; the month's report on paper bears it")


class MonthStanding(Shape):
    """How a month stands."""

    month: str = Month
    start: At = says("Its beginning in site time", alias="from")
    end: At = says("Its end", alias="to")
    over: bool = says("Whether it is over")
    closed: ClosedMonthWhy | None = says("Who closed it; null while it is open")
    final: int = says("How many batches that ended in it are final")
    unfinished: list[str] = says("Batches that ended in it and are not final as they stand")
    unweighed: list[str] = says("Final batches without an accepted mass")
    kgco2e: Exact = says("Of its final batches [kgCO2e]")
    accepted_kg: Exact = says("Of its final batches [kg]")
    kgco2e_per_kg: Exact | None = says("One by the other; null where nothing was accepted")
    kept: list[KeptTotal] = says("Its totals as they were kept, the newest first")
    waiting: list[int] = says("Restatements that touch its batches and wait for a person")


class RestatedLine(Shape):
    """What a restatement changes about a batch."""

    batch: str = says("Which")
    view: View = says("Of which view")
    from_revision: int | None = says("The revision that counts until then")
    kgco2e_from: Exact | None = says("From how much [kgCO2e]")
    kgco2e_to: Exact = says("To how much [kgCO2e]")
    difference: Change | Exact | None = says("By how much [kgCO2e]")
    accepted_kg_from: Exact | None = says("What it weighs until then [kg]; null of other prices")
    accepted_kg_to: Exact | None = says("What it weighs by this [kg]; null of other prices")
    kgco2e_per_kg_from: Exact | None = says("From how much a kilogram [kgCO2e/kg]")
    kgco2e_per_kg_to: Exact | None = says("To how much a kilogram [kgCO2e/kg]")


class Restatement(Shape):
    """A change that a person posts or rejects."""

    id: int = says("Its number")
    state: Literal["pending", "posted", "rejected", "direct", "superseded"] = says("How it stands")
    made_at: At = says("When it was found")
    reason: str = says("Why, several by comma")
    detail: dict[str, object] | str = says("What it came from")
    decided_at: At | None = says("When somebody decided")
    decided_by: str | None = says("Who")
    why: str | None = says("What they said")
    pending: bool = says("Whether it waits")
    batches: list[RestatedLine] = says("Batch by batch, view by view")


class Restatements(Shape):
    """What waits for a person."""

    restatements: list[Restatement] = says("In the order in which they were found")


class FactorChanges(Shape):
    """What newer factors would touch."""

    factors: str = says("SHA-256 of the factor set that holds")
    changes: list[Restatement] = says("What waits because of newer ones")
