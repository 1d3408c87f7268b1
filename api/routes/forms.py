"""What callers give and get in more than one place: batches' names, instants, runs, refusals."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Header, HTTPException, Path, Query
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from api import entity
from api.calendar import Span
from api.entering import Refusal
from api.ledger.corrections import Stated
from api.ledger.plant import Machine, Plant
from api.ledger.runs import BATCH_ID
from collector.toml_files import nearest
from collector.wire.problem import Problem, Refused
from collector.wire.reading import stamp

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_PATTERN = rf"^(?:{BATCH_ID.pattern})$"

Instant: TypeAlias = Annotated[AwareDatetime, Field(ge=_FIRST, lt=_LAST)]
"""An instant with its zone, in a century that can be reckoned with."""


def _whole_ms(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


Moment: TypeAlias = Annotated[Instant, AfterValidator(_whole_ms)]
"""The same in UTC and whole milliseconds, as the books keep them."""


def period(
    start: Annotated[Instant, Query(alias="from", description="Beginning, with its zone")],
    end: Annotated[Instant, Query(alias="to", description="End, with its zone")],
) -> Span:
    """The time that a caller asks about; 422 where it does not begin before it ends."""
    if start >= end:
        raise HTTPException(422, f"from {start.isoformat()} does not come before to")
    return start, end


Period: TypeAlias = Annotated[Span, Depends(period)]
"""The time from one instant to another."""

BatchName: TypeAlias = Annotated[
    str, Path(pattern=_PATTERN, description="Letters, digits, _ . + # -")
]
BatchText: TypeAlias = Annotated[
    str, Field(pattern=_PATTERN, description="The batch's own id (缸号)")
]
Number: TypeAlias = Annotated[int, Path(ge=1, le=2**31 - 1, description="Its number")]
Reason: TypeAlias = Annotated[
    str, Field(min_length=2, max_length=256, description="Why; it stays beside the correction")
]


IfMatch: TypeAlias = Annotated[
    str | None, Header(max_length=500, description="The ETag of what is to be changed")
]


class Form(BaseModel):
    """What a caller sends; a field that nobody reads is refused."""

    model_config = ConfigDict(extra="forbid")


class ReasonIn(Form):
    """Why."""

    reason: Reason


class NotAcceptable(Refused):
    """What a caller sent cannot be used; the problems say why."""

    def __init__(self, *problems: Problem, status: int = 422) -> None:
        super().__init__(*problems)
        self.status = status


def refused(*refusals: Refusal) -> RequestValidationError:
    """422 that names each field, quotes its value and says what is allowed."""
    return RequestValidationError(
        [
            {"type": "value_error", "loc": ("body", one.field), "msg": one.allowed}
            | {"msg_zh": one.allowed_zh, "input": one.value}
            for one in refusals
        ]
    )


def unchanged(if_match: str | None, body: bytes, path: str) -> None:
    """412 where somebody writes about another state than that which the bytes are of."""
    if if_match is not None and not entity.names(if_match, body):
        raise HTTPException(412, f"If-Match: {if_match!r} is not its state any more; GET {path}")


def unknown_batch(name: str) -> HTTPException:
    """404 for a batch of which nothing is known."""
    return HTTPException(404, f"There is no batch {name!r}.")


def known_machine(plant: Plant, name: str) -> Machine:
    """The machine of that name; 404 with the closest one where there is none."""
    machine = plant.machine(name)
    if machine is None:
        near = nearest(name, [one.id for one in plant.machines])
        raise HTTPException(404, f"There is no machine {name!r}; the closest is {near!r}.")
    return machine


def run_body(stated: Stated) -> dict[str, Any]:
    """A run that counts, and who says so."""
    run = stated.run
    return {
        "machine": run.machine,
        "process": run.process,
        "start": stamp(run.start),
        "end": None if run.going_on else stamp(run.end),
        "batch": run.batch,
        "id": stated.id,
        "source": stated.source,
        "by": stated.by,
    }
