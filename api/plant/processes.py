"""``[processes.…]``: what is declared of a process, and where that is from."""

from dataclasses import dataclass
from decimal import Decimal

from api.ledger.plant import Process
from api.plant.findings import Findings
from collector import toml_files


@dataclass(frozen=True, slots=True)
class _Process:
    source: str
    coefficient: float | int | None = None
    passes: float | int | None = None


def read_process(name: str, raw: object, findings: Findings) -> Process:
    """A process from its table."""
    where = f"{findings.path}  [processes.{name}]"
    table = toml_files.shape(_Process, raw, where)
    if not table.source.strip():
        findings.wrong(f"{where} source", repr(table.source), "name who measured or declared it")
    return Process(
        _positive(table.coefficient, f"{where} coefficient", findings),
        _positive(table.passes, f"{where} passes", findings),
        table.source,
    )


def _positive(number: float | None, where: str, findings: Findings) -> Decimal | None:
    if number is None:
        return None
    value = Decimal(repr(number))
    if not value.is_finite() or value <= 0:
        findings.wrong(where, repr(number), "it is a number above 0")
    return value
