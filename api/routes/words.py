"""What is said of a batch: corrected with a reason, and all of it to be read."""

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import quote

from pydantic import Field

from api.books.batches import KIND, BatchEntry
from api.books.said import IMPORT
from api.entering import check_kg
from api.routes import room
from api.routes.batches import batch_bytes
from api.routes.forms import BatchName, Form, IfMatch, Reason, refused, unchanged, unknown_batch
from api.routes.paging import Paged
from api.second_eyes import waits
from api.service import Reader, The, Writer
from api.shapes import answers
from api.shapes.batches import EnteredBatch
from api.shapes.reviews import may_wait
from api.shapes.words import Words

router = room("batches")


class BatchCorrectionIn(Form):
    """What is to be other of a batch; None leaves it."""

    article: str | None = Field(None, max_length=80, description="Article or product (品名)")
    colour: str | None = Field(None, max_length=80, description="Colour (颜色)")
    order: str | None = Field(None, max_length=80, description="The customer's order (订单号)")
    accepted_kg: str | None = Field(
        None, max_length=32, description="Accepted mass, a decimal [kg]"
    )
    reason: Reason


@router.post(
    "/batches/{name}/corrections",
    summary="Correct what was entered of a batch",
    operation_id="correct_batch",
    responses=may_wait(EnteredBatch),
)
@waits("corrections")
def correct(
    the: The, key: Writer, name: BatchName, given: BatchCorrectionIn, if_match: IfMatch = None
) -> Any:
    """A correction is an entry of its own, with who and why; what was said before stays.

    What is left out stays as it is. Where the mass is other, what depends on it is computed anew.
    """
    known = the.books.batches.entered(name)
    if known is None and not the.books.runs.of(name):
        raise unknown_batch(name)
    unchanged(if_match, batch_bytes(the, name), f"/api/v1/batches/{quote(name)}")
    known = known or BatchEntry(name, "", None)
    said = given.model_dump(exclude={"reason"}, exclude_none=True)
    if given.accepted_kg is not None and (found := check_kg(given.accepted_kg)):
        raise refused(*found)
    entry = replace(known, **said)
    if entry != known:
        weighed = [name] if entry.accepted_kg != known.accepted_kg else []
        the.bookkeeper.say([entry.word(key.name, the.now(), given.reason)], weighed)
    return asdict(entry)


@router.get(
    "/batches/{name}/words",
    summary="All that was ever said of a batch, and by whom",
    responses=answers(Words),
)
def words(the: The, _: Reader, name: BatchName, paged: Paged) -> dict[str, Any]:
    """In the order in which it was said; the last one that was not taken back counts."""
    back, said = the.books.said.taken_back(), the.books.entries.of(KIND, name)
    if not said and the.books.batches.entered(name) is None and not the.books.runs.of(name):
        raise unknown_batch(name)
    found = [
        dict(one.body)
        | {"by": one.by, "entered_at": one.entered, "why": one.why}
        | {"import": _import(one.evidence), "taken_back": one.evidence in back}
        for one in paged.of(said, lambda one: one.id)
    ]
    return {"batch": name, "words": found}


def _import(evidence: str) -> int | None:
    """The import that brought a word."""
    kind, _, number = evidence.partition(" ")
    return int(number) if kind == IMPORT and number.isdecimal() else None
