"""Periods: a month is closed by a named accountant, and then nothing in it changes unasked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from api.assemble import Edition
from api.books import Books
from api.books.periods import Closed, Statement
from api.calendar import Span
from api.report import Reporter
from api.revisions import Revisions
from api.statement import Statements
from collector.wire.problem import Problem, Refused
from collector.wire.reading import stamp

_QUIET = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a month stands.

    Attributes:
        start: Its beginning,
        end: and its end, in site time.
        closed: Who closed it; None while it is open.
        final: Batches that ended in it and are final: each with its emissions. [kgCO2e]
        unfinished: Batches that ended in it and are not final as they stand.
        kept: Its totals as they were kept, the first one first.
        waiting: Numbers of the restatements that touch any of its batches.
    """

    start: datetime
    end: datetime
    closed: Closed | None
    final: dict[str, Decimal]
    unfinished: list[str]
    kept: list[Statement]
    waiting: list[int]

    @property
    def kgco2e(self) -> Decimal:
        """What its final batches carry: as it was kept, where it is."""
        return self.kept[-1].kgco2e if self.kept else sum(self.final.values(), Decimal(0))


class Periods:
    """Closes months, and keeps the totals of those that are over."""

    def __init__(
        self, books: Books, reporter: Reporter, statements: Statements, revisions: Revisions
    ) -> None:
        self._books, self._reporter = books, reporter
        self._statements, self._revisions = statements, revisions
        self._looked: datetime | None = None

    def close(
        self, name: str, *, by: str, why: str, open_batches: set[str], now: datetime
    ) -> Closed:
        """Close a month.

        Raises:
            Refused: It is no month, not over, closed already, or a batch of it is not final.
        """
        where = f"periods/{name}"
        start, end = self._bounds(name)
        if now < end:
            values = {"month": name, "until": stamp(end)}
            raise Refused(Problem("period-not-over", where, None, values))
        with self._revisions.lock:
            known = self._books.periods.closed().get(name)
            if known is not None:
                values = {"month": name, "by": known.closed_by, "at": known.closed}
                raise Refused(Problem("period-closed", where, None, values))
            unfinished = self._unfinished(start, end, open_batches)
            if unfinished:
                values = {"month": name, "batches": ", ".join(unfinished)}
                raise Refused(Problem("period-unfinished", where, None, values))
            closed = Closed(name, stamp(now), by, why)
            kept = self._books.periods.statement(name)
            self._books.periods.close(closed, None if kept else self._first(name, now))
            return closed

    def standing(self, name: str, *, open_batches: set[str]) -> Standing:
        """How a month stands, closed or not; `Refused` where it is none."""
        start, end = self._bounds(name)
        ended = self._books.results.last_of_each("footprint", (start, end))
        done = {one.batch: Decimal(one.kgco2e or 0) for one in ended}
        unfinished = self._unfinished(start, end, open_batches)
        names = done.keys() | set(unfinished)
        return Standing(
            start=start,
            end=end,
            closed=self._books.periods.closed().get(name),
            final={batch: kg for batch, kg in done.items() if batch not in unfinished},
            unfinished=unfinished,
            kept=self._books.periods.statements(name),
            waiting=[
                change.id
                for change in self._books.changes.pending()
                if any(line.batch in names for line in change.lines)
            ],
        )

    def keep(self, now: datetime, *, open_batches: set[str]) -> None:
        """Keep the totals of the month before, once all of it is final; looks once an hour."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour == self._looked:
            return
        self._looked = hour
        name = self._statements.month_before(now, self._reporter.plants[-1].timezone)
        if self._books.periods.statement(name) is not None:
            return
        start, end = self._statements.bounds(name)
        if now < end + _QUIET or self._unfinished(start, end, open_batches):
            return
        if not any(self._books.results.last_of_each("footprint", (start, end))):
            return
        with self._revisions.lock:
            self._books.periods.keep(self._first(name, now))

    def _bounds(self, name: str) -> Span:
        try:
            return self._statements.bounds(name)
        except ValueError:
            where, values = f"periods/{name}", {"month": name}
            raise Refused(Problem("no-such-month", where, None, values)) from None

    def _first(self, name: str, now: datetime) -> Statement:
        at = stamp(now)
        return self._statements.make(name, at, Edition(1, at, "first-final"))

    def _unfinished(self, start: datetime, end: datetime, open_batches: set[str]) -> list[str]:
        """Batches that ended in a period and are not final as they stand."""
        done = {one.batch for one in self._books.results.last_of_each("footprint", (start, end))}
        ran = {run.batch for run in self._books.runs.between(start, end) if run.batch}
        ended = {
            batch
            for batch, runs in self._books.runs.of_each(ran).items()
            if start <= max(run.end for run in runs) <= end
        }
        return sorted((ended - done) | (ended & open_batches))
