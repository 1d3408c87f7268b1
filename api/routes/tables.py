"""What is answered of a table that was looked at or taken in."""

from typing import Any

from fastapi.responses import JSONResponse

from api.assemble import problem_body
from api.entering import same
from api.importing.kinds.runs import draft_of
from api.importing.office import Outcome, Sent
from api.importing.parsing import Fault
from api.importing.planning import Step
from api.routes.forms import run_body
from api.service import Service
from collector.wire.problem import Problem

_MOST_SHOWN = 200


def answer(body: dict[str, Any], outcome: Outcome, *, dry_run: bool) -> JSONResponse:
    """201 where it was taken in, 200 where it was looked at, 422 where it could not be taken in."""
    if outcome.bad and not dry_run:
        return _refusal(body)
    return JSONResponse(body, 200 if outcome.number is None else 201)


def table_body(outcome: Outcome, sent: Sent) -> dict[str, Any]:
    """What a table would change or has changed: what changes something comes first."""
    order = ("changed", "new", "same")
    steps = sorted(outcome.plan.steps, key=lambda step: order.index(step.change))
    bad, notices = _every_bad(outcome), outcome.parsed.notices
    return {
        "kind": sent.kind,
        "file": sent.name,
        "columns": outcome.parsed.columns,
        "unread": outcome.parsed.unread,
        "counts": outcome.plan.counts() | {"bad": outcome.bad},
        "rows": [_step(step) for step in steps[:_MOST_SHOWN]],
        "bad": [_bad(one) for one in bad[:_MOST_SHOWN]],
        "notices": [_bad(one) for one in notices[:_MOST_SHOWN]],
        "import": outcome.number,
    }


def runs_body(outcome: Outcome, the: Service) -> dict[str, Any]:
    """The same of a table of runs, every row of it."""
    bad = _every_bad(outcome)
    return {
        "rows": _runs(the, outcome),
        "bad": [_bad(one) for one in bad[:_MOST_SHOWN]],
        "bad_rows": len(bad),
        "import": outcome.number,
    }


def _every_bad(outcome: Outcome) -> list[Fault]:
    return sorted([*outcome.parsed.bad, *outcome.plan.bad], key=lambda one: one.line)


def _step(step: Step) -> dict[str, Any]:
    return {"line": step.line, "change": step.change, "said": step.said, "was": step.was}


def _bad(one: Fault) -> dict[str, Any]:
    values = dict(one.values) | {"value": one.value, "field": one.field}
    said = problem_body(Problem(one.code, f"line {one.line}", values=values))
    words = {key: said[key] for key in ("code", "text_en", "do_en", "text_zh", "do_zh")}
    allowed = f"{said['text_en']} {said['do_en']}".strip()
    return {"line": one.line, "field": one.field, "value": one.value, "allowed": allowed} | words


def _refusal(body: dict[str, Any]) -> JSONResponse:
    said = [
        f"line {one['line']}: {one['field']}={one['value']!r}: {one['allowed']}"
        for one in body["bad"][:5]
    ]
    refusal = {"type": "about:blank", "title": "Not acceptable", "status": 422}
    whole = refusal | {"detail": "; ".join(said)} | body
    return JSONResponse(whole, 422, media_type="application/problem+json")


def _runs(the: Service, outcome: Outcome) -> list[dict[str, Any]]:
    known = the.books.runs.stated_of({str(step.said["batch"]) for step in outcome.plan.steps})
    found = []
    for step in outcome.plan.steps:
        said = {name: step.said.get(name) for name in ("machine", "batch", "start", "end", "kg")}
        was = same(known.get(str(said["batch"]), ()), draft_of(step.said))
        found.append(
            {"line": step.line, "change": step.change, "process": step.said.get("process", "")}
            | said
            | {"was": run_body(was) if was else None}
        )
    return found
