"""Hearing: what is said while something does not get through, and when it is tried again."""

import itertools
import logging
import random

import pytest

from collector.hearing import REFUSED, UNANSWERED, UP, Hearing

NOBODY = "nobody takes it"


@pytest.fixture
def hearing() -> Hearing:
    return Hearing(60.0, random.Random(1))


def test_what_is_refused_is_said_once_and_tried_ever_more_rarely(
    hearing: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    now, tries = 1000.0, []
    while now < 2000:
        if hearing.may_send(now):
            tries.append(now)
            hearing.refused(NOBODY, now)
        now += 0.1

    assert caplog.messages == [f"the broker does not pass on what we send: {NOBODY}"]
    assert hearing.word == REFUSED
    assert 20 < len(tries) < 40
    assert 30 < tries[-1] - tries[-2] <= 60.1


def test_where_only_nobody_listens_it_is_tried_again_within_two_seconds(hearing: Hearing) -> None:
    now, tries = 1000.0, []
    while now < 1060:
        if hearing.may_send(now):
            tries.append(now)
            hearing.refused(NOBODY, now, unheard=True)
        now += 0.1

    assert max(later - one for one, later in itertools.pairwise(tries)) <= 2.1


def test_what_is_refused_together_is_one_attempt(hearing: Hearing) -> None:
    hearing.refused(NOBODY, 1000.0)

    assert not hearing.refused(NOBODY, 1000.0)


def test_a_journal_that_is_there_ends_the_pause_and_one_that_has_more_the_alarm(
    hearing: Hearing,
) -> None:
    hearing.refused(NOBODY, 1000.0)

    hearing.answered()
    assert (hearing.may_send(1000.0), hearing.word) == (True, REFUSED)
    hearing.accounted()
    assert hearing.word == UP


def test_a_new_connection_is_tried_at_once(hearing: Hearing) -> None:
    hearing.refused(NOBODY, 1000.0)

    hearing.connected()

    assert hearing.may_send(1000.0)


def test_what_is_taken_and_never_accounted_for_is_told_of_whatever_else_the_journal_says(
    hearing: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for second in range(1000, 1062):
        hearing.sent(second)
        hearing.answered()
        hearing.listen(second)

    assert hearing.word == UNANSWERED
    assert len(caplog.messages) == 1


def test_who_has_sent_nothing_is_owed_no_answer(hearing: Hearing) -> None:
    hearing.listen(10**6)

    assert hearing.word == UP
