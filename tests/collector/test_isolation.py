"""What is dead, slow or refused costs itself, and the others nearly nothing."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.profiles import Limits
from collector.refusals import Refusals, read_refusals
from tests.collector.notebooks import Notebook
from tests.collector.playing import device, play
from tests.collector.slaves import Fault, Slave

BLOCK = tuple(range(40))


def line(dead: int, of: int, **slave) -> Slave:
    return Slave({unit: list(range(100)) for unit in range(dead + 1, of + 1)}, **slave)


@pytest.mark.parametrize(("dead", "least"), [(1, 0.95), (5, 0.90)])
@pytest.mark.parametrize("every_ms", [2_000, 500])
def test_dead_devices_on_a_slow_line_cost_the_others_hardly_any_of_their_rate(
    dead: int, least: float, every_ms: int
):
    """Ten devices of 40 registers need 1.3 s on the line: with 500 ms it is never idle."""
    devices = [device(f"d{u}", u, every_ms=every_ms, addresses=BLOCK) for u in range(1, 11)]

    healthy = play(line(0, 10, turnaround_s=0.01), devices, kind="rtu", for_s=150).good()
    with_dead = play(line(dead, 10, turnaround_s=0.01), devices, kind="rtu", for_s=150).good()

    for one in devices[dead:]:
        assert with_dead[one.name] >= least * healthy[one.name]


def test_one_silent_unit_of_32_behind_a_socket_costs_the_others_hardly_any_of_their_rate():
    devices = [device(f"d{unit}", unit) for unit in range(1, 33)]

    played = play(line(1, 32, turnaround_s=0.005), devices, for_s=120)

    assert min(played.good()[one.name] for one in devices[1:]) >= 0.95 * 120


@pytest.mark.parametrize("kind", ["tcp", "rtu", "rtu+tcp"])
@pytest.mark.parametrize("ever", [True, False])
def test_a_device_is_heard_within_half_a_minute_of_its_return(kind: str, ever: bool):
    slave = line(0 if ever else 1, 2, turnaround_s=0.01)

    async def go_and_return(_):
        await asyncio.sleep(20)
        slave.units.pop(1, None)
        await asyncio.sleep(280)
        slave.units[1] = [7] * 100

    devices = [device("a", 1), device("b", 2)]
    played = play(slave, devices, kind=kind, for_s=340, meanwhile=go_and_return)

    back = [r for r in played.notebook.readings if r.device == "a" and r.values == {"p0": 7}]
    assert back[0].up_ms <= 5_000 + 330_000


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_of_n_registers_k_that_are_refused_cost_only_themselves_within_three_cycles(data):
    many = data.draw(st.integers(1, 60))
    bad = data.draw(st.sets(st.integers(0, many - 1), max_size=min(many, 8)))
    slave = Slave({1: list(range(many))}, unreadable=bad, most=data.draw(st.integers(2, 125)))

    played = play(slave, [device("a", 1, addresses=range(many))], for_s=3.8)

    third = played.notebook.readings[2]
    assert third.values == {f"p{at}": at for at in range(many) if at not in bad}
    assert set(third.bad) == {f"p{at}" for at in bad}


def test_what_is_refused_is_not_asked_for_at_every_slot_and_tried_again_later():
    slave = Slave({1: list(range(20))}, unreadable={7})

    async def come(_):
        await asyncio.sleep(400)
        slave.unreadable.clear()

    played = play(slave, [device("a", 1, addresses=range(20))], for_s=1500, meanwhile=come)

    alone = [asked for asked in slave.seen if asked == (1, 3, 7, 1)]
    assert len(alone) <= 6
    assert len(slave.seen) < 1500 * 2 + 30
    last = played.notebook.readings[-1]
    assert (last.values["p7"], last.bad) == (7, {})
    assert slave.seen[-1] == (1, 3, 0, 20)


def test_what_is_refused_is_remembered_over_a_restart():
    slave = Slave({1: list(range(20))}, unreadable={7})
    first = play(slave, [device("a", 1, addresses=range(20))], for_s=5).notebook
    slave.seen.clear()

    known = {"a": read_refusals(first.known["a"].form(), 5_000)}
    again = play(slave, [device("a", 1, addresses=range(20))], for_s=5, notebook=Notebook(known))

    assert {asked[2:] for asked in slave.seen} == {(0, 7), (8, 12)}
    assert again.notebook.readings[0].bad == {"p7": "exception-2"}


@pytest.mark.parametrize("broken", [{}, {"unreadable": 3}, {"unreadable": {}, "walls": [["x", 1]]}])
def test_a_memory_that_is_broken_is_no_memory(broken):
    with pytest.raises(ValueError, match=r"no table|refuses"):
        read_refusals(broken, 0)


def test_a_hole_that_cannot_be_read_is_walked_around():
    slave = Slave({1: list(range(20))}, unreadable={5, 6})
    limits = Limits(longest_hole=8)

    played = play(slave, [device("a", 1, addresses=(0, 1, 10, 11), limits=limits)], for_s=10)

    assert all(not reading.bad for reading in played.notebook.readings)
    assert {asked[2:] for asked in slave.seen[4:]} == {(0, 2), (10, 2)}


def test_a_device_that_thinks_long_is_asked_less_often_for_more():
    """A hole of 14 registers costs 29 ms at 9600 baud: more than 5 ms of thinking, less than 50."""
    limits = Limits(longest_hole=20)
    asked = {}
    for turnaround_s in (0.005, 0.05):
        slave = Slave({1: list(range(20))}, turnaround_s=turnaround_s)
        play(slave, [device("a", 1, addresses=(0, 15), limits=limits)], kind="rtu", for_s=20)
        asked[turnaround_s] = {question[2:] for question in slave.seen[12:]}

    assert asked == {0.005: {(0, 1), (15, 1)}, 0.05: {(0, 16)}}


@pytest.mark.parametrize("kind", ["tcp", "rtu"])
def test_registers_that_are_never_answered_are_found_as_well(kind: str):
    slave = Slave(turnaround_s=0.01)
    words = list(range(16))

    def answer(unit, code, address, count):
        if address <= 5 < address + count:
            return None
        return bytes((code, 2 * count)) + b"".join(
            word.to_bytes(2, "big") for word in words[address : address + count]
        )

    slave.answer = answer
    one = device("a", 1, addresses=(*range(8), 14), limits=Limits(longest_hole=0))
    played = play(slave, [one], kind=kind, for_s=200)

    last = played.notebook.readings[-1]
    assert last.values == {f"p{at}": at for at in (0, 1, 2, 3, 4, 6, 7, 14)}
    assert set(last.bad) == {"p5"}


def test_who_is_busy_is_asked_once_more():
    slave = Slave({1: [7]})
    slave.suffer(Fault(code=6), Fault(), Fault(code=6), Fault(code=6))

    played = play(slave, [device("a", 1)], for_s=2.9)

    first, second = played.notebook.readings[:2]
    assert (first.values, first.bad) == ({"p0": 7}, {})
    assert (second.values, second.bad) == ({}, {"p0": "exception-6"})


def test_a_gateway_that_says_that_a_unit_is_silent_says_nothing_of_its_registers():
    slave = Slave({1: list(range(10))})
    slave.suffer(*[Fault(code=11)] * 6)

    played = play(slave, [device("a", 1, addresses=range(10))], for_s=60)

    assert played.notebook.known["a"] == Refusals()
    assert played.notebook.readings[-1].values["p9"] == 9


def test_a_bus_that_is_dead_does_not_keep_its_poller_from_its_slots():
    drawn = random.Random(3)
    devices = [device(f"d{unit}", unit, every_ms=1000) for unit in range(1, 9)]
    slave = Slave(turnaround_s=drawn.random())

    played = play(slave, devices, kind="rtu", for_s=120)

    slots = len(played.notebook.scheduled)
    assert slots == len(played.notebook.readings) + len(played.notebook.left_out)
    assert abs(slots - 8 * 120) <= 8 * 4
