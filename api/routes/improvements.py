"""Improvements: what was done to save, and what it did: two periods beside each other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import HTTPException, Query
from pydantic import Field

from api.books.entries import Decision
from api.calendar import Span
from api.comparing import Subject, compare
from api.routes import room
from api.routes.articles import articles_of, known
from api.routes.forms import Form, Instant, Moment, Number
from api.routes.paging import Paged
from api.service import Reader, Service, The, Writer
from api.shapes import NOT_THERE, answers
from api.shapes.improvements import Comparison, Improvement, ImprovementCompared, Improvements
from collector.wire.problem import Problem, Refused
from collector.wire.reading import stamp

router = room("improvements")

_LONGEST = timedelta(days=366)
Kind = Literal["article", "process", "machine"]
Name = Annotated[str, Query(min_length=1, max_length=80, description="Which")]


class ImprovementIn(Form):
    """A measure that was taken; it is never edited: what was wrong is said by another one."""

    what: str = Field(min_length=2, max_length=500, description="What was done")
    of: Kind = Field(description="Whom it is about")
    name: str = Field(min_length=1, max_length=80, description="Which article, process or machine")
    since: Moment = Field(description="From when it works, with its zone")
    why: str = Field(min_length=2, max_length=2000, description="Why it should save")
    evidence: str = Field("", max_length=500, description="What proves it: an order, a hash")


@router.get(
    "/improvements",
    summary="The register of improvement measures",
    responses=answers(Improvements),
)
def improvements(the: The, _: Reader, paged: Paged) -> dict[str, Any]:
    """Every entry, in the order in which they were entered."""
    found = paged.of(the.books.entries.of("improvement"), lambda one: one.id)
    return {"improvements": [_body(one) for one in found]}


@router.post(
    "/improvements",
    status_code=201,
    summary="Enter an improvement measure",
    operation_id="enter_improvement",
    responses=answers(Improvement, 201) | NOT_THERE,
)
def enter(the: The, key: Writer, given: ImprovementIn) -> dict[str, Any]:
    """What, where, from when, by whom, why, and what proves it."""
    subject = Subject(given.of, given.name)
    _must_exist(the, subject)
    said = {"what": given.what, "of": given.of, "name": given.name}
    entry = Decision(
        "improvement", given.name, given.since, said, key.name, given.why, given.evidence
    )
    return _body(the.books.entries.add(entry, the.now(), (), frozenset()))


@router.get(
    "/improvements/{number}/comparison",
    summary="What a measure did",
    operation_id="get_improvement_comparison",
    responses=answers(ImprovementCompared),
)
def of_improvement(
    the: The,
    _: Reader,
    number: Number,
    days: Annotated[int, Query(ge=1, le=366, description="Before it, and after it")] = 90,
) -> dict[str, Any]:
    """As long before the measure as after it; what has not come yet is not waited for."""
    entry = next((one for one in the.books.entries.of("improvement") if one.id == number), None)
    if entry is None:
        raise HTTPException(404, f"There is no improvement {number}.")
    length, now = timedelta(days=days), the.now()
    if entry.at >= now:
        values = {"what": entry.body["what"], "since": stamp(entry.at)}
        raise Refused(Problem("improvement-not-yet", f"improvements/{number}", None, values))
    subject = Subject(entry.body["of"], entry.body["name"])
    periods = (entry.at - length, entry.at), (entry.at, min(entry.at + length, now))
    return {"improvement": _body(entry)} | _compared(the, subject, periods)


@router.get(
    "/comparison",
    summary="An article, a process or a machine before and after",
    responses=answers(Comparison) | NOT_THERE,
)
def comparison(  # noqa: PLR0913 - each is a parameter of the request
    the: The,
    _: Reader,
    of: Kind,
    name: Name,
    start: Annotated[Instant, Query(alias="from")],
    end: Annotated[Instant, Query(alias="to")],
    then_start: Annotated[Instant, Query(alias="then_from", description="The second period")],
    then_end: Annotated[Instant, Query(alias="then_to")],
) -> dict[str, Any]:
    """What an accepted kilogram emitted and took in two periods.

    ``mix`` is what of the difference comes of other things being made: other articles, or, of an
    article, other routes; ``own`` is the rest, and ``by`` is their sum. Final batches count.
    """
    subject = Subject(of, name)
    _must_exist(the, subject)
    return _compared(the, subject, ((start, end), (then_start, then_end)))


def _compared(the: Service, subject: Subject, periods: tuple[Span, Span]) -> dict[str, Any]:
    for start, end in periods:
        if not start < end <= start + _LONGEST:
            raise HTTPException(
                422, f"from {stamp(start)} to {stamp(end)} is no period of up to a year"
            )
    names: Sequence[str] = ()
    if subject.kind == "article":
        names = articles_of(the).batches_of(subject.name)
    measures = [_body(one) for one in _between(the, subject, periods[0][0], periods[1][1])]
    return compare(the.books, subject, names, periods) | {"measures": measures}


def _between(the: Service, subject: Subject, start: datetime, end: datetime) -> list[Decision]:
    """Measures about a subject in a time: what may be the reason."""
    return [
        one
        for one in the.books.entries.of("improvement", subject.name)
        if one.body["of"] == subject.kind and start <= one.at < end
    ]


def _must_exist(the: Service, subject: Subject) -> None:
    plant = the.reporter.plants[-1]
    if subject.kind == "article":
        known(the, subject.name)
    elif subject.kind == "machine" and plant.machine(subject.name) is None:
        raise HTTPException(404, f"There is no machine {subject.name!r}.")


def _body(entry: Decision) -> dict[str, Any]:
    return entry.body | {
        "id": entry.id,
        "since": stamp(entry.at),
        "by": entry.by,
        "why": entry.why,
        "evidence": entry.evidence,
        "entered_at": entry.entered,
    }
