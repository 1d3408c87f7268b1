"""Factors (rules 17 to 20): which row prices a carrier, and why that one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from collector.wire.problem import Problem

UNSPLIT = "CO2e"
"""What a factor is of that does not give its gases apart."""
BIOGENIC = "CO2 biogenic"
"""Carbon that grew lately: its kilograms are said, and are no part of any total (rule 20)."""
CALORIFIC = "calorific"
"""Component of a row that prices nothing itself: gigajoules in a unit of a fuel."""
LATEST = "ar6"


@dataclass(frozen=True, slots=True)
class Factor:
    """One row of the catalogue.

    Attributes:
        id: Its name.
        carrier: What it prices.
        unit: Per which stored unit of the carrier.
        views: ``inventory``, ``footprint`` or both; they are never mixed (rule 18).
        component: ``direct``, ``upstream``, ``life_cycle`` or ``calorific``.
        method: ``location`` or ``market`` for electricity; empty for others.
        gas: A gas of the warming potentials, or CO2e where the row does not split.
        value: Kilograms of that gas per unit.
        region: ISO 3166-2, or GLOBAL.
        data_from: First day of its data year.
        published: When it was published.
        names: Name by language.
        source: Publisher, document, address, confidence and notes, as the catalogue gives them.
        gwp_set: With which potentials a CO2e row was characterised, as its document says.
        primary: Whether it was measured for this mill or by its supplier (rule 26).
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
    gwp_set: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The factors and warming potentials in use.

    Attributes:
        factors: Every row, the mill's own among them.
        editions: Kilograms of CO2e per kilogram of each gas, by edition: ar4, ar5, ar6.
        digest: SHA-256 of all of it: two results with the same one were priced alike.
    """

    factors: tuple[Factor, ...]
    editions: Mapping[str, Mapping[str, Decimal]]
    digest: str

    @property
    def gwp(self) -> Mapping[str, Decimal]:
        """The latest edition, which results are kept in."""
        return self.editions[LATEST]


@dataclass(frozen=True)
class Part:
    """One factor of a price, with its characterisation."""

    factor: Factor
    gwp: Decimal
    why: str

    @cached_property
    def kgco2e(self) -> Decimal:
        """Per unit of the carrier."""
        return self.factor.value * self.gwp

    @cached_property
    def as_it_is(self) -> bool:
        """Whether its kilograms are of CO2e already, as most factors' are."""
        return self.gwp == 1


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
        edition: Of the warming potentials.
    """

    view: str
    method: str
    region: str
    about: datetime
    asked: datetime
    edition: str = LATEST


@dataclass
class Prices:
    """The prices of a catalogue, each found once: a year of batches asks for the same few."""

    catalogue: Catalogue
    _known: dict[tuple[object, ...], tuple[Price, list[Problem]]] = field(default_factory=dict)

    def of(
        self, wanted: Iterable[tuple[str, str]], q: Question
    ) -> tuple[dict[tuple[str, str], Price], list[Problem]]:
        """Price of each carrier per unit, and what is wrong with them."""
        prices: dict[tuple[str, str], Price] = {}
        problems: list[Problem] = []
        question = (q.view, q.method, q.region, q.about.date(), q.asked.date(), q.edition)
        for carrier, unit in wanted:
            key = (carrier, unit, *question)
            if key not in self._known:
                rows, gwp = self.catalogue.factors, self.catalogue.editions[q.edition]
                self._known[key] = price(carrier, unit, rows, gwp, q)
            prices[carrier, unit], found = self._known[key]
            problems += found
        return prices, problems


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
        and row.component != CALORIFIC
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
        f"latest published ({best.published}) when it was computed; "
        f"{others} other row(s) stood back"
    )


def clashes(catalogue: Sequence[Factor]) -> list[Problem]:
    """Rows that may not stand: two that claim the same place, and CO2-only grid footprints."""
    problems = []
    seen: dict[tuple[object, ...], str] = {}
    for row in catalogue:
        if row.carrier.startswith("electricity") and "footprint" in row.views and row.gas == "CO2":
            problems.append(Problem("co2-factor-in-footprint", row.id))
        for view in row.views:
            place = (row.carrier, row.unit, view, row.component, row.method, row.gas, row.region)
            key = (*place, row.data_from)
            if key in seen:
                problems.append(Problem("factors-overlap", row.id, None, {"other": seen[key]}))
            seen[key] = row.id
    return problems


def by_heat(rows: Sequence[Factor]) -> list[Factor]:
    """Rows per unit of a fuel from its measured calorific value and the rows per gigajoule.

    Of each gas and component the row of the narrowest region is taken. [GJ/unit × kg/GJ = kg/unit]
    """
    found = []
    for heat in (row for row in rows if row.component == CALORIFIC):
        groups: dict[tuple[str, str], list[Factor]] = {}
        for row in rows:
            usable = row.carrier == heat.carrier and row.unit == "GJ"
            if usable and _specific(row, heat.region):
                groups.setdefault((row.component, row.gas), []).append(row)
        found += [_burnt(heat, _best(group, heat.region)) for group in groups.values()]
    return found


def _burnt(heat: Factor, row: Factor) -> Factor:
    documents = f"{heat.source['document']} × {row.source['document']}"
    return replace(
        row,
        id=f"{heat.id}*{row.id}",
        unit=heat.unit,
        value=heat.value * row.value,
        region=heat.region,
        data_from=max(heat.data_from, row.data_from),
        published=max(heat.published, row.published),
        source=dict(row.source)
        | {"document": documents, "value_unit": f"kg{row.gas}/{heat.unit}"}
        | {"evidence": heat.source["evidence"]},
        primary=heat.primary and row.primary,
    )
