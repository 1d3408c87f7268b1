"""The bookkeeper: follows the journal, finds runs, and keeps a revision when a result is final."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson

from api.assemble import footprint_body
from api.books import Books
from api.books.results import Result
from api.finder import Finder
from api.ledger.corrections import Entry, Stated
from api.ledger.cuts import SLOT
from api.proposals import Proposals
from api.report import Reporter
from collector.wire.problem import Problem
from collector.wire.reading import stamp

log = logging.getLogger("api")

VIEWS = ("footprint", "inventory")
_SO_FAR_FOR_S = 5.0


class Bookkeeper:
    """Works in a thread of its own; `tick` is one round, for tests and for the demo.

    Args:
        books: Where results are kept.
        finder: Finds the runs.
        reporter: Computes footprints.
        now: The clock.
    """

    def __init__(
        self, books: Books, finder: Finder, reporter: Reporter, now: Callable[[], datetime]
    ) -> None:
        self._books, self._finder, self._reporter, self._now = books, finder, reporter, now
        self.proposals = Proposals(books, reporter.meters, reporter.plants)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bookkeeper", daemon=True)
        self._waiting: dict[str, int] = dict.fromkeys(books.marks.waiting(), 1)
        self._so_far: dict[str, tuple[float, dict[str, Any]]] = {}

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the round that is under way."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def tick(self) -> None:
        """One round: new runs, late data, batches that can be closed."""
        slots, batches = self._finder.advance()
        for slot in slots:
            batches.update(self._books.results.touched(slot, slot + SLOT))
        self._await(batches - {""})
        self._finder.keep()
        self.proposals.look(max(slots, default=None))
        for batch, times in sorted(self._waiting.copy().items()):
            settled = self._reporter.ripe(batch) and self._settle(batch, self._now())
            if settled and self._waiting[batch] == times:  # nobody corrected it meanwhile
                del self._waiting[batch]
                self._books.marks.set_waiting(batch, waits=False)

    def corrected(self, batch: str) -> None:
        """A person said something of a batch: it, and what shares with it, is computed anew."""
        runs = self._books.runs.of(batch)
        batches = {batch} if runs else set()  # one that never ran is found when it does
        for run in runs:
            batches.update(self._books.results.touched(run.start, run.end))
        self._await(batches)

    def enter(self, entries: Sequence[Entry]) -> list[Entry]:
        """Take in what people say of runs; all that follows from it is computed anew.

        Raises:
            Clash: It contradicts what people said before; nothing is changed.
        """
        found, restated = self._finder.enter(entries)
        batches = restated.batches - {""}
        for start, end in _joined(restated.spans):
            batches.update(self._books.results.touched(start, end))
        self._await(batches)
        return found

    def clashes(self, entries: Sequence[Entry]) -> list[tuple[Entry, Stated]]:
        """Of these entries, those that cannot be true beside others, and one of the others."""
        return self._finder.clashes(entries)

    def problems(self) -> dict[str, tuple[Problem, ...]]:
        """What is wrong with the runs, by machine; load that nobody explained is among it."""
        found = dict(self._finder.problems)
        for name, problems in self.proposals.problems.copy().items():
            found[name] = found.get(name, ()) + problems
        return found

    def so_far(self, batch: str) -> dict[str, Any] | None:
        """What a batch carries as it stands now, at most some seconds old."""
        now = time.monotonic()
        known = self._so_far.get(batch)
        if known is not None and now - known[0] < _SO_FAR_FOR_S:
            return known[1]
        report = self._reporter.report(batch, "footprint", self._now())
        if report is None:
            return None
        computed = stamp(self._now())
        body = footprint_body(report, revision=0, computed=computed, reason="so-far")
        self._so_far = {k: v for k, v in self._so_far.items() if now - v[0] < _SO_FAR_FOR_S}
        self._so_far[batch] = (now, body)
        return body

    def is_open(self, batch: str) -> bool:
        """Whether something about a batch has changed since its last final result."""
        return batch in self._waiting

    def _run(self) -> None:
        while not self._stopping.wait(0.5):
            self.tick()

    def related(self, batches: Iterable[str]) -> None:
        """What batches became of these: they and all their families are computed anew."""
        self._await(batches)

    def _await(self, batches: Iterable[str]) -> None:
        names = set(batches)
        for event in self._books.genealogy.relatives(names) if names else ():
            names |= {*event.parents, *(heir.batch for heir in event.heirs)}
        self._books.marks.wait_for(names - self._waiting.keys())
        for batch in names:
            self._waiting[batch] = self._waiting.get(batch, 0) + 1

    def _settle(self, batch: str, now: datetime) -> bool:
        """Keep a new revision of each view where the result is final and other than the last."""
        tally = self._reporter.tally(batch)
        if tally is None or not tally.final:
            return False
        for view in VIEWS:
            last = self._books.results.find(batch, view)
            revision, reason = (last.revision + 1, "data-changed") if last else (1, "first-final")
            report = self._reporter.price(tally, view, now)
            body = footprint_body(report, revision=revision, computed=stamp(now), reason=reason)
            digest = _digest(body)
            if last is not None and last.digest == digest:
                continue
            text = orjson.dumps(body).decode()
            result = Result(batch, view, revision, stamp(now), reason, digest, text)
            self._books.results.add(result, tally.scope)
            log.info("batch %s: %s, revision %d, is final", batch, view, revision)
        return True


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same time in as few spans as it takes."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _digest(body: dict[str, object]) -> str:
    """What makes two results the same: everything but when and as which revision."""
    same = {k: v for k, v in body.items() if k not in ("revision", "computed_at", "reason")}
    return hashlib.sha256(orjson.dumps(same, option=orjson.OPT_SORT_KEYS)).hexdigest()
