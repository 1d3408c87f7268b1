"""Tables of a mill's own systems: looked at, taken in whole, undone; mappings and templates."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from api.finder import Clash
from api.importing import kinds, office, templates
from api.importing.office import Office, Outcome, Sent, Source
from api.importing.parsing import Row
from api.importing.planning import Ground
from api.rights import holding
from api.routes import room, tables
from api.routes.forms import Form, NotAcceptable, Number, ReasonIn
from api.routes.paging import Paged
from api.routes.runs import clash_text
from api.routes.uploads import Received, takes
from api.second_eyes import waits
from api.service import Reader, Service, The, Writer
from api.shapes import answers
from api.shapes.imports import Imports, Mapping, RefusedImport, Table, TableKinds, UnderWay
from api.shapes.reviews import may_wait
from api.shapes.runs import Imported, ImportUndone, RefusedTable
from collector.wire.problem import Refused

router = room("imports")

_DECIDED = ("factors",)
"""Kinds that change what is priced: who enters them must be somebody who may decide."""
_NAME = r"^[^/\x00-\x1f]{1,40}$"
_FILE = takes("text/csv", templates.FORMS["xlsx"][0], "application/octet-stream")
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
    return tables.answer(tables.table_body(outcome, sent), outcome, dry_run=dry_run)


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
    return tables.answer(tables.runs_body(outcome, the), outcome, dry_run=dry_run)


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
