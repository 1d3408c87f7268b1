"""Explain: a footprint's derivation, from kilograms back to register readings."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from api.assemble import plain
from api.ledger.accounts import Posting
from api.report import Report
from collector.wire.reading import stamp
from gateway.intervals import Measured, RegisterAt, Step

_RULES = {
    "direct": "all of it, because no other batch was on the machine",
    "standby": "what the machine used while idle before this batch",
    "utility-last-window": "all of it; priced by the last closed window, since this one is open",
    "distribution-loss": "its part of what was made and reached no consumer's meter",
    "mass": "divided by mass among the batches that were on",
    "equal": "divided equally among the batches that were on",
    "run-hours": "divided by run hours",
    "rated-run-hours": "divided by rated power times run hours",
}


def explain_body(report: Report, body: dict[str, Any]) -> dict[str, Any]:
    """The derivation of a footprint as JSON and as text."""
    lines = []
    for place, line in enumerate(report.footprint.lines):
        told = body_line(body, str(place))
        registers = []
        if line.rule != "distribution-loss":
            for meter in line.meter.split(", "):
                own = _postings(report, place, meter)
                registers += _registers(report.tally.measured[meter], own)
        told |= {"machine": line.run.machine, "idle": line.idle, "register": registers}
        lines.append(told | {"sentence": _sentence(told)})
    return {
        "batch": report.tally.batch,
        "revision": body["revision"],
        "status": body["status"],
        "lines": lines,
        "text": _text(body, lines),
    }


def body_line(body: dict[str, Any], name: str) -> dict[str, Any]:
    """A line of a footprint by its id."""
    found = [line for run in body["runs"] for line in run["lines"]] + body["idle"]
    return dict(next(line for line in found if line["id"] == name))


def _postings(report: Report, place: int, meter: str) -> list[Posting]:
    line = report.footprint.lines[place]
    kind = "standby" if line.idle else "run"
    return [
        posting
        for posting in report.tally.attribution.postings
        if posting.meter == meter
        and posting.account.run == line.run
        and posting.account.kind == kind
        and (posting.rule == line.rule or line.utility)
    ]


def _registers(measured: Measured, postings: Sequence[Posting]) -> list[dict[str, Any]]:
    """The register at both ends of each unbroken stretch of a line's postings."""
    marks = {mark.at: mark for mark in measured.marks}
    stretches: list[list[Posting]] = []
    for posting in sorted(postings, key=lambda one: one.start):
        if stretches and stretches[-1][-1].end == posting.start:
            stretches[-1].append(posting)
        else:
            stretches.append([posting])
    return [_stretch(measured, marks, own) for own in stretches]


def _stretch(
    measured: Measured, marks: dict[datetime, RegisterAt], own: Sequence[Posting]
) -> dict[str, Any]:
    start, end = marks[own[0].start], marks[own[-1].end]
    return {
        "meter": measured.counter.ref,
        "unit": measured.counter.unit,
        "start": _mark(start),
        "end": _mark(end),
        "difference": plain(end.total - start.total),
        "carried": plain(sum((posting.amount for posting in own), Decimal(0))),
        "slots": len(own),
    }


def _mark(mark: RegisterAt) -> dict[str, Any]:
    """A register's value at an instant, as its face would show it there."""
    wraps = mark.before.total - mark.before.shown if mark.before else Decimal(0)
    return {
        "at": stamp(mark.at),
        "value": plain(mark.total - wraps),
        "before": _step(mark.before),
        "after": _step(mark.after),
    }


def _step(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {"at": stamp(step.at), "value": plain(step.shown), "quality": "good"}


def _sentence(line: dict[str, Any]) -> str:
    rule = _RULES.get(line["rule"], line["rule"])
    emitted = "not priced: no factor" if line["kgco2e"] is None else f"{line['kgco2e']} kgCO2e"
    priced = f", priced by {line['factor']}" if line["factor"] else ""
    return (
        f"{line['carrier']}: {line['amount']} {line['unit']} from {line['from']} ({rule})"
        f"{priced}: {emitted}."
    )


def _text(body: dict[str, Any], lines: Sequence[dict[str, Any]]) -> str:
    total = body["total"]
    said = [
        f"Batch {body['batch']}, revision {body['revision']}, {body['status']}: "
        f"{total['kgco2e']} kgCO2e"
        + (
            f", {total['kgco2e_per_kg']} per kg of {body['accepted_kg']} kg."
            if total["kgco2e_per_kg"]
            else "."
        ),
        "",
    ]
    for line in lines:
        said.append(f"{line['machine']}{' (idle)' if line['idle'] else ''}  {line['sentence']}")
        for one in line["register"]:
            said += [
                _register_text(one["start"], one["unit"]),
                _register_text(one["end"], one["unit"]),
            ]
            said.append(
                f"    difference {one['difference']} {one['unit']}, in {one['slots']} slices"
            )
        said += [
            f"    made from {one['amount']} {one['unit']} {one['carrier']} ({one['from']}) "
            f"by {one['factor'] or 'no factor'}: {one['kgco2e'] or '-'} kgCO2e"
            for one in line["inputs"]
        ]
    said += [f"From batch {one['batch']} {_handed_text(one)}." for one in body["carried_from"]]
    said += [f"To batch {one['batch']} {_handed_text(one)}." for one in body["parts"]]
    said.append("")
    said += [
        f"Factor {one['id']}: {one['value']} {one['value_unit']}, {one['publisher']}, "
        f"{one['document']}. Why: {one['why']}."
        for one in body["factors"]
    ]
    said += [f"Problem {one['code']}, {one['where']}: {one['text_en']}" for one in body["problems"]]
    return "\n".join(said)


def _handed_text(one: dict[str, Any]) -> str:
    return f"by {one['how']} {one['event']}, share {one['share']}: {one['kgco2e']} kgCO2e"


def _register_text(mark: dict[str, Any], unit: str) -> str:
    before, after = mark["before"], mark["after"]
    around = " and ".join(
        f"{step['value']} at {step['at']}" for step in (before, after) if step is not None
    )
    return f"    register {mark['value']} {unit} at {mark['at']} (read {around})"
