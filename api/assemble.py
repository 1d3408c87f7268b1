"""Results as JSON: what is stored as a revision, and what HTTP and exports give out."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from api.ledger.accounts import Run
from api.ledger.factors import Factor
from api.ledger.footprint import Share
from api.ledger.genealogy import Handed
from api.ledger.lines import Input, Line
from api.report import Report
from collector.toml_files import texts
from collector.wire.problem import Problem
from collector.wire.reading import stamp
from gateway.intervals import Measured

_PER_KG = Decimal("1e-6")
_SHARE = Decimal("1e-9")


def footprint_body(report: Report, *, revision: int, computed: str, reason: str) -> dict[str, Any]:
    """A footprint; numbers that people account with are decimal strings."""
    result = report.footprint
    per_kg = report.carried.total / report.accepted_kg if report.accepted_kg else None
    lines = {id(line): _line(line, place, report) for place, line in enumerate(result.lines)}
    return {
        "batch": report.tally.batch,
        "revision": revision,
        "status": _status(report),
        "view": report.view,
        "method": "location",
        "boundary": "gate-to-gate",
        "accepted_kg": None if report.accepted_kg is None else plain(report.accepted_kg),
        "accepted_kg_from": report.accepted_from,
        "computed_at": computed,
        "reason": reason,
        "total": {
            "kgco2e": plain(report.carried.total),
            "kgco2e_per_kg": None if per_kg is None else f"{per_kg.quantize(_PER_KG):f}",
        },
        # The total is the sum of its own lines and what it was handed, without what it handed on.
        "own_kgco2e": plain(result.total),
        "carried_from": [_handed(one, one.giver) for one in report.carried.received],
        "parts": [_handed(one, one.taker) for one in report.carried.given],
        "runs": [
            _run(run) | {"lines": [lines[id(line)] for line in own]}
            for run in report.tally.runs
            for own in [[one for one in result.lines if one.run == run and not one.idle]]
        ],
        "idle": [
            {"machine": line.run.machine, "before": stamp(line.run.start)} | lines[id(line)]
            for line in result.lines
            if line.idle
        ],
        "overhead": [],
        "by_process": [
            {"process": one.name, "kgco2e": plain(one.kgco2e), "share": f"{one.share:f}"}
            for one in result.by_process
        ],
        "by_carrier": [_share(one, report.tally.measured) for one in result.by_carrier],
        "by_supply": [_share(one, report.tally.measured) for one in result.by_supply],
        "by_gas": [
            {"gas": one.gas, "kg": None if one.kg is None else plain(one.kg)}
            | {"kgco2e": plain(one.kgco2e)}
            for one in result.by_gas
        ],
        "factors": [factor_body(factor) | {"why": why} for factor, why in result.factors],
        "exempted": [
            _share(one, report.tally.measured) | {"why": "factor-missing"}
            for one in result.exempted
        ],
        "metered_share": f"{result.metered_share:f}",
        # No factor in the catalogue is measured at the mill, so no share is primary by PACT's rule.
        "primary_data_share": "0.0000",
        "problems": [problem_body(problem) for problem in _distinct(report.problems)],
    }


def problem_body(problem: Problem) -> dict[str, Any]:
    """A problem with its words in both languages."""
    text = texts()[problem.code]
    return {
        "code": problem.code,
        "where": problem.where,
        "at": stamp(problem.at) if problem.at else None,
        "values": dict(problem.values),
    } | {
        key: text[key].format_map(problem.values)
        for key in ("text_en", "do_en", "text_zh", "do_zh")
    }


def factor_body(factor: Factor) -> dict[str, Any]:
    """A row of the catalogue."""
    return {
        "id": factor.id,
        "name_en": factor.names["en"],
        "name_zh": factor.names["zh"],
        "carrier": factor.carrier,
        "unit": factor.unit,
        "views": list(factor.views),
        "component": factor.component,
        "method": factor.method,
        "gas": factor.gas,
        "value": f"{factor.value:f}",
        "value_unit": factor.source["value_unit"],
        "region": factor.region,
        "data_year": str(factor.data_from.year),
        "published": factor.published.isoformat(),
    } | {
        key: factor.source[key]
        for key in ("publisher", "document", "source_url", "confidence", "licence", "notes")
    }


def plain(number: Decimal) -> str:
    """A decimal without exponent."""
    return f"{number:f}"


def unit_of(measured: dict[str, Measured] | Any, meter: str) -> str:
    """Stored unit of a meter."""
    one = measured.get(meter)
    return one.counter.unit if one else ""


def _status(report: Report) -> str:
    if report.tally.final:
        return "final"
    return "running" if any(run.going_on for run in report.tally.runs) else "provisional"


def _handed(one: Handed, other: str) -> dict[str, Any]:
    return {
        "batch": other,
        "how": one.kind,
        "event": one.event,
        "at": stamp(one.at),
        "share": f"{one.share.quantize(_SHARE):f}",
        "kg": None if one.kg is None else plain(one.kg),
        "kgco2e": plain(one.kgco2e),
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "machine": run.machine,
        "process": run.process,
        "start": stamp(run.start),
        "end": None if run.going_on else stamp(run.end),
    }


def _line(line: Line, place: int, report: Report) -> dict[str, Any]:
    return {
        "id": f"{place}",
        "carrier": line.carrier,
        "amount": plain(line.amount),
        "unit": unit_of(report.tally.measured, line.meter.split(", ")[0]),
        "kgco2e": plain(line.kgco2e) if line.priced else None,
        "from": line.meter,
        "rule": line.rule,
        "factor": line.utility or ", ".join(_factor_ids(line)) or None,
        "quality": _quality(line),
        "inputs": [_input(one, report) for one in line.inputs] if line.utility else [],
    }


def _input(one: Input, report: Report) -> dict[str, Any]:
    ids = [emission.part.factor.id for emission in one.emissions]
    return {
        "carrier": one.carrier,
        "amount": plain(one.amount),
        "unit": unit_of(report.tally.measured, one.meter),
        "kgco2e": plain(one.kgco2e) if one.priced else None,
        "from": one.meter,
        "factor": ", ".join(ids) or None,
    }


def _factor_ids(line: Line) -> list[str]:
    return [emission.part.factor.id for one in line.inputs for emission in one.emissions]


def _quality(line: Line) -> dict[str, str]:
    if not line.amount:
        return {"measured": "1", "interpolated": "0", "estimated": "0"}
    return {
        name: f"{(part / line.amount).quantize(Decimal('0.0001')):f}"
        for name, part in (
            ("measured", line.measured),
            ("interpolated", line.interpolated),
            ("estimated", line.estimated),
        )
    }


def _share(one: Share, measured: Any) -> dict[str, Any]:
    return {
        "carrier": one.name,
        "amount": plain(one.amount),
        "unit": unit_of(measured, one.unit_of),
        "kgco2e": plain(one.kgco2e) if one.priced else None,
        "share": f"{one.share:f}",
    }


def _distinct(problems: Iterable[Problem]) -> list[Problem]:
    """One of each: the same missing factor is said once."""
    found = {(problem.code, problem.where, problem.at): problem for problem in problems}
    return list(found.values())
