"""Gaps: what is live comes first, so the newest reading does not say that all before is here."""

from hypothesis import given
from hypothesis import strategies as st

from collector.wire.reading import instant
from tests.gateway.given import DEVICE, FAR, Agent, House, at, house, reading

OTHER = "jet-08-power"
NOTHING = instant(0)


def test_where_no_number_is_missing_no_gap_is_known(mill: House, agent: Agent):
    mill.takes(*agent.each(reading(0), reading(10)))

    assert not mill.journal.gaps({DEVICE})


def test_a_gap_stands_behind_the_last_reading_before_it(mill: House, agent: Agent):
    first, _, last = agent.each(reading(0), reading(10), reading(20))

    mill.takes(first, last)

    assert mill.journal.gaps({DEVICE})[DEVICE] == at(0)
    assert mill.journal.latest(DEVICE).at == at(20)


def test_a_device_of_which_nothing_stands_before_the_gap_has_reported_nothing(
    mill: House, agent: Agent
):
    _, last = agent.each(reading(0), reading(10))

    mill.takes(last)

    assert mill.journal.gaps({DEVICE})[DEVICE] == NOTHING


def test_each_device_of_a_collector_has_an_end_of_its_own_before_the_gap(mill: House, agent: Agent):
    sent = agent.each(
        reading(0), reading(1, device=OTHER), reading(10), reading(11), reading(12, device=OTHER)
    )

    mill.takes(*sent[:3], sent[4])

    assert mill.journal.gaps({DEVICE})[DEVICE] == at(10)
    assert mill.journal.gaps({OTHER})[OTHER] == at(1)


def test_a_gap_of_an_epoch_that_its_collector_has_left_counts_no_more(mill: House, agent: Agent):
    first, _, last = agent.each(reading(0), reading(10), reading(20))
    mill.takes(first, last)

    mill.takes(Agent("e2").says(reading(30)))

    assert not mill.journal.gaps({DEVICE})


def test_a_new_epoch_that_begins_with_a_gap_is_whole_up_to_the_one_before(
    mill: House, agent: Agent
):
    mill.takes(agent.says(reading(0)))
    _, live = Agent("e2").each(reading(10), reading(20))

    mill.takes(live)

    assert mill.journal.gaps({DEVICE})[DEVICE] == at(0)


@given(data=st.data())
def test_the_gap_is_where_it_is_whatever_is_packed(tmp_path_factory, data):
    step = data.draw(st.sampled_from([1, 900, 2000]))  # seconds: in a slot, over slots, over hours
    made = data.draw(st.integers(2, 12))
    came = data.draw(st.sets(st.integers(0, made - 1), min_size=1))
    devices = data.draw(st.lists(st.sampled_from([DEVICE, OTHER]), min_size=made, max_size=made))
    agent = Agent()
    sent = agent.each(*(reading(n * step, device=devices[n]) for n in range(made)))
    packed = data.draw(st.sets(st.sampled_from(sorted(came))))
    with house(tmp_path_factory.mktemp("gaps") / "journal.db") as mill:
        for some in (packed, came - packed):
            mill.takes(*(sent[n] for n in sorted(some)))
            mill.writer.pack(FAR) if some is packed else None

        missing = set(range(max(came))) - came
        for device in {devices[n] for n in came}:
            before = [n for n in came if devices[n] == device and n < min(missing, default=0)]
            expected = None if not missing else at(max(before) * step) if before else NOTHING
            assert mill.journal.gaps({device}).get(device) == expected
