"""``[utilities.…]``: what turns carriers into a carrier, or takes one away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from api.ledger import networks
from api.ledger.effluent import TREATMENTS
from api.ledger.plant import Plant, Treatment, Utility
from api.plant.findings import Findings
from api.plant.windows import read_window
from collector import toml_files
from collector.wire.problem import Problem


@dataclass(frozen=True, slots=True)
class _Utility:
    makes: str | None = None
    takes: str | None = None
    uses: dict[str, str] = field(default_factory=dict)
    output: str | None = None
    balance_over: str | None = None
    treatment: str | None = None
    cod_in: str | None = None
    cod_out: str | None = None
    nitrogen_in: str | None = None
    cod_of: dict[str, str] = field(default_factory=dict)


def read_utility(name: str, raw: object, findings: Findings) -> tuple[Utility, bool]:
    """A utility from its table, and whether it declares its window."""
    where = f"{findings.path}  [utilities.{name}]"
    table = toml_files.shape(_Utility, raw, where)
    carrier = table.makes or table.takes or ""
    if bool(table.makes) == bool(table.takes):
        findings.wrong(where, repr(carrier), "a utility either makes a carrier or takes one")
    known = findings.check_carrier(carrier, where)
    for used, meter in table.uses.items():
        findings.check_meter(used, meter, f"{where} uses.{used}")
    if table.output and known:
        findings.check_meter(carrier, table.output, f"{where} output")
    treatment = _treatment(table, findings, where)
    over = read_window(table.balance_over, findings, where, monthly=treatment is not None)
    uses = tuple(table.uses.items())
    utility = Utility(name, carrier, table.output, uses, over, treatment)
    return utility, table.balance_over is not None


def _treatment(table: _Utility, findings: Findings, where: str) -> Treatment | None:
    gauges = (table.cod_in, table.cod_out, table.nitrogen_in, *table.cod_of.values())
    if table.takes is None:
        if table.treatment or any(gauges):
            findings.wrong(where, repr(table.treatment), "only what takes wastewater treats it")
        return None
    findings.check_choice(str(table.treatment), TREATMENTS, f"{where} treatment")
    for gauge in gauges:
        if gauge and not gauge.endswith("_mg_l"):
            findings.wrong(where, repr(gauge), "a load is told by a gauge that ends in _mg_l")
    return Treatment(
        str(table.treatment),
        table.cod_in,
        table.cod_out,
        table.nitrogen_in,
        tuple(table.cod_of.items()),
    )


def share_windows(
    plant: Plant, declares: Mapping[str, bool], findings: Findings
) -> tuple[Utility, ...]:
    """The utilities, those that feed each other with one window (rule 11)."""
    windows: dict[str, timedelta | None] = {}
    for names in networks.joined(plant):
        makers = networks.makers(plant, names)
        spoken = [one for one in makers if declares[one.id]]
        if len({one.balance_over for one in spoken}) > 1:
            values = {"utilities": ", ".join(one.id for one in spoken)}
            where = f"{findings.path}  [utilities.{spoken[1].id}] balance_over"
            findings.problems.append(Problem("two-windows-in-one-set", where, None, values))
        windows |= dict.fromkeys((one.id for one in makers), _longest(spoken or makers))
    return tuple(replace(one, balance_over=windows[one.id]) for one in plant.utilities)


def _longest(utilities: Sequence[Utility]) -> timedelta | None:
    lengths = [one.balance_over for one in utilities if one.balance_over is not None]
    return max(lengths) if len(lengths) == len(utilities) and lengths else None
