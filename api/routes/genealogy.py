"""What batches become of batches (rule 21): splits, merges, re-dyes, scraps."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from fastapi import HTTPException
from pydantic import Field

from api.assemble import event_body
from api.books.genealogy import Kept
from api.entering import Refusal, check_batch, check_kg
from api.ledger.genealogy import Event, Heir, circle
from api.routes import room
from api.routes.forms import (
    BatchName,
    BatchText,
    Form,
    Moment,
    Number,
    Reason,
    ReasonIn,
    refused,
    unknown_batch,
)
from api.routes.paging import Paged
from api.second_eyes import waits
from api.service import Reader, Service, The, Writer
from api.shapes import answers
from api.shapes.genealogy import Event as EventShape
from api.shapes.genealogy import Genealogy, Undone
from api.shapes.reviews import may_wait
from collector.wire.reading import stamp

router = room("genealogy")


class PartIn(Form):
    """A part of a batch; the batch's own name stands for what stays with it."""

    batch: BatchText
    kg: str = Field(max_length=32, description="Its accepted mass, a decimal [kg]")


class SplitIn(Form):
    """A batch becomes several."""

    parts: list[PartIn] = Field(min_length=2, max_length=50)
    reason: Reason
    at: Moment | None = Field(None, description="Now where it is left out")


class MergeIn(Form):
    """Several batches become this one."""

    parents: list[BatchText] = Field(min_length=1, max_length=50, alias="from")
    reason: Reason
    kg: str | None = Field(
        None,
        max_length=32,
        description="Mass of what they hand over; the sum of theirs where left out [kg]",
    )
    at: Moment | None = Field(None, description="Now where it is left out")


class RedyeIn(Form):
    """This batch is another one, dyed again under a name of its own."""

    parent: BatchText
    reason: Reason


@router.get(
    "/batches/{name}/genealogy",
    summary="What a batch came from, and what became of it",
    responses=answers(Genealogy),
)
def genealogy(the: The, _: Reader, name: BatchName, paged: Paged) -> dict[str, Any]:
    """Every event that ever named the batch, those that were undone included."""
    kept = the.books.genealogy.history(name)
    if not kept and not the.books.batches.entered(name):
        _must_have_run(the, name)
    found = paged.of(kept, lambda one: one.event.number)
    return {"events": [_event(one) for one in found]}


@router.post(
    "/batches/{name}/split",
    status_code=201,
    summary="A batch becomes several",
    operation_id="split_batch",
    responses=answers(EventShape, 201),
)
def split(the: The, key: Writer, name: BatchName, given: SplitIn) -> dict[str, Any]:
    """What the batch carries so far goes to its parts by their accepted mass."""
    _must_have_run(the, name)
    names = [part.batch for part in given.parts]
    refusals = [one for part in given.parts for one in check_kg(part.kg)]
    if len(set(names)) < len(names):
        refusals.append(Refusal("parts", ", ".join(names), "each batch once", "每个批次只写一次"))
    if refusals:
        raise refused(*refusals)
    heirs = tuple(Heir(part.batch, Decimal(part.kg)) for part in given.parts)
    whole, has = sum((Decimal(part.kg) for part in given.parts), Decimal(0)), _kg(the, name)
    if has is not None and whole > has:
        allowed = f"together at most what {name} has, {has:f} kg"
        allowed_zh = f"合计不超过 {name} 的 {has:f} kg"
        raise refused(Refusal("parts", f"{whole:f} kg", allowed, allowed_zh))
    at = given.at or the.now()
    return _keep(the, Event(0, "split", at, (name,), heirs, key.name, given.reason))


@router.post(
    "/batches/{name}/merge",
    status_code=201,
    summary="Several batches become this one",
    operation_id="merge_batches",
    responses=answers(EventShape, 201),
)
def merge(the: The, key: Writer, name: BatchName, given: MergeIn) -> dict[str, Any]:
    """What the batches carry so far is added."""
    for parent in given.parents:
        _must_have_run(the, parent)
    parents = tuple(dict.fromkeys(given.parents))
    if name in parents:
        allowed = "other batches than the one that they become"
        raise refused(Refusal("from", name, allowed, "与合并后批次不同的批次"))
    if given.kg is not None and (refusals := check_kg(given.kg)):
        raise refused(*refusals)
    masses = [_kg(the, parent) for parent in parents]
    summed = sum((one for one in masses if one is not None), Decimal(0))
    kg = Decimal(given.kg) if given.kg else None if None in masses else summed
    heirs, at = (Heir(name, kg),), given.at or the.now()
    return _keep(the, Event(0, "merge", at, parents, heirs, key.name, given.reason))


@router.post(
    "/batches/{name}/redye",
    status_code=201,
    summary="This batch is another, dyed again",
    operation_id="redye_batch",
    responses=answers(EventShape, 201),
)
def redye(the: The, key: Writer, name: BatchName, given: RedyeIn) -> dict[str, Any]:
    """All that this batch uses is its parent's; the kilograms count once, with the parent."""
    _must_have_run(the, given.parent)
    if given.parent == name:
        allowed = "another batch; what is dyed again under its own name needs no entry"
        raise refused(Refusal("parent", name, allowed, "另一批次；以原缸号复染无需登记"))
    heirs = (Heir(given.parent, None),)
    return _keep(the, Event(0, "redye", the.now(), (name,), heirs, key.name, given.reason))


@router.post(
    "/batches/{name}/scrap",
    status_code=201,
    summary="A batch is wholly scrapped",
    operation_id="scrap_batch",
    responses=answers(EventShape, 201),
)
def scrap(the: The, key: Writer, name: BatchName, given: ReasonIn) -> dict[str, Any]:
    """It keeps what it carries; the accepted kilograms of its article answer for it."""
    _must_have_run(the, name)
    return _keep(the, Event(0, "scrap", the.now(), (name,), (), key.name, given.reason))


@router.post(
    "/genealogy/{number}/undo",
    summary="An event did not happen",
    operation_id="undo_event",
    responses=may_wait(Undone),
)
@waits("corrections")
def undo(the: The, key: Writer, number: Number, given: ReasonIn) -> dict[str, Any]:
    """The event stays visible and counts no more."""
    event = the.books.genealogy.event(number)
    if event is None:
        raise HTTPException(404, f"There is no event {number} that stands.")
    with the.revisions.lock:
        the.books.genealogy.undo(event, key.name, given.reason, the.now())
    the.bookkeeper.related(event.names)
    return {"event": number, "undone": True}


def _keep(the: Service, event: Event) -> dict[str, Any]:
    now = the.now()
    if event.at > now:
        allowed, allowed_zh = f"not in the future: it is {stamp(now)}", f"不晚于现在 {stamp(now)}"
        raise refused(Refusal("at", stamp(event.at), allowed, allowed_zh))
    refusals = [one for name in sorted(event.names) for one in check_batch(name)]
    refusals += _contradictions(event, the.books.genealogy.relatives(event.names))
    if refusals:
        raise refused(*refusals)
    with the.revisions.lock:  # what is being written was made of the families of before
        number = the.books.genealogy.add(event, now)
    the.bookkeeper.related(event.names)
    return event_body(replace(event, number=number))


def _contradictions(event: Event, known: tuple[Event, ...]) -> list[Refusal]:
    """What cannot be beside what was entered before."""
    found = []
    if around := circle((*known, event)):
        circled = ", ".join(around)
        allowed, allowed_zh = f"no batch among its own forebears: {circled}", f"不得成环：{circled}"
        found.append(Refusal("batch", event.parents[0], allowed, allowed_zh))
    for other in known:
        shared = set(event.parents) & set(other.parents)
        if shared and (other.at == event.at or "redye" in (event.kind, other.kind)
                       or {event.kind, other.kind} == {"scrap"}):  # fmt: skip
            allowed = f"once: event {other.number} ({other.kind}) is about it already"
            allowed_zh = f"只登记一次：事件 {other.number}（{other.kind}）已涉及该批次"
            found.append(Refusal("batch", min(shared), allowed, allowed_zh))
        for redyed, by in ((event, other), (other, event)):
            taken = {heir.batch for heir in by.heirs}
            if redyed.kind == "redye" and by.kind != "redye" and redyed.parents[0] in taken:
                allowed = f"not both dyed again and part of event {other.number} ({other.kind})"
                allowed_zh = f"不得既为复染又属于事件 {other.number}（{other.kind}）"
                found.append(Refusal("batch", redyed.parents[0], allowed, allowed_zh))
    return found


def _kg(the: Service, name: str) -> Decimal | None:
    """A batch's mass that still counts under its name. [kg]"""
    found = the.reporter.derive(name)
    return found.tally.accepted_kg if found else None


def _must_have_run(the: Service, name: str) -> None:
    """What never ran has nothing to hand on."""
    if not the.reporter.knows(name):
        raise unknown_batch(name)


def _event(one: Kept) -> dict[str, Any]:
    return event_body(one.event) | {
        "entered_at": one.entered,
        "undoes": one.undoes,
        "undone": one.undone,
    }
