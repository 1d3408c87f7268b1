"""The prepared runs answer as a look at each of them would."""

from hypothesis import given
from hypothesis import strategies as st

from api.ledger.timeline import Timeline
from tests.ledger.given import at, run

RUNS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 20), st.sampled_from(["m-1", "m-2"])), max_size=12
).map(
    lambda found: [
        run(f"B{n}", start, start + length, machine=name)
        for n, (start, length, name) in enumerate(found)
    ]
)
MINUTES = st.integers(-5, 65)


@given(RUNS, MINUTES, st.integers(1, 10))
def test_runs_that_are_on_during_all_of_a_slice(runs, start, length):
    a, b = at(start), at(start + length)

    assert Timeline(runs).on(a, b) == tuple(r for r in runs if r.start <= a and b <= r.end)


@given(RUNS, MINUTES)
def test_the_runs_that_begin_next(runs, minute):
    coming = [r for r in runs if r.start >= at(minute) and r.end > r.start]
    first = min((r.start for r in coming), default=None)

    assert Timeline(runs).next_runs(at(minute)) == tuple(r for r in coming if r.start == first)


@given(RUNS, MINUTES, st.integers(1, 30))
def test_runs_that_touch_a_stretch(runs, start, length):
    a, b = at(start), at(start + length)

    expected = [r for r in runs if r.start < b and r.end > a and r.end > r.start]
    assert set(Timeline(runs).touching(a, b)) == set(expected)


def test_between_two_edges_the_answer_is_the_same_tuple():
    runs = Timeline([run("B1", 0, 60), run("B2", 30, 60, machine="m-2")])

    assert runs.on(at(30), at(45)) is runs.on(at(45), at(60))


def test_runs_that_are_alike_are_still_two():
    """The oracle found it in one mill of 1,250: alike to the last minute, they counted as one."""
    twice = [run("B1", 0, 10), run("B1", 0, 10)]

    assert Timeline(twice).on(at(0), at(5)) == tuple(twice)
    assert Timeline(twice).touching(at(0), at(5)) == tuple(twice)
