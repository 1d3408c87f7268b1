"""``[meters."device.point"]``: the register of meters (rule 24)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from api.ledger.meter import Meter
from api.plant.findings import Findings
from api.plant.supplies import UNMETERED
from collector import toml_files

_CLASSES = {"A": "0.02", "B": "0.01", "C": "0.005"}
"""Active energy meters by EN 50470 / MID: limits at reference conditions and rated current."""


@dataclass(frozen=True, slots=True)
class _Meter:
    serial: str = ""
    accuracy_class: str = ""
    ct: str = ""
    pt: str = ""
    certificate: str = ""
    certificate_expires: date | None = None
    rated_kw: float | int | None = None
    limit: float | int | None = None
    behind: str = ""
    unmetered: str = "stand"


def read_meter(ref: str, raw: object, findings: Findings) -> Meter:
    """A meter from its table."""
    where = f'{findings.path}  [meters."{ref}"]'
    named = dict(raw) if isinstance(raw, dict) else raw
    if isinstance(named, dict) and "class" in named:
        named["accuracy_class"] = named.pop("class")
    table = toml_files.shape(_Meter, named, where)
    findings.check_choice(table.unmetered, UNMETERED, f"{where} unmetered")
    return Meter(
        ref=ref,
        serial=table.serial,
        accuracy=_accuracy(table.accuracy_class, where, findings),
        accuracy_class=table.accuracy_class,
        ct=table.ct,
        pt=table.pt,
        certificate=table.certificate,
        certificate_expires=table.certificate_expires,
        rated_kw=_number(table.rated_kw, f"{where} rated_kw", findings),
        limit=_number(table.limit, f"{where} limit", findings),
        behind=table.behind,
        unmetered=table.unmetered,
    )


def _accuracy(text: str, where: str, findings: Findings) -> Decimal | None:
    """Limit of error of a class: a letter of MID, or percent as in ``1`` and ``0.5S``. [share]"""
    if not text:
        return None
    try:
        percent = Decimal(text.removesuffix("S")) / 100
    except InvalidOperation:
        percent = Decimal(_CLASSES.get(text, "NaN"))
    if not percent.is_finite() or not 0 < percent < 1:
        findings.wrong(f"{where} class", repr(text), "a class is A, B, C or percent such as 0.5S")
        return None
    return percent


def _number(value: float | None, where: str, findings: Findings) -> Decimal | None:
    if value is None:
        return None
    number = Decimal(repr(value))
    if not number.is_finite() or number <= 0:
        findings.wrong(where, repr(value), "it is more than 0")
        return None
    return number
