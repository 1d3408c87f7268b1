"""Runs: what a machine says of its batch and its step."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ledger.plant import Machine
from api.ledger.runs import BATCH_ID, find_runs
from tests.ledger.given import DYEING, at, samples

JET = Machine("jet-01", DYEING, processes={1: "scouring", 3: DYEING, 4: "washing"})


def found(*shown, steps=(), until=60):
    """What ran, in minutes: batch, process, start, end, and whether it goes on."""
    runs, _ = find_runs(JET, samples(*shown), samples(*steps), at(until))
    return [
        (one.batch, one.process, minutes(one.start), minutes(one.end), one.going_on) for one in runs
    ]


def minutes(when):
    return (when - at(0)).total_seconds() / 60


def codes(*shown, steps=()):
    _, problems = find_runs(JET, samples(*shown), samples(*steps), at(60))
    return [problem.code for problem in problems]


def every_minute(*values, start=0):
    return [(start + place, value) for place, value in enumerate(values)]


def test_a_run_begins_where_its_batch_appears_and_ends_where_it_vanishes():
    assert found((0, ""), (5, "B1"), (10, "B1"), (15, "")) == [("B1", DYEING, 5, 15, False)]


def test_a_run_ends_where_the_next_batch_begins():
    assert found((0, "B1"), (5, "B1"), (10, "B2"), (15, "")) == [
        ("B1", DYEING, 0, 10, False),
        ("B2", DYEING, 10, 15, False),
    ]


def test_a_batch_that_is_still_shown_goes_on_as_far_as_readings_reach():
    assert found((0, ""), (5, "B1"), (50, "B1"), until=60) == [("B1", DYEING, 5, 60, True)]


def test_a_run_never_ends_before_its_last_reading():
    assert found((5, "B1"), (50, "B1"), until=20) == [("B1", DYEING, 5, 50, True)]


def test_a_machine_that_shows_nothing_runs_nothing():
    assert found() == []
    assert found((0, ""), (5, "  "), (10, "")) == []


def test_a_paused_batch_is_still_its_run():
    """Whether it runs is another point; the batch is on the machine."""
    assert found((0, "B1"), (30, "B1"), (59, "")) == [("B1", DYEING, 0, 59, False)]


def test_a_plc_that_restarts_in_mid_batch_makes_one_run():
    """It shows nothing, or a register of zeros, and then the same batch again."""
    for empty in ("", "0", 0, "0000", None):
        shown = every_minute("B1", "B1", empty, empty, "B1", "")
        assert found(*shown) == [("B1", DYEING, 0, 5, False)]


def test_a_batch_that_comes_back_much_later_makes_two_runs_and_the_gap_is_idle():
    assert found((0, "B1"), (2, ""), (13, "B1"), (14, "")) == [
        ("B1", DYEING, 0, 2, False),
        ("B1", DYEING, 13, 14, False),
    ]


def test_a_batch_that_comes_back_after_another_makes_two_runs():
    shown = every_minute("B1", "B2", "B1", "")

    assert [one[0] for one in found(*shown)] == ["B1", "B2", "B1"]


def test_a_restart_changes_no_process():
    shown = every_minute("B1", "", "B1", "")

    assert found(*shown, steps=every_minute(1, 0, 1, 0)) == [("B1", "scouring", 0, 3, False)]


def seconds(*shown):
    return [(second / 60, value) for second, value in shown]


@pytest.mark.parametrize("flicker", [["B7"], ["B7", "B8"], ["", "B7"], ["<b>"]])
def test_an_id_that_flickers_for_less_than_it_takes_to_settle_is_no_run(flicker):
    shown = seconds((0, "B1"), *zip((60, 70), flicker, strict=False), (80, "B1"), (300, ""))

    assert found(*shown) == [("B1", DYEING, 0, 5, False)]


def test_an_id_that_is_half_typed_begins_the_run_of_the_whole_one():
    shown = seconds((0, ""), (60, "B2"), (70, "B24"), (80, "B2409"), (300, ""))

    assert found(*shown) == [("B2409", DYEING, 1, 5, False)]


def test_an_id_that_flickers_where_nothing_is_on_is_no_run():
    assert found(*seconds((0, ""), (60, "B1"), (70, ""), (300, ""))) == []


def test_an_id_that_goes_on_is_a_run_before_it_has_settled():
    assert found(*seconds((0, ""), (60, "B1")), until=1) == [("B1", DYEING, 1, 1, True)]


def test_a_bad_reading_ends_no_run():
    assert found(*every_minute("B1", None, None, "B1", "")) == [("B1", DYEING, 0, 4, False)]


def test_blanks_around_an_id_are_not_part_of_it():
    assert found(*every_minute("B1 ", " B1", "B1")) == [("B1", DYEING, 0, 60, True)]


def test_an_id_that_is_a_number_is_its_digits():
    assert found((0, 2409), (5, "")) == [("2409", DYEING, 0, 5, False)]


# Steps say the process.


def test_a_step_says_the_process():
    shown = every_minute("B1", "B1", "B1", "B1", "")
    steps = every_minute(1, 3, 3, 4, 0)

    assert found(*shown, steps=steps) == [
        ("B1", "scouring", 0, 1, False),
        ("B1", DYEING, 1, 3, False),
        ("B1", "washing", 3, 4, False),
    ]


def test_a_step_without_a_process_is_the_machines_own():
    assert found((0, "B1"), (5, ""), steps=[(0, 99), (5, 0)]) == [("B1", DYEING, 0, 5, False)]


def test_two_steps_of_one_process_are_one_run():
    assert len(found(*every_minute("B1", "B1", ""), steps=every_minute(3, 99, 0))) == 1


@pytest.mark.parametrize("steps", [[(0, 1), (1, None), (2, 1)], [(0, 1), (2, 1)]])
def test_a_step_that_could_not_be_read_for_a_moment_changes_no_process(steps):
    shown = every_minute("B1", "B1", "B1", "")

    assert found(*shown, steps=steps) == [("B1", "scouring", 0, 3, False)]


def test_a_step_is_not_kept_for_the_next_batch():
    assert found(*every_minute("B1", "B2", ""), steps=[(0, 1)]) == [
        ("B1", "scouring", 0, 1, False),
        ("B2", DYEING, 1, 2, False),
    ]


# What cannot be.


@pytest.mark.parametrize("said", ["<script>", "../x", "B1/2", "a" * 41, "-B1", "B1-", "B\n1", "'"])
def test_an_id_that_cannot_be_is_a_run_without_batch_and_a_problem(said):
    runs, problems = find_runs(JET, samples((0, said), (5, "")), [], at(60))

    assert [(one.batch, one.said) for one in runs] == [("", said)]
    assert [(p.code, p.values["said"]) for p in problems] == [("strange-batch-id", repr(said))]


@pytest.mark.parametrize(
    "said", ["B1", "缸号-7", "2409", "a b", "A+1", "#7", "B_1.2", "é", "x" * 40]
)
def test_an_id_of_any_script_is_taken(said):
    assert found((0, said), (5, ""))[0][0] == said


@given(st.text())
def test_an_id_of_any_text_makes_a_run_or_none_and_never_a_fault(said):
    runs, problems = find_runs(JET, samples((0, said), (5, "")), [], at(60))

    assert len(runs) <= 1
    assert bool(problems) == any(not one.batch for one in runs)
    assert all(not one.batch or BATCH_ID.fullmatch(one.batch) for one in runs)


# Edges that nobody saw.


def test_a_change_in_a_gap_is_a_problem_that_says_how_far_it_may_be_off():
    _, problems = find_runs(JET, samples((0, "B1"), (20, "B2"), (25, "")), [], at(60))

    (problem,) = problems
    assert (problem.code, problem.at) == ("run-edge-in-gap", at(20))
    assert dict(problem.values) == {"from": "B1", "to": "B2", "minutes": "20"}


def test_a_gap_inside_a_batch_is_no_problem():
    assert codes((0, "B1"), (55, "B1")) == []


def test_a_change_within_a_quarter_of_an_hour_is_no_problem():
    assert codes((0, "B1"), (15, "B2")) == []


def test_a_batch_that_appears_after_a_gap_is_a_problem():
    assert codes((0, ""), (20, "B1")) == ["run-edge-in-gap"]


ids = st.sampled_from(["", "B1", "B2", "B3", "缸号-7", "<b>"])


@given(st.lists(st.tuples(ids | st.none(), st.sampled_from([0, 1, 3, 4, None])), max_size=30))
def test_runs_follow_each_other_and_cover_exactly_what_was_shown(shown):
    batches = every_minute(*[batch for batch, _ in shown])
    steps = every_minute(*[step for _, step in shown])

    jet = replace(JET, settle=timedelta(0), restart=timedelta(0))  # as it is shown

    runs, _ = find_runs(jet, samples(*batches), samples(*steps), at(len(shown)))

    assert all(one.start < one.end for one in runs)
    assert all(one.end <= other.start for one, other in pairwise(runs))
    assert [one.going_on for one in runs[:-1]] == [False] * len(runs[:-1])
    for minute, said in batches:
        if said is not None:
            on = [one.said for one in runs if one.start <= at(minute) < one.end]
            assert on == ([said] if said else [])
