"""Meters: the register of them, and what a named person decides where one was changed or broke."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import HTTPException, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.assemble import plain
from api.books.entries import Decision
from api.meters import SILENT
from api.routes import room
from api.routes.decimals import amount
from api.routes.forms import Instant
from api.routes.paging import Paged
from api.second_eyes import waits
from api.service import Reader, Service, The, Writer
from api.shapes import answers
from api.shapes.meters import Counted, Counts, Meters, Swap, Swaps
from api.shapes.reviews import may_wait
from collector.toml_files import nearest
from collector.wire.problem import Problem, Refused
from collector.wire.reading import stamp
from gateway.intervals import Sample

router = room("meters")

OfCarrier = Annotated[str | None, Query(max_length=64, description="That count one carrier")]
Silent = Annotated[bool | None, Query(description="That say nothing, or that do")]
Ref = Annotated[str, Path(description="device.point")]


class SwapIn(BaseModel):
    """A meter that was changed or reset."""

    model_config = ConfigDict(extra="forbid")

    at: Instant = Field(description="When, with its zone")
    old_last: str = Field(max_length=40, description="What the old one showed last, a decimal")
    new_first: str = Field(max_length=40, description="What the new one showed first, a decimal")
    why: str = Field(min_length=2, max_length=2000, description="The reason, in words")
    evidence: str = Field("", max_length=500, description="What proves it: a photo, a protocol")


class CountedIn(BaseModel):
    """What a meter counted where its register broke, and no swap explains it."""

    model_config = ConfigDict(extra="forbid")

    at: Instant = Field(description="A moment between the readings around the break, with its zone")
    amount: str = Field(max_length=40, description="What flowed, a decimal; 0 where nothing did")
    why: str = Field(min_length=2, max_length=2000, description="The reason, in words")
    evidence: str = Field("", max_length=500, description="What proves it: a bill, a reading")


@router.get("/meters", summary="The register of meters", responses=answers(Meters))
def meters(
    the: The, _: Reader, paged: Paged, carrier: OfCarrier = None, silent: Silent = None
) -> dict[str, Any]:
    """Every meter of the plant with its dated facts, the newest last."""
    now = the.reporter.plants[-1].carrier_of()
    refs = {ref for plant in the.reporter.plants for ref in plant.carrier_of()}
    sought = [ref for ref in refs if carrier in (None, now.get(ref))]
    if silent is not None:
        sought = [ref for ref in sought if _is_silent(the, _latest(the, ref)) == silent]
    return {"meters": [_meter(the, ref) for ref in paged.of(sought, str)]}


@router.get(
    "/meters/{ref}/swaps", summary="When a meter was changed or reset", responses=answers(Swaps)
)
def swaps(the: The, _: Reader, ref: Ref, paged: Paged) -> dict[str, Any]:
    """Every decision, the superseded ones too, in the order in which they were entered."""
    _known(the, ref)
    found = paged.of(the.books.entries.of("swap", ref), lambda one: one.id)
    return {"swaps": [_body(entry) for entry in found]}


@router.post(
    "/meters/{ref}/swaps",
    status_code=201,
    summary="Enter that a meter was changed",
    operation_id="enter_swap",
    responses=may_wait(Swap, 201),
)
@waits("corrections")
def swap(the: The, key: Writer, ref: Ref, body: SwapIn) -> dict[str, Any]:
    """The register goes on exactly where it broke; what was held is given to whom it belongs."""
    numbers = {name: _number(getattr(body, name), name) for name in ("old_last", "new_first")}
    entry = Decision("swap", ref, body.at, numbers, key.name, body.why, body.evidence)
    return _decided(the, entry)


@router.get(
    "/meters/{ref}/counted",
    summary="What a meter counted where its register broke",
    responses=answers(Counts),
)
def counts(the: The, _: Reader, ref: Ref, paged: Paged) -> dict[str, Any]:
    """Every decision, the superseded ones too, in the order in which they were entered."""
    _known(the, ref)
    found = paged.of(the.books.entries.of("counted", ref), lambda one: one.id)
    return {"counted": [_body(entry) for entry in found]}


@router.post(
    "/meters/{ref}/counted",
    status_code=201,
    summary="Decide what a meter counted",
    operation_id="enter_counted",
    responses=may_wait(Counted, 201),
)
@waits("corrections")
def counted(the: The, key: Writer, ref: Ref, body: CountedIn) -> dict[str, Any]:
    """Who was on between the readings around the break carries it, as estimated; nothing is held.

    Where the register itself can say what was counted, that stands, and this has no effect.
    """
    number = {"amount": _number(body.amount, "amount")}
    return _decided(
        the, Decision("counted", ref, body.at, number, key.name, body.why, body.evidence)
    )


def _decided(the: Service, entry: Decision) -> dict[str, Any]:
    ref = entry.subject
    _known(the, ref)
    if entry.at > the.now():
        values = {"at": stamp(entry.at), "now": stamp(the.now())}
        raise Refused(Problem("swap-ahead", ref, entry.at, values))
    touched = the.books.results.touched(*the.reporter.meters.around(ref, entry.at))
    return _body(the.bookkeeper.decide(entry, touched))


def _number(text: str, name: str) -> str:
    return plain(amount(text, name, least=Decimal(0)))


def _known(the: Service, ref: str) -> None:
    refs = {ref for plant in the.reporter.plants for ref in plant.carrier_of()}
    if ref not in refs:
        near = nearest(ref, refs)
        raise HTTPException(404, f"The plant has no meter {ref!r}; the closest is {near!r}.")


def _meter(the: Service, ref: str) -> dict[str, Any]:
    today = the.now().date()
    facts = []
    for plant in the.reporter.plants:
        one = plant.meter(ref)
        expires = one.certificate_expires
        facts.append(
            {
                "valid_from": stamp(plant.valid_from),
                "serial": one.serial,
                "class": one.accuracy_class,
                "ct": one.ct,
                "pt": one.pt,
                "certificate": one.certificate,
                "certificate_expires": expires.isoformat() if expires else None,
                "certificate_expired": expires is not None and expires < today,
                "rated_kw": None if one.rated_kw is None else plain(one.rated_kw),
                "limit": None if one.limit is None else plain(one.limit),
                "behind": one.behind,
            }
        )
    plant = the.reporter.plants[-1]
    latest = _latest(the, ref)
    return {
        "meter": ref,
        "carrier": plant.carrier_of().get(ref),
        "latest": None if latest is None else {"at": stamp(latest.at), "value": latest.value},
        "silent": _is_silent(the, latest),
        "facts": facts,
    }


def _latest(the: Service, ref: str) -> Sample | None:
    device, _, point = ref.partition(".")
    return the.journal.last_at_or_before(device, point, the.now())


def _is_silent(the: Service, latest: Sample | None) -> bool:
    return latest is None or the.now() - latest.at > SILENT


def _body(entry: Decision) -> dict[str, Any]:
    return entry.body | {
        "id": entry.id,
        "meter": entry.subject,
        "at": stamp(entry.at),
        "by": entry.by,
        "why": entry.why,
        "evidence": entry.evidence,
        "entered_at": entry.entered,
    }
