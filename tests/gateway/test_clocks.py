"""Readings without a right clock: kept, counted, and placed once somebody knows the time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.wire.reading import ClockState
from tests.gateway.given import (
    COLLECTOR,
    DEVICE,
    FAR,
    NOW,
    POINT,
    Agent,
    House,
    at,
    reading,
    unsure,
)
from tests.gateway.test_packing import folder

HOUR = 3600


def changed(mill: House, position: int = 0) -> tuple[int, set[timedelta]]:
    after, slots = mill.journal.changed_since(position)
    return after, {slot - at(0) for _, slot in slots}


def test_a_reading_without_a_clock_is_kept_and_counted_and_not_shown(mill: House, agent: Agent):
    mill.takes(agent.says(unsure(10, 1)), agent.says(reading(20, 2)))

    assert mill.shown() == [(at(20), 2)]
    assert mill.through() == 2
    assert mill.broken_at() == ()
    assert mill.journal.unplaced() == {COLLECTOR: 1}


def test_an_anchor_of_its_boot_places_it_and_it_is_shown_as_relative(mill: House, agent: Agent):
    mill.takes(agent.says(unsure(10, 1), unsure(20, 2)))
    position, _ = changed(mill)

    mill.takes(agent.knows(30, HOUR))

    assert mill.shown() == [(at(HOUR - 20), 1), (at(HOUR - 10), 2)]
    found = mill.journal.readings(DEVICE, at(0), FAR)
    assert {one.clock for one in found} == {ClockState.RELATIVE}
    assert mill.journal.unplaced() == {}
    assert changed(mill, position)[1] == {timedelta(minutes=45)}


def test_an_anchor_of_another_boot_or_another_collector_places_nothing(mill: House, agent: Agent):
    mill.takes(agent.says(unsure(10, 1)))

    mill.takes(agent.knows(30, HOUR, boot="b2"), Agent(collector="dyehouse-b").knows(30, HOUR))

    assert mill.shown() == []


def test_a_reading_that_comes_after_the_anchor_is_placed_at_once(mill: House, agent: Agent):
    early = agent.says(unsure(10, 1))

    mill.takes(agent.knows(30, HOUR))
    mill.takes(early)

    assert mill.shown() == [(at(HOUR - 20), 1)]


@pytest.mark.parametrize("packed", [False, True])
def test_an_informative_clock_is_believed_until_an_anchor_shows_it_wrong(
    mill: House, agent: Agent, packed: bool
):
    mill.takes(agent.says(unsure(10, 1, says=5 * HOUR, clock="I")))
    assert mill.shown() == [(at(5 * HOUR), 1)]
    if packed:
        mill.writer.pack(FAR)
    position, _ = changed(mill)

    mill.takes(agent.knows(30, HOUR))

    assert mill.shown() == [(at(HOUR - 20), 1)]
    assert changed(mill, position)[1] == {timedelta(hours=5), timedelta(minutes=45)}
    sample = mill.journal.last_at_or_before(DEVICE, POINT, FAR)
    assert sample is not None
    assert sample.at == at(HOUR - 20)
    newest = mill.journal.latest(DEVICE)
    assert newest is not None
    assert newest.at == at(HOUR - 20)


def test_an_informative_clock_that_is_right_within_a_second_is_left_alone(
    mill: House, agent: Agent
):
    mill.takes(agent.says(unsure(10, 1, says=100, clock="I")), agent.knows(30, 120.9))

    assert mill.shown() == [(at(100), 1)]


def test_the_nearest_anchor_places_a_reading(mill: House, agent: Agent):
    mill.takes(agent.says(unsure(10, 1), unsure(90, 2)), agent.knows(0, 0))
    assert mill.shown() == [(at(10), 1), (at(90), 2)]

    mill.takes(agent.knows(100, 105))

    assert mill.shown() == [(at(10), 1), (at(95), 2)]


def test_what_its_reading_said_is_kept_byte_for_byte(mill: House, agent: Agent):
    mill.takes(agent.says(unsure(10, 1, says=7, clock="I")))
    before = mill.forms()

    mill.takes(agent.knows(30, HOUR))

    assert mill.forms() == before


def test_a_placed_reading_that_comes_again_is_a_duplicate(mill: House, agent: Agent):
    one = agent.says(unsure(10, 1), unsure(20, 2, says=9, clock="I"))
    mill.takes(one)
    assert mill.takes(one).duplicates == 2

    mill.takes(agent.knows(30, HOUR))
    assert mill.takes(one).duplicates == 2
    mill.writer.pack(FAR)
    assert mill.takes(one).duplicates == 2


def test_a_moved_reading_that_comes_again_together_with_its_anchor_is_a_duplicate(
    mill: House, agent: Agent
):
    one = agent.says(unsure(20, 2, says=9, clock="I"))
    mill.takes(one)
    mill.writer.pack(FAR)

    assert mill.takes(agent.knows(30, HOUR), one).duplicates == 1


def test_a_reading_stamped_ahead_of_its_receipt_waits_until_that_time_has_come(
    mill: House, agent: Agent
):
    ahead = reading((NOW - at(0)).total_seconds() + HOUR, 1)
    mill.takes(agent.says(reading(0, 0), ahead))
    assert mill.shown() == [(at(0), 0)]
    assert mill.journal.unplaced() == {COLLECTOR: 1}

    mill.writer.store([agent.says(reading(10, 2))], NOW + timedelta(hours=1))

    assert [value for _, value in mill.shown()] == [0, 2, 1]
    assert mill.journal.unplaced() == {}


def test_equal_instants_are_ordered_by_number(mill: House, agent: Agent):
    one, two = agent.each(reading(10, 1), reading(10, 2))

    mill.takes(two)
    mill.takes(one)

    assert [value for _, value in mill.shown()] == [1, 2]


# Anchors, readings, packs, in any order: the same timeline.

seconds = st.integers(0, 400).map(lambda tens: 10 * tens)
made = st.lists(
    st.one_of(
        st.builds(lambda up, says, clock: ("reading", up, says, clock), seconds, seconds,
                  st.sampled_from("SIU")),
        st.builds(lambda up, when: ("anchor", up, when, ""), seconds, seconds),
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip


def sent(agent: Agent, things):
    for place, (kind, up, when, clock) in enumerate(things):
        if kind == "anchor":
            yield agent.knows(up, when + 2 * HOUR)
        else:
            yield agent.says(replace(unsure(up, place, says=when, clock=clock)))


@settings(max_examples=40)
@given(made, st.data())
def test_the_timeline_does_not_depend_on_the_order_of_readings_and_anchors_or_on_packing(
    things, data
):
    with folder() as mill, folder() as plain:
        plain.takes(*sent(Agent(), things))
        messages = data.draw(st.permutations(list(sent(Agent(), things))))
        for message in messages:
            mill.takes(message, *data.draw(st.sampled_from([(), (messages[0],)])))
            if data.draw(st.booleans()):
                mill.writer.pack(at(data.draw(st.integers(0, 4)) * HOUR))
            mill.shown()  # readers look on all the time

        assert mill.shown() == plain.shown()
        assert mill.forms() == plain.forms()
        assert mill.journal.unplaced() == plain.journal.unplaced()
        assert mill.through() == len(things)
        assert mill.broken_at() == ()
