"""Revisions: how results change. One change, one transaction; after closing, a person's word.

Before its month is closed a result is revised by itself, with its reason (rule 23). A batch of a
closed month waits for a named person, and with it every batch that the same change touches, so
that all adds up at every ``as_of``. A newer publication of factors always waits (rule 19).
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from api.assemble import Edition
from api.books import Books
from api.books.changes import (
    FACTOR,
    PENDING,
    POSTED,
    PUBLICATION,
    REJECTED,
    SUPERSEDED,
    Change,
    ChangeLine,
    Posting,
)
from api.books.glances import Glance
from api.books.marks import RELATED
from api.books.pages import in_pages
from api.books.periods import Statement
from api.books.results import Result
from api.calendar import month_of, months
from api.composing import Composer, New, Waiting, reasons_of
from api.crew import shared_out
from api.finder import joined
from api.ledger.genealogy import family
from api.ledger.tally import Tally, withdrawn
from api.report import Reporter
from api.repricing import PAGE, Repricing
from api.statement import Statements
from collector.wire.problem import Problem, Refused
from collector.wire.reading import instant, parse_stamp, stamp, unix_ms

_MS = timedelta(milliseconds=1)


class Revisions:
    """Makes every stored result; the only writer of them.

    Args:
        books: Where results are kept.
        reporter: Computes and prices.
        statements: Makes the totals of months.
        composer: Makes results of tallies.
        now: The clock.

    Attributes:
        lock: Held while something is written: whoever reads a past state waits for it.
    """

    def __init__(
        self,
        books: Books,
        reporter: Reporter,
        statements: Statements,
        composer: Composer,
        now: Callable[[], datetime],
    ) -> None:
        self._books, self._reporter, self._statements = books, reporter, statements
        self._composer, self._now = composer, now
        self._answered = parse_stamp("1970-01-01T00:00:00.000Z")
        self.lock = threading.RLock()

    # What was.

    def as_of(self, at: datetime) -> None:
        """Bind what is written from now on to come after an instant that was asked about.

        Raises:
            Refused: The instant lies ahead: what will be known then cannot be said now.
        """
        with self.lock:  # what is being written has its stamp already
            if at > self._now():
                values = {"at": stamp(at), "now": stamp(self._now())}
                raise Refused(Problem("as-of-ahead", "as_of", None, values))
            self._answered = max(self._answered, at)

    def look(self, batch: str, reasons: frozenset[str]) -> Waiting:
        """What a batch comes to now."""
        heads = self._books.results.heads(sorted(self._books.genealogy.kin([batch])))
        last, asked = heads[batch], _asked(heads.values())
        found = self._reporter.derive(batch) if self._reporter.ripe(batch) else None
        if found is not None:
            tally = found.tally if found.tally.final else None
            return Waiting(batch, reasons, last, tally, asked=asked)
        gone = bool(last) and not self._reporter.knows(batch)
        number = last["footprint"].tally if last else None
        old = self._books.tallies.find(batch, number) if gone and number else None
        return Waiting(batch, reasons, last, withdrawn(old) if old else None, asked=asked)

    # What changes.

    def settle(self, found: Sequence[Waiting], detail: Mapping[str, Any]) -> set[str]:
        """Write what is final now; the batches that need to wait no longer.

        Args:
            found: Batches about which something changed.
            detail: What exactly changed.
        """
        settled: set[str] = set()
        with self.lock:
            new = [one for one in found if not one.last]
            related = [one for one in new if self._books.genealogy.relatives([one.batch])]
            kin = {one.batch for one in related}
            firsts = [one for one in new if one.tally is not None and one.batch not in kin]
            revised = [*(one for one in found if one.last), *related]
            for group in [*self._firsts(firsts), *self._groups(revised)]:
                if any(one.tally is None or not self._holds(one) for one in group):
                    continue  # all of them or none: what one change touches must add up
                self._settle(group, detail)
                settled |= {one.batch for one in group}
        return settled

    def put_right(self, lines: Sequence[ChangeLine], detail: Mapping[str, Any]) -> bool:
        """Revise what factors that were put right change; or wait, where a month of it is closed.

        Nothing is measured again, and no more than a few pages of batches are in memory at a time.

        Args:
            lines: Every result that is another now; none supersedes what still waits.
            detail: What exactly changed.

        Returns:
            Whether it is posted.
        """
        with self.lock:
            waits = [one for one in self._books.changes.pending() if one.reason == FACTOR]
            if waits and {*waits[-1].lines} == {*lines}:
                return False
            names = sorted({line.batch for line in lines})
            at = self._stamp()
            change = Change(POSTED, FACTOR, dict(detail), at, tuple(lines), made=at)
            if self._any_closed(names):
                earlier = [one.id for one in waits]
                self._books.changes.pend(replace(change, state=PENDING), (), earlier)
                return False
            for one in waits:
                self._books.changes.decide(one.id, None, replace(one, state=SUPERSEDED))
            if lines:
                self._books.changes.post(
                    self._posting(change, self._as_seen(change, names, at), ())
                )
            return bool(lines)

    def _any_closed(self, names: Sequence[str]) -> bool:
        """Whether any of these batches belongs to a month that is closed."""
        if not self._books.periods.closed():
            return False
        pages = (names[first : first + PAGE] for first in range(0, len(names), PAGE))
        return any(
            self._closed(result for views in found.values() for result in views.values())
            for found in map(self._books.results.heads, pages)
        )

    def _holds(self, one: Waiting) -> bool:
        """Whether nobody entered a relative since a tally was made."""
        if one.tally is None or one.kept is not None:
            return True
        _, told = family(one.batch, self._books.genealogy.relatives([one.batch]))
        return {*told} == {*one.tally.events}

    def _firsts(self, found: Sequence[Waiting]) -> list[list[Waiting]]:
        """First results: those of open months together, and those that wait for a person."""
        closed = self._books.periods.closed()
        groups: tuple[list[Waiting], list[Waiting]] = ([], [])
        for one in found:
            groups[bool(one.tally and self._month(one.tally.ended) in closed)].append(one)
        return [group for group in groups if group]

    def _groups(self, found: Sequence[Waiting]) -> list[list[Waiting]]:
        """Batches that one change may have touched together: those whose scopes overlap.

        What already waits for a person is looked at again with what overlaps it.
        """
        if not found:
            return []
        names = {one.batch for one in found}
        missing = self._books.genealogy.kin(names) - names
        again = [self.look(batch, RELATED) for batch in sorted(missing)]
        again += [
            self.look(batch, frozenset(change.reason.split(",")))
            for change in self._books.changes.pending()
            if change.reason not in (PUBLICATION, FACTOR)
            for batch in sorted({line.batch for line in change.lines} - names - missing)
        ]
        groups: list[list[Waiting]] = []
        until = 0
        every = [*found, *again]
        for one in sorted((one for one in every if one.last or one.tally), key=_scope):
            start, end = _scope(one)
            if groups and start < until:
                groups[-1].append(one)
                until = max(until, end)
            else:
                groups.append([one])
                until = end
        groups += [[one] for one in every if not one.last and one.tally is None]
        return [group for group in self._families(groups) if names & {one.batch for one in group}]

    def _families(self, groups: Iterable[list[Waiting]]) -> list[list[Waiting]]:
        """Relatives are settled together, however far apart they were."""
        group_of = {one.batch: group for group in groups for one in group}
        for batch in list(group_of):
            for near in self._books.genealogy.kin([batch]):
                own, other = group_of[batch], group_of.get(near)
                if other is not None and other is not own:
                    own.extend(other)
                    group_of |= dict.fromkeys((one.batch for one in other), own)
        return list({id(group): group for group in group_of.values()}.values())

    def _settle(self, group: Sequence[Waiting], detail: Mapping[str, Any]) -> None:
        at = self._stamp()
        new = [one for waiting in group for one in self._composer.results_of(waiting, at)]
        names = {one.batch for one in group}
        earlier = [
            change.id
            for change in self._books.changes.pending()
            if change.reason not in (PUBLICATION, FACTOR)
            and names & {line.batch for line in change.lines}
        ]
        if not new and not earlier:
            self._books.marks.done(names)
            return
        told = [one.result.reason.split(",") for one in new] or map(reasons_of, group)
        reasons = sorted({reason for own in told for reason in own})
        lines = tuple(one.line for one in new)
        change = Change(POSTED, ",".join(reasons), dict(detail), at, lines, made=at)
        if earlier or self._closed(one.result for one in new):
            self._books.changes.pend(replace(change, state=PENDING), names, earlier)
        else:
            self._books.changes.post(self._posting(change, new, names))

    def _posting(self, change: Change, new: Iterable[New], settled: Iterable[str]) -> Posting:
        """What a change writes; as it is made, where `new` is made while it is written."""
        made: list[Result] = []  # without bodies: those are most of it
        seen: list[Glance] = []
        fresh: dict[str, tuple[int, Tally]] = {}

        def results() -> Iterator[Result]:
            for one in new:
                made.append(one.result._replace(body=b""))
                if one.glance is not None:
                    seen.append(one.glance)
                if one.fresh is not None:
                    fresh[one.result.batch] = one.result.tally or 0, one.fresh
                yield one.result

        return Posting(
            change=change,
            results=results(),
            glances=seen,  # which fills itself with the results,
            tallies=fresh.values(),  # as this does
            statements=self._restated(change, made),  # likewise, and is asked behind them
            settled=settled,
        )

    def _restated(self, change: Change, results: Sequence[Result]) -> Iterator[Statement]:
        """New totals of the months that a change touches and whose totals are kept."""
        new = {one.batch: one for one in results if one.view == "footprint"}
        timezone = self._reporter.plants[-1].timezone
        touched: list[tuple[datetime, datetime]] = []
        for some in in_pages(results):
            touched = joined([*touched, *(span for one in some for span in _told_in(one))])
        names = {name for start, end in touched for name in months(start, end, timezone)}
        for name in sorted(names):
            last = self._books.periods.statement(name)
            if last is None:
                continue
            asked = change.asked if change.reason == PUBLICATION else last.asked
            edition = Edition(last.revision + 1, change.decided or change.made, change.reason)
            made = self._statements.make(name, asked, edition, new)
            if made.digest != last.digest:
                yield made

    def _closed(self, results: Iterable[Result]) -> bool:
        closed = self._books.periods.closed()
        return bool(closed) and any(self._month(_ended(one)) in closed for one in results)

    def _month(self, ended: datetime) -> str:
        return month_of(ended - _MS, self._reporter.plants[-1].timezone)

    def _stamp(self) -> str:
        """When what is written now was computed: later than all that was written or answered."""
        last = self._books.changes.last_stamp()
        known = [self._now(), self._answered + _MS, *([last + _MS] if last else [])]
        return stamp(max(known))

    # What a person decides.

    def decide(self, number: int, *, post: bool, by: str, why: str) -> Change:
        """Post a pending restatement, all batches of it in one transaction, or reject it.

        Raises:
            Refused: There is none, it is decided already, or what it says is no longer so.
        """
        with self.lock:
            change = self._books.changes.find(number)
            if change is None or change.state != PENDING:
                values = {"id": str(number), "state": change.state if change else "-"}
                raise Refused(
                    Problem("restatement-not-pending", f"restatements/{number}", None, values)
                )
            at = self._stamp()
            decided = replace(
                change, state=POSTED if post else REJECTED, decided=at, decided_by=by, why=why
            )
            posting = self._reposted(decided, at) if post else None
            self._books.changes.decide(number, posting, decided)
            return decided

    def _reposted(self, change: Change, at: str) -> Posting:
        """What a pending change writes, made while it is written."""
        names = sorted({line.batch for line in change.lines})
        return self._posting(change, self._as_seen(change, names, at), names)

    def _as_seen(self, change: Change, names: Sequence[str], at: str) -> Iterator[New]:
        """What a pending change comes to, if it still is what the person saw; else `Refused`."""
        left = set(change.lines)
        for page in self._again(change, names, at):
            for one in page:
                if one.line not in left:
                    raise _stale(change)
                left.remove(one.line)
                yield one
        if left:
            raise _stale(change)

    def _again(self, change: Change, names: Sequence[str], at: str) -> Iterator[list[New]]:
        """The batches of a pending change, as they stand now."""
        reasons = frozenset(change.reason.split(","))
        if change.reason not in (PUBLICATION, FACTOR):
            yield from (self._composer.results_of(self.look(batch, reasons), at) for batch in names)
            return
        views: dict[str, tuple[str, ...]] = {}
        for line in change.lines:
            views[line.batch] = (*views.get(line.batch, ()), line.view)
        pages = [
            {batch: views[batch] for batch in names[first : first + PAGE]}
            for first in range(0, len(names), PAGE)
        ]
        asked = change.asked if change.reason == PUBLICATION else None
        work = Repricing(self._books, self._composer, asked, reasons, at)
        yield from shared_out(work, pages)


def _asked(heads: Iterable[Mapping[str, Result]]) -> str | None:
    """By when a family's factors were published: once for all of it, as its youngest result has."""
    asked = [one["footprint"].asked for one in heads if one]
    return max((one for one in asked if one), default=None)


def _stale(change: Change) -> Refused:
    where = f"restatements/{change.id}"
    return Refused(Problem("restatement-stale", where, None, {"id": str(change.id)}))


def _ended(one: Result) -> datetime:
    return instant(one.ended_ms or one.scope_end_ms)


def _told_in(one: Result) -> Iterator[tuple[datetime, datetime]]:
    """Of which time the totals tell of a result: what it depends on, and when it ended."""
    start, ended = instant(one.scope_start_ms), _ended(one)
    yield start, max(instant(one.scope_end_ms), start + _MS)
    yield ended - _MS, ended


def _scope(one: Waiting) -> tuple[int, int]:
    scopes = [(last.scope_start_ms, last.scope_end_ms) for last in one.last.values()]
    if one.tally is not None:
        scopes.append((unix_ms(one.tally.scope[0]), unix_ms(one.tally.scope[1])))
    return min(scope[0] for scope in scopes), max(scope[1] for scope in scopes)
