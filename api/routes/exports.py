"""Exports: results as files."""

import re
import tempfile
import threading
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import HTTPException, Query
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api import exporting, exports
from api.assemble import Edition, footprint_body
from api.calendar import Span
from api.calendar import month as bounds_of
from api.exporting import Order, Unwritten
from api.ledger.runs import BATCH_ID
from api.routes import room
from api.routes.articles import articles_of, declared_period, known
from api.routes.forms import Instant, unknown_batch
from api.service import Reader, Service, The
from api.shapes import file_of
from collector.wire.problem import Problem, Refused
from collector.wire.reading import stamp

router = room("exports")

View = Literal["footprint", "inventory"]
FormName = Annotated[str, InPath(description=f"Form of the file: {', '.join(exports.names())}")]
TableName = Annotated[
    Literal["batches", "lines", "factors", "problems"],
    Query(description="Which table, where a file of this form holds but one"),
]
_UNSAFE = re.compile(r"[^\w.+-]+")
"""What is no part of a file's name on every system."""
_one_at_a_time = threading.Lock()
"""A small machine writes one file at a time; who comes next waits."""


@router.get(
    "/exports/{form}",
    summary="Results of a month, a period, an article or a batch as a file",
    response_class=FileResponse,
    responses=file_of("*/*", "A file of that form"),
)
def export(  # noqa: PLR0913 - each is a parameter of the request
    the: The,
    _: Reader,
    form: FormName,
    month: Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}$", description="2026-03")] = None,
    batch: Annotated[str | None, Query(pattern=rf"^(?:{BATCH_ID.pattern})$")] = None,
    article: Annotated[
        str | None, Query(max_length=80, description="Over 12 months, or from and to")
    ] = None,
    start: Annotated[Instant | None, Query(alias="from")] = None,
    end: Annotated[Instant | None, Query(alias="to")] = None,
    as_of: Annotated[Instant | None, Query(description="A month as it was kept then")] = None,
    view: View = "footprint",
    table: TableName = "batches",
    lang: Literal["en", "zh"] = "en",
) -> FileResponse:
    """What ended in a month of site time or between two instants, of an article, or one batch.

    Batches that are not final stand there as they are so far, and say so. A month whose totals are
    kept is exported as it was kept, so that its sum is that of ``/periods/{month}/totals``.
    """
    if form not in exports.names():
        raise HTTPException(404, f"Not a form of file: {form!r}; {', '.join(exports.names())} are.")
    times = start is not None or end is not None
    ways = [month is not None, batch is not None, article is not None or times]
    if sum(ways) != 1 or (start is None) != (end is None):
        raise HTTPException(422, "Say one of: month; batch; article; from and to.")
    if as_of is not None and month is None:
        raise HTTPException(422, "as_of goes with month; a batch has revisions.")
    if month is not None:
        about, found = month, _month(the, month, view, as_of) | {"kind": "month"}
    elif batch is not None:
        about, found = batch, _batch(the, batch, view) | {"kind": "batch"}
    elif article is not None:
        about, found = article, _article(the, article, declared_period(the, start, end), view)
    else:
        assert start is not None
        assert end is not None
        about, found = f"{stamp(start)}/{stamp(end)}", _period(the, start, end, view)
    plant = the.reporter.plants[-1]
    order = Order(
        books=the.books.url,
        form=form,
        table=table,
        lang=lang,
        about=about,
        site=plant.site,
        timezone=plant.timezone,
        view=view,
        made=stamp(the.now()),
        by=the.version,
        **found,
    )
    return _file(order)


def _file(order: Order) -> FileResponse:
    with tempfile.NamedTemporaryFile(prefix="millprint-", delete=False) as empty:
        out = Path(empty.name)
    try:
        with _one_at_a_time:
            exporting.write(order, out)
    except Unwritten as fault:
        out.unlink()
        raise Refused(Problem("export-unwritten", order.form, values={"why": str(fault)})) from None
    except BaseException:
        out.unlink()
        raise
    form = exports.form(order.form)
    name = _UNSAFE.sub("-", f"{order.site}-{order.about}".replace(":", ""))
    part = f"-{order.table}" if form.ONE_TABLE else ""
    return FileResponse(
        out,
        media_type=form.MEDIA,
        filename=f"{name}{part}.{order.form}",
        background=BackgroundTask(out.unlink),
    )


def _month(the: Service, month: str, view: str, as_of: datetime | None) -> dict[str, Any]:
    try:
        start, end = bounds_of(month, the.reporter.plants[-1].timezone)
    except ValueError:
        raise HTTPException(404, f"There is no month {month!r}.") from None
    if as_of is not None:
        the.revisions.as_of(as_of)
    kept = the.books.periods.statement(month, as_of=as_of) if view == "footprint" else None
    if kept is None and as_of is not None:
        raise HTTPException(404, f"No totals of {month} were kept at that time.")
    found = _period(the, start, end, view) if kept is None else exporting.of_statement(kept)
    return found if as_of is not None else found | _standing(the, month)


def _standing(the: Service, month: str) -> dict[str, Any]:
    """Who closed a month, and what waits that would change it."""
    found = the.periods.standing(month, open_batches=the.bookkeeper.open_batches())
    closed = found.closed
    said = (closed.closed_by, closed.closed, closed.why) if closed else ()
    return {"closed": said, "waiting": len(found.waiting)}


def _period(the: Service, start: datetime, end: datetime, view: str) -> dict[str, Any]:
    found = exporting.of_period(the.books, view, start, end)
    kept = {batch for batch, _ in found["kept"]}
    running = {run.batch for run in the.books.runs.between(start, end)} - kept
    bodies = [_so_far(the, one, view) for one in sorted(running & the.bookkeeper.open_batches())]
    return found | {"so_far": tuple(body for body in bodies if body is not None)}


def _batch(the: Service, batch: str, view: str) -> dict[str, Any]:
    stored = the.books.results.find(batch, view)
    if stored is not None and not the.bookkeeper.is_open(batch):
        return {"kept": ((batch, stored.revision),), "digest": stored.digest}
    body = _so_far(the, batch, view)
    if body is None:
        raise unknown_batch(batch)
    return {"kept": (), "so_far": (body,)}


def _article(the: Service, article: str, period: Span, view: str) -> dict[str, Any]:
    """An article's final batches of a period; only they are in what is declared."""
    if view != "footprint":
        raise HTTPException(422, "An article is declared by its footprint alone.")
    known(the, article)
    unfinished = the.bookkeeper.open_batches()
    told = articles_of(the).declared(article, period, unfinished, the.now())
    kept = tuple((one["batch"], one["revision"]) for one in told["batches"])
    return {"kept": kept, "kind": "article", "digest": told["digest"], "declared": told}


def _so_far(the: Service, batch: str, view: str) -> dict[str, Any] | None:
    """What a batch that is not final carries as it stands now."""
    report = the.reporter.report(batch, view, the.now())
    if report is None:
        return None
    return footprint_body(report, Edition(0, stamp(the.now()), "so-far"))
