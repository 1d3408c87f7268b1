"""An alarm is raised once, is over by itself, and somebody else is told where nobody answers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from api.alarms.course import Event, course, seen_last
from tests.alarms.given import NOW, at, finding, numbered, opened

HALF_AN_HOUR = timedelta(minutes=30)


def test_what_is_found_is_raised_once():
    raised = numbered(course([], [finding()], NOW, None))

    assert [(one.kind, one.alarm) for one in raised] == [("raised", 1)]
    assert course(opened(raised), [finding()], at(1), None) == []


def test_what_is_found_no_more_is_over_by_itself_with_what_it_cost_last():
    raised = numbered(course([], [finding(kgco2e="12")], NOW, None))
    latest = {("limit", "B2409"): finding(kgco2e="40")}
    known = [seen_last(one, latest) for one in opened(raised)]

    (ended,) = course(known, [], at(9), None)

    assert (ended.kind, ended.alarm, ended.at, ended.by) == ("ended", 1, at(9), "")
    assert ended.cost.kgco2e == Decimal(40)


def test_an_alarm_that_nobody_acknowledges_is_told_once_more():
    raised = numbered(course([], [finding()], NOW, HALF_AN_HOUR))

    assert course(opened(raised), [finding()], at(29), HALF_AN_HOUR) == []
    (escalated,) = course(opened(raised), [finding()], at(30), HALF_AN_HOUR)
    assert escalated.kind == "escalated"
    events = raised + numbered([escalated], 2)
    assert course(opened(events), [finding()], at(90), HALF_AN_HOUR) == []


def test_an_alarm_that_somebody_acknowledged_is_not_escalated():
    (raised,) = numbered(course([], [finding()], NOW, HALF_AN_HOUR))
    seen = replace(raised, kind="acknowledged", by="li", number=2)

    assert course(opened([raised, seen]), [finding()], at(90), HALF_AN_HOUR) == []


def test_the_same_thing_again_is_another_alarm():
    events = numbered(course([], [finding()], NOW, None))
    events += numbered(course(opened(events), [], at(1), None), 2)

    (again,) = numbered(course(opened(events), [finding()], at(2), None), 3)

    assert (again.kind, again.alarm) == ("raised", 3)


@given(st.lists(st.sets(st.sampled_from("abcd")), max_size=12))
def test_after_every_look_what_is_open_is_what_was_found(looks):
    events: list[Event] = []
    for minute, subjects in enumerate(looks):
        found = [finding(one) for one in sorted(subjects)]
        new = course(opened(events), found, at(minute), HALF_AN_HOUR)
        events += numbered(new, len(events) + 1)

        assert {one.last.subject for one in opened(events)} == subjects
    for alarm in opened(events):
        assert [one.kind for one in alarm.events].count("raised") == 1
