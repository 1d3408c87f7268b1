"""What follows from readings and entries: nobody is forgotten, nobody asked in vain."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from typing_extensions import override

from api.books.run_entries import numbered
from api.entering import Change, Draft, addition, correction
from api.ledger.corrections import Entry
from gateway.journal.reader import Reader
from gateway.journal.store import Store
from tests.api import keeping
from tests.api.given import World, at, reading, serving


class GrowingJournal(Reader):
    """A journal to which more comes at the worst moment: just after it was asked what is new."""

    def __init__(self, store: Store, then: Callable[[], None]) -> None:
        super().__init__(store)
        self._then: list[Callable[[], None]] = [then]

    @override
    def changed_since(self, position: int) -> tuple[int, tuple[tuple[str, datetime], ...]]:
        found = super().changed_since(position)
        if self._then:
            self._then.pop()()
        return found


def test_a_batch_is_not_made_final_with_runs_that_the_finder_has_not_yet_found(fresh):
    """The boiler closes its window, and what another jet's PLC said comes with the same message."""
    mill = fresh()
    mill.passes(0, 50, without=["jet-02-plc"])

    def rest() -> None:
        mill.passes(51, 61, without=["jet-02-plc"])
        mill.sends(*[reading("jet-02-plc", minute) for minute in range(62)])

    journal = GrowingJournal(keeping.kept(mill.folder).journal, rest)
    mill.service.journal._db.close()
    mill.service = serving(mill.folder, mill.books, mill.clock, journal)

    mill.closes_its_books()
    assert mill.books.results.find("B2601", "footprint") is None

    for _ in range(2):
        mill.closes_its_books()
    (only,) = mill.books.results.revisions("B2601", "footprint")
    assert only.reason == "first-final"


@pytest.fixture
def done(fresh) -> World:
    mill = fresh(after_an_hour=True)
    mill.passes(61, 120)
    mill.closes_its_books()
    return mill


def shorter(mill: World) -> Entry:
    """C1 left its jet earlier than its PLC said."""
    (run,) = mill.books.runs.stated(batch="C1")
    return correction(run, Change(end=at(60)), "wang", "left at one", mill.clock[0])


def test_who_shares_with_a_corrected_run_is_computed_anew_though_we_were_ended_in_between(
    done, fresh
):
    """The entry was kept, and nothing that follows from it."""
    other = fresh(past=done)
    other.service.bookkeeper.enter([shorter(other)])

    done.books.run_entries.add(numbered([shorter(done)], 1))
    done.starts_again()
    news = done.service.bookkeeper._finder.advance()

    assert news.corrected == other.service.bookkeeper.open_batches() >= {"C1", "B2601"}
    assert done.books.marks.waiting()["C1"] == {"correction"}


def test_who_waits_is_kept_with_the_runs_that_make_it_wait(done):
    done.service.bookkeeper._finder.enter([shorter(done)])

    assert done.books.marks.waiting()["B2601"] == {"correction"}


def test_a_correction_far_in_the_past_asks_for_nobody_whom_it_does_not_touch(without_plc):
    plant, now = without_plc.service.reporter.plants[-1], at(5 * 24 * 60)
    finder = without_plc.service.bookkeeper._finder
    day = timedelta(days=1)
    drafts = [
        Draft("jet-02", f"X{turn}", "", at(10) + turn * day, at(20) + turn * day, None, "csv")
        for turn in range(4)
    ]
    finder.enter([replace(addition(plant, one, "wang", now), file=1) for one in drafts])
    (first,) = without_plc.books.runs.stated(batch="X1")

    _, touched = finder.enter([correction(first, Change(process="washing"), "wang", "why", now)])

    assert touched == {"X1"}


def test_who_waits_is_kept_with_the_decision_that_makes_it_wait(done):
    """Should we be ended just behind it, they are not forgotten."""
    mill, ask = done, done.caller()
    said = {"reason": "as on the card", "why": "as on the card"}
    entries = (
        ("/batches", {"id": "C1", "accepted_kg": "250"}),
        ("/batches/B2601/redye", {"parent": "C1", "reason": said["reason"]}),
        ("/meters/main-1.energy_import_kwh/counted",
         {"at": at(30).isoformat(), "amount": "1", "why": said["why"]}),
    )  # fmt: skip
    for path, body in entries:
        mill.books.marks.done(mill.books.marks.waiting())

        assert ask.post(path, body).status_code == 201

        assert "C1" in mill.books.marks.waiting(), path
