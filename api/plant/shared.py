"""``[shared.…]``: one meter before several machines."""

from dataclasses import dataclass

from api.ledger import drivers
from api.ledger.plant import SharedMeter
from api.plant.findings import Findings
from collector import toml_files
from collector.wire.problem import Problem


@dataclass(frozen=True, slots=True)
class _Shared:
    carrier: str
    meter: str
    machines: tuple[str, ...]
    drivers: tuple[str, ...] = ("mass",)


def read_shared(name: str, raw: object, findings: Findings) -> SharedMeter:
    """A shared meter from its table."""
    where = f"{findings.path}  [shared.{name}]"
    table = toml_files.shape(_Shared, raw, where)
    findings.check_meter(table.carrier, table.meter, where)
    known = drivers.names()
    for rung in table.drivers:
        if rung not in known:
            values = {"driver": rung, "nearest": toml_files.nearest(rung, known)}
            values["known"] = ", ".join(known)
            findings.problems.append(Problem("unknown-driver", where, None, values))
    return SharedMeter(name, table.carrier, table.meter, table.machines, table.drivers)
