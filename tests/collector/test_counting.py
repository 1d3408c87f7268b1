"""Nothing that should have been read is missing unsaid: the counts are exact."""

import asyncio
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.counting import EVERY_MS, Counting
from collector.wire.counts import Count, Counts, counts_form, read_counts
from collector.wire.message import decode, encode_records, record_form
from collector.wire.reading import ClockState, Reading, instant
from tests.collector.playing import device, play
from tests.collector.slaves import Fault, Slave

reasons = st.sampled_from(["timeout", "frozen", "exception-2"])
outcomes = st.sampled_from(["read", "left out", "dropped"])


def reading(name: str, up_ms: int, good: int, doubt: dict[str, str], bad: dict[str, str]):
    values = {f"g{n}": n for n in range(good)} | dict.fromkeys(doubt, 1)
    return Reading(name, instant(0), ClockState.SYNCHRONISED, "b", up_ms, values, doubt, bad)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3 * EVERY_MS), outcomes, reasons)))
def test_scheduled_is_good_and_uncertain_and_bad_and_shed_whatever_became_of_a_slot(slots):
    counting = Counting("b", 0, 1_000)
    for name, due_ms, outcome, reason in slots:
        counting.scheduled(name, 4, due_ms)
        one = reading(name, due_ms, 2, {"u": reason}, {"x": reason})
        if outcome == "left out":
            counting.shed(name, 4, "line-busy", due_ms)
        else:
            counting.read(one, due_ms)
        if outcome == "dropped":
            counting.dropped([(one, due_ms)])

    counts = counting.closed(4 * EVERY_MS, 0)

    assert sum(c.scheduled for one in counts for c in one.devices.values()) == 4 * len(slots)
    for one in counts:
        assert read_counts(counts_form(one)) == one
        for count in one.devices.values():
            assert count.scheduled == count.settled
    counting.told(counts)
    assert counting.closed(4 * EVERY_MS, 0) == []


def test_an_interval_waits_for_the_slot_that_is_still_being_read():
    counting = Counting("b", 0, 0)
    counting.scheduled("a", 1, EVERY_MS - 1)
    assert counting.closed(EVERY_MS, 0) == []

    counting.read(reading("a", EVERY_MS + 5, 1, {}, {}), EVERY_MS - 1)

    (counts,) = counting.closed(EVERY_MS, 0)
    assert counts.devices == {"a": Count(1, 1, {}, {}, {})}


def test_intervals_begin_at_whole_quarters_of_an_hour_by_the_wall():
    counting = Counting("b", 5_000, 600_000)  # ten past, and up for five seconds
    for due_ms in (5_000, 304_999, 305_000):
        counting.scheduled("a", 1, due_ms)
        counting.shed("a", 1, "line-busy", due_ms)

    first, second = counting.closed(10**9, 595_000)

    assert (first.start, first.end) == (instant(600_000), instant(900_000))
    assert (second.start, second.end) == (instant(900_000), instant(1_800_000))
    assert [one.devices["a"].scheduled for one in (first, second)] == [2, 1]


def test_more_devices_than_fit_into_a_message_are_told_in_several():
    counting = Counting("b", 0, 0)
    for number in range(250):
        counting.scheduled(f"device-{number:03d}", 1, 0)
        counting.shed(f"device-{number:03d}", 1, "line-busy", 0)

    counts = counting.closed(EVERY_MS, 0)

    assert [len(one.devices) for one in counts] == [100, 100, 50]


def test_counts_that_do_not_add_up_are_refused():
    body = counts_form(
        Counts("b", 0, 1, instant(0), instant(1), {"a": Count(3, 1, {}, {"timeout": 1}, {})})
    )

    with pytest.raises(ValueError, match="2 of 3"):
        read_counts(body)


def test_counts_travel_as_a_record_of_their_own():
    counts = Counts("b", 0, 1, instant(0), instant(1), {"a": Count(2, 1, {}, {"timeout": 1}, {})})
    form = record_form(7, "counts", "2026-03-01T00:00:00.000Z", "", counts_form(counts))

    (record,) = decode(encode_records("e", [(form, bytes(32))]), None).records

    assert (record.kind, read_counts(record.body)) == ("counts", counts)


def test_on_a_bus_full_of_faults_every_slot_is_accounted_for():
    drawn = random.Random(11)
    slave = Slave({unit: list(range(20)) for unit in (1, 2, 4)}, turnaround_s=0.1)
    slave.suffer_all(
        Fault(
            late_s=drawn.choice((0, 0, 0, 1.5)),
            copies=drawn.choice((0, 1, 1, 1)),
            code=drawn.choice((0, 0, 0, 6)),
            flip=drawn.random() < 0.1,
        )
        for _ in iter(int, 1)
    )

    devices = [device(f"d{unit}", unit, addresses=range(20)) for unit in (1, 2, 3, 4)]
    played = play(slave, devices, kind="rtu", for_s=600).notebook

    settled = [(r.device, due) for r, due in zip(played.readings, played.due, strict=True)]
    settled += [(name, due) for name, due, _ in played.left_out]
    assert sorted(settled) == sorted(played.scheduled)
    assert all(len(r.values) + len(r.bad) == 20 for r in played.readings)
    assert len({*played.scheduled}) == len(played.scheduled)


def test_for_a_day_slots_neither_drift_nor_are_lost_and_a_clock_that_is_set_moves_none():
    async def set_the_clock(clock):
        for hours in (-300, 9000, 1):
            await asyncio.sleep(6 * 3600)
            clock.step = timedelta(hours=hours, seconds=0.4)

    slave = Slave({1: [7]}, turnaround_s=0.02)
    day_s = 24 * 3600
    played = play(
        slave, [device("a", 1, every_ms=30_000)], for_s=day_s, meanwhile=set_the_clock
    ).notebook

    assert len(played.readings) == day_s // 30
    assert {due - played.due[0] - 30_000 * n for n, due in enumerate(played.due)} == {0}
    late = [at - 1000 - (played.due[0] - 5_000) / 1000 - 30 * n for n, at in enumerate(slave.times)]
    assert max(late) - min(late) < 0.002


def test_a_reading_is_stamped_within_half_its_round_trip_of_the_sample():
    drawn = random.Random(5)
    slave = Slave({1: list(range(60))}, turnaround_s=0.01)
    slave.suffer_all(Fault(late_s=drawn.uniform(0, 0.04)) for _ in iter(int, 1))

    played = play(slave, [device("a", 1, addresses=(0, 50))], kind="rtu", for_s=300).notebook

    first, second = slave.times[::2], slave.times[1::2]
    for reading, *sampled in zip(played.readings, first, second, strict=False):
        stamped_s = 1000 + (reading.up_ms - 5_000) / 1000
        trip_s = sampled[1] - sampled[0] + 0.1
        assert all(abs(stamped_s - at) <= trip_s / 2 + 0.005 for at in sampled)
