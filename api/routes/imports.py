"""Tables of a mill's own systems: looked at, taken in whole, undone; mappings and templates."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path as File
from typing import Annotated, Any, Literal

from fastapi import Depends, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from api import sheets
from api.assemble import problem_body
from api.entering import same
from api.finder import Clash
from api.importing import kinds, office, templates
from api.importing.kinds.runs import draft_of
from api.importing.office import Office, Outcome, Sent, Source
from api.importing.parsing import Fault, Row
from api.importing.planning import Ground, Step
from api.rights import holding
from api.routes import room
from api.routes.forms import Form, NotAcceptable, Number, ReasonIn, run_body
from api.routes.paging import Paged
from api.routes.runs import clash_text
from api.second_eyes import waits
from api.service import Reader, Service, The, Writer
from api.shapes import answers
from api.shapes.imports import Imports, Mapping, RefusedImport, Table, TableKinds, UnderWay
from api.shapes.reviews import may_wait
from api.shapes.runs import Imported, ImportUndone, RefusedTable
from collector.wire.problem import Problem, Refused

router = room("imports")

_MOST_SHOWN = 200
_DECIDED = ("factors",)
"""Kinds that change what is priced: who enters them must be somebody who may decide."""
_NAME = r"^[^/\x00-\x1f]{1,40}$"
_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            form: {"schema": {"type": "string", "format": "binary"}}
            for form in ("text/csv", templates.FORMS["xlsx"][0], "application/octet-stream")
        },
    }
}
_TEMPLATE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A table with its headings and an example",
        "content": {
            media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for media, _ in templates.FORMS.values()
        },
    }
}
KindName = Annotated[str, Path(description=f"One of {', '.join(kinds.names())}")]
DryRun = Annotated[bool, Query(description="Only say what it would change")]
Name = Annotated[str, Query(max_length=200, description="What the sender calls the file")]


async def received(request: Request) -> AsyncIterator[File]:
    """The body as a file of our own, refused before it is read where it is too large."""
    said = request.headers.get("content-length", "")
    size = int(said) if said.isdecimal() else 0
    with tempfile.NamedTemporaryFile(prefix="millprint-import-") as file:
        async for part in _parts(request, size):
            await asyncio.to_thread(file.write, part)
        file.flush()
        yield File(file.name)


async def _parts(request: Request, size: int) -> AsyncIterator[bytes]:
    """What comes, as long as it is no more than a table should be."""
    if size > sheets.MOST_BYTES:
        raise NotAcceptable(*sheets.too_large("-", size).problems, status=413)
    come = 0
    async for part in request.stream():
        come += len(part)
        if come > sheets.MOST_BYTES:
            raise NotAcceptable(*sheets.too_large("-", come).problems, status=413)
        yield part


Received = Annotated[File, Depends(received)]


class MappingIn(Form):
    """Which heading of a mill's own system is which field."""

    name: str = Field(pattern=_NAME, description="What it is called")
    columns: dict[str, str] = Field(max_length=50, description="Field → heading; none deletes it")


class FactorsIn(Form):
    """A table of factors that was looked at."""

    name: str = Field(max_length=200, description="What the sender calls it")
    sha256: str = Field(max_length=43, description="Of the file")
    rows: list[dict[str, str]] = Field(max_length=1000, description="Field → what it says")


@router.get("/imports", summary="What was imported, the newest first", responses=answers(Imports))
def imports(the: The, key: Reader, request: Request, paged: Paged) -> dict[str, Any]:
    """Every import with its file, who sent it, what it changed, and whether it was undone."""
    found = paged.of(office.history(_ground(the, key.name)), _number, newest_first=True)
    return {"imports": found, "under_way": _progress(request)}


@router.get(
    "/imports/under-way",
    summary="How far the import is that is under way",
    responses=answers(UnderWay),
)
def under_way(_: Reader, request: Request) -> dict[str, Any]:
    """Its kind, file, phase, and the lines that were read so far; null where there is none."""
    return {"under_way": _progress(request)}


@router.get(
    "/imports/kinds",
    summary="What can be imported, with the columns of each kind",
    responses=answers(TableKinds),
)
def import_kinds(the: The, key: Reader) -> dict[str, Any]:
    """Kinds with their fields, and the mappings that were saved for them."""
    ground = _ground(the, key.name)
    return {"kinds": [_kind(name, ground) for name in kinds.names()]}


@router.get(
    "/imports/{kind}/template",
    summary="An empty table of a kind",
    response_class=Response,
    responses=_TEMPLATE,
)
def template(
    _: Reader,
    kind: KindName,
    form: Literal["csv", "xlsx"] = "xlsx",
    lang: Literal["en", "zh"] = "en",
) -> Response:
    """To be filled in; its second line is an example."""
    media, make = templates.FORMS[form]
    name = f"{_known(kind)}-{lang}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(make(kinds.kind(kind), lang), media_type=media, headers=headers)


@router.post(
    "/imports/{kind}/mappings",
    status_code=201,
    summary="Save a mapping of columns",
    operation_id="save_mapping",
    responses=answers(Mapping, 201),
)
def save_mapping(the: The, key: Writer, kind: KindName, given: MappingIn) -> dict[str, Any]:
    """Under a name that imports may say; the same name again takes its place."""
    fields = {field.name for field in kinds.kind(_known(kind)).FIELDS}
    for name in given.columns:
        if name not in fields:
            raise HTTPException(422, f"columns: {name!r} is none of {', '.join(sorted(fields))}.")
    office.save_mapping(_ground(the, key.name), kind, given.name, given.columns)
    return given.model_dump()


@router.post(
    "/imports/{kind}",
    summary="Import a table",
    response_model=None,
    openapi_extra=_FILE,
    operation_id="import_table",
    responses=may_wait(Table) | answers(Table, 201) | answers(RefusedImport, 422),
)
def import_table(  # noqa: PLR0913 - each is a parameter of the request
    the: The,
    key: Writer,
    request: Request,
    kind: KindName,
    file: Received,
    *,
    dry_run: DryRun = False,
    name: Name = "",
    mapping: Annotated[str, Query(max_length=40, description="A saved mapping")] = "",
    column: Annotated[
        list[str] | None, Query(description="field=heading, where one is not recognised")
    ] = None,
    mass_unit: Annotated[
        Literal["", "kg", "t"], Query(description="Of masses whose heading names none")
    ] = "",
) -> dict[str, Any] | JSONResponse:
    """CSV or XLSX. All of it or nothing: one bad row refuses the file and is named.

    Columns are recognised by their headings in English and Chinese, or as a saved mapping says.
    """
    headings = _headings(_ground(the, key.name), _known(kind), mapping, column or [])
    sent = Sent(kind, file, name or "-", headings, mass_unit)
    if kind in _DECIDED and not key.may("decide"):
        who = holding("decide")
        raise HTTPException(403, f"The role {key.role} may not decide; who may: {who}.")
    outcome = _take_in(the, key.name, request, sent, dry_run=dry_run or kind in _DECIDED)
    if kind in _DECIDED and not dry_run and outcome.changes:
        given = FactorsIn(name=sent.name[:200], sha256=sent.digest, rows=outcome.rows)
        found: Any = enter_factors(the=the, key=key, given=given)
        if isinstance(found, JSONResponse):
            return found
        outcome = replace(outcome, number=found)
    body = _body(outcome, sent)
    if outcome.bad and not dry_run:
        return _refusal(body)
    return JSONResponse(body, 200 if outcome.number is None else 201)


@waits("factors", "decide")
def enter_factors(the: The, key: Writer, given: FactorsIn) -> Any:
    """Rows that were looked at are entered: at once, or when a second person confirms it."""
    rows = [Row(line, said) for line, said in enumerate(given.rows, start=2)]
    source = Source("factors", given.name, given.sha256)
    return office.enter_rows(source, rows, _ground(the, key.name))


@router.post(
    "/imports/{number}/undo",
    summary="Undo an import",
    operation_id="undo_table",
    responses=may_wait(ImportUndone),
)
@waits("corrections")
def undo(the: The, key: Writer, number: Number, given: ReasonIn) -> Any:
    """Everything is as if it had not been; what it said stays, with who undid it and why."""
    return _undone(the, key.name, number, given.reason)


@router.post(
    "/runs/import",
    tags=["runs"],
    summary="Import a table of runs",
    response_model=None,
    openapi_extra=_FILE,
    operation_id="import_runs",
    responses=answers(Imported, 200, 201) | answers(RefusedTable, 422),
)
def import_runs(
    the: The, key: Writer, request: Request, file: Received, *, dry_run: DryRun = False
) -> dict[str, Any] | JSONResponse:
    """The same as ``/imports/runs``, answered with every row."""
    sent = Sent("runs", file, "-", {})
    outcome = _take_in(the, key.name, request, sent, dry_run=dry_run)
    bad = [_bad(one) for one in _every_bad(outcome)]
    body: dict[str, Any] = {"rows": _runs(the, outcome), "bad": bad[:_MOST_SHOWN]}
    body |= {"bad_rows": len(bad), "import": outcome.number}
    if bad and not dry_run:
        return _refusal(body)
    return JSONResponse(body, 200 if outcome.number is None else 201)


@router.post(
    "/runs/imports/{file}/undo",
    tags=["runs"],
    summary="Undo an import of runs",
    operation_id="undo_import",
    responses=may_wait(ImportUndone),
)
@waits("corrections")
def undo_runs(the: The, key: Writer, file: Number, given: ReasonIn) -> Any:
    """The same as ``/imports/{number}/undo``."""
    return _undone(the, key.name, file, given.reason)


def _undone(the: Service, by: str, number: int, why: str) -> dict[str, Any]:
    if not office.undo(number, why, _ground(the, by)):
        raise HTTPException(404, f"There is no import {number}.")
    return {"import": number, "undone": True}


def _take_in(the: Service, by: str, request: Request, sent: Sent, *, dry_run: bool) -> Outcome:
    try:
        return _office(request).take_in(sent, _ground(the, by), dry_run=dry_run)
    except Refused as fault:
        raise NotAcceptable(*fault.problems) from fault
    except Clash as clash:
        raise HTTPException(409, clash_text(the, clash.entry, clash.other)) from clash


def _ground(the: Service, by: str) -> Ground:
    return Ground(the.books, the.bookkeeper, the.reporter.plants, by, the.now())


def _office(request: Request) -> Office:
    found: Office = request.app.state.office
    return found


def _number(one: dict[str, Any]) -> int:
    return int(one["import"])


def _progress(request: Request) -> dict[str, Any] | None:
    state = _office(request).under_way
    if state is None:
        return None
    return {"kind": state.kind, "file": state.name, "phase": state.phase, "lines": state.lines}


def _known(kind: str) -> str:
    if kind not in kinds.names():
        raise HTTPException(404, f"Nothing of kind {kind!r}; {', '.join(kinds.names())} are.")
    return kind


def _headings(ground: Ground, kind: str, mapping: str, columns: Sequence[str]) -> dict[str, str]:
    saved = office.mappings(ground, kind)
    if mapping and mapping not in saved:
        known = ", ".join(sorted(saved)) or "none is saved"
        raise HTTPException(422, f"mapping={mapping!r} is no saved mapping of {kind}: {known}")
    said = dict(one.partition("=")[::2] for one in columns)
    fields = {field.name for field in kinds.kind(kind).FIELDS}
    strange = sorted(said.keys() - fields)
    if strange:
        raise HTTPException(422, f"column={strange[0]!r} is none of {', '.join(sorted(fields))}")
    return saved.get(mapping, {}) | said


def _kind(name: str, ground: Ground) -> dict[str, Any]:
    one = kinds.kind(name)
    fields = [
        {"name": field.name, "en": field.en, "zh": field.zh, "needed": field.needed}
        for field in one.FIELDS
    ]
    saved = office.mappings(ground, name)
    return {"kind": name, "en": one.EN, "zh": one.ZH, "fields": fields, "mappings": saved}


def _body(outcome: Outcome, sent: Sent) -> dict[str, Any]:
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
