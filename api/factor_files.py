"""The factor catalogue: CSV files in ``configs/factors/`` and in the mill's own ``factors/``.

A row without source, region or publication date does not load, nor does a mill's own without the
file that proves it.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from pathlib import Path

import orjson

from api.ledger.factors import BIOGENIC, CALORIFIC, UNSPLIT, Catalogue, Factor, by_heat, clashes
from collector.wire.problem import Problem, Refused

EDITIONS = ("ar4", "ar5", "ar6")
_BESIDE = ("gwp.csv", "parameters.csv")
_SOURCES = ("publisher", "document", "source_url", "confidence", "licence", "notes", "value_unit")
_REQUIRED = ("id", "carrier", "unit", "views", "component", "gas", "value", "region", "data_from",
             "published", "document", "source_url")  # fmt: skip
_MAY_BE_EMPTY = ("method", "name_en", "name_zh")
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "views": ("inventory", "footprint"),
    "component": ("direct", "upstream", "life_cycle", CALORIFIC),
    "method": ("location", "market"),
    "primary": ("yes", "no"),
}
GASES = ("CO2", "CH4", "CH4 non-fossil", "N2O", BIOGENIC, UNSPLIT)
_BURNT = ("CO2", "CH4", "N2O")
_COMMON: Mapping[str, str] = {"CH4": "CH4 fossil"}
"""How factors call a gas that the potentials call otherwise: CH4 of fossil fuels (decision 12)."""


def catalogue(shipped: Path, own: Path | None = None) -> Catalogue:
    """The shipped factors, and a mill's own beside them.

    Args:
        shipped: ``configs/factors``.
        own: ``factors`` of the mill's configuration; need not exist.

    Raises:
        Refused: A row cannot stand, or two claim the same place.
    """
    editions = {edition: warming_potentials(shipped, edition) for edition in EDITIONS}
    factors = [*load(shipped, own), *_topped_up(shipped)]
    factors += by_heat(factors)
    problems = clashes(factors)
    if problems:
        raise Refused(*problems)
    return Catalogue(tuple(factors), editions, _digest(factors, editions))


def joined(known: Catalogue, rows: Iterable[Mapping[str, str]]) -> Catalogue:
    """A catalogue with rows beside it that people entered, each with its proof.

    Raises:
        Refused: A row cannot stand, or two claim the same place.
    """
    own = [entered(row) for row in rows]
    factors = [*known.factors, *own]
    names = {one.id for one in factors}
    factors += [one for one in by_heat(factors) if one.id not in names]
    problems = clashes(factors)
    if problems:
        raise Refused(*problems)
    return Catalogue(tuple(factors), known.editions, _digest(factors, known.editions))


def entered(row: Mapping[str, str]) -> Factor:
    """A row that somebody entered; ValueError where it cannot stand."""
    said = dict.fromkeys(_MAY_BE_EMPTY, "") | dict(row)
    if not said.get("evidence"):
        raise ValueError(f"{row.get('id')} has no evidence")
    return _factor(said, said["evidence"])


def load(shipped: Path, own: Path | None = None) -> tuple[Factor, ...]:
    """Read every ``*.csv`` of the folders that holds factors.

    Raises:
        Refused: A row lacks its source or a number, or two rows claim the same place.
    """
    found = list(_rows(shipped))
    if own is not None and own.is_dir():
        found += _rows(own, evidence=own)
    factors = [one for one in found if isinstance(one, Factor)]
    problems = [one for one in found if isinstance(one, Problem)] + clashes(factors)
    if problems:
        raise Refused(*problems)
    return tuple(factors)


def warming_potentials(folder: Path, edition: str = "ar6") -> Mapping[str, Decimal]:
    """Kilograms of CO2e per kilogram of each gas, GWP100, by the names that factors use.

    CH4 without more is fossil: fuels that grew lately say ``CH4 non-fossil``.
    """
    with (folder / "gwp.csv").open(encoding="utf-8", newline="") as file:
        table = {row["gas"]: Decimal(row[edition]) for row in csv.DictReader(file)}
    fossil = {gas: table[name] for gas, name in _COMMON.items()}
    return table | fossil | {UNSPLIT: Decimal(1), BIOGENIC: Decimal(0)}


def _topped_up(folder: Path) -> list[Factor]:
    """Refrigerants and the like: what is filled up has leaked, kilogram by kilogram (rule 16)."""
    with (folder / "gwp.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["gas"].startswith(_BURNT)]
    never = date(1970, 1, 1)  # a definition has no data year
    source = dict.fromkeys((*_SOURCES, "evidence"), "") | {
        "document": "What is topped up has leaked: a definition",
        "value_unit": "kg/kg",
        "confidence": "confirmed",
    }
    return [
        Factor(
            id=f"top-up-{name}",
            carrier=name,
            unit="kg",
            views=_KNOWN["views"],
            component="direct",
            method="",
            gas=row["gas"],
            value=Decimal(1),
            region="GLOBAL",
            data_from=never,
            published=never,
            names=dict.fromkeys(("en", "zh"), row["gas"]),
            source=source | {"source_url": row["source"]},
        )
        for row in rows
        for name in [row["gas"].partition(" ")[0].lower()]
    ]


def _rows(folder: Path, evidence: Path | None = None) -> Iterator[Factor | Problem]:
    for path in sorted(folder.glob("*.csv")):
        if path.name in _BESIDE:
            continue
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                try:
                    yield _factor(row, "" if evidence is None else _proof(row, evidence))
                except ValueError as fault:
                    where = f"{path}:{number}"
                    yield Problem("bad-factor", where, None, {"why": str(fault)})


def _factor(row: Mapping[str, str], evidence: str) -> Factor:
    _check(row)
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
        source={name: row.get(name, "") for name in _SOURCES} | {"evidence": evidence},
        gwp_set=row.get("gwp_set", ""),
        primary=row.get("primary") == "yes",
    )


def _check(row: Mapping[str, str]) -> None:
    missing = [name for name in _REQUIRED if not row.get(name)]
    missing += [name for name in _MAY_BE_EMPTY if row.get(name) is None]
    if missing:
        raise ValueError(f"{row.get('id') or 'a row'} has no {missing[0]}")
    for name, known in _KNOWN.items():
        for word in row.get(name, "").split():
            if word not in known:
                raise ValueError(f"{name} {word!r} is none of {', '.join(known)}")
    if row["gas"] not in (*GASES, "GJ"):
        raise ValueError(f"gas {row['gas']!r} is none of {', '.join(GASES)}")
    if (row["gas"] == "GJ") != (row["component"] == CALORIFIC):
        raise ValueError(f"{row['id']}: GJ per unit is what a {CALORIFIC} row gives, and no other")


def _proof(row: Mapping[str, str], folder: Path) -> str:
    """Name and SHA-256 of the file that proves a mill's own row."""
    name = row.get("evidence", "")
    path = folder / name
    if not name or not path.is_file() or path.resolve().parent != folder.resolve():
        raise ValueError(f"{row['id']} has no evidence: {name or 'no file'} is not in {folder}")
    return f"{name} sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ValueError(f"value {text!r} is no number")
    return value


def _digest(factors: Sequence[Factor], editions: Mapping[str, Mapping[str, Decimal]]) -> str:
    named = attrgetter(*(field.name for field in fields(Factor)))
    rows = sorted(map(named, factors), key=lambda row: str(row[0]))
    text = orjson.dumps([rows, editions], default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()
