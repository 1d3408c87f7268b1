"""The walk along a chain: what is gone honestly, what never was right, and what was done later."""

from dataclasses import replace

import pytest

from api.evidence.fold import Fold
from api.evidence.walk import MOST, Mark
from collector.wire import chain
from collector.wire.gone import GoneRange, gone_form
from collector.wire.problem import Problem
from gateway.journal import Evidence
from millprint.verification.readings import check_journal
from tests.evidence.given import change, edit_form, rewrite, take_out
from tests.gateway.given import COLLECTOR, SITE, START, Agent, House, house, reading


@pytest.fixture
def mill(tmp_path):
    with house(tmp_path / "journal.db") as one:
        yield one


def walked(mill: House, marks: dict[tuple[str, str], list[Mark]] | None = None) -> list[Problem]:
    found = check_journal(mill.journal, SITE, "journal.db", marks or {}, lambda *_: None)
    return list(found.findings)


def named(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(one.code, one.values["seq"]) for one in problems]


def test_a_whole_journal_has_nothing_wrong_packed_or_not(mill: House):
    agent = Agent()
    mill.takes(agent.is_born(), *agent.each(*[reading(600 * n) for n in range(20)]))
    assert walked(mill) == []

    mill.writer.pack(START.replace(hour=2))
    assert walked(mill) == []


def test_what_stands_under_numbers_comes_in_order_wherever_it_is_kept(mill: House):
    agent = Agent()
    late = agent.says(reading(5000), reading(4000), reading(10))
    mill.takes(*agent.each(*[reading(600 * n, device=f"jet-{n % 3}") for n in range(40)]), late)
    mill.writer.pack(START.replace(hour=3))

    found = list(mill.journal.evidence(COLLECTOR, "e1", 1, 10**6))

    assert [one.seq for one in found] == list(range(1, 44))
    some = mill.journal.evidence(COLLECTOR, "e1", 5, 9)
    assert list(some) == found[4:9]


def test_the_fold_is_the_chains_hash_as_long_as_nothing_is_missing(mill: House):
    agent = Agent()
    mill.takes(agent.is_born(), *agent.each(reading(0), reading(10)))
    start = chain.genesis(SITE, COLLECTOR, "e1")
    fold = Fold(0, start, start)

    follows = [
        fold.take(one.seq, one.form, one.h) for one in mill.journal.evidence(COLLECTOR, "e1", 1, 9)
    ]

    assert follows == [True, True, True]
    assert fold.value == agent.h


def test_what_was_declared_gone_is_not_missed_and_the_chain_is_checked_behind_it(mill: House):
    agent = Agent()
    mill.takes(agent.says(reading(0)))
    agent.skips(3)
    gone = GoneRange(2, 4, agent.h)
    mill.takes(agent.says(reading(60)), agent.notes("gone", gone_form("thinned", [gone])))
    assert walked(mill) == []

    edit_form(mill.path, 5, ":1}", ":7}")
    assert named(walked(mill))[0] == ("record-changed", "5")


def test_a_range_of_another_epoch_may_be_declared_gone(mill: House):
    old, new = Agent("e1"), Agent("e2")
    mill.takes(old.says(reading(0)))
    old.skips(1)
    mill.takes(old.says(reading(20)))
    body = gone_form("spool-damaged", [GoneRange(2, 2, None)], epoch="e1")
    mill.takes(new.notes("gone", body))

    assert walked(mill) == []


def test_what_came_and_could_not_be_read_is_not_missed(mill: House):
    one, two, three = Agent().each(reading(0), reading(10), reading(20))
    bad = two.payload.replace(b'"clock":"S"', b'"clock":"?"')
    mill.takes(one, type(two)(two.address, two.topic, bad), three)
    assert mill.through() == 3

    assert walked(mill) == []


def test_a_hole_that_is_still_waited_for_is_no_finding(mill: House):
    one, _, three = Agent().each(reading(0), reading(10), reading(20))
    mill.takes(one, three)

    assert walked(mill) == []


def test_a_break_that_the_journal_wrote_down_on_arrival_is_told_apart(mill: House):
    one, two = Agent().each(reading(0, 1.5), reading(10, 2.5))
    bad = two.payload.replace(b"2.5", b"2.6")
    mill.takes(one, type(two)(two.address, two.topic, bad))

    assert named(walked(mill)) == [("chain-broken-on-arrival", "2")]

    edit_form(mill.path, 1, "1.5", "1.6")
    assert named(walked(mill)) == [("record-changed", "1"), ("chain-broken-on-arrival", "2")]


def test_many_findings_of_one_kind_do_not_crowd_out_another(mill: House):
    mill.takes(*Agent().each(*[reading(10 * n, n + 0.5) for n in range(100)]))
    rewrite(mill.path, lambda line: replace(line, device=99 if line.seq > 5 else line.device))
    edit_form(mill.path, 91, "90.5", "90.6")
    take_out(mill.path, 3)

    found = named(walked(mill))

    assert found[0] == ("record-removed", "3")
    assert ("record-changed", "91") in found
    assert len(found) == 1 + MOST + 1


def test_a_break_that_was_written_down_afterwards_shows_at_the_seal(mill: House):
    agent = Agent()
    mill.takes(*agent.each(*[reading(10 * n, n + 0.5) for n in range(5)]))
    marks = {(COLLECTOR, "e1"): [Mark(1, 5, agent.h, "seal 1")]}
    assert walked(mill, marks) == []

    edit_form(mill.path, 3, "2.5", "2.6")
    change(mill.path, "INSERT INTO breaks VALUES (1, 3)")

    assert [one.code for one in walked(mill, marks)] == [
        "chain-broken-on-arrival",
        "sealed-range-differs",
    ]


def test_one_range_that_differs_does_not_hide_the_next(mill: House):
    agent = Agent()
    arrivals = agent.each(*[reading(10 * n, n + 0.5) for n in range(6)])
    mill.takes(*arrivals)
    ends = {seq: h for seq, _, h in mill.forms()}
    wrong = bytes(32)
    marks = [Mark(1, 2, wrong, "s1"), Mark(3, 4, ends[4], "s2"), Mark(5, 6, wrong, "s3")]

    found = walked(mill, {(COLLECTOR, "e1"): marks})

    assert [one.values["seal"] for one in found] == ["s1", "s2", "s3"]


def test_evidence_that_is_not_even_json_is_named_as_changed(mill: House):
    mill.takes(*Agent().each(reading(0), reading(10)))
    rewrite(mill.path, lambda line: replace(line, form="nothing"))

    assert named(walked(mill))[0] == ("record-moved", "1")


def test_a_reading_of_an_unsure_clock_may_be_filed_where_an_anchor_puts_it():
    from api.evidence.walk import _filed_elsewhere

    one = Evidence(1, b"", b"", "jet-07", 5)

    assert not _filed_elsewhere(one, {"clock": "U", "at": "1970-01-01T00:00:00.000Z"})
    assert _filed_elsewhere(one, {"clock": "S", "at": "1970-01-01T00:00:00.000Z"})
    assert _filed_elsewhere(one, {"clock": "S", "at": "yesterday"})
