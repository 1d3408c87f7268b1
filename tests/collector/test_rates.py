"""Points of one device at several rates: what is due together is asked for together."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.births import birth_of
from collector.bus import Bus
from collector.clock import SystemClock
from collector.notes import Notes
from collector.wire.birth import birth_form, read_birth
from millprint.commissioning.utilisation import load_of
from tests.collector.playing import device, play
from tests.collector.slaves import Slave


def test_a_slower_point_is_read_when_it_is_due_and_in_the_same_request():
    slave = Slave({1: list(range(20))})
    meter = replace(device("a", 1, addresses=(0, 1, 2)), slower={"p2": 5_000})

    played = play(slave, [meter], for_s=30.5)

    counts = [asked[3] for asked in slave.seen]
    assert set(counts) == {2, 3}
    assert len(slave.seen) == len(played.notebook.readings)
    shown = [
        reading.at.second for reading in played.notebook.readings[1:] if "p2" in reading.values
    ]
    assert shown
    assert all(second % 5 == 0 for second in shown)
    assert all(not reading.bad for reading in played.notebook.readings)


def test_everything_is_read_when_polling_begins():
    slave = Slave({1: list(range(20))})
    meter = replace(device("a", 1, addresses=(0, 9)), slower={"p9": 3_600_000})

    played = play(slave, [meter], for_s=10.5)

    assert [set(r.values) for r in played.notebook.readings[:3]] == [{"p0", "p9"}, {"p0"}, {"p0"}]


def test_a_point_that_rests_is_neither_scheduled_nor_bad_where_its_device_is_silent(tmp_path):
    meter = replace(device("a", 1, addresses=(0, 1, 2)), slower={"p2": 5_000})
    notes = Notes(SystemClock(), {"a": birth_of(meter)}, tmp_path / "r.json", lambda _: None)

    played = play(Slave({1: []}), [meter], for_s=20.5, notebook=_Both(notes))

    (count,) = notes.counting.totals().values()
    told = sum(len(r.bad) for r in played.notebook.readings)
    assert count.scheduled == sum(count.bad.values()) == told
    assert count.scheduled < 3 * len(played.notebook.readings)


def test_a_slower_register_that_is_refused_costs_only_itself():
    slave = Slave({1: list(range(20))}, unreadable={2})
    meter = replace(device("a", 1, addresses=range(5)), slower={"p2": 2_000, "p3": 2_000})

    played = play(slave, [meter], for_s=20.5)

    for reading in played.notebook.readings[2:]:
        assert set(reading.bad) <= {"p2"}
        assert set(reading.values) in ({"p0", "p1", "p4"}, {"p0", "p1", "p3", "p4"})


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(["p1", "p5", "p9"]), st.sampled_from([2000, 3000, 7000])))
def test_every_point_is_read_in_each_of_its_slots_and_in_no_other(slower):
    meter = replace(device("a", 1, addresses=(0, 1, 5, 9)), slower=slower)

    readings = play(Slave({1: list(range(20))}), [meter], for_s=30.5).notebook.readings

    for reading in readings[1:]:
        slot = round(reading.at.timestamp())
        due = {f"p{at}" for at in (0, 1, 5, 9) if slot * 1000 % slower.get(f"p{at}", 1000) == 0}
        assert set(reading.values) == due


def test_a_birth_tells_the_period_of_a_slower_point_and_is_otherwise_what_it_was():
    plain = device("a", 1, addresses=(0, 1))
    slow = replace(plain, slower={"p1": 60_000})

    assert [point.every_ms for point in birth_of(slow).points] == [None, 60_000]
    assert read_birth(birth_form(birth_of(slow))) == birth_of(slow)
    assert "every_ms" not in birth_form(birth_of(plain))["points"][0]


@pytest.mark.parametrize(("slower", "share"), [({}, 1.0), ({"p9": 4_000}, 0.25)])
def test_the_bus_is_predicted_slot_by_slot(slower, share):
    bus = Bus("b", "rtu")
    meter = replace(device("a", 1, addresses=(0, 100)), slower=slower and {"p100": 4_000})
    alone = load_of(bus, [device("a", 1, addresses=(0,))]).share

    assert load_of(bus, [meter]).share == pytest.approx(alone * (1 + share))


class _Both:
    """A notebook that also shows the readings."""

    def __init__(self, notes: Notes) -> None:
        self.readings = []
        self.schedule, self.leave_out = notes.schedule, notes.leave_out
        self.refusals, self._take = notes.refusals, notes.take

    def take(self, reading, due_ms) -> None:
        self.readings.append(reading)
        self._take(reading, due_ms)
