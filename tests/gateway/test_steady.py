"""A counter that only rises is measured by its first and last readings, to the last digit."""

from bisect import bisect_left
from datetime import timedelta
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from collector.wire.reading import unix_ms
from gateway.intervals import Sample, Whiles, follow, measure, measure_steady, only_rising
from tests.gateway.given import at, counter, samples

KNOWN = [0, 0.1, 0.25, 1e-9, 3, 1 / 3, 0.1 + 0.2, 12.5, 7e-13]
RISES = st.lists(st.sampled_from(KNOWN), min_size=1, max_size=40)
GAPS = st.lists(st.sampled_from([1, 5, 10, 20, 25, 120, 900, 901, 4000]), min_size=40, max_size=40)
EDGES = st.lists(st.integers(-100, 3000), min_size=2, max_size=12, unique=True).map(sorted)
LIMITS = st.sampled_from([None, "0.5", "2", "80"])


def shown(start: float, rises, gaps) -> list[tuple[float, float]]:
    """Seconds and values of a register that rises."""
    found, second, value = [], 0, start
    for rise, gap in zip(rises, gaps, strict=False):
        second, value = second + gap, value + rise
        found.append((second, value))
    return found


def whiles_of(found: list[Sample], bounds, of) -> Whiles | None:
    """The readings between the bounds; None where they are not steady."""
    ats = [unix_ms(one.at) for one in found]
    edges = [0, *(bisect_left(ats, unix_ms(bound)) for bound in bounds), len(ats)]
    parts = []
    for first, end in pairwise(edges):
        values = [one.value for one in found[first:end]]
        one = only_rising(ats[first:end], values, of) if values else None
        if one is None and first < end:
            return None
        parts.append(one)
    before, *within, after = parts
    whiles = Whiles([before] if before else [], within, [after] if after else [])
    return whiles if follow(whiles.every(), of) else None


@given(st.sampled_from([0, 5.5, 18230.4, 1e9 + 0.1]), RISES, GAPS, EDGES, LIMITS)
def test_what_only_rises_is_measured_as_if_every_reading_were_looked_at(
    start, rises, gaps, edges, limit
):
    of = counter(limit=limit)
    found = samples(*shown(start, rises, gaps))
    bounds = [at(edge) for edge in edges]
    whiles = whiles_of(found, bounds, of)
    assume(whiles is not None)  # where that is too seldom, Hypothesis says so

    expected = measure(found, bounds, of)

    assert repr(measure_steady(whiles, bounds, of).slices) == repr(expected.slices)
    assert measure_steady(whiles, bounds, of) == expected


@given(st.lists(st.sampled_from([0, 1, 5, 100, 1e6, 1e16, -3]), min_size=2, max_size=12), LIMITS)
def test_what_a_closer_look_would_drop_or_question_is_not_steady(values, limit):
    of = counter(limit=limit)
    found = samples(*((10 * n, value) for n, value in enumerate(values)))
    bounds = [at(-5), at(10 * len(values) + 5)]

    if measure(found, bounds, of).problems:
        assert whiles_of(found, bounds, of) is None


def test_two_values_of_one_instant_are_not_steady():
    assert only_rising([0, 0], [1, 2], counter()) is None


def test_a_single_reading_says_where_a_register_stands():
    of = counter()
    bounds = [at(0), at(900)]
    whiles = Whiles([], [only_rising([unix_ms(at(5))], [7.5], of)], [])

    (piece,) = measure_steady(whiles, bounds, of).slices

    assert (piece.amount, piece.complete) == (0, False)
    assert piece.end - piece.start == timedelta(minutes=15)
