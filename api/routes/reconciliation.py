"""Bills against meters, and mass that went in against mass that came out (rule 28)."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import HTTPException, Query
from pydantic import Field

from api.assemble import problem_body
from api.bills import Bills, note_of
from api.books.said import Awaiting
from api.calendar import day_of, month_of
from api.calendar import month as bounds_of
from api.entering import Refusal
from api.importing.kinds import kind
from api.importing.parsing import Fault, Row
from api.importing.planning import Ground
from api.masses import balance_of
from api.masses import note_of as mass_note
from api.routes import room
from api.routes.forms import Form, Reason, refused
from api.service import Reader, Service, The, Writer
from api.shapes import answers
from api.shapes.reconciliation import BillEntry, BillNote, MassNote, Reconciliation
from api.shapes.reconciliation import Bills as BillsShape
from collector.wire.problem import Problem

router = room("reconciliation")

_NONE_SUCH: dict[int | str, dict[str, Any]] = {404: {"description": "No such month or bill"}}

MonthAsked = Annotated[
    str | None, Query(pattern=r"^\d{4}-\d{2}$", description="2026-03; without it, the last one")
]


_DECIMAL = r"^[0-9]{1,12}(\.[0-9]{1,6})?$"
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2200, 1, 1))]


class BillIn(Form):
    """A bill as it came."""

    supply: str = Field(min_length=1, max_length=64, description="Which supply")
    first_day: Day = Field(description="From this day on")
    last_day: Day = Field(description="To the end of this one")
    amount: str = Field(pattern=_DECIMAL, description="How much, a decimal [unit]")
    unit: str = Field(min_length=1, max_length=16, description="kWh, MWh, kg, t, m3, m3_0c, m3_20c")
    money: str = Field("", pattern=rf"^$|{_DECIMAL}", description="What it cost, a decimal")
    currency: str = Field("", max_length=3, description="CNY")
    number: str = Field("", max_length=40, description="The bill's own number")


class BillNoteIn(Form):
    """Why a bill differs from the meter."""

    bill: str = Field(max_length=128, description="As GET /bills names it")
    why: Reason


class MassNoteIn(Form):
    """Why mass is missing or too much."""

    month: str = Field(pattern=r"^\d{4}-\d{2}$", description="2026-03")
    why: Reason


@router.get(
    "/bills",
    summary="Bills of a month beside the supplies' meters",
    responses=answers(BillsShape) | _NONE_SUCH,
)
def bills(the: The, _: Reader, month: MonthAsked = None) -> dict[str, Any]:
    """Those whose last day lies in it: billed, metered, the difference, and who explained it.

    ``state`` is ``agrees`` (within 2 %), ``differs``, ``explained`` (a note stands about this very
    difference) or ``not-metered``. ``unbilled`` are supplies without a bill.
    """
    name, days = _month(the, month)
    found = Bills(the.books, the.reporter)
    return {
        "month": name,
        "bills": found.bodies(*days, the.now()),
        "unbilled": found.unbilled(*days),
    }


@router.post(
    "/bills",
    status_code=201,
    summary="Enter a bill",
    operation_id="enter_bill",
    responses=answers(BillEntry, 201),
)
def enter_bill(the: The, key: Writer, given: BillIn) -> dict[str, Any]:
    """One bill for the same days of a supply: entered again with other values it takes its place.

    What was entered before stays in the books.
    """
    said = {name: str(value) for name, value in given.model_dump().items() if value}
    row = Row(1, said)
    ground = Ground(the.books, the.bookkeeper, the.reporter.plants, key.name, the.now())
    plan = kind("bills").plan([row], ground)
    if plan.bad:
        raise refused(*(_refusal(one) for one in plan.bad))
    word = plan.steps[0].word
    if word is not None:
        the.books.said.enter([word], the.now(), Awaiting())  # type: ignore[list-item]
    return dict(plan.steps[0].said)


@router.post(
    "/bills/notes",
    status_code=201,
    summary="Explain why a bill differs",
    operation_id="explain_bill",
    responses=answers(BillNote, 201) | _NONE_SUCH,
)
def explain_bill(the: The, key: Writer, given: BillNoteIn) -> dict[str, Any]:
    """A named person says why; where the difference becomes another, it asks again."""
    last = given.bill.rpartition("/")[2]
    try:
        day = date.fromisoformat(last)
        after = day + timedelta(days=1)
    except (ValueError, OverflowError):
        raise HTTPException(404, f"There is no bill {given.bill!r}.") from None
    bodies = Bills(the.books, the.reporter).bodies(day, after, the.now())
    bill = next((one for one in bodies if one["bill"] == given.bill), None)
    if bill is None:
        raise HTTPException(404, f"There is no bill {given.bill!r}.")
    if bill["difference"] is None:
        raise HTTPException(409, f"Of {given.bill!r} no meter says anything yet.")
    word = note_of(bill, key.name, given.why, the.now())
    the.books.said.enter([word], the.now(), Awaiting())
    return given.model_dump() | {"by": key.name}


@router.get(
    "/reconciliation",
    summary="What was billed and weighed in a month, and what differs",
    responses=answers(Reconciliation) | _NONE_SUCH,
)
def reconciliation(the: The, _: Reader, month: MonthAsked = None) -> dict[str, Any]:
    """Bills against meters; greige and chemicals against accepted mass, scrap and waste.

    ``readings`` were taken by hand, each beside what the meter reported itself at that time.
    """
    name, days = _month(the, month)
    span = bounds_of(name, the.reporter.plants[-1].timezone)
    found = Bills(the.books, the.reporter)
    return {
        "month": name,
        "bills": found.bodies(*days, the.now()),
        "unbilled": found.unbilled(*days),
        "mass": balance_of(the.books, name, span, days),
        "readings": found.checks(*span),
    }


@router.post(
    "/reconciliation/notes",
    status_code=201,
    summary="Explain a mass balance",
    operation_id="explain_mass",
    responses=answers(MassNote, 201) | _NONE_SUCH,
)
def explain_mass(the: The, key: Writer, given: MassNoteIn) -> dict[str, Any]:
    """A named person says why mass is missing or too much in a month."""
    name, days = _month(the, given.month)
    span = bounds_of(name, the.reporter.plants[-1].timezone)
    body = balance_of(the.books, name, span, days)
    word = mass_note(name, body["difference_kg"], key.name, given.why, the.now())
    the.books.said.enter([word], the.now(), Awaiting())
    return given.model_dump() | {"by": key.name}


def _month(the: Service, asked: str | None) -> tuple[str, tuple[date, date]]:
    zone = the.reporter.plants[-1].timezone
    this = month_of(the.now(), zone)
    name = asked or month_of(bounds_of(this, zone)[0] - timedelta(hours=1), zone)
    try:
        start, end = bounds_of(name, zone)
    except (ValueError, OverflowError):
        raise HTTPException(404, f"There is no month {name!r}.") from None
    return name, (day_of(zone, start), day_of(zone, end))


def _refusal(one: Fault) -> Refusal:
    values = dict(one.values) | {"value": one.value, "field": one.field}
    said = problem_body(Problem(one.code, one.field, values=values))
    texts = (f"{said[f'text_{lang}']} {said[f'do_{lang}']}" for lang in ("en", "zh"))
    return Refusal(one.field, one.value, *texts)
