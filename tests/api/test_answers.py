"""What is remembered of counters is what the journal says, whatever came late or was packed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.answers import Answers
from gateway.intervals import measure
from gateway.journal import SLOT
from tests.gateway.given import DEVICE, FAR, POINT, START, Agent, House, at, counter, house, reading

MINUTE = counter(every_s=60)
HOURS = [START + n * SLOT for n in range(9)]
CUT = sorted([*HOURS, START + timedelta(minutes=22), START + timedelta(minutes=29, seconds=30)])


@pytest.fixture
def mill(tmp_path) -> Iterator[House]:
    with house(tmp_path / "journal.db") as one:
        yield one


@pytest.fixture
def agent() -> Agent:
    return Agent()


def rising(minutes) -> list:
    """A reading a minute of a counter that rises."""
    return [reading(60 * minute, 100 + minute / 4) for minute in minutes]


def direct(mill: House, bounds):
    """What the counter counted, by all that the journal holds."""
    return measure(mill.journal.samples(DEVICE, POINT, START, FAR), bounds, MINUTE)


def by_quarters(answers: Answers, bounds):
    """The same by what is remembered; None where that needs a closer look."""
    answer = answers.of(MINUTE, bounds)
    return None if answer is None else answer.measured


def test_two_readings_of_a_quarter_of_an_hour_say_all_of_it(mill: House, agent: Agent):
    mill.takes(agent.says(*rising(range(200))))
    mill.writer.pack(at(3600))

    assert by_quarters(Answers(mill.journal), CUT) == direct(mill, CUT)


def test_what_is_remembered_is_not_read_again(mill: House, agent: Agent):
    mill.takes(agent.says(*rising(range(200))))
    answers = Answers(mill.journal)
    first = by_quarters(answers, CUT)
    read = []
    asked = mill.journal.quarters
    mill.journal.quarters = lambda *args: read.append(asked(*args)) or asked(*args)

    assert by_quarters(answers, CUT) == first
    assert [one.numbers for found in read for one in found.values() if one.numbers] == []


def test_what_nobody_asks_twice_is_not_remembered(mill: House, agent: Agent):
    mill.takes(agent.says(*rising(range(200))))
    answers = Answers(mill.journal)

    once = answers.of(MINUTE, CUT, once=True)
    kept = answers.of(MINUTE, CUT)

    assert kept is not once
    assert answers.of(MINUTE, CUT, once=True) is kept


@given(
    st.lists(st.lists(st.integers(0, 170), max_size=60), min_size=1, max_size=5),
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.sampled_from([HOURS, CUT, HOURS[2:4], CUT[1:5]]),
)
def test_late_readings_are_seen_at_once(tmp_path_factory, groups, packs, bounds):
    with house(tmp_path_factory.mktemp("journal") / "journal.db") as mill:
        agent, answers, sent = Agent(), Answers(mill.journal), set()
        for group, packed in zip(groups, packs, strict=False):
            fresh = sorted(set(group) - sent)
            sent.update(fresh)
            if fresh:
                mill.takes(agent.says(*rising(fresh)))
            if packed:
                mill.writer.pack(FAR)

            found = by_quarters(answers, bounds)

            assert found is None or found.slices == direct(mill, bounds).slices


def test_where_a_register_fell_a_closer_look_is_asked_for(mill: House, agent: Agent):
    answers = Answers(mill.journal)
    mill.takes(agent.says(*rising(range(0, 200, 2))))
    assert by_quarters(answers, HOURS) is not None

    mill.takes(agent.says(reading(60 * 61, 0)))

    assert by_quarters(answers, HOURS) is None


def test_a_doubtful_value_asks_for_a_closer_look(mill: House, agent: Agent):
    mill.takes(agent.says(*rising(range(60)), reading(3600, 115, reason="above-rating")))

    assert by_quarters(Answers(mill.journal), HOURS[:5]) is None


def test_bad_values_are_passed_over(mill: House, agent: Agent):
    mill.takes(agent.says(*rising(range(30)), reading(1800, None), *rising(range(31, 200))))

    found = by_quarters(Answers(mill.journal), HOURS)

    assert found is not None
    assert found == direct(mill, HOURS)


def test_a_spurious_value_just_before_a_period_asks_for_a_closer_look(mill: House, agent: Agent):
    mill.takes(agent.says(*rising(range(59)), reading(3540, 0), *rising(range(60, 200))))

    assert by_quarters(Answers(mill.journal), HOURS[4:6]) is None


def test_few_readings_in_a_quarter_are_looked_at_with_those_far_around(mill: House, agent: Agent):
    mill.takes(agent.says(*rising(range(0, 480, 15))))
    bounds = HOURS[6:8]

    assert by_quarters(Answers(mill.journal), bounds) == direct(mill, bounds)


def test_only_so_many_quarters_are_remembered(mill: House, agent: Agent):
    mill.takes(agent.says(*rising(range(200))))
    answers = Answers(mill.journal, most=3)

    assert by_quarters(answers, HOURS) == by_quarters(answers, HOURS) == direct(mill, HOURS)
