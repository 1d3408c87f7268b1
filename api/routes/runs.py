"""Runs that people and other systems state: by hand, by scanner, from an MES."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import HTTPException, Query, Response
from pydantic import Field

from api.entering import (
    Change,
    Draft,
    Refusal,
    addition,
    check,
    check_batch,
    check_change,
    correction,
    deletion,
    said_otherwise,
    same,
)
from api.finder import Clash
from api.ledger.corrections import PLC, Entry, Stated
from api.rights import Who
from api.routes import room
from api.routes.forms import (
    BatchName,
    BatchText,
    Form,
    IfMatch,
    Moment,
    Reason,
    known_machine,
    refused,
    run_body,
    unchanged,
    unknown_batch,
)
from api.second_eyes import waits
from api.service import Reader, Service, The, Writer
from api.shapes import answers
from api.shapes.reviews import may_wait
from api.shapes.runs import Deleted, Run, Runs, Scanned
from collector.wire.reading import stamp

router = room("runs")

_BOUNCE = timedelta(seconds=10)
"""Scanners fire twice; nobody takes a batch out within ten seconds of putting it in."""
_END_CODES = ("END", "STOP", "结束")


class RunIn(Form):
    """A run as an MES, an ERP or a person states it."""

    machine: str = Field(max_length=64)
    start: Moment | None = Field(None, description="From when; now where it is left out")
    end: Moment | None = Field(None, description="Until when; the run goes on where it is left out")
    process: str = Field("", max_length=64, description="The machine's own where it is left out")
    kg: str | None = Field(None, max_length=32, description="Mass of the batch, a decimal [kg]")
    reason: str = Field("", max_length=256)


class EndIn(Form):
    """The end of a run that goes on."""

    machine: str = Field(max_length=64)
    at: Moment | None = Field(None, description="Now where it is left out")


class CorrectionIn(Form):
    """What is to be other about a run; what is left out stays."""

    reason: Reason
    batch: BatchText | None = None
    process: str | None = Field(None, max_length=64)
    start: Moment | None = None
    end: Moment | None = None
    kg: str | None = Field(None, max_length=32)
    delete: bool = Field(default=False, description="There was no such run")


class ScanIn(Form):
    """What a scanner read, or a button sends."""

    text: str = Field(min_length=1, max_length=64, description="A batch id, or END")
    at: Moment | None = Field(None, description="Now where it is left out")


@router.get("/batches/{name}/runs", summary="Where a batch was, and when", responses=answers(Runs))
def runs(
    the: The,
    _: Reader,
    name: BatchName,
    history: Annotated[bool, Query(description="Also everything that was ever entered")] = False,  # noqa: FBT002
) -> dict[str, Any]:
    """The runs of a batch, by time; with `history`, every entry and correction about them."""
    found = the.books.runs.stated(batch=name)
    entries = the.books.run_entries.of_batch(name) if history or not found else []
    if not found and not entries:
        raise unknown_batch(name)
    body: dict[str, Any] = {"runs": [run_body(one) for one in found]}
    return body | {"history": [_entry(one) for one in entries]} if history else body


@router.post(
    "/batches/{name}/runs",
    status_code=201,
    summary="State a run",
    operation_id="state_run",
    responses=answers(Run, 200, 201),
)
def state(the: The, key: Writer, name: BatchName, run: RunIn, response: Response) -> dict[str, Any]:
    """Begin a run now or at a time, or state one that is over.

    The same machine, batch and start again is the same run: an end that was missing is taken in,
    other values are in conflict. On a machine that holds one batch a run that nobody ended ends
    where the next one begins.
    """
    now = the.now()
    draft = Draft(
        run.machine, name, run.process, run.start or now, run.end, run.kg, "http", run.reason
    )
    plant = the.reporter.plants[-1]
    _refuse(check(plant, draft, now))
    known = the.books.runs.stated(batch=name)
    was = same(known, draft) if run.start else _open(known, run.machine)
    if was is None:
        (entry,) = enter(the, [addition(plant, draft, key.name, now)])
        return _one(the, entry.run)
    response.status_code = 200
    change = said_otherwise(was, draft)
    if change == Change():
        return run_body(was)
    if not was.run.going_on or change != Change(end=change.end):
        raise HTTPException(
            409,
            f"{was.id} is stated already with other values; POST /api/v1/runs/{was.id}/corrections "
            "with a reason",
        )
    enter(the, [correction(was, change, key.name, run.reason or "end of the run", now)])
    return _one(the, was.id)


@router.post(
    "/batches/{name}/runs/end",
    summary="End a run that goes on",
    operation_id="end_run",
    responses=answers(Run),
)
def end(the: The, key: Writer, name: BatchName, given: EndIn) -> dict[str, Any]:
    """End the batch's run on a machine; ending it again at the same time changes nothing."""
    known_machine(the.reporter.plants[-1], given.machine)
    now, known = the.now(), the.books.runs.stated(batch=name)
    on = _open(known, given.machine)
    if on is None:
        again = [one for one in known if one.run.machine == given.machine]
        if again and given.at is not None and again[-1].run.end == given.at:
            return run_body(again[-1])
        raise HTTPException(409, f"No run of {name!r} goes on on {given.machine!r}.")
    change = Change(end=given.at or now)
    _refuse(check_change(on, change, now))
    enter(the, [correction(on, change, key.name, "end of the run", now)])
    return _one(the, on.id)


@router.get("/runs/{run}", summary="One run", responses=answers(Run))
def run(the: The, _: Reader, run: str) -> Response:
    """The run as it counts now; its ETag is what a correction may be made to depend on."""
    return Response(orjson.dumps(run_body(_known(the, run))), media_type="application/json")


@router.post(
    "/runs/{run}/corrections",
    summary="Correct or delete a run",
    operation_id="correct_run",
    responses=may_wait(Run | Deleted),
)
@waits("corrections")
def correct(
    the: The, key: Writer, run: str, given: CorrectionIn, if_match: IfMatch = None
) -> dict[str, Any]:
    """A correction is a row of its own, with who and why; what was said before stays visible.

    Another batch holds for the whole stay of the id on the machine, all else for this run.
    """
    now, stated = the.now(), _known(the, run)
    unchanged(if_match, orjson.dumps(run_body(stated)), f"/api/v1/runs/{quote(run)}")
    change = Change(given.batch, given.process, given.start, given.end, given.kg)
    if given.delete == (change != Change()):
        allowed = "either delete, or at least one of batch, process, start, end, kg"
        allowed_zh = "删除，或更改 batch、process、start、end、kg 中至少一项"
        raise refused(Refusal("delete", str(given.delete).lower(), allowed, allowed_zh))
    if given.delete:
        enter(the, [deletion(stated, key.name, given.reason, now)])
        return {"id": run, "deleted": True}
    _refuse(check_change(stated, change, now))
    enter(the, [correction(stated, change, key.name, given.reason, now)])
    return _one(the, run)


@router.post(
    "/machines/{name}/scan",
    summary="What a scanner read at a machine",
    operation_id="scan",
    responses=answers(Scanned),
)
def scan(the: The, key: Writer, name: str, given: ScanIn) -> dict[str, Any]:
    """A batch id begins its run, and ends the one before; the same again, or END, ends it."""
    plant = the.reporter.plants[-1]
    known_machine(plant, name)
    now, text = the.now(), given.text.strip()
    at = given.at or now
    near = the.books.runs.stated(machine=name, touching=at - _BOUNCE)
    on = [one for one in near if one.source != PLC and one.run.start <= at and _lasts(one, at)]
    if text.upper() in _END_CODES:
        if len(on) > 1:
            raise HTTPException(409, f"{name} holds {len(on)} batches: scan the one that leaves.")
        return _scanned_out(the, key, on, at)
    _refuse(check_batch(text))
    if any(one.run.batch == text and _just_now(one, at) for one in near):
        return {"action": "ignored", "runs": []}
    if leaving := [one for one in on if one.run.batch == text]:
        return _scanned_out(the, key, leaving, at)
    draft = Draft(name, text, "", at, None, None, "scan")
    _refuse(check(plant, draft, now))
    (entry,) = enter(the, [addition(plant, draft, key.name, now)])
    return {"action": "started", "runs": [_one(the, entry.run)]}


def enter(the: Service, entries: list[Entry]) -> list[Entry]:
    """Take in what is said; 409 where it contradicts what people said before."""
    try:
        return the.bookkeeper.enter(entries)
    except Clash as clash:
        raise HTTPException(409, clash_text(the, clash.entry, clash.other)) from clash


def clash_text(the: Service, entry: Entry, other: Stated) -> str:
    """What an entry contradicts."""
    machine = known_machine(the.reporter.plants[-1], entry.machine)
    run = other.run
    until = "now" if run.going_on else stamp(run.end)
    return (
        f"{machine.id} holds {machine.holds}, and {other.id} says that {run.batch} was in it from "
        f"{stamp(run.start)} to {until} ({other.source}, {other.by})"
    )


def _scanned_out(the: Service, key: Who, leaving: list[Stated], at: datetime) -> dict[str, Any]:
    now = the.now()
    for one in leaving:
        _refuse(check_change(one, Change(end=at), now))
    rows = [correction(one, Change(end=at), key.name, "scanned out", now) for one in leaving]
    enter(the, rows)
    found = [_one(the, one.id) for one in leaving]
    return {"action": "ended" if found else "ignored", "runs": found}


def _lasts(one: Stated, at: datetime) -> bool:
    return one.run.going_on or one.run.end > at


def _just_now(one: Stated, at: datetime) -> bool:
    began = abs(at - one.run.start) < _BOUNCE
    return began or (not one.run.going_on and abs(at - one.run.end) < _BOUNCE)


def _open(known: list[Stated], machine: str) -> Stated | None:
    on = [one for one in known if one.run.machine == machine and one.run.going_on]
    return on[-1] if on else None


def _refuse(refusals: list[Refusal]) -> None:
    if refusals:
        raise refused(*refusals)


def _known(the: Service, run: str) -> Stated:
    found = the.books.runs.stated(run=run)
    if not found:
        raise HTTPException(404, f"There is no run {run!r}; GET /batches/{{id}}/runs names them.")
    return found[0]


def _one(the: Service, run: str) -> dict[str, Any]:
    return run_body(the.books.runs.stated(run=run)[0])


def _entry(one: Entry) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind,
        "run": one.run,
        "machine": one.machine,
        "batch": one.batch,
        "process": one.process,
        "start": stamp(one.start) if one.start else None,
        "end": stamp(one.end) if one.end else None,
        "kg": one.kg,
        "said": one.said,
        "source": one.source,
        "by": one.by,
        "reason": one.reason,
        "entered": stamp(one.entered),
        "import": one.file,
    }
