"""Tables of runs as files: looked at, taken in whole, and undone."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Query, Response
from fastapi.responses import JSONResponse

from api.entering import Unacceptable
from api.imports import Row, Table, read_table
from api.ledger.corrections import Entry, Stated
from api.routes.forms import ReasonIn, refused, run_body
from api.routes.runs import clash_text, enter
from api.second_eyes import waits
from api.service import Service, The, Writer
from collector.wire.reading import stamp

router = APIRouter(tags=["runs"])

_MOST_BAD_ROWS = 200


@router.post("/runs/import", summary="Import a table of runs", response_model=None)
def import_runs(
    the: The,
    key: Writer,
    response: Response,
    content: Annotated[bytes, Body(media_type="text/csv")],
    dry_run: Annotated[bool, Query(description="Only say what it would change")] = False,  # noqa: FBT002
) -> dict[str, Any] | JSONResponse:
    """CSV with machine, batch, process, start, end, kg (or 机台, 缸号, 工序, 开始, 结束, 公斤).

    All of it or nothing: one bad row refuses the file, with every bad row and its reason.
    """
    now, plant = the.now(), the.reporter.plants[-1]
    try:
        table = read_table(content, plant, the.books, key.name, now)
    except Unacceptable as fault:
        raise refused(*fault.refusals) from fault
    file = the.books.run_entries.next_file()
    entries = table.entries(file)
    bad = _bad_rows(table) + _clashing_rows(table, the.bookkeeper.clashes(entries), the)
    body: dict[str, Any] = {"rows": [_row(row) for row in table.rows], "bad": bad[:_MOST_BAD_ROWS]}
    body |= {"bad_rows": len(bad), "import": None}
    if bad and not dry_run:
        detail = "; ".join(f"line {one['line']}: {one['field']}={one['value']!r}: {one['allowed']}"
                           for one in bad[:5])  # fmt: skip
        refusal = {"type": "about:blank", "title": "Not acceptable", "status": 422}
        return JSONResponse(
            refusal | {"detail": detail} | body, 422, media_type="application/problem+json"
        )
    if not dry_run and entries:
        enter(the, entries)
        response.status_code, body["import"] = 201, file
    return body


@router.post("/runs/imports/{file}/undo", summary="Undo an import")
@waits("corrections")
def undo(the: The, key: Writer, file: int, given: ReasonIn) -> dict[str, Any]:
    """Everything that the import entered is as if it had not; its rows stay in the history."""
    entries = the.books.run_entries.of_file(file)
    if not entries:
        raise HTTPException(404, f"There is no import {file}.")
    if not any(one.kind == "undo" for one in entries):
        now, first = the.now(), entries[0]
        row = Entry(0, "undo", "", first.machine, None, None, None, None, None, "", first.anchor,
                    "csv", key.name, given.reason, now, file)  # fmt: skip
        enter(the, [row])
    return {"import": file, "undone": True}


def _bad_rows(table: Table) -> list[dict[str, Any]]:
    return [
        {"line": row.line, "field": one.field, "value": one.value, "allowed": one.allowed}
        for row in table.bad
        for one in row.refusals
    ]


def _clashing_rows(
    table: Table, clashes: list[tuple[Entry, Stated]], the: Service
) -> list[dict[str, Any]]:
    lines = [row.line for row in table.rows if row.entry is not None]
    first = the.books.run_entries.next_number()
    return [
        {"line": lines[entry.number - first], "field": "start",
         "value": stamp(entry.start or entry.anchor), "allowed": clash_text(the, entry, other)}
        for entry, other in clashes
    ]  # fmt: skip


def _row(row: Row) -> dict[str, Any]:
    draft, was = row.draft, row.was
    return {
        "line": row.line,
        "change": row.change,
        "machine": draft.machine,
        "batch": draft.batch,
        "process": draft.process,
        "start": stamp(draft.start),
        "end": stamp(draft.end) if draft.end else None,
        "kg": draft.kg,
        "was": run_body(was) if was else None,
    }
