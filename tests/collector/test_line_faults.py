"""Whatever a line does to an answer, no wrong value is taken for a right one."""

import asyncio
import itertools
import random
from collections import Counter
from contextlib import asynccontextmanager

import pytest

from collector.bus import Bus, BusFault
from collector.modbus import BusConnection
from tests.collector import lines, virtual_time
from tests.collector.slaves import Fault, Slave, tcp

LINES = ("tcp", "rtu+tcp", "rtu")
TIMEOUT_S = 1.0
LATE = {"tcp": 4_000, "rtu+tcp": 3_000, "rtu": 3_000}
"""Late answers on each of the lines."""


@asynccontextmanager
async def connected(slave: Slave, kind: str):
    """A connection to a slave over one of the three lines; pyserial takes a socket for a line."""
    async with tcp(slave, rtu=kind != "tcp") as port:
        if kind == "rtu":
            slave.baud = 9600
            bus = Bus("b", "rtu", device=lines.url(port), baud=9600)
        else:
            bus = Bus("b", kind, host="127.0.0.1", port=port)
        connection = BusConnection(bus)
        yield connection
        await connection.close()


async def heard(connection: BusConnection, *asked) -> list[int] | str:
    try:
        return list(await connection.read(*asked))
    except BusFault as fault:
        return fault.reason


FAULTS = {
    "dropped": (Fault(copies=0), ("timeout", "timeout")),
    "late": (Fault(late_s=1.4), ("timeout", "timeout")),
    "twice": (Fault(copies=2), ([10], [10])),
    "of another unit": (Fault(unit=7), ("wrong-unit", "wrong-unit")),
    "of another transaction": (Fault(transaction=5), ("timeout", [10])),
    "refused": (Fault(code=2), ("exception-2", "exception-2")),
    "short": (Fault(cut=2), ("garbled", "garbled")),
    "cut to nothing": (Fault(cut=99), ("timeout", "timeout")),
    "with noise in front": (Fault(before=b"\x00\x07\xff"), ("garbled", [10])),
    "with noise behind": (Fault(behind=b"\x00\xff"), ([10], [10])),
    "with a wrong bit": (Fault(flip=True), (None, "garbled")),
}


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("name", FAULTS)
def test_an_answer_that_is(name: str, kind: str):
    """The next answers are right, whatever became of the first."""
    fault, (over_tcp, over_rtu) = FAULTS[name]
    expected = over_tcp if kind == "tcp" else over_rtu

    async def scene():
        slave = Slave({1: [10, 20, 30], 2: [40]})
        async with connected(slave, kind) as connection:
            slave.suffer(fault)
            first = await heard(connection, 1, "holding", 0, 1)
            other = await heard(connection, 2, "holding", 0, 1)
            await asyncio.sleep(4 * TIMEOUT_S)
            later = [await heard(connection, 1, "holding", at, 1) for at in (1, 2, 1)]
        return first, other, later

    first, other, later = virtual_time.run(scene())
    assert expected is None or first == expected
    assert other == [40]
    assert later == [[20], [30], [20]]


@pytest.mark.parametrize("kind", LINES)
def test_of_thousands_of_late_answers_none_is_taken_for_another(kind: str):
    """Every register holds its own address, so that a wrong answer shows."""
    drawn = random.Random(7)

    def faults():
        while True:
            late_s = drawn.uniform(0.0, 3 * TIMEOUT_S) if drawn.random() < 0.9 else 0.0
            yield Fault(late_s=late_s, copies=drawn.choice((1, 1, 1, 2)))

    async def scene():
        units = range(1, 248)
        slave = Slave({unit: list(range(100)) for unit in units}, turnaround_s=0.02)
        slave.suffer_all(faults())
        found: Counter[str] = Counter()
        async with connected(slave, kind) as connection:
            while len(slave.seen) < LATE[kind]:
                unit, address = drawn.choice(units), drawn.randint(0, 98)
                words = await heard(connection, unit, "holding", address, 1)
                right = "right" if words == [address] else "wrong"
                found[words if isinstance(words, str) else right] += 1
        return found

    found = virtual_time.run(scene())
    assert found["wrong"] == 0
    assert found["right"] > LATE[kind] / 10
    assert found.total() - found["backed-off"] - found["right"] > LATE[kind] / 2


@pytest.mark.parametrize("kind", ["rtu", "rtu+tcp"])
def test_an_answer_that_comes_twice_is_not_the_answer_to_the_next_question(kind: str):
    async def scene():
        slave = Slave({1: list(range(10))}, turnaround_s=0.02)
        slave.suffer_all(itertools.repeat(Fault(copies=2)))
        async with connected(slave, kind) as connection:
            return [await heard(connection, 1, "holding", at % 9, 1) for at in range(50)]

    assert virtual_time.run(scene()) == [[at % 9] for at in range(50)]


@pytest.mark.parametrize("kind", ["rtu", "rtu+tcp"])
def test_a_unit_whose_answer_came_damaged_may_be_asked_again_at_once(kind: str):
    async def scene():
        slave = Slave({1: [10, 20]}, turnaround_s=0.02)
        slave.suffer(Fault(flip=True), Fault(), Fault(copies=0))
        async with connected(slave, kind) as connection:
            return [await heard(connection, 1, "holding", at % 2, 1) for at in range(4)]

    assert virtual_time.run(scene()) == ["garbled", [20], "timeout", "backed-off"]


@pytest.mark.parametrize("kind", ["rtu", "rtu+tcp"])
def test_two_blocks_that_hold_the_same_are_both_read(kind: str):
    async def scene():
        async with connected(Slave({1: [0, 0]}, turnaround_s=0.02), kind) as connection:
            first = [await heard(connection, 1, "holding", at, 1) for at in (0, 1)]
            await asyncio.sleep(4 * TIMEOUT_S)
            return first, [await heard(connection, 1, "holding", at % 2, 1) for at in range(4)]

    assert virtual_time.run(scene()) == ([[0]] * 2, [[0]] * 4)


@pytest.mark.parametrize("kind", ["tcp", "rtu+tcp"])
def test_a_socket_that_is_dead_on_the_other_side_is_dialled_anew(kind: str):
    async def scene():
        slave, born = Slave({1: [1]}), Slave({1: [2]})
        async with tcp(slave, rtu=kind != "tcp") as port:
            connection = BusConnection(Bus("b", kind, host="127.0.0.1", port=port))
            before = await heard(connection, 1, "holding", 0, 1)
            slave.deaf = True
            found = []
            async with tcp(born, rtu=kind != "tcp") as other:
                connection._bus = Bus("b", kind, host="127.0.0.1", port=other)
                for _ in range(3):
                    found.append(await heard(connection, 1, "holding", 0, 1))
                    await asyncio.sleep(4 * TIMEOUT_S)
                await connection.close()
        return before, found

    assert virtual_time.run(scene()) == ([1], ["timeout", "timeout", [2]])


def test_who_is_not_there_is_not_dialled_for_every_question():
    async def scene():
        async with tcp(Slave()) as port:
            pass
        connection = BusConnection(Bus("b", "tcp", host="127.0.0.1", port=port))
        first = [await heard(connection, unit, "holding", 0, 1) for unit in range(1, 9)]
        async with tcp(Slave({1: [5]}), port=port):
            at_once = await heard(connection, 1, "holding", 0, 1)
            await asyncio.sleep(2.1)
            later = await heard(connection, 1, "holding", 0, 1)
            await connection.close()
        return first, at_once, later

    assert virtual_time.run(scene()) == (["no-connection"] * 8, "no-connection", [5])


def test_a_quick_unit_that_falls_silent_costs_less_than_the_whole_timeout():
    async def scene():
        slave = Slave({1: [1], 2: [2]}, turnaround_s=0.02)
        loop = asyncio.get_running_loop()
        async with connected(slave, "tcp") as connection:
            for unit in (1, 2):
                await heard(connection, unit, "holding", 0, 1)
            del slave.units[1]
            began = loop.time()
            reason = await heard(connection, 1, "holding", 0, 1)
            return reason, loop.time() - began

    reason, took_s = virtual_time.run(scene())
    assert reason == "timeout"
    assert took_s < 0.3 * TIMEOUT_S


def test_a_unit_that_has_become_slow_gets_the_whole_timeout_again():
    async def scene():
        slave = Slave({1: [1]}, turnaround_s=0.02)
        async with connected(slave, "tcp") as connection:
            await heard(connection, 1, "holding", 0, 1)
            slave.turnaround_s = 0.8
            return [await heard(connection, 1, "holding", 0, 1) for _ in range(6)]

    assert virtual_time.run(scene())[3:] == [[1]] * 3


@pytest.mark.parametrize("kind", LINES)
def test_a_unit_says_who_it_is(kind: str):
    async def scene():
        slave = Slave(names={3: {0: "Eastron", 1: "SDM630", 2: "V1.8"}})
        async with connected(slave, kind) as connection:
            return await connection.identify(3), slave.seen

    names, seen = virtual_time.run(scene())
    assert names == {0: "Eastron", 1: "SDM630", 2: "V1.8"}
    assert {code for _, code, _, _ in seen} == {43}
