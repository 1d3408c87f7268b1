"""The factor catalogue: CSV files in ``configs/factors/``, and the warming potentials beside them.

A row without source, region or publication date does not load.
"""

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from api.ledger.factors import UNSPLIT, Factor, clashes
from collector.wire.problem import Problem, Refused

_SOURCES = ("publisher", "document", "source_url", "confidence", "licence", "notes", "value_unit")
_REQUIRED = ("id", "carrier", "unit", "views", "component", "gas", "value", "region", "data_from",
             "published", "document", "source_url")  # fmt: skip
_MAY_BE_EMPTY = ("method", "name_en", "name_zh")
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "views": ("inventory", "footprint"),
    "component": ("direct", "upstream", "life_cycle"),
    "method": ("location", "market"),
    "gas": ("CO2", "CH4", "CH4 non-fossil", "N2O", UNSPLIT),
}


def load(folder: Path) -> tuple[Factor, ...]:
    """Read every ``*.csv`` of the folder but ``gwp.csv``.

    Raises:
        Refused: A row lacks its source or a number, or two rows claim the same place.
    """
    rows: list[Factor] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.csv")):
        if path.name == "gwp.csv":
            continue
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                try:
                    rows.append(_factor(row))
                except ValueError as fault:
                    where = f"{path}:{number}"
                    problems.append(Problem("bad-factor", where, None, {"why": str(fault)}))
    problems += clashes(rows)
    if problems:
        raise Refused(*problems)
    return tuple(rows)


def warming_potentials(folder: Path, edition: str = "ar6") -> Mapping[str, Decimal]:
    """Kilograms of CO2e per kilogram of each gas that the catalogue uses, GWP100.

    CH4 is that of fossil fuels; what wastewater gives off is ``CH4 non-fossil``.
    """
    with (folder / "gwp.csv").open(encoding="utf-8", newline="") as file:
        table = {row["gas"]: Decimal(row[edition]) for row in csv.DictReader(file)}
    return {
        "CO2": table["CO2"],
        "CH4": table["CH4 fossil"],
        "CH4 non-fossil": table["CH4 non-fossil"],
        "N2O": table["N2O"],
        "CO2e": Decimal(1),
    }


def _factor(row: Mapping[str, str]) -> Factor:
    for name in _REQUIRED:
        if not row.get(name):
            raise ValueError(f"{row.get('id') or 'a row'} has no {name}")
    for name in _MAY_BE_EMPTY:
        if row.get(name) is None:
            raise ValueError(f"{row['id']} has no {name}")
    for name, known in _KNOWN.items():
        words = row[name].split() if name == "views" else [row[name]] if row[name] else []
        for word in words:
            if word not in known:
                raise ValueError(f"{name} {word!r} is none of {', '.join(known)}")
    return Factor(
        id=row["id"],
        carrier=row["carrier"],
        unit=row["unit"],
        views=tuple(row["views"].split()),
        component=row["component"],
        method=row["method"],
        gas=row["gas"],
        value=_number(row["value"]),
        region=row["region"],
        data_from=date.fromisoformat(row["data_from"]),
        published=date.fromisoformat(row["published"]),
        names={"en": row["name_en"], "zh": row["name_zh"]},
        source={name: row.get(name, "") for name in _SOURCES},
    )


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ValueError(f"value {text!r} is no number")
    return value
