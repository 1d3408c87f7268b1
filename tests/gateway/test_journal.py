"""The journal: what arrived is there once, for ever, and what cannot be is set aside."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from collector.wire.birth import Birth
from collector.wire.problem import Refused
from gateway.journal import Outcome
from gateway.journal.reader import Reader
from gateway.journal.store import store_of
from tests.gateway.given import (
    BIRTH,
    COLLECTOR,
    DEVICE,
    FAR,
    IN_A_FILE,
    POINT,
    START,
    Agent,
    House,
    at,
    reading,
)

# What arrives.


def test_readings_are_there_once_they_are_stored(mill: House, agent: Agent):
    outcome = mill.takes(agent.says(reading(0, 1.5), reading(10, 2.5)))

    assert outcome == Outcome(stored=2, duplicates=0, quarantined=0)
    assert mill.shown() == [(at(0), 1.5), (at(10), 2.5)]
    assert mill.through() == 2


@IN_A_FILE
def test_a_new_journal_is_nothing_to_everybody_on_the_machine(mill: House):
    files = mill.path.parent.glob(f"{mill.path.name}*")

    assert {one.stat().st_mode & 0o007 for one in files} == {0}


def test_what_comes_twice_counts_once(mill: House, agent: Agent):
    sent = agent.each(reading(0), reading(10))

    mill.takes(*sent)
    again = mill.takes(*sent, *sent)

    assert again == Outcome(stored=0, duplicates=4, quarantined=0)
    assert len(mill.shown()) == 2
    assert mill.journal.quarantined() == 0


def test_what_comes_twice_at_once_counts_once(mill: House, agent: Agent):
    one = agent.says(reading(0))

    assert mill.takes(one, one) == Outcome(stored=1, duplicates=1, quarantined=0)


@IN_A_FILE
def test_a_message_of_which_much_is_set_aside_is_set_aside_once(mill: House, agent: Agent):
    mill.takes(agent.says(*(reading(10 * n, n) for n in range(200))))
    others = Agent().says(*(reading(10 * n, n + 0.5) for n in range(200)))
    said: list[str] = []
    mill.writer._db.set_trace_callback(said.append)

    outcome = mill.takes(others)

    assert outcome.quarantined == 200
    assert sum("INTO quarantine" in statement for statement in said) == 1


def test_what_comes_again_after_packing_counts_once(mill: House, agent: Agent):
    sent = agent.says(reading(0), reading(10))
    mill.takes(sent)
    mill.writer.pack(FAR)

    assert mill.takes(sent) == Outcome(stored=0, duplicates=2, quarantined=0)
    assert len(mill.shown()) == 2


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("apart", [False, True], ids=["at once", "later"])
def test_the_same_number_with_other_content_is_set_aside(mill: House, apart, packed):
    first, other = Agent().says(reading(0, 1)), Agent().says(reading(0, 2))

    if apart:
        mill.takes(first)
        if packed:
            mill.writer.pack(FAR)
        outcome = mill.takes(other)
    else:
        outcome = mill.takes(first, other)

    assert outcome.quarantined == 1
    assert mill.shown() == [(at(0), 1)]
    assert mill.journal.quarantined() == 1


def test_the_same_number_at_another_time_is_set_aside_after_packing_too(mill: House):
    mill.takes(Agent().says(reading(0, 1)))
    mill.writer.pack(FAR)

    outcome = mill.takes(Agent().says(reading(7200, 1)))

    assert outcome.quarantined == 1
    assert mill.shown() == [(at(0), 1)]


def test_what_is_set_aside_is_kept_with_its_reason(mill: House):
    mill.takes(Agent().says(reading(0, 1)))
    other = Agent().says(reading(0, 2))

    mill.takes(other)

    (row,) = mill.journal._db.execute("SELECT topic, why, payload FROM quarantine").fetchall()
    assert row == (other.topic, "seq 1 stands for other content", other.payload)


def test_messages_of_another_site_are_set_aside(mill: House):
    foreign = Agent(site="shaoxing").says(reading(0))

    outcome = mill.takes(foreign)

    assert outcome == Outcome(stored=0, duplicates=0, quarantined=1)
    assert mill.journal.chains() == ()
    assert mill.shown() == []


def test_two_epochs_and_two_collectors_number_on_their_own(mill: House):
    mill.takes(Agent("e1").says(reading(0, 1)), Agent("e2").says(reading(10, 2)))
    mill.takes(Agent("e1", "dyehouse-b").says(reading(20, 3, device="jet-08-power")))

    assert [value for _, value in mill.shown()] == [1, 2]
    assert [value for _, value in mill.shown("jet-08-power")] == [3]
    assert mill.writer.collectors() == (COLLECTOR, "dyehouse-b")
    assert {ack.epoch: ack.through for ack in mill.writer.acks(COLLECTOR)} == {"e1": 1, "e2": 1}


# Order.


def missing(mill: House) -> tuple[int, tuple[tuple[int, int], ...]]:
    """How far the only epoch is accounted for, and what it lacks."""
    (ack,) = mill.writer.acks(COLLECTOR)
    return ack.through, ack.missing


def test_what_is_missing_is_said_until_it_comes(mill: House, agent: Agent):
    sent = agent.each(*[reading(10 * n, n) for n in range(6)])

    mill.takes(sent[0], sent[2], sent[5])
    assert missing(mill) == (1, ((2, 2), (4, 5)))

    mill.takes(sent[4], sent[1], sent[3])
    assert missing(mill) == (6, ())
    assert [value for _, value in mill.shown()] == [0, 1, 2, 3, 4, 5]
    assert mill.broken_at() == ()


def test_a_hole_is_remembered_by_the_file(mill: House, agent: Agent):
    sent = agent.each(*[reading(10 * n) for n in range(4)])
    mill.takes(sent[0], sent[3])

    mill.reopens()

    assert missing(mill) == (1, ((2, 3),))
    mill.takes(sent[1], sent[2])
    assert mill.through() == 4
    assert mill.broken_at() == ()


def test_a_file_opened_again_goes_on(mill: House, agent: Agent):
    mill.takes(agent.says(reading(0, 1)))

    mill.reopens()
    mill.takes(agent.says(reading(10, 2)))

    assert mill.shown() == [(at(0), 1), (at(10), 2)]
    assert mill.through() == 2
    assert mill.broken_at() == ()
    assert mill.journal.devices() == (DEVICE,)


# Births.


def test_readings_are_read_by_the_birth_of_their_time(mill: House, agent: Agent):
    newer = replace(BIRTH, ct="40")
    mill.takes(agent.is_born(), agent.says(reading(0)), agent.is_born(newer))

    (sample,) = mill.journal.samples(DEVICE, POINT, START, FAR)

    assert mill.journal.birth(sample.birth) == BIRTH
    assert mill.journal.newest_birth(DEVICE) == newer


def test_a_birth_that_was_never_given_is_none(mill: House):
    assert mill.journal.birth("0" * 32) is None
    assert mill.journal.newest_birth("jet-99") is None


def test_a_birth_that_makes_no_sense_is_set_aside(mill: House, agent: Agent):
    strange = agent.notes("birth", {"device": DEVICE})

    assert mill.takes(strange).quarantined == 1
    assert mill.through() == 1


# What changed.


def changed(mill: House, position: int = 0) -> tuple[int, list[tuple[str, timedelta]]]:
    after, slots = mill.journal.changed_since(position)
    return after, sorted((device, slot - START) for device, slot in slots)


def test_a_reader_learns_which_slots_changed_since_it_looked(mill: House, agent: Agent):
    mill.takes(agent.says(reading(0), reading(899), reading(900)))
    position, slots = changed(mill)
    assert slots == [(DEVICE, timedelta(0)), (DEVICE, timedelta(minutes=15))]

    assert changed(mill, position) == (position, [])

    mill.takes(agent.says(reading(2000, device="jet-08-power")), agent.says(reading(30)))
    position, slots = changed(mill, position)
    assert slots == [(DEVICE, timedelta(0)), ("jet-08-power", timedelta(minutes=30))]
    assert changed(mill, position) == (position, [])


def test_a_duplicate_changes_no_slot(mill: House, agent: Agent):
    sent = agent.says(reading(0))
    mill.takes(sent)
    position, _ = changed(mill)

    mill.takes(sent)

    assert changed(mill, position) == (position, [])


def test_what_changed_is_learned_across_opening_again_and_packing(mill: House, agent: Agent):
    mill.takes(agent.says(reading(0)))
    position, _ = changed(mill)

    mill.reopens()
    mill.writer.pack(FAR)
    assert changed(mill, position) == (position, [])

    mill.takes(agent.says(reading(5000)))
    assert changed(mill, position)[1] == [(DEVICE, timedelta(minutes=75))]


# The newest.


def test_the_newest_reading_is_the_latest_by_time_not_by_arrival(mill: House, agent: Agent):
    mill.takes(agent.says(reading(100, 2)), agent.says(reading(50, 1)))

    newest = mill.journal.latest(DEVICE)

    assert newest is not None
    assert newest.values == {POINT: 2}


def test_a_late_reading_is_not_the_newest_because_the_others_are_packed(mill: House, agent: Agent):
    mill.takes(agent.says(reading(100, 2)))
    mill.writer.pack(FAR)
    mill.takes(agent.says(reading(50, 1)))

    newest = mill.journal.latest(DEVICE)

    assert newest is not None
    assert newest.values == {POINT: 2}


def test_of_a_device_that_never_spoke_nothing_is_known(mill: House):
    journal = mill.journal

    assert journal.latest("jet-99") is None
    assert journal.last_at_or_before("jet-99", POINT, FAR) is None
    assert journal.first_after("jet-99", POINT, START) is None
    assert list(journal.readings("jet-99", START, FAR)) == []


# Faults of the file.


@IN_A_FILE
def test_what_could_not_be_written_is_not_acknowledged_and_may_be_sent_again(
    mill: House, agent: Agent
):
    one, two = agent.each(reading(0, 1), reading(10, 2))
    mill.takes(one)
    mill.writer._db.execute("PRAGMA query_only = ON")

    with pytest.raises(Exception, match="readonly"):
        mill.takes(two)
    assert mill.through() == 1

    mill.writer._db.execute("PRAGMA query_only = OFF")
    assert mill.takes(two).stored == 1
    assert mill.through() == 2


def test_a_reader_in_another_thread_has_its_own_connection(mill: House, agent: Agent):
    from concurrent.futures import ThreadPoolExecutor

    mill.takes(agent.says(reading(0)))

    def count() -> int:
        journal = Reader(mill.store)
        found = len(list(journal.readings(DEVICE, START, FAR)))
        journal._db.close()
        return found

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: count(), range(4))) == [1, 1, 1, 1]


@pytest.mark.parametrize("url", ["", "sqlite:///", "mysql://x/y", "var/journal.db"])
def test_a_journal_of_an_unknown_kind_is_refused(url: str, tmp_path: Path):
    with pytest.raises(Refused) as refused:
        store_of(url, tmp_path, "gateway.toml  [journal]")

    assert refused.value.problems[0].code == "unknown-journal"


def test_births_of_two_devices_are_kept_apart(mill: House, agent: Agent):
    other = Birth("jet-08-power", "test", 1, 5000, "1", "1", BIRTH.points)
    mill.takes(agent.is_born(), agent.is_born(other))

    assert mill.journal.newest_birth(DEVICE) == BIRTH
    assert mill.journal.newest_birth("jet-08-power") == other
