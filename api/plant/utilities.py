"""``[utilities.…]``: what turns carriers into a carrier."""

from dataclasses import dataclass
from datetime import timedelta

from api.ledger.cuts import SLOT
from api.ledger.plant import Utility
from api.plant.findings import Findings
from api.plant.units import duration
from collector import toml_files

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Utility:
    makes: str
    uses: dict[str, str]
    output: str | None = None
    balance_over: str = "1d"


def read_utility(name: str, raw: object, findings: Findings) -> Utility:
    """A utility from its table."""
    where = f"{findings.path}  [utilities.{name}]"
    table = toml_files.shape(_Utility, raw, where)
    for carrier, meter in table.uses.items():
        findings.check_meter(carrier, meter, f"{where} uses.{carrier}")
    if table.output:
        findings.check_meter(table.makes, table.output, f"{where} output")
    over = duration(table.balance_over, f"{where} balance_over")
    if over % SLOT or (over > _DAY and over % _DAY):
        why = "a balancing window is whole quarters of an hour, and beyond a day whole days"
        findings.wrong(f"{where} balance_over", repr(table.balance_over), why)
    return Utility(name, table.makes, table.output, tuple(table.uses.items()), over)
