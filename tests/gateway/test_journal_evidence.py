"""The chain in the journal, and what is gone or cannot be read: nothing hidden, nothing stuck."""

from dataclasses import replace

import orjson
import pytest

from collector.wire.acknowledgement import EpochAck
from collector.wire.gone import GoneRange
from gateway.journal import Arrival, Outcome
from tests.gateway.given import (
    COLLECTOR,
    FAR,
    Agent,
    House,
    arrival,
    at,
    reading,
    unix_slot,
    unsure,
)


def garbled(one: Arrival, old: bytes, new: bytes) -> Arrival:
    """The same message with some bytes changed on the way."""
    assert old in one.payload
    return replace(one, payload=one.payload.replace(old, new))


# The chain.


def test_a_changed_middle_shows(mill: House, agent: Agent):
    one, two, three = agent.each(reading(0, 100.5), reading(10, 101.5), reading(20, 102.5))

    mill.takes(one, garbled(two, b"101.5", b"101.6"), three)

    assert mill.through() == 3
    assert mill.broken_at() == (2,)


def test_a_reading_moved_to_another_device_shows(mill: House, agent: Agent):
    one, two = agent.each(reading(0), reading(10))

    mill.takes(one, arrival(two.topic.replace("jet-07", "jet-08"), two.payload))

    assert mill.broken_at() == (2,)


def test_a_changed_middle_shows_when_the_hole_before_it_is_filled(mill: House, agent: Agent):
    one, two, three, four = agent.each(*[reading(10 * n, 100.5 + n) for n in range(4)])

    mill.takes(one, garbled(three, b"102.5", b"102.6"), four)
    assert mill.broken_at() == ()

    mill.takes(two)
    assert mill.broken_at() == (3,)


def test_a_changed_middle_shows_when_the_hole_is_filled_after_opening_again(
    mill: House, agent: Agent
):
    one, two, three = agent.each(*[reading(10 * n, 100.5 + n) for n in range(3)])
    mill.takes(one, garbled(three, b"102.5", b"102.6"))

    mill.reopens()
    mill.takes(two)

    assert mill.broken_at() == (3,)


def test_a_break_is_named_once_and_what_follows_it_holds(mill: House, agent: Agent):
    sent = agent.each(*[reading(10 * n, 100.5 + n) for n in range(6)])
    sent[2] = garbled(sent[2], b"102.5", b"102.6")

    for one in sent:
        mill.takes(one)

    assert mill.broken_at() == (3,)


def test_records_and_readings_are_links_of_one_chain(mill: House, agent: Agent):
    mill.takes(agent.is_born(), agent.says(reading(0)), agent.notes("anchor", {"offset_ms": 3}))

    assert mill.through() == 3
    assert mill.broken_at() == ()


# What is gone, and what cannot be read.


def test_what_is_declared_gone_is_not_waited_for(mill: House, agent: Agent):
    mill.takes(agent.says(reading(0)))
    agent.skips(5)

    mill.takes(agent.says(reading(60)))
    assert mill.through() == 1

    mill.takes(agent.lost(2, 6))
    assert mill.through() == 8
    assert mill.broken_at() == ()


def test_a_reading_that_was_declared_gone_and_comes_after_all_is_kept_aside(
    mill: House, agent: Agent
):
    late = agent.says(reading(0, 7))
    mill.takes(agent.lost(1, 1))

    assert mill.takes(late) == Outcome(stored=0, duplicates=0, quarantined=1)
    assert mill.shown() == []


@pytest.mark.parametrize("span", [(0, 5), (5, 3), (1, 10**12)])
def test_a_range_that_cannot_be_gone_accounts_for_nothing(mill: House, agent: Agent, span):
    agent.skips(9)
    mill.takes(agent.lost(*span))

    assert mill.through() == 0


def test_a_poison_message_is_set_aside_and_holds_nothing_up(mill: House, agent: Agent):
    one, two, three = agent.each(reading(0), reading(10), reading(20))

    mill.takes(one, garbled(two, b'"clock":"S"', b'"clock":"?"'), three)

    assert mill.journal.quarantined() == 1
    assert mill.through() == 3
    assert [when for when, _ in mill.shown()] == [at(0), at(20)]
    assert mill.broken_at() == ()


def test_a_reading_that_was_poison_and_comes_whole_is_kept_aside(mill: House, agent: Agent):
    one, two = agent.each(reading(0, 1), reading(10, 2))
    mill.takes(one, garbled(two, b'"clock":"S"', b'"clock":"?"'))
    assert mill.through() == 2

    assert mill.takes(two).quarantined == 1
    assert mill.journal.quarantined() == 2


def test_a_poison_message_beyond_a_hole_is_remembered_by_the_file(mill: House, agent: Agent):
    one, two, three = agent.each(reading(0), reading(10), reading(20))
    mill.takes(one, garbled(three, b'"clock":"S"', b'"clock":"?"'))

    mill.reopens()
    mill.takes(two)

    assert mill.through() == 3


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"{}",
        b"[]",
        b'{"v":1,"epoch":"e1","birth":"b","readings":[{"seq":"1"}]}',
        b'{"v":1,"epoch":"e1","birth":"b","readings":[{}]}',
        b'{"v":1,"epoch":"e1","birth":"b","readings":5}',
        b'{"v":1,"epoch":7,"birth":"b","readings":[]}',
        b"x" * 100_000,
        b"[" * 5000,
    ],
)
def test_what_is_no_message_is_set_aside_and_the_next_one_is_stored(
    mill: House, agent: Agent, payload
):
    good = agent.says(reading(0))

    outcome = mill.takes(replace(good, payload=payload), good)

    assert (outcome.stored, outcome.quarantined) == (1, 1)
    assert mill.through() == 1


def test_a_poison_message_may_not_account_for_numbers_far_ahead(mill: House, agent: Agent):
    good = agent.says(reading(0))
    body = {"v": 1, "epoch": "e1", "birth": "b", "readings": [{"seq": 10**15}, {"seq": -3}]}

    mill.takes(good, replace(good, payload=orjson.dumps(body)))

    assert mill.through() == 1


def test_one_reading_that_cannot_be_read_sets_aside_only_itself(mill: House, agent: Agent):
    message = agent.says(reading(0, 1), reading(10, 2.5), reading(20, 3))

    outcome = mill.takes(garbled(message, b'"energy_import_kwh":2.5', b'"energy_import_kwh":[]'))

    assert (outcome.stored, outcome.quarantined) == (2, 1)
    assert [when for when, _ in mill.shown()] == [at(0), at(20)]
    assert mill.through() == 3
    assert mill.journal.quarantined() == 1


def test_the_same_poison_again_is_kept_once(mill: House, agent: Agent):
    poison = replace(agent.says(reading(0)), payload=b"{}")

    mill.takes(poison, poison)
    mill.takes(poison)

    assert mill.journal.quarantined() == 1


def test_of_a_giant_message_only_the_beginning_is_kept(mill: House, agent: Agent):
    mill.takes(replace(agent.says(reading(0)), payload=b"x" * 1_000_000))

    ((why, size),) = mill.journal._db.execute("SELECT why, length(payload) FROM quarantine")
    assert size == 64 * 1024
    assert "of 1000000" in why


def test_more_epochs_than_a_collector_can_have_are_set_aside(mill: House):
    mill.takes(*[Agent(f"e{n}").says(reading(n)) for n in range(1003)])

    assert len(mill.writer.acks(COLLECTOR)) == 1000
    assert mill.journal.quarantined() == 3


# What is gone, in ranges.


def behind(agent: Agent, count: int) -> bytes:
    """So many readings are made and never sent; the hash of the last."""
    agent.skips(count)
    return agent.h


def test_behind_what_is_gone_the_chain_is_checked_where_the_last_hash_is_known(
    mill: House, agent: Agent
):
    mill.takes(agent.says(reading(0)))
    h = behind(agent, 5)
    one, two = agent.each(reading(60, 100.5), reading(70, 101.5))

    mill.takes(garbled(one, b"100.5", b"100.6"), two, agent.thinned(GoneRange(2, 6, h)))

    assert mill.through() == 9
    assert mill.broken_at() == (7,)


def test_a_record_names_many_ranges(mill: House, agent: Agent):
    kept = []
    spans = []
    for n in range(4):
        kept.append(agent.says(reading(n)))
        h = behind(agent, 2)
        spans.append(GoneRange(agent.seq - 1, agent.seq, h))

    mill.takes(*kept, agent.thinned(*spans))

    assert mill.through() == agent.seq
    assert mill.broken_at() == ()


def test_what_is_gone_of_another_epoch_is_not_waited_for(mill: House):
    old, new = Agent("e1"), Agent("e2")
    mill.takes(old.says(reading(0)))
    old.skips(10)

    mill.takes(new.thinned(GoneRange(2, 11), epoch="e1"))

    assert mill.through("e1") == 11
    assert mill.through("e2") == 1


def test_a_record_cannot_declare_gone_what_is_not_yet_made(mill: House, agent: Agent):
    mill.takes(agent.lost(1, 5), agent.says(reading(0)))

    assert mill.through() == 2
    assert mill.shown() == [(at(0), 1)]


def test_a_hole_that_is_filled_after_its_neighbours_were_packed_is_checked(
    mill: House, agent: Agent
):
    one, two, three, four = agent.each(*[reading(10 * n, 100.5 + n) for n in range(4)])
    mill.takes(one, garbled(three, b"102.5", b"102.6"), four)
    mill.writer.pack(at(3600))
    mill.reopens()

    mill.takes(two)

    assert mill.through() == 4
    assert mill.broken_at() == (3,)


# Two spools under one epoch.


def test_two_spools_under_one_epoch_are_a_conflict_and_what_comes_second_is_set_aside(
    mill: House,
):
    first, clone = Agent(), Agent()
    mill.takes(*first.each(*[reading(10 * n, n) for n in range(3)]))
    mill.takes(clone.says(reading(0, 0)))
    second = clone.each(reading(15, 99), reading(25, 98), reading(35, 97))

    outcome = mill.takes(*second)

    assert outcome == Outcome(stored=0, duplicates=0, quarantined=3)
    (ack,) = mill.writer.acks(COLLECTOR)
    assert ack == EpochAck("e1", 4, (), conflict=2)
    assert [value for _, value in mill.shown()] == [0, 1, 2]
    assert mill.journal.quarantined() == 3


def test_after_a_conflict_duplicates_are_duplicates_and_another_epoch_is_stored(mill: House):
    first, clone = Agent(), Agent()
    sent = first.each(reading(0, 0), reading(10, 1))
    mill.takes(*sent)
    mill.takes(clone.says(reading(5, 50)))

    mill.reopens()

    assert mill.takes(*sent) == Outcome(stored=0, duplicates=2, quarantined=0)
    assert mill.takes(first.says(reading(20, 2))).quarantined == 1
    assert mill.takes(Agent("e2").says(reading(30, 3))).stored == 1
    assert {chain.ack.epoch: chain.conflict for chain in mill.journal.chains()} == {
        "e1": 1,
        "e2": 0,
    }


def test_what_was_given_up_and_comes_after_all_is_no_conflict(mill: House, agent: Agent):
    late = agent.says(reading(0, 7))
    mill.takes(agent.lost(1, 1))

    mill.takes(late)

    assert [chain.conflict for chain in mill.journal.chains()] == [0]


# Evidence, by epoch and number.


def opened(mill: House, first: int, last: int) -> list[int]:
    """The numbers that evidence gives while nothing of other chunks can be opened."""
    return [one.seq for one in mill.journal.evidence(COLLECTOR, "e1", first, last)]


def test_evidence_opens_only_the_chunks_that_hold_the_numbers_asked_for(mill: House, agent: Agent):
    mill.takes(*agent.each(*[reading(900 * n, n) for n in range(20)]))
    mill.writer.pack(at(900 * 18))
    mill.writer._db.execute(
        "UPDATE chunks SET body = ? WHERE slot < ?", (b"0", unix_slot(900 * 10))
    )

    assert opened(mill, 11, 20) == list(range(11, 21))
    with pytest.raises(ValueError, match="the chunk of jet-07-power from 2026-03-02T02:15"):
        opened(mill, 10, 20)


def test_evidence_follows_readings_that_join_a_chunk_and_leave_it(mill: House, agent: Agent):
    late = agent.says(unsure(0, 1, says=0, clock="I"), unsure(10, 2, says=10, clock="I"))
    mill.takes(*agent.each(*[reading(20 * n, n) for n in range(5)]))
    mill.writer.pack(FAR)
    mill.takes(late)
    mill.writer.pack(FAR)
    assert opened(mill, 1, 9) == list(range(1, 8))

    mill.takes(agent.knows(5, 7200))  # they were made two hours later than they say
    mill.writer.pack(FAR)

    assert opened(mill, 1, 9) == list(range(1, 9))
    assert list(mill.journal.unfaithful()) == []
