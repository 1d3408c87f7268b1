"""``[shared.…]``: one meter before several machines."""

from dataclasses import dataclass, field
from decimal import Decimal

from api.ledger.plant import SharedMeter
from api.plant.findings import Findings
from api.plant.ladders import check_ladder
from api.plant.standby import StandbyTable, read_standby
from collector import toml_files
from collector.wire.problem import Problem


@dataclass(frozen=True, slots=True)
class _Shared:
    carrier: str
    meter: str
    machines: tuple[str, ...]
    drivers: tuple[str, ...] = ("mass",)
    standby: StandbyTable = field(default_factory=StandbyTable)
    shares: dict[str, float | int] = field(default_factory=dict)


def read_shared(name: str, raw: object, findings: Findings) -> SharedMeter:
    """A shared meter from its table."""
    where = f"{findings.path}  [shared.{name}]"
    table = toml_files.shape(_Shared, raw, where)
    findings.check_meter(table.carrier, table.meter, where)
    check_ladder(table.drivers, where, findings)
    shares = {machine: Decimal(repr(share)) for machine, share in table.shares.items()}
    if shares or "fixed" in table.drivers:
        _check_shares(shares, table.machines, where, findings)
    return SharedMeter(
        id=name,
        carrier=table.carrier,
        meter=table.meter,
        machines=table.machines,
        drivers=table.drivers,
        standby=read_standby(table.standby, where, findings),
        shares=shares,
    )


def _check_shares(
    shares: dict[str, Decimal], machines: tuple[str, ...], where: str, findings: Findings
) -> None:
    """Fixed shares name every machine of the group, none below 0, and add up to 1 exactly."""
    whole = sum(shares.values(), Decimal(0))
    if set(shares) != set(machines) or min(shares.values()) < 0 or whole != 1:
        said = ", ".join(f"{machine} {share}" for machine, share in shares.items()) or "-"
        values = {"shares": said, "sum": f"{whole}", "machines": ", ".join(machines)}
        findings.problems.append(Problem("bad-shares", where, None, values))
