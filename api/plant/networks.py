"""``[networks.…]``: terms of a carrier that flows from those who make it to those who take it."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from api.ledger.plant import Heat, Network
from api.ledger.steam import HIGHEST_C, HIGHEST_KPA_ABS, LOWEST_KPA_ABS
from api.plant.findings import Findings
from api.plant.windows import read_window
from collector import toml_files

_NOT_ABSOLUTE = "a network's pressure is absolute: name a point that ends in _kpa_abs"


@dataclass(frozen=True, slots=True)
class _Network:
    losses: str = "consumers"
    basis: str = "mass"
    pressure: str | None = None
    temperature: str | None = None
    pressure_kpa_abs: float | int | None = None
    temperature_c: float | int | None = None
    dryness: float | int = 1
    feed_heat: str | None = None
    feed_kj_per_kg: float | int | None = None
    condensate_c: float | int = 100
    balance_over: str | None = None


def read_network(name: str, raw: object, findings: Findings, made: Collection[str]) -> Network:
    """A network from its table.

    Args:
        name: The carrier that flows in it.
        raw: The table.
        findings: What is wrong.
        made: Carriers that utilities make: their windows are the utilities'.
    """
    where = f"{findings.path}  [networks.{name}]"
    table = toml_files.shape(_Network, raw, where)
    findings.check_choice(table.losses, ("consumers", "overhead"), f"{where} losses")
    findings.check_choice(table.basis, ("mass", "heat"), f"{where} basis")
    findings.check_carrier(name, where)
    if table.basis == "heat" and name != "steam":
        findings.wrong(f"{where} basis", "'heat'", "only steam is told by heat from its mass")
    heat = _read_heat(table, findings, where) if table.basis == "heat" else None
    over = read_window(table.balance_over, findings, where, monthly=False)
    if table.balance_over and name in made:
        why = "the utilities that make it say so"
        findings.wrong(f"{where} balance_over", repr(table.balance_over), why)
    return Network(name, table.losses, heat, over)


def _read_heat(table: _Network, findings: Findings, where: str) -> Heat | None:
    """How heat is told from mass; everything that decides a number must be said."""
    if table.pressure and not table.pressure.endswith("_kpa_abs"):
        findings.wrong(f"{where} pressure", repr(table.pressure), _NOT_ABSOLUTE)
    if table.pressure_kpa_abs is None:
        findings.wrong(where, "basis = 'heat'", "say pressure_kpa_abs, for where no gauge tells")
        return None
    findings.check_choice(str(table.feed_heat), ("subtract", "ignore"), f"{where} feed_heat")
    subtract = table.feed_heat == "subtract"
    if subtract != (table.feed_kj_per_kg is not None):
        why = "subtract needs feed_kj_per_kg, and ignore has no use for it"
        findings.wrong(f"{where} feed_heat", repr(table.feed_heat), why)
    limits = (
        ("pressure_kpa_abs", table.pressure_kpa_abs, LOWEST_KPA_ABS, HIGHEST_KPA_ABS),
        ("temperature_c", table.temperature_c, 0, HIGHEST_C),
        ("dryness", table.dryness, 0, 1),
        ("feed_kj_per_kg", table.feed_kj_per_kg, 0, 1000),
        ("condensate_c", table.condensate_c, 1, 200),
    )
    before = len(findings.problems)
    for key, number, least, most in limits:
        if number is not None and not least <= number <= most:
            findings.wrong(f"{where} {key}", str(number), f"it is from {least} to {most}")
    if len(findings.problems) > before:
        return None
    return Heat(
        pressure_kpa_abs=_decimal(table.pressure_kpa_abs),
        temperature_c=None if table.temperature_c is None else _decimal(table.temperature_c),
        dryness=_decimal(table.dryness),
        pressure=table.pressure,
        temperature=table.temperature,
        feed_heat=str(table.feed_heat),
        feed_kj_per_kg=_decimal(table.feed_kj_per_kg or 0),
        condensate_c=_decimal(table.condensate_c),
    )


def _decimal(number: float) -> Decimal:
    return Decimal(str(number))
