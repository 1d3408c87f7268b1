"""``[supplies.…]``: a carrier that comes into the mill."""

from dataclasses import dataclass

from api.ledger.plant import Supply
from api.ledger.solar import ELECTRICITY
from api.plant.findings import Findings
from collector import toml_files
from collector.wire.problem import Problem

UNMETERED = ("stand", "share")


@dataclass(frozen=True, slots=True)
class _Supply:
    carrier: str
    meter: str | None = None
    meters: tuple[str, ...] = ()
    source: str = ""
    export_meter: str | None = None
    unmetered: str = "stand"


def read_supply(name: str, raw: object, findings: Findings) -> Supply:
    """A supply from its table."""
    where = f"{findings.path}  [supplies.{name}]"
    table = toml_files.shape(_Supply, raw, where)
    meters = ((table.meter,) if table.meter else ()) + table.meters
    for meter in meters:
        findings.check_meter(table.carrier, meter, where)
    if not meters:
        findings.problems.append(Problem("supply-without-meter", where))
    findings.check_choice(table.unmetered, UNMETERED, f"{where} unmetered")
    if table.source not in ("", "solar") or (table.source and table.carrier != ELECTRICITY):
        findings.wrong(where, repr(table.source), "only electricity has a source, and it is solar")
    if table.export_meter:
        findings.check_meter(table.carrier, table.export_meter, f"{where} export_meter")
        if not table.source:
            findings.wrong(where, table.export_meter, "only own generation is sent out")
    return Supply(
        id=name,
        carrier=table.carrier,
        meters=tuple(dict.fromkeys(meters)),
        source=table.source,
        export_meter=table.export_meter,
        unmetered=table.unmetered,
    )
