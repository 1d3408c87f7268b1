"""Runs from load alone: proposed by the ledger, confirmed or dismissed by a person."""

from typing import Any

from fastapi import HTTPException
from pydantic import Field

from api.entering import Draft, addition, check, check_times
from api.ledger.corrections import Entry
from api.ledger.plant import Machine
from api.routes import room
from api.routes.forms import BatchText, Form, Moment, Reason, known_machine, refused, run_body
from api.routes.runs import enter
from api.service import Reader, Service, The, Writer
from api.shapes import answers
from api.shapes.runs import Proposals, Run
from collector.wire.reading import stamp

router = room("runs")


class ConfirmIn(Form):
    """What was on the machine; start and end may be put right at once."""

    batch: BatchText
    start: Moment
    end: Moment
    process: str = Field("", max_length=64)
    kg: str | None = Field(None, max_length=32)


class DismissIn(Form):
    """When there was nothing on the machine, and how one knows."""

    start: Moment
    end: Moment
    reason: Reason


@router.get(
    "/machines/{name}/proposals",
    summary="Load that no run accounts for",
    responses=answers(Proposals),
)
def proposals(the: The, _: Reader, name: str) -> dict[str, Any]:
    """When the machine worked in the last three days, and nobody said what on."""
    return {"proposals": _proposals(the, known_machine(the.reporter.plants[-1], name))}


@router.post(
    "/machines/{name}/proposals/confirm",
    status_code=201,
    summary="It was a batch",
    operation_id="confirm_load",
    responses=answers(Run, 201),
)
def confirm(the: The, key: Writer, name: str, given: ConfirmIn) -> dict[str, Any]:
    """A person says which batch it was: from now on it is a run."""
    plant, now = the.reporter.plants[-1], the.now()
    machine = known_machine(plant, name)
    draft = Draft(
        name, given.batch, given.process, given.start, given.end, given.kg, "load",
        "confirmed from the load",
    )  # fmt: skip
    if refusals := check(plant, draft, now):
        raise refused(*refusals)
    _must_be_proposed(the, machine, given)
    (entry,) = enter(the, [addition(plant, draft, key.name, now)])
    the.bookkeeper.proposals.look_at(machine)
    return run_body(the.books.runs.stated(run=entry.run)[0])


@router.post(
    "/machines/{name}/proposals/dismiss",
    summary="It was no batch",
    operation_id="dismiss_load",
    responses=answers(Proposals),
)
def dismiss(the: The, key: Writer, name: str, given: DismissIn) -> dict[str, Any]:
    """A person says that nothing was on the machine: it stays standby, and is not asked again."""
    machine, now = known_machine(the.reporter.plants[-1], name), the.now()
    if refusals := check_times(given.start, given.end, now):
        raise refused(*refusals)
    _must_be_proposed(the, machine, given)
    row = Entry(0, "dismiss", "", name, None, None, given.start, given.end, None, "", given.start,
                "load", key.name, given.reason, now)  # fmt: skip
    enter(the, [row])
    the.bookkeeper.proposals.look_at(machine)
    return {"proposals": _proposals(the, machine)}


def _proposals(the: Service, machine: Machine) -> list[dict[str, str]]:
    return [
        {
            "start": stamp(one.start),
            "end": stamp(one.end),
            "energy_kwh": f"{one.energy_kwh:f}",
            "above_kw": f"{one.above_kw:f}",
        }
        for one in the.bookkeeper.proposals.of(machine)
    ]


def _must_be_proposed(the: Service, machine: Machine, given: ConfirmIn | DismissIn) -> None:
    found = the.bookkeeper.proposals.of(machine)
    if not any(one.start < given.end and given.start < one.end for one in found):
        raise HTTPException(
            409,
            f"No load of {machine.id} between {stamp(given.start)} and {stamp(given.end)} waits "
            f"for an answer; POST /api/v1/batches/{{id}}/runs states a run without it.",
        )
