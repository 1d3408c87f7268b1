"""``[supplies.…]``: a carrier that comes into the mill."""

from dataclasses import dataclass

from api.ledger.plant import Supply
from api.plant.findings import Findings
from collector import toml_files
from collector.wire.problem import Problem


@dataclass(frozen=True, slots=True)
class _Supply:
    carrier: str
    meter: str | None = None
    meters: tuple[str, ...] = ()


def read_supply(name: str, raw: object, findings: Findings) -> Supply:
    """A supply from its table."""
    where = f"{findings.path}  [supplies.{name}]"
    table = toml_files.shape(_Supply, raw, where)
    meters = ((table.meter,) if table.meter else ()) + table.meters
    for meter in meters:
        findings.check_meter(table.carrier, meter, where)
    if not meters:
        findings.problems.append(Problem("supply-without-meter", where))
    return Supply(name, table.carrier, tuple(dict.fromkeys(meters)))
