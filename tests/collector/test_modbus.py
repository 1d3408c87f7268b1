"""Reading over real sockets and a real serial line: what is right comes through, nothing else."""

import asyncio
import os
from itertools import pairwise

import pytest

from collector.bus import Bus, BusFault, parse
from collector.modbus import BusConnection
from tests.collector.slaves import Fault, Slave, crc, registers_pdu, serial_line, tcp


def tcp_bus(port: int, *, kind: str = "tcp", timeout_ms: int = 2000) -> Bus:
    return Bus("b", kind, host="127.0.0.1", port=port, timeout_ms=timeout_ms)


def serial_bus(device: str, timeout_ms: int = 2000) -> Bus:
    return Bus("b", "rtu", device=device, baud=115200, timeout_ms=timeout_ms)


async def reason(connection: BusConnection, *asked) -> str:
    with pytest.raises(BusFault) as fault:
        await connection.read(*asked)
    return fault.value.reason


def test_registers_are_read_over_tcp():
    async def scene():
        slave = Slave({1: [10, 20, 30, 40]})
        async with tcp(slave) as port:
            connection = BusConnection(tcp_bus(port))
            words = await connection.read(1, "holding", 1, 2)
            await connection.close()
        return list(words), slave.seen

    words, seen = asyncio.run(scene())
    assert words == [20, 30]
    assert seen == [(1, 3, 1, 2)]


def test_registers_are_read_in_rtu_frames_over_tcp():
    async def scene():
        async with tcp(Slave({7: [1, 2, 3]}), rtu=True) as port:
            connection = BusConnection(tcp_bus(port, kind="rtu+tcp"))
            words = await connection.read(7, "input", 0, 3)
            await connection.close()
        return list(words)

    assert asyncio.run(scene()) == [1, 2, 3]


def test_three_units_are_read_on_one_serial_line():
    async def scene():
        slave = Slave({1: [11], 2: [22], 3: [33]})
        async with serial_line(slave) as path:
            connection = BusConnection(serial_bus(path))
            words = [list(await connection.read(unit, "input", 0, 1)) for unit in (1, 2, 3)]
            await connection.close()
        return words

    assert asyncio.run(scene()) == [[11], [22], [33]]


@pytest.mark.parametrize("kind", ["tcp", "rtu+tcp"])
def test_a_silent_unit_is_a_timeout_and_the_next_unit_is_read(kind):
    async def scene():
        async with tcp(Slave({2: [5]}), rtu=kind != "tcp") as port:
            connection = BusConnection(tcp_bus(port, kind=kind, timeout_ms=60))
            first = await reason(connection, 1, "holding", 0, 1)
            second = list(await connection.read(2, "holding", 0, 1))
            await connection.close()
        return first, second

    assert asyncio.run(scene()) == ("timeout", [5])


def test_a_silent_unit_on_a_serial_line_is_a_timeout_and_the_next_unit_is_read():
    async def scene():
        async with serial_line(Slave({2: [5]})) as path:
            connection = BusConnection(serial_bus(path, timeout_ms=60))
            first = await reason(connection, 1, "holding", 0, 1)
            second = list(await connection.read(2, "holding", 0, 1))
            await connection.close()
        return first, second

    assert asyncio.run(scene()) == ("timeout", [5])


def test_a_device_that_says_no_is_quoted_with_its_exception():
    async def scene():
        async with tcp(Slave({1: [1, 2]})) as port:
            connection = BusConnection(tcp_bus(port))
            refused = await reason(connection, 1, "holding", 0, 3)
            after = list(await connection.read(1, "holding", 0, 2))
            await connection.close()
        return refused, after

    assert asyncio.run(scene()) == ("exception-2", [1, 2])


@pytest.mark.parametrize("kind", ["tcp", "rtu+tcp"])
def test_the_answer_of_another_unit_is_not_taken(kind):
    async def scene():
        async with tcp(Slave({1: [1]}, faults=iter([Fault(unit=9)])), rtu=kind != "tcp") as port:
            connection = BusConnection(tcp_bus(port, kind=kind, timeout_ms=60))
            refused = await reason(connection, 1, "holding", 0, 1)
            await connection.close()
        return refused

    assert asyncio.run(scene()) == "wrong-unit"


@pytest.mark.parametrize("words", [[1], [1, 2, 3]])
def test_an_answer_of_another_length_is_not_taken(words):
    async def scene():
        slave = Slave(answer=lambda _unit, code, _address, _count: registers_pdu(code, words))
        async with tcp(slave) as port:
            connection = BusConnection(tcp_bus(port))
            refused = await reason(connection, 1, "holding", 0, 2)
            await connection.close()
        return refused

    assert asyncio.run(scene()) == "short-answer"


def test_an_answer_with_another_function_code_is_not_taken():
    async def scene():
        slave = Slave(answer=lambda *_: registers_pdu(4, [1]))
        async with tcp(slave) as port:
            connection = BusConnection(tcp_bus(port))
            refused = await reason(connection, 1, "holding", 0, 1)
            await connection.close()
        return refused

    assert asyncio.run(scene()) == "wrong-function"


def test_nobody_there_is_no_connection():
    async def scene():
        async with tcp(Slave()) as port:
            pass
        connection = BusConnection(tcp_bus(port))
        return await reason(connection, 1, "holding", 0, 1)

    assert asyncio.run(scene()) == "no-connection"


def test_a_serial_device_that_is_not_there_is_no_connection():
    async def scene():
        return await reason(BusConnection(serial_bus("/dev/no-such-tty")), 1, "holding", 0, 1)

    assert asyncio.run(scene()) == "no-connection"


def test_a_port_that_cannot_do_its_parity_is_no_connection():
    ours, theirs = os.openpty()
    url = f"rtu://{os.ttyname(theirs)}?baud=9600&parity=E&stopbits=1"

    assert asyncio.run(reason(BusConnection(parse("x", url, 500)), 1, "holding", 0, 1)) == (
        "no-connection"
    )
    os.close(ours)
    os.close(theirs)


def test_a_device_that_hangs_up_is_noticed_at_once_and_dialled_again():
    async def scene():
        calls = 0

        async def serve(reader, writer):
            nonlocal calls
            calls += 1
            request = await reader.readexactly(12)
            if calls > 1:
                writer.write(request[:5] + b"\x05\x01" + registers_pdu(3, [7]))
                await reader.read()
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            connection = BusConnection(tcp_bus(port, timeout_ms=60_000))
            first = await reason(connection, 1, "holding", 0, 1)
            second = list(await connection.read(1, "holding", 0, 1))
            await connection.close()
            await asyncio.sleep(0.01)
        return first, second

    assert asyncio.run(scene()) == ("no-connection", [7])


def test_garbage_on_a_serial_line_is_garbled_and_the_next_answer_is_read():
    async def scene():
        noise = [b"\x01\x03\x02\x00", None]
        slave = Slave({2: [5]})
        slave.answer = lambda _u, code, _a, _c: noise.pop(0) if noise else registers_pdu(code, [5])
        async with serial_line(slave) as path:
            connection = BusConnection(serial_bus(path, timeout_ms=60))
            first = await reason(connection, 1, "holding", 0, 1)
            second = await reason(connection, 2, "holding", 0, 1)
            third = list(await connection.read(3, "holding", 0, 1))
            await connection.close()
        return first, second, third

    first, second, third = asyncio.run(scene())
    assert first == "garbled"
    assert (second, third) == ("timeout", [5])


def test_a_late_answer_over_tcp_is_not_the_answer_to_another_question():
    async def scene():
        async with tcp(Slave({1: [111, 222]}, faults=iter([Fault(late_s=0.1)]))) as port:
            connection = BusConnection(tcp_bus(port, timeout_ms=60))
            first = await reason(connection, 1, "holding", 0, 1)
            second = list(await connection.read(1, "holding", 1, 1))
            await connection.close()
            await asyncio.sleep(0.05)
        return first, second

    assert asyncio.run(scene()) == ("timeout", [222])


def test_an_answer_among_noise_is_read():
    async def scene():
        slave = Slave({1: [111]})
        async with serial_line(slave) as path:
            connection = BusConnection(serial_bus(path))
            talking = asyncio.create_task(slave.chatter(every_s=0.001))
            await asyncio.sleep(0.01)
            words = list(await connection.read(1, "holding", 0, 1))
            talking.cancel()
            await connection.close()
        return words

    assert asyncio.run(scene()) == [111]


def test_unit_0_is_not_answered_by_another_either():
    async def scene():
        async with tcp(Slave({0: [1]}, faults=iter([Fault(unit=9)]))) as port:
            connection = BusConnection(tcp_bus(port))
            refused = await reason(connection, 0, "holding", 0, 1)
            await connection.close()
        return refused

    assert asyncio.run(scene()) == "wrong-unit"


def test_two_askers_never_have_two_requests_in_flight():
    async def scene():
        slave = Slave({1: [1, 2, 3]}, turnaround_s=0.005)
        async with tcp(slave) as port:
            connection = BusConnection(tcp_bus(port))
            reads = [connection.read(1, "holding", address, 1) for address in (0, 1, 2)]
            words = [list(answer) for answer in await asyncio.gather(*reads)]
            await connection.close()
        return words, slave.times

    words, times = asyncio.run(scene())
    assert words == [[1], [2], [3]]
    assert all(later - earlier >= 0.005 for earlier, later in pairwise(times))


def test_a_cancelled_read_ends_and_its_answer_is_not_taken_for_the_next():
    async def scene():
        async with tcp(Slave({1: [111, 222]}, faults=iter([Fault(late_s=0.05)]))) as port:
            connection = BusConnection(tcp_bus(port))
            task = asyncio.create_task(connection.read(1, "holding", 0, 1))
            await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            words = list(await connection.read(1, "holding", 1, 1))
            await connection.close()
            await asyncio.sleep(0.05)
        return words

    assert asyncio.run(scene()) == [222]


def test_a_device_gets_the_quiet_that_it_needs():
    async def scene():
        times = []
        slave = Slave()

        def answer(_unit, code, _address, _count):
            times.append(asyncio.get_running_loop().time())
            return registers_pdu(code, [1])

        slave.answer = answer
        async with tcp(slave) as port:
            connection = BusConnection(tcp_bus(port))
            for _ in range(2):
                await connection.read(1, "holding", 0, 1, pause_ms=40)
            await connection.close()
        return times[1] - times[0]

    assert asyncio.run(scene()) >= 0.04


@pytest.mark.parametrize(
    "frame",
    [
        "01 04 00 00 00 02 71 CB",
        "01 04 04 43 66 33 34 1B 38",
        "01 03 04 44 65 1F CE 77 78",
        "01 03 04 44 9D 1E 3F 36 9D",
        "01 03 04 06 51 3F 9E 3B 32",
        "01 03 04 BA 4A 41 F8 CF 2F",
        "01 03 04 82 1F 40 36 52 5B",
    ],
)
def test_the_slaves_of_these_tests_reckon_checksums_as_the_makers_do(frame):
    raw = bytes.fromhex(frame)

    assert crc(raw[:-2]) == raw[-2:]
