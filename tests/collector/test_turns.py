"""Devices that are due at once begin in turn, and each keeps its own grid."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collector.bus import Bus
from collector.polling import Polling
from collector.turns import MOST_MS, turns
from collector.wire.reading import unix_ms
from tests.collector import virtual_time
from tests.collector.notebooks import Notebook
from tests.collector.playing import device
from tests.collector.slaves import Slave, tcp


def hall(every: list[list[int]]):
    return [
        [device(f"m{bus}-{place}", place + 1, every_ms=ms) for place, ms in enumerate(line)]
        for bus, line in enumerate(every)
    ]


@given(st.lists(st.lists(st.integers(1000, 100_000), min_size=1, max_size=20), min_size=1))
def test_all_begin_within_half_a_second_and_half_of_their_period(every):
    lines = hall(every)

    found = turns(lines)

    assert found["m0-0"] == 0
    for line in lines:
        assert all(0 <= found[one.name] <= min(MOST_MS, one.every_ms / 2) for one in line)
        assert all(
            found[a.name] <= found[b.name] for a, b in pairwise(line) if a.every_ms == b.every_ms
        )


def test_a_hundred_meters_on_ten_buses_begin_ten_by_ten_one_of_each_bus():
    found = turns(hall([[1000] * 10] * 10))

    assert Counter(found.values()) == dict.fromkeys(range(0, 500, 50), 10)
    assert [found[f"m3-{place}"] for place in range(3)] == [0, 50, 100]


def test_all_begin_at_the_edge_where_very_many_values_are_read():
    lines = [[device(f"m{bus}", 1, addresses=range(101))] for bus in range(100)]

    assert set(turns(lines).values()) == {0}


@given(st.lists(st.integers(1, 12), min_size=1, max_size=40))
def test_no_two_of_one_bus_begin_together(many):
    found = turns(hall([[1000] * devices for devices in many]))

    assert len({(name.partition("-")[0], at) for name, at in found.items()}) == sum(many)


def test_none_waits_where_time_stands_still_meanwhile():
    assert set(turns(hall([[1000, 2000]] * 3), 0).values()) == {0}


def test_each_keeps_its_grid_at_its_turn_and_a_slower_point_its_slot():
    async def scene():
        notebook, slave = Notebook(), Slave({1: [1, 2], 2: [3, 4]})
        clock = virtual_time.LoopClock(asyncio.get_running_loop())
        async with tcp(slave) as one, tcp(Slave({1: [5]})) as two:
            slow = replace(device("b", 2, addresses=(0, 1)), slower={"p1": 5_000})
            plan = {
                "one": (Bus("one", "tcp", host="127.0.0.1", port=one), (device("a", 1), slow)),
                "two": (Bus("two", "tcp", host="127.0.0.1", port=two), (device("c", 1),)),
            }
            task = asyncio.create_task(Polling(clock, notebook).run(plan))
            await asyncio.sleep(20.5)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        return notebook, unix_ms(clock.now()) - clock.up_ms()

    notebook, shift_ms = virtual_time.run(scene())

    behind = {(name, (at + shift_ms) % 1000) for name, at in notebook.scheduled}
    assert behind == {("a", 0), ("b", 250), ("c", 0)}
    for name in "abc":
        due = [at for one, at in notebook.scheduled if one == name]
        assert {later - earlier for earlier, later in pairwise(due)} == {1000}
    shown = [r.at.second for r in notebook.readings[3:] if "p1" in r.values]
    assert shown
    assert all(second % 5 == 0 for second in shown)
