"""A new version of the rules: results say by which they were made, and old ones stay (rule 24)."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar

import pytest
from typing_extensions import override

from api.app import application
from api.derivation import Derivation
from api.ledger import RULES
from api.report import Reporter
from tests.api.given import World, at, footprint, serving

BATCHES = ("B2601", "C1")
APRIL = datetime(2026, 4, 2, tzinfo=UTC)
WHY = {"why": "the rules of this year"}


class RulesOfBefore(Reporter):
    """What was done by the rules before: idling before a batch was nobody's (now rule 8)."""

    @override
    def derive(self, batch: str) -> Derivation | None:
        found = super().derive(batch)
        if found is None:
            return None
        lines = tuple(line for line in found.tally.lines if not line.idle)
        return replace(found, tally=replace(found.tally, lines=lines))


@pytest.fixture
def mill(fresh) -> World:
    """A mill whose results were made by the rules of before."""
    mill = fresh()
    mill.passes(0, 150)
    works_by(mill, "0", RulesOfBefore)
    mill.closes_its_books()
    return mill


def works_by(mill: World, rules: str, reporter: type[Reporter]) -> None:
    mill.service.journal._db.close()
    mill.service = serving(mill.folder, mill.books, mill.clock, rules=(rules, reporter))
    mill.app = application(mill.service)


def test_a_result_says_by_which_rules_it_was_made(mill):
    assert {footprint(mill, one).json()["made_with"]["rules"] for one in BATCHES} == {"0"}


def test_other_rules_make_a_revision_that_says_so_and_by_how_much(mill):
    before = footprint(mill).json()
    mill.clock[0] = at(200)

    works_by(mill, RULES, Reporter)
    mill.closes_its_books()

    body = footprint(mill).json()
    idle = sum(Decimal(one["kgco2e"] or 0) for one in body["idle"])
    assert (body["revision"], body["reason"]) == (2, "rules")
    assert body["made_with"]["rules"] == RULES
    assert before["idle"] == []
    assert Decimal(body["difference"]["kgco2e"]) == idle > 0
    history = mill.caller().get("/batches/B2601/revisions").json()["revisions"]
    assert [one["rules"] for one in history] == ["0", RULES]


def test_what_was_made_by_other_rules_comes_back_byte_for_byte(mill):
    first = {batch: footprint(mill, batch).content for batch in BATCHES}
    then = footprint(mill).json()["computed_at"]
    mill.clock[0] = at(200)

    works_by(mill, RULES, Reporter)
    mill.closes_its_books()

    for batch in BATCHES:
        assert footprint(mill, batch).content != first[batch]
        assert footprint(mill, batch, revision=1).content == first[batch]
        assert footprint(mill, batch, as_of=then).content == first[batch]


def test_after_closing_other_rules_wait_for_a_person(mill):
    first = footprint(mill).content
    mill.clock[0] = APRIL
    accountant = mill.caller("accountant")
    assert accountant.post("/periods/2026-03/close", WHY).status_code == 201

    works_by(mill, RULES, Reporter)
    mill.closes_its_books()

    (change,) = mill.caller().get("/restatements").json()["restatements"]
    assert change["reason"] == "rules"
    assert set(BATCHES) <= {one["batch"] for one in change["batches"]}
    assert footprint(mill).content == first

    mill.caller("accountant").post(f"/restatements/{change['id']}/post", WHY)

    body = footprint(mill).json()
    assert (body["revision"], body["reason"], body["made_with"]["rules"]) == (2, "rules", RULES)
    assert footprint(mill, revision=1).content == first


def test_the_same_rules_again_change_nothing(mill):
    works_by(mill, RULES, Reporter)
    mill.closes_its_books()
    second = footprint(mill).content

    works_by(mill, RULES, Reporter)
    mill.closes_its_books()

    assert footprint(mill).content == second


class Counting(Reporter):
    """The rules of today, and which batches are asked for."""

    derived: ClassVar[list[str]] = []

    @override
    def derive(self, batch: str) -> Derivation | None:
        self.derived.append(batch)
        return super().derive(batch)


def test_what_other_rules_leave_as_it_was_is_computed_anew_once_and_not_at_every_start(mill):
    works_by(mill, RULES, Reporter)
    mill.closes_its_books()

    works_by(mill, "2", Counting)
    mill.closes_its_books()
    once = len(Counting.derived)
    works_by(mill, "2", Counting)
    mill.closes_its_books()

    assert footprint(mill).json()["made_with"]["rules"] == RULES
    assert once >= len(BATCHES)
    assert len(Counting.derived) == once
