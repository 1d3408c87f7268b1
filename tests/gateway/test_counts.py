"""Counts of reads are found by the time that they tell of, whatever number they stand under."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta

import pytest

from collector.wire.counts import Count, Counts, counts_form
from gateway.journal.counts import counts_between
from gateway.journal.reader import Reader
from tests.gateway.given import DEVICE, IN_A_FILE, Agent, House, at, reading

QUARTER_S = 900


def counts(number: int, devices: Sequence[str] = (DEVICE, "jet-08-power")) -> Counts:
    """What was counted in a quarter of an hour: one reading more was bad in each."""
    start, end = at(number * QUARTER_S), at((number + 1) * QUARTER_S)
    up_ms = number * QUARTER_S * 1000
    one = Count(90, 90 - number % 90, {}, {"timeout": number % 90}, {})
    return Counts("b0", up_ms, up_ms + QUARTER_S * 1000, start, end, dict.fromkeys(devices, one))


@pytest.fixture
def journal(mill: House) -> Reader:
    """Two collectors' counts of twenty hours between readings and other records."""
    agents = Agent("e1"), Agent("e2", "dyehouse-b")
    arrivals = []
    for number in range(80):
        own = DEVICE if number % 2 else "jet-08-power"
        arrivals.append(agents[0].says(reading(number * QUARTER_S)))
        arrivals.append(agents[0].notes("counts", counts_form(counts(number))))
        if own == DEVICE:
            arrivals.append(agents[1].notes("counts", counts_form(counts(number, ["stenter"]))))
    mill.takes(*arrivals)
    return mill.journal


@pytest.mark.parametrize(
    ("first_s", "last_s", "quarters"),
    [
        (0, 1, [0]),
        (899, 901, [0, 1]),
        (900, 1800, [1]),
        (36_000, 39_600, [40, 41, 42, 43]),
        (71_100, 999_999, [79]),
        (72_000, 999_999, []),
        (-999, 0, []),
    ],
)
def test_quarters_that_overlap_a_period_are_told(journal, first_s, last_s, quarters):
    found = list(journal.counts([DEVICE], at(first_s), at(last_s)))

    assert found == [counts(number, [DEVICE]) for number in quarters]


def test_only_devices_that_were_asked_for_are_told(journal):
    found = list(journal.counts(["stenter"], at(0), at(4 * QUARTER_S)))

    assert [(one.start, list(one.devices)) for one in found] == [
        (at(QUARTER_S), ["stenter"]),
        (at(3 * QUARTER_S), ["stenter"]),
    ]
    assert list(journal.counts(["nobody"], at(0), at(0) + timedelta(days=1))) == []


@IN_A_FILE
def test_a_question_reads_no_more_for_all_that_stands_behind_it(mill: House, journal: Reader):
    def steps() -> int:
        taken = 0

        def one_more() -> int:
            nonlocal taken
            taken += 1
            return 0

        with closing(sqlite3.connect(mill.path)) as db:
            db.set_progress_handler(one_more, 10)
            list(counts_between(db, [DEVICE], at(0), at(1)))
        return taken

    before = steps()
    agent = Agent("e3", "dyehouse-c")
    mill.takes(*(agent.notes("counts", counts_form(counts(n))) for n in range(100, 2000)))

    assert steps() < 2 * before
