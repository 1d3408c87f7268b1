"""Factors (rules 17 to 20): which row prices a carrier, and why that one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from collector.wire.problem import Problem

UNSPLIT = "CO2e"
"""What a factor is of that does not give its gases apart."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One row of the catalogue.

    Attributes:
        id: Its name.
        carrier: What it prices.
        unit: Per which stored unit of the carrier.
        views: ``inventory``, ``footprint`` or both; they are never mixed (rule 18).
        component: ``direct``, ``upstream`` or ``life_cycle``.
        method: ``location`` or ``market`` for electricity; empty for others.
        gas: CO2, CH4, N2O, or CO2e where the row does not split.
        value: Kilograms of that gas per unit.
        region: ISO 3166-2, or GLOBAL.
        data_from: First day of its data year.
        published: When it was published.
        names: Name by language.
        source: Publisher, document, address, confidence and notes, as the catalogue gives them.
    """

    id: str
    carrier: str
    unit: str
    views: tuple[str, ...]
    component: str
    method: str
    gas: str
    value: Decimal
    region: str
    data_from: date
    published: date
    names: Mapping[str, str]
    source: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One factor of a price, with its characterisation."""

    factor: Factor
    gwp: Decimal
    why: str

    @property
    def kgco2e(self) -> Decimal:
        """Per unit of the carrier."""
        return self.factor.value * self.gwp


@dataclass(frozen=True, slots=True)
class Price:
    """What a unit of a carrier emits.

    Attributes:
        carrier: Which.
        parts: The factors that make it up; empty where there is none.
        direct_only: Whether the upstream part is missing.
    """

    carrier: str
    parts: tuple[Part, ...]
    direct_only: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What a price is asked for.

    Attributes:
        view: ``inventory`` or ``footprint``.
        method: ``location`` or ``market``.
        region: The site's region.
        about: When the energy was used.
        asked: When the answer is computed: later publications are not used.
    """

    view: str
    method: str
    region: str
    about: datetime
    asked: datetime


def price(
    carrier: str, unit: str, catalogue: Sequence[Factor], gwp: Mapping[str, Decimal], q: Question
) -> tuple[Price, list[Problem]]:
    """What a carrier emits per unit.

    For each gas and component the narrowest region is taken, then the latest data year that was
    published by the time of computation (rule 19). A life-cycle row stands alone, and rows that
    split a component's gases never stand beside one that does not.

    Returns:
        The price; without parts, and with a problem, where no row applies: a missing factor is
        never zero.
    """
    rows = [row for row in catalogue if _applies(row, carrier, unit, q)]
    if any(row.component == "life_cycle" for row in rows):
        rows = [row for row in rows if row.component == "life_cycle"]
    groups: dict[tuple[str, str], list[Factor]] = {}
    for row in _of_one_basis(rows, q.region):
        groups.setdefault((row.component, row.gas), []).append(row)
    parts = []
    for found in groups.values():
        best = _best(found, q.region)
        parts.append(Part(best, gwp[best.gas], _why(best, found, q)))
    components = {part.factor.component for part in parts}
    direct_only = q.view == "footprint" and components == {"direct"}
    problems = []
    if not parts:
        values = {"carrier": carrier, "unit": unit, "region": q.region, "view": q.view}
        problems.append(Problem("factor-missing", carrier, None, values))
    elif direct_only:
        values = {"carrier": carrier, "region": q.region}
        problems.append(Problem("upstream-missing", carrier, None, values))
    return Price(carrier, tuple(parts), direct_only), problems


def _applies(row: Factor, carrier: str, unit: str, q: Question) -> bool:
    return (
        row.carrier == carrier
        and row.unit == unit
        and q.view in row.views
        and row.method in ("", q.method)
        and bool(_specific(row, q.region))
        and row.data_from <= q.about.date()
        and row.published <= q.asked.date()
    )


def _of_one_basis(rows: Sequence[Factor], region: str) -> list[Factor]:
    """Of each component the rows that split its gases, or those that do not: as its best does."""
    split = {
        component: _best([row for row in rows if row.component == component], region).gas != UNSPLIT
        for component in {row.component for row in rows}
    }
    return [row for row in rows if (row.gas != UNSPLIT) == split[row.component]]


def _best(rows: Sequence[Factor], region: str) -> Factor:
    return max(rows, key=lambda row: (len(_specific(row, region)), row.data_from, row.id))


def _specific(row: Factor, region: str) -> str:
    """How narrowly a row's region fits: CN-ZJ before CN before GLOBAL; empty where it does not."""
    if row.region == "GLOBAL":
        return "*"
    return row.region if region == row.region or region.startswith(f"{row.region}-") else ""


def _why(best: Factor, found: Sequence[Factor], q: Question) -> str:
    others = len(found) - 1
    return (
        f"narrowest region for {q.region} is {best.region}; data year {best.data_from.year} is the "
        f"latest published ({best.published}) by {q.asked:%Y-%m-%d}; "
        f"{others} other row(s) stood back"
    )


def clashes(catalogue: Sequence[Factor]) -> list[Problem]:
    """Rows that may not stand: two that claim the same place, and CO2-only grid footprints."""
    problems = []
    seen: dict[tuple[object, ...], str] = {}
    for row in catalogue:
        if row.carrier == "electricity" and "footprint" in row.views and row.gas == "CO2":
            problems.append(Problem("co2-factor-in-footprint", row.id))
        for view in row.views:
            place = (row.carrier, row.unit, view, row.component, row.method, row.gas, row.region)
            key = (*place, row.data_from)
            if key in seen:
                problems.append(Problem("factors-overlap", row.id, None, {"other": seen[key]}))
            seen[key] = row.id
    return problems
