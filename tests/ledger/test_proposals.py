"""Runs from load alone: proposed where a machine surely worked, and nowhere else."""

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from api.ledger.proposals import propose, threshold
from gateway.intervals import Slice
from tests.ledger.given import at


def minutes_of(*stretches, complete=True, estimated=False):
    """Slices of a minute, from stretches of (minutes, kilowatts)."""
    powers = [kw for length, kw in stretches for _ in range(length)]
    found = []
    for minute, kw in enumerate(powers):
        kwh, nothing = Decimal(str(kw)) / 60, Decimal(0)
        parts = (nothing, nothing, kwh) if estimated else (kwh, nothing, nothing)
        found.append(Slice(at(minute), at(minute + 1), kwh, *parts, complete))
    return found


def proposed(slices, known=(), idle_kw=None):
    above_kw = threshold(slices, idle_kw)
    assert above_kw is not None
    found = propose(slices, [(at(a), at(b)) for a, b in known], above_kw)
    return [(round((p.start - at(0)).seconds / 60), round((p.end - at(0)).seconds / 60))
            for p in found]  # fmt: skip


DAY = minutes_of((60, 1), (90, 40), (30, 1), (60, 35), (60, 1))


def test_a_machine_that_worked_twice_is_proposed_twice():
    assert proposed(DAY) == [(60, 150), (180, 240)]


def test_a_proposal_says_what_was_used_and_above_what():
    (one, _) = propose(DAY, [], threshold(DAY))

    assert one.energy_kwh.quantize(Decimal("0.001")) == 60
    assert 1 < one.above_kw < 35


def test_a_declared_idle_power_needs_no_history():
    assert proposed(minutes_of((20, 1), (30, 40)), idle_kw=Decimal(5)) == [(20, 50)]


def test_a_machine_that_never_rests_or_never_works_proposes_nothing():
    assert threshold(minutes_of((600, 40))) is None
    assert threshold(minutes_of((600, "0.2"))) is None
    assert threshold(minutes_of((10, 1), (20, 40))) is None, "too short a time to tell"


def test_starting_currents_and_short_faults_move_no_threshold():
    calm, wild = DAY, minutes_of((60, 1), (3, 900), (87, 40), (30, 1), (60, 35), (57, 1), (3, 0))

    assert abs(threshold(calm) - threshold(wild)) < 1


def test_a_pause_between_two_baths_ends_no_proposal_and_a_long_one_does():
    short = minutes_of((60, 1), (40, 40), (10, 1), (40, 40), (60, 1))
    long = minutes_of((60, 1), (40, 40), (11, 1), (40, 40), (60, 1))

    assert proposed(short) == [(60, 150)]
    assert proposed(long) == [(60, 100), (111, 151)]


def test_load_for_less_than_a_quarter_of_an_hour_is_no_batch():
    assert proposed(minutes_of((60, 1), (14, 40), (60, 1), (50, 40), (60, 1))) == [(134, 184)]


def test_what_is_known_is_not_proposed_again():
    assert proposed(DAY, known=[(55, 155)]) == [(180, 240)]
    assert proposed(DAY, known=[(60, 100)]) == [(100, 150), (180, 240)]
    assert proposed(DAY, known=[(100, 105)]) == [(60, 100), (105, 150), (180, 240)]


def test_what_was_only_estimated_says_nothing_of_when_it_was_used():
    assert threshold(minutes_of((100, 1), (100, 40), estimated=True)) is None
    assert threshold(minutes_of((100, 1), (100, 40), complete=False)) is None


powers = st.lists(st.tuples(st.integers(1, 40), st.sampled_from([0, 1, 20, 60])), max_size=12)
spans = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 60)).map(lambda s: (at(s[0]), at(s[0] + s[1]))),
    max_size=4,
)


@given(powers, spans)
def test_proposals_follow_each_other_and_never_touch_what_is_known(stretches, known):
    found = propose(minutes_of(*stretches), known, Decimal(5))

    assert all(one.end <= other.start for one, other in pairwise(found))
    for one in found:
        assert not any(start < one.end and one.start < end for start, end in known)
