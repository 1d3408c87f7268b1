"""Results as JSON: what is stored as a revision, and what HTTP and exports give out."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any

import orjson

from api.environment import environment
from api.ledger.accounts import Run
from api.ledger.factors import Factor
from api.ledger.footprint import Share
from api.ledger.genealogy import Event
from api.ledger.lines import Input, Line
from api.ledger.tally import Tally
from api.pricing import Report
from collector.toml_files import texts
from collector.wire.problem import Problem
from collector.wire.reading import stamp

_PER_KG = Decimal("1e-6")
_SHARE = Decimal("1e-9")
_FRACTION = Decimal("0.0001")
_WORDS = ("text_en", "do_en", "text_zh", "do_zh")
_SOURCE = ("publisher", "document", "source_url", "confidence", "licence", "notes")
_OF_SOURCE = itemgetter(*_SOURCE)
_EMISSIONS, _FACTOR_ID = attrgetter("emissions"), attrgetter("part.factor.id")


@dataclass(frozen=True, slots=True)
class Edition:
    """What a body says of itself as a revision; the rest of it is what makes results the same.

    Attributes:
        revision: From 1; 0 for what is not kept.
        computed: When.
        reason: Why there is a new one.
        difference: From which revision, and by how much; empty for a first one.
        made_with: Factor set, plant, rules, software, position of the journal.
    """

    revision: int
    computed: str
    reason: str
    difference: Mapping[str, Any] = field(default_factory=dict)
    made_with: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The part of a body that tells one revision from another."""
        return {
            "revision": self.revision,
            "computed_at": self.computed,
            "reason": self.reason,
            "difference": dict(self.difference) or None,
            "made_with": dict(self.made_with) or None,
        }


_APART = Edition(0, "", "").body().keys() | {"environment"}


def digest(body: Mapping[str, Any]) -> str:
    """What makes two results the same: everything but what tells one revision from another.

    Nor is it another result where a collector's counts of reads came in the meantime; and what
    water and pollution there are follows from the lines.
    """
    same = dict(body)
    for name in _APART & same.keys():
        del same[name]
    if "runs" in same:
        same["runs"] = [
            {**run, "lines": [_without_reads(line) for line in run["lines"]]}
            if any("readings" in line for line in run["lines"])
            else run
            for run in body["runs"]
        ]
    return hashlib.sha256(orjson.dumps(same, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _without_reads(line: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != "readings"}


def footprint_body(report: Report, edition: Edition) -> dict[str, Any]:
    """A footprint; numbers that people account with are decimal strings."""
    result, tally = report.footprint, report.tally
    per_kg = result.total / tally.accepted_kg if tally.accepted_kg else None
    lines = [_line(line, place) for place, line in enumerate(result.lines)]
    by_run: dict[Run, list[dict[str, Any]]] = {}
    idle = []
    for line, said in zip(result.lines, lines, strict=True):
        if line.idle:
            where = {"machine": line.run.machine, "before": stamp(line.run.start)}
            idle.append({**where, **_whose(line.run, tally), **said})
        else:
            by_run.setdefault(line.run, []).append(said)
    body = {
        **edition.body(),
        "batch": tally.batch,
        "status": _status(tally),
        "view": report.how.view,
        "method": report.how.method,
        "gwp": {"edition": report.how.edition, "sets_in_factors": list(result.gwp_sets)},
        "boundary": "gate-to-gate",
        "accepted_kg": None if tally.accepted_kg is None else plain(tally.accepted_kg),
        "accepted_kg_from": tally.accepted_from,
        "total": {
            "kgco2e": str(result.total),
            "kgco2e_per_kg": None if per_kg is None else plain(per_kg.quantize(_PER_KG)),
            "biogenic_kgco2": plain(result.biogenic_kg),
        },
        "runs": [
            {**_run(run), **_whose(run, tally), "lines": by_run.get(run, [])} for run in tally.runs
        ],
        "idle": idle,
        "overhead": [],
        "by_process": [
            {"process": one.name, "kgco2e": str(one.kgco2e), "share": str(one.share)}
            for one in result.by_process
        ],
        "by_carrier": [_share(one) for one in result.by_carrier],
        "by_supply": [_share(one) for one in result.by_supply],
        "by_gas": [
            {
                "gas": one.gas,
                "kg": None if one.kg is None else plain(one.kg),
                "kgco2e": str(one.kgco2e),
            }
            for one in result.by_gas
        ],
        "factors": [{**factor_body(factor), "why": why} for factor, why in result.factors],
        "exempted": [
            {**_share(one), "why": why}
            for shares, why in (
                (result.exempted, "factor-missing"),
                (result.direct_only, "upstream-missing"),
            )
            for one in shares
        ],
        "metered_share": str(result.metered_share),
        "primary_data_share": str(result.primary_share),
        "problems": [problem_body(problem) for problem in _distinct(report.problems)],
        **_family(report),
    }
    body["environment"] = environment(body)
    return body


def problem_body(problem: Problem) -> dict[str, Any]:
    """A problem with its words in both languages."""
    text = texts()[problem.code]
    return {
        "code": problem.code,
        "where": problem.where,
        "at": stamp(problem.at) if problem.at else None,
        "values": dict(problem.values),
        **{key: text[key].format_map(problem.values) for key in _WORDS},
    }


def factor_body(factor: Factor) -> dict[str, Any]:
    """A row of the catalogue."""
    source = factor.source
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
        "value": plain(factor.value),
        "value_unit": source["value_unit"],
        "region": factor.region,
        "data_year": str(factor.data_from.year),
        "published": factor.published.isoformat(),
        **dict(zip(_SOURCE, _OF_SOURCE(source), strict=True)),
        "gwp_set": factor.gwp_set,
        "primary": factor.primary,
        "evidence": source.get("evidence", ""),
    }


def plain(number: Decimal) -> str:
    """A decimal without exponent, which none has that is cut to 1e-6 or before it."""
    text = str(number)  # a sixth of what formatting takes, and nearly always the same
    return f"{number:f}" if "E" in text else text


def event_body(event: Event) -> dict[str, Any]:
    """What batches became of batches, and who says so."""
    return {
        "event": event.number,
        "kind": event.kind,
        "at": stamp(event.at),
        "from": list(event.parents),
        "to": [
            {"batch": heir.batch, "kg": None if heir.kg is None else plain(heir.kg)}
            | {"share": plain(event.share(heir).quantize(_SHARE))}
            for heir in event.heirs
        ],
        "by": event.by,
        "why": event.reason,
    }


def _family(report: Report) -> dict[str, Any]:
    """What a batch carries of its relatives'; nothing where nobody is related to it."""
    tally, lines = report.tally, report.footprint.lines
    if not tally.events:
        return {}
    used: dict[str, Decimal] = {}
    for line in lines:
        used[line.run.batch] = used.get(line.run.batch, Decimal(0)) + line.kgco2e
    return {
        "carried_from": [
            {"batch": batch, "kgco2e": plain(kgco2e)} for batch, kgco2e in sorted(used.items())
        ],
        "genealogy": [event_body(event) for event in tally.events],
    }


def _whose(run: Run, tally: Tally) -> dict[str, str]:
    """Whose run it was, where that is another batch."""
    return {} if run.batch == tally.batch else {"batch": run.batch}


def _status(tally: Tally) -> str:
    if not tally.runs and not tally.events:
        return "withdrawn"
    if tally.final:
        return "final"
    return "running" if any(run.going_on for run in tally.runs) else "provisional"


def _run(run: Run) -> dict[str, Any]:
    return {
        "machine": run.machine,
        "process": run.process,
        "start": stamp(run.start),
        "end": None if run.going_on else stamp(run.end),
    }


def _line(line: Line, place: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": f"{place}",
        "carrier": line.carrier,
        "amount": plain(line.amount),
        "unit": line.unit,
        "kgco2e": str(line.kgco2e) if line.priced else None,
        "from": line.meter,
        "rule": line.rule,
        "factor": line.utility or ", ".join(_factor_ids(line)) or None,
        "quality": _quality(line),
        "inputs": [_input(one) for one in line.inputs] if line.utility else [],
    }
    if line.reads is not None:
        scheduled, good = line.reads
        share = (Decimal(good) / scheduled).quantize(_FRACTION)
        body["readings"] = {"scheduled": scheduled, "good": good, "share": plain(share)}
    return body


def _input(one: Input) -> dict[str, Any]:
    return {
        "carrier": one.carrier,
        "amount": plain(one.amount),
        "unit": one.unit,
        "kgco2e": str(one.kgco2e) if one.priced else None,
        "from": one.meter,
        "factor": ", ".join(map(_FACTOR_ID, one.emissions)) or None,
    }


def _factor_ids(line: Line) -> Iterator[str]:
    return map(_FACTOR_ID, chain.from_iterable(map(_EMISSIONS, line.inputs)))


def _quality(line: Line) -> dict[str, str]:
    if not line.amount:
        return {"measured": "1", "interpolated": "0", "estimated": "0"}
    if line.measured == line.amount > 0 and not (line.interpolated or line.estimated):
        return {"measured": "1.0000", "interpolated": "0.0000", "estimated": "0.0000"}
    return {
        name: plain((part / line.amount).quantize(_FRACTION))
        for name, part in (
            ("measured", line.measured),
            ("interpolated", line.interpolated),
            ("estimated", line.estimated),
        )
    }


def _share(one: Share) -> dict[str, Any]:
    return {
        "carrier": one.name,
        "amount": plain(one.amount),
        "unit": one.unit,
        "kgco2e": str(one.kgco2e) if one.priced else None,
        "share": str(one.share),
    }


def _distinct(problems: Iterable[Problem]) -> list[Problem]:
    """One of each: the same missing factor is said once."""
    found = {(problem.code, problem.where, problem.at): problem for problem in problems}
    return list(found.values())
