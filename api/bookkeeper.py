"""The bookkeeper: follows the journal, finds runs, and keeps a revision when a result is final."""

import hashlib
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.assemble import Edition, footprint_body
from api.books import Books
from api.books.batches import BatchEntry
from api.books.entries import Decision
from api.books.marks import CORRECTED, LATE, RELATED
from api.books.said import Awaiting
from api.calendar import Span
from api.composing import Composer, Waiting
from api.factor_book import FactorBook
from api.factor_changes import FactorChanges
from api.finder import Finder, joined
from api.ledger.corrections import Entry, Stated
from api.ledger.cuts import SLOT
from api.periods import Periods
from api.plant import digest_of
from api.proposals import Proposals
from api.report import Reporter
from api.revisions import Revisions
from api.suspects import Suspects
from collector.wire.problem import Problem
from collector.wire.reading import instant, stamp
from gateway.journal import FAULTS

log = logging.getLogger("api")

_COMPARED = "compared"
"""The mark with which rules and plant the kept results were compared last."""
_SO_FAR_FOR_S = 5.0
_FORGOTTEN_AFTER_S = 600.0
_REST = 30
"""Times as long as computing a batch so far took, before another is computed anew."""


class Bookkeeper:
    """Works in a thread of its own; `tick` is one round, for tests and for the demo.

    Args:
        books: Where results are kept.
        finder: Finds the runs.
        reporter: Computes footprints.
        revisions: Writes results.
        composer: Is told how far the journal was followed.
        factor_changes: Notices factors that changed.
        periods: Keeps the totals of months.
        now: The clock.
    """

    def __init__(  # noqa: PLR0913 - one for each thing that it does in a round
        self,
        books: Books,
        finder: Finder,
        reporter: Reporter,
        *,
        revisions: Revisions,
        composer: Composer,
        factor_changes: FactorChanges,
        periods: Periods,
        now: Callable[[], datetime],
    ) -> None:
        self._books, self._finder, self._reporter, self._now = books, finder, reporter, now
        self._revisions, self._composer = revisions, composer
        self._factor_changes = factor_changes
        self._periods = periods
        self.proposals = Proposals(books, reporter.meters, reporter.plants)
        self.suspects = Suspects(reporter.meters, reporter.plants)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bookkeeper", daemon=True)
        self._waiting: dict[str, frozenset[str]] = {}
        self._said: dict[str, int] = {}
        self._so_far: dict[str, tuple[float, dict[str, Any]]] = {}
        self._so_far_rests_until = 0.0
        self._compared = self._failing = False
        self._remember()

    @property
    def factors(self) -> FactorBook:
        """What was entered of factors."""
        return self._factor_changes.book

    def say_factors(self, words: Sequence[Decision]) -> None:
        """Factors that somebody enters or takes back; what they change is looked for at once."""
        self._books.said.enter(words, self._now(), Awaiting())
        self._factor_changes.entered()

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the round that is under way."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def tick(self) -> None:
        """One round: new runs, late data, batches that can be closed, factors that changed."""
        if self._failing:
            self._remember()
        if not self._compared:
            self._compare()
        news = self._finder.advance()
        late = set(news.late)
        for span in self._reached():
            late.update(self._books.results.touched(*span))
        self._await(late, LATE)
        self._await(news.corrected, CORRECTED)
        self._finder.keep()
        newest = max(news.slots, default=None)
        self.proposals.look(newest)
        self.suspects.look(newest)
        self._composer.position = self._finder.position
        said = self._said.copy()
        found = self._look(sorted(said))
        settled = self._revisions.settle(found, _detail(news.slots))
        unknown = {
            one.batch for one in found if not one.last and not self._reporter.knows(one.batch)
        }
        self._books.marks.done(unknown)
        for batch in settled | unknown:
            if self._said.get(batch) == said.get(batch):  # nobody corrected it meanwhile
                self._said.pop(batch, None)
                self._waiting.pop(batch, None)
            else:
                self._books.marks.wait([batch], self._waiting[batch])
        self._factor_changes.follow(self._now())
        self._periods.keep(self._now(), open_batches=set(self._waiting))

    def touched_by(self, batches: Collection[str]) -> set[str]:
        """Batches and those that share with them; one of which nothing is known when it runs."""
        runs = self._books.runs.of_each(batches)
        found = {
            name
            for name, own in runs.items()
            if own or (self._books.genealogy.relatives([name]) and self._reporter.knows(name))
        }
        spans = [(run.start, run.end) for own in runs.values() for run in own]
        for start, end in joined(spans):
            found.update(self._books.results.touched(start, end))
        return found

    def enter_batch(self, entry: BatchEntry, by: str) -> bool:
        """A person says what a batch is; False where it is entered with other values already."""
        touched = self.touched_by([entry.id])
        kin = self._books.genealogy.kin(touched)
        entered = self._books.batches.enter(entry, by, self._now(), kin)
        if entered:
            self._await(touched, CORRECTED)
        return entered

    def say(self, words: Sequence[Decision], weighed: Collection[str]) -> None:
        """What many batches are, in one transaction; those whose mass is other are `weighed`."""
        touched = self.touched_by(weighed)
        kin = self._books.genealogy.kin(touched)
        self._books.batches.say(words, self._now(), kin)
        self._await(touched, CORRECTED)

    def take_back(self, word: Decision, about: Collection[str]) -> None:
        """What an import said of batches does not count any more."""
        touched = self.touched_by(about)
        kin = self._books.genealogy.kin(touched)
        self._books.batches.take_back(word, about, self._now(), kin)
        self._await(touched, CORRECTED)

    def decide(self, decision: Decision, touched: Collection[str]) -> Decision:
        """Keep what a person decided; the batches that it touches are computed anew."""
        kin = self._books.genealogy.kin(touched)
        kept = self._books.entries.add(decision, self._now(), kin, CORRECTED)
        self._await(touched, CORRECTED)
        return kept

    def related(self, batches: Iterable[str]) -> None:
        """A person said what batches became of these: they are computed anew."""
        self._await(batches, RELATED)

    def enter(self, entries: Sequence[Entry], words: Sequence[Decision] = ()) -> list[Entry]:
        """Take in what people say of runs; all that follows from it is computed anew.

        Args:
            entries: What they say.
            words: What is kept with it, in one transaction: the import that brought it.

        Raises:
            Clash: It contradicts what people said before; nothing is changed.
        """
        found, batches = self._finder.enter(entries, words)
        self._await(batches, CORRECTED)
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

    def known_so_far(self, batch: str) -> dict[str, Any] | None:
        """What a batch carries as far as it is known already: nothing is computed for it."""
        known = self._so_far.get(batch)
        return known[1] if known else None

    def so_far(self, batch: str) -> dict[str, Any] | None:
        """What a batch carries as it stands now, some seconds old, or older where it is costly.

        Of all the time, no more than a part goes into computing what is known already anew.
        """
        now = time.monotonic()
        known = self._so_far.get(batch)
        if known is not None and (now - known[0] < _SO_FAR_FOR_S or now < self._so_far_rests_until):
            return known[1]
        report = self._reporter.report(batch, "footprint", self._now())
        if report is None:
            return None
        body = footprint_body(report, Edition(0, stamp(self._now()), "so-far"))
        self._so_far = {k: v for k, v in self._so_far.items() if now - v[0] < _FORGOTTEN_AFTER_S}
        done = time.monotonic()
        self._so_far[batch] = (done, body)
        self._so_far_rests_until = done + _REST * (done - now)
        return body

    def is_open(self, batch: str) -> bool:
        """Whether something about a batch has changed since its last final result."""
        return batch in self._waiting

    def open_batches(self) -> set[str]:
        """Every batch about which something has changed since its last final result."""
        return set(self._waiting)

    def _reached(self) -> set[Span]:
        """The times in which what came since the last round may have changed amounts."""
        slots: defaultdict[str, list[datetime]] = defaultdict(list)
        for device, slot in self._finder.changed:
            slots[device].append(slot)
        return {span for device, own in slots.items() for span in self._reporter.reach(device, own)}

    def _run(self) -> None:
        while not self._stopping.wait(0.5):
            self.try_round()

    def try_round(self) -> None:
        """One round; where a database cannot be used, such as on a full disk, the next tries again.

        Nothing is lost: how far the journal was followed is kept with what follows from it.
        """
        try:
            self.tick()
        except (sa.exc.OperationalError, *FAULTS) as fault:
            self._finder.go_back()
            if not self._failing:
                log.error("the books cannot be kept; it is tried again: %s", fault)  # noqa: TRY400 - said once
            self._failing = True
        else:
            if self._failing:
                log.info("the books are kept again")
            self._failing = False

    def _compare(self) -> None:
        """Whether plant or rules are others than the kept results were made with.

        Once for each plant and rules: a batch that they leave as it was keeps its result, which
        was made with others, and is not computed anew whenever somebody starts the server.
        """
        self._compared = True
        mark = self._made_with()
        if self._books.marks.position(_COMPARED) == mark:
            return
        for result in self._books.results.last_of_each("footprint"):
            scope = instant(result.scope_start_ms), instant(result.scope_end_ms)
            if result.plant and result.plant != digest_of(self._reporter.plants, *scope):
                self._await([result.batch], frozenset(["plant"]))
            if result.rules and result.rules != self._composer.rules:
                self._await([result.batch], frozenset(["rules"]))
        self._books.marks.keep(_COMPARED, mark)

    def _made_with(self) -> int:
        """A number that stands for the rules and all snapshots of the plant."""
        plants = (f"{one.valid_from} {one.digest}" for one in self._reporter.plants)
        said = "\n".join([self._composer.rules, *plants])
        return int.from_bytes(hashlib.sha256(said.encode()).digest()[:7], "big")

    def _look(self, batches: Iterable[str]) -> list[Waiting]:
        """What each of these comes to; only what was known when runs were found makes one final."""
        found = [self._revisions.look(batch, self._waiting[batch]) for batch in batches]
        unseen = self._finder.unseen()
        return [
            replace(one, tally=None)
            if one.tally is not None and any(_within(slot, one.tally.scope) for slot in unseen)
            else one
            for one in found
        ]

    def _remember(self) -> None:
        """Who waits as the books have it."""
        for batch, reasons in self._books.marks.waiting().items():
            self._waiting[batch] = self._waiting.get(batch, frozenset()) | reasons
            self._said.setdefault(batch, 1)

    def _await(self, batches: Iterable[str], reasons: frozenset[str]) -> None:
        """What touches one touches its whole family."""
        names = self._books.genealogy.kin(batches)
        known = {batch: self._waiting.get(batch, frozenset()) for batch in names}
        self._books.marks.wait(
            [batch for batch, own in known.items() if not reasons <= own], reasons
        )
        for batch, own in known.items():
            self._waiting[batch] = own | reasons
            self._said[batch] = self._said.get(batch, 0) + 1


def _within(slot: datetime, scope: tuple[datetime, datetime]) -> bool:
    return slot < scope[1] and scope[0] < slot + SLOT


def _detail(slots: Iterable[datetime]) -> dict[str, str]:
    """From when to when the readings lie that came since the last round."""
    found = sorted(slots)
    if not found:
        return {}
    return {"readings_from": stamp(found[0]), "readings_to": stamp(found[-1] + SLOT)}
