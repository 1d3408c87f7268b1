"""``[meters."device.point"]``: what is declared of a counter by itself, and where it stands."""

from dataclasses import dataclass
from decimal import Decimal

from api.ledger.plant import Meter
from api.plant.findings import Findings
from api.plant.supplies import UNMETERED
from collector import toml_files


@dataclass(frozen=True, slots=True)
class _Meter:
    behind: str | None = None
    class_percent: float | int | None = None
    unmetered: str = "stand"


def read_meter(name: str, raw: object, findings: Findings) -> Meter:
    """A counter from its table; its class is its permissible error. [% of what it shows]"""
    where = f'{findings.path}  [meters."{name}"]'
    table = toml_files.shape(_Meter, raw, where)
    findings.check_choice(table.unmetered, UNMETERED, f"{where} unmetered")
    percent = table.class_percent
    if percent is not None and not 0 < percent < 100:
        findings.wrong(f"{where} class_percent", str(percent), "a class is above 0 and below 100 %")
    accuracy = None if percent is None else Decimal(str(percent))
    return Meter(name, table.behind, accuracy, table.unmetered)
