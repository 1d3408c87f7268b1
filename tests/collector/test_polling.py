"""Each bus is polled by itself, and one can be begun anew under the others."""

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest

from collector.bus import Bus
from collector.polling import Polling
from tests.collector import virtual_time
from tests.collector.notebooks import Notebook
from tests.collector.playing import device
from tests.collector.slaves import Slave, tcp


def bus(name: str, port: int) -> Bus:
    return Bus(name, "tcp", host="127.0.0.1", port=port)


def test_what_stays_as_it_is_loses_no_slot_when_all_else_changes():
    async def scene():
        kept, moved = Slave({1: [1]}, turnaround_s=0.3), Slave({1: [2], 2: [3]})
        notebook = Notebook()
        clock = virtual_time.LoopClock(asyncio.get_running_loop())
        async with tcp(kept) as one, tcp(moved) as two:
            polling = Polling(clock, notebook)
            stays = (bus("kept", one), (device("a", 1),))
            before = {"kept": stays, "moved": (bus("moved", two), (device("b", 1),))}
            after = {
                "kept": (bus("kept", one), (device("a", 1),)),
                "moved": (bus("moved", two), (device("b", 1), device("c", 2))),
            }
            task = asyncio.create_task(polling.run(before))
            for plan in (after, before, {"kept": stays}):
                await asyncio.sleep(10.17)
                assert await polling.stop_what_changes(plan)
                polling.begin_what_is_new(plan)
            await asyncio.sleep(10)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        return notebook

    notebook = virtual_time.run(scene())
    due = [at for name, at in notebook.scheduled if name == "a"]
    assert len(due) == 40
    assert {later - earlier for earlier, later in pairwise(due)} == {1000}
    assert [left for left in notebook.left_out if left[0] == "a"][:-1] == []
    assert sum(reading.device == "c" for reading in notebook.readings) == 10


def test_nothing_is_begun_anew_where_nothing_changes():
    async def scene():
        notebook = Notebook()
        clock = virtual_time.LoopClock(asyncio.get_running_loop())
        async with tcp(Slave({1: [1]})) as port:
            polling = Polling(clock, notebook)
            plan = {"b": (bus("b", port), (device("a", 1),))}
            task = asyncio.create_task(polling.run(plan))
            await asyncio.sleep(1)
            changed = await polling.stop_what_changes({"b": (bus("b", port), (device("a", 1),))})
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        return changed

    assert not virtual_time.run(scene())


def test_a_bus_on_which_all_are_dead_costs_another_bus_nothing():
    async def scene():
        notebook = Notebook()
        clock = virtual_time.LoopClock(asyncio.get_running_loop())
        dead = tuple(device(f"d{unit}", unit) for unit in range(1, 33))
        async with tcp(Slave()) as one, tcp(Slave({1: [1]})) as two:
            plan = {"dead": (bus("dead", one), dead), "b": (bus("b", two), (device("a", 1),))}
            task = asyncio.create_task(Polling(clock, notebook).run(plan))
            await asyncio.sleep(60)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        return notebook

    notebook = virtual_time.run(scene())
    late = [
        r.up_ms - due for r, due in zip(notebook.readings, notebook.due, strict=True) if r.values
    ]
    assert len(late) == 60
    assert max(late) <= 5


def test_a_fault_of_this_program_in_a_poller_ends_the_polling():
    class Broken(Notebook):
        def take(self, reading, due_ms):
            raise ZeroDivisionError

    async def scene():
        clock = virtual_time.LoopClock(asyncio.get_running_loop())
        async with tcp(Slave({1: [1]})) as port:
            await Polling(clock, Broken()).run({"b": (bus("b", port), (device("a", 1),))})

    with pytest.raises(ZeroDivisionError):
        virtual_time.run(scene())
