"""Packed or not, the journal answers the same, byte for byte."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.wire.reading import Reading
from gateway.intervals import Sample
from gateway.journal.lines import Row, pack, unpack
from tests.gateway.given import BIRTH, DEVICE, POINT, START, Agent, House, at, house, reading

HOUR = 3600

rows = st.lists(
    st.builds(
        Row,
        stream=st.integers(1, 99),
        seq=st.integers(1, 2**53),
        at=st.integers(0, 2**45),
        device=st.integers(1, 99),
        form=st.binary(min_size=1).map(lambda text: text.replace(b"\n", b" ")),
        h=st.binary(min_size=32, max_size=32),
    ),
    min_size=1,
)


@given(rows)
def test_a_chunk_gives_back_every_row_byte_for_byte(found):
    assert unpack(pack(found)) == found


def test_packing_moves_whole_slots_and_no_part_of_one():
    with folder() as mill:
        mill.takes(Agent().says(*[reading(s) for s in (0, HOUR - 1, HOUR, 2 * HOUR, 2 * HOUR + 1)]))

        assert mill.writer.pack(at(2 * HOUR + 1)) == 3
        assert mill.writer.pack(at(2 * HOUR + 1)) == 0
        assert len(mill.shown()) == 5


def test_a_late_reading_joins_the_chunk_of_its_hour():
    with folder() as mill:
        agent = Agent()
        mill.takes(agent.says(reading(0, 0), reading(20, 2)))
        mill.writer.pack(at(HOUR))

        mill.takes(agent.says(reading(10, 1)))
        assert [value for _, value in mill.shown()] == [0, 1, 2]

        assert mill.writer.pack(at(HOUR)) == 1
        assert [value for _, value in mill.shown()] == [0, 1, 2]
        assert mill.broken_at() == ()


# A journal's history: what was made, in which order it came, and when hours were packed.

seconds = st.integers(0, 5 * HOUR // 10).map(lambda tens: 10 * tens)
values = st.none() | st.integers(0, 999)
made = st.lists(
    st.builds(reading, seconds, values, reason=st.sampled_from(["", "frozen"])),
    min_size=1,
    max_size=14,
)


@st.composite
def histories(draw):
    """Readings, groups of them in order of arrival, and the hour packed after each group."""
    readings = draw(made)
    order = draw(st.permutations(range(len(readings))))
    groups, packs = [], []
    while order:
        size = draw(st.integers(1, len(order)))
        groups.append(order[:size])
        order = order[size:]
        packs.append(draw(st.none() | st.integers(0, 6)))
    return readings, groups, packs


@contextmanager
def folder() -> Iterator[House]:
    """A journal in a folder of its own, for one example, which leaves nothing behind."""
    with TemporaryDirectory(dir=_memory()) as name, house(Path(name) / "journal.db") as one:
        yield one


def _memory() -> str | None:
    """Files that need not outlive an example need no medium either."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() else None


def played(mill: House, history) -> list[Reading]:
    readings, groups, packs = history
    agent = Agent()
    sent = agent.each(*readings)
    for group, hour in zip(groups, packs, strict=True):
        mill.takes(*[sent[place] for place in group])
        if hour is not None:
            mill.writer.pack(at(hour * HOUR))
    return readings


@settings(max_examples=40)
@given(histories())
def test_every_form_and_hash_is_kept_byte_for_byte(history):
    with folder() as mill, folder() as untouched:
        readings = played(mill, history)
        untouched.takes(*Agent().each(*readings))

        assert mill.forms() == untouched.forms()
        assert mill.through() == len(readings)
        assert mill.broken_at() == ()


@settings(max_examples=40)
@given(histories(), seconds, seconds)
def test_readings_of_a_period_are_those_that_were_made_in_it(history, one, other):
    start, end = at(min(one, other)), at(max(one, other))
    with folder() as mill:
        readings = played(mill, history)

        found = list(mill.journal.readings(DEVICE, start, end))

        expected = [r for r in readings if start <= r.at < end]
        assert [r.at for r in found] == sorted(r.at for r in expected)
        assert sorted(found, key=repr) == sorted(expected, key=repr)


def good(readings: list[Reading]) -> list[tuple]:
    return [(r.at, r.values[POINT]) for r in readings if POINT in r.values]


def told(sample: Sample | None):
    return None if sample is None else sample.at


@settings(max_examples=40)
@given(histories(), st.lists(seconds, min_size=1, max_size=6))
def test_the_last_value_before_and_the_first_after_an_instant_pass_over_bad_ones(history, asked):
    with folder() as mill:
        readings = played(mill, history)

        for second in asked:
            when = at(second)
            before = mill.journal.last_at_or_before(DEVICE, POINT, when)
            after = mill.journal.first_after(DEVICE, POINT, when)

            shown = good(readings)
            assert told(before) == max((a for a, _ in shown if a <= when), default=None)
            assert told(after) == min((a for a, _ in shown if a > when), default=None)
            for sample in filter(None, (before, after)):
                assert (sample.at, sample.value) in shown
                assert sample.birth == BIRTH.hash


@settings(max_examples=40)
@given(histories())
def test_samples_say_value_quality_and_reason(history):
    with folder() as mill:
        readings = played(mill, history)

        samples = mill.journal.samples(DEVICE, POINT, START, at(99 * HOUR))

        expected = [
            (
                r.at,
                r.values.get(POINT),
                "bad" if POINT in r.bad else "uncertain" if POINT in r.uncertain else "good",
                r.bad.get(POINT) or r.uncertain.get(POINT, ""),
            )
            for r in readings
        ]
        found = [(s.at, s.value, s.quality, s.reason) for s in samples]
        assert sorted(found, key=repr) == sorted(expected, key=repr)


@settings(max_examples=40)
@given(histories())
def test_the_newest_reading_is_the_latest_by_time(history):
    with folder() as mill:
        readings = played(mill, history)

        newest = mill.journal.latest(DEVICE)

        assert newest is not None
        assert newest.at == max(r.at for r in readings)
