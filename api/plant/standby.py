"""``standby = { to = …, max = … }``: who carries what idles, of a machine or a shared meter."""

from dataclasses import dataclass

from api.ledger.plant import Standby
from api.plant.findings import Findings
from api.plant.units import duration
from collector.wire.problem import Problem

_TO = ("next-batch", "shift", "overhead")


@dataclass(frozen=True, slots=True)
class StandbyTable:
    """As the file has it."""

    to: str = "next-batch"
    max: str = "4h"


def read_standby(table: StandbyTable, where: str, findings: Findings) -> Standby:
    """Standby from its table."""
    if table.to not in _TO:
        findings.problems.append(Problem("unknown-standby", where, None, {"to": table.to}))
    return Standby(table.to, duration(table.max, f"{where} standby.max"))
