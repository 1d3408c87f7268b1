"""Direct process emissions, as people declare them (rule 16): soda ash, refrigerant, fuels."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from api.assemble import plain
from api.books.entries import Decision
from api.ledger.runs import BATCH_ID
from api.routes import room
from api.routes.decimals import amount
from api.routes.forms import Instant
from api.routes.paging import Paged
from api.service import Reader, The, Writer
from api.shapes import answers
from api.shapes.entries import DeclaredEmission, Emissions
from collector.toml_files import nearest
from collector.wire.problem import Problem, Refused
from collector.wire.reading import stamp

router = room("emissions")

OfBatch = Annotated[str | None, Query(max_length=40, description="Of one batch alone")]
_LEAST = Decimal("1e-9")


class EmissionIn(BaseModel):
    """Something that was used and emits, and that no meter counts."""

    model_config = ConfigDict(extra="forbid")

    batch: str = Field(
        pattern=rf"^(?:{BATCH_ID.pattern})$", description="The batch that carries it"
    )
    carrier: str = Field(max_length=64, description="As in /factors: diesel, r-410a, soda_ash")
    unit: str = Field(max_length=16, description="As in /factors: kg, L")
    amount: str = Field(max_length=40, description="How much, a decimal")
    at: Instant = Field(description="When, with its zone")
    why: str = Field(min_length=2, max_length=2000, description="What for")
    evidence: str = Field("", max_length=500, description="What proves it: an invoice")


@router.get("/emissions", summary="What was declared", responses=answers(Emissions))
def emissions(the: The, _: Reader, paged: Paged, batch: OfBatch = None) -> dict[str, Any]:
    """Every entry, in the order in which they were entered."""
    found = paged.of(the.books.entries.of("emission", batch), lambda one: one.id)
    return {"emissions": [_body(entry) for entry in found]}


@router.post(
    "/emissions",
    status_code=201,
    summary="Declare what no meter counts",
    operation_id="declare_emission",
    responses=answers(DeclaredEmission, 201),
)
def declare(the: The, key: Writer, body: EmissionIn) -> dict[str, Any]:
    """The batch carries it on a line of its own; without a factor it is missing, not zero."""
    if not the.books.runs.of(body.batch):
        values = {"batch": body.batch}
        raise Refused(Problem("batch-never-ran", "emissions", body.at, values))
    used = plain(amount(body.amount, "amount", least=_LEAST))
    said = {"carrier": body.carrier, "unit": body.unit, "amount": used}
    entry = Decision("emission", body.batch, body.at, said, key.name, body.why, body.evidence)
    kept = the.bookkeeper.decide(entry, the.bookkeeper.touched_by([body.batch]))
    known = {(factor.carrier, factor.unit) for factor in the.catalogue.factors}
    names = [f"{carrier} [{unit}]" for carrier, unit in known]
    priced = (body.carrier, body.unit) in known
    near = nearest(f"{body.carrier} [{body.unit}]", names)
    return _body(kept) | {"priced": priced, "nearest": None if priced else near}


def _body(entry: Decision) -> dict[str, Any]:
    return entry.body | {
        "id": entry.id,
        "batch": entry.subject,
        "at": stamp(entry.at),
        "by": entry.by,
        "why": entry.why,
        "evidence": entry.evidence,
        "entered_at": entry.entered,
    }
