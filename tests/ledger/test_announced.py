"""Ids that nobody announced: doubted where others were, and never where none was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ledger.announced import doubtful, edits
from tests.ledger.given import run


def said_of(batch, planned, entered=()):
    problems = doubtful([run(batch)], {*planned, *entered}, set(planned))
    return [(one.code, one.values["nearest"]) for one in problems]


@pytest.mark.parametrize("said", ["B24O9", "B249", "B22409", "B4209", "b2409"])
def test_an_id_one_sign_off_an_announced_one_is_probably_mistyped(said):
    assert said_of(said, ["B2409", "X77"]) == [("batch-mistyped", "B2409")]


def test_an_id_far_from_every_announced_one_is_not_planned():
    assert said_of("Z1", ["B2409", "B2511"])[0][0] == "batch-not-planned"


def test_an_announced_id_is_not_doubted_though_another_is_one_sign_off():
    assert said_of("B2408", ["B2409"], entered=["B2408"]) == []


def test_a_mill_that_announces_nothing_is_never_asked():
    assert said_of("B2408", [], entered=["B2409"]) == []


def test_a_batch_in_several_steps_is_doubted_once():
    steps = [run("B1", 0, 10), run("B1", 10, 20)]

    assert len(doubtful(steps, {"B2"}, {"B2"})) == 1


@given(st.text(max_size=8), st.text(max_size=8))
def test_edits_are_the_same_both_ways_and_none_only_for_the_same_text(one, other):
    assert edits(one, other) == edits(other, one)
    assert (edits(one, other) == 0) == (one == other)
    assert edits(one, other) <= max(len(one), len(other))
