"""The simulated slave on real sockets and real pseudo terminals, spoken to in raw frames."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from collector.profiles import Table
from millprint.demo.modbus_line import SerialLine, crc16
from millprint.demo.modbus_server import Unanswerable, Units, serve_tcp

# Eastron's Modbus document: "phase 1 volts" is asked for, and is 230.2 V.
ASKED = bytes.fromhex("01 04 00 00 00 02 71 CB")
ANSWERED = bytes.fromhex("01 04 04 43 66 33 34 1B 38")


class FakeMeter:
    """Two input registers that hold 230.2 as a float, and nothing else."""

    def words(self, table: Table, address: int, count: int) -> Sequence[int]:
        if count > 80:
            raise Unanswerable(3)
        if (table, address, count) != ("input", 0, 2):
            raise Unanswerable(2)
        return (0x4366, 0x3334)


def on_a_line(talk: Callable[[int], Awaitable[bytes]], units: Units) -> bytes:
    async def scene() -> bytes:
        line = SerialLine(units, baud=9600)
        client = os.open(line.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            return await talk(client)
        finally:
            os.close(client)
            line.close()

    return asyncio.run(scene())


async def hear(client: int, length: int) -> bytes:
    heard, loop = b"", asyncio.get_running_loop()
    while len(heard) < length:
        ready = loop.create_future()
        loop.add_reader(client, lambda done=ready: done.done() or done.set_result(None))
        await asyncio.wait_for(ready, 5)
        loop.remove_reader(client)
        heard += os.read(client, 256)
    return heard


def ask_line(*frames: bytes, length: int = len(ANSWERED)) -> bytes:
    async def talk(client: int) -> bytes:
        for frame in frames:
            os.write(client, frame)
            await asyncio.sleep(0)
        return await hear(client, length)

    return on_a_line(talk, {1: FakeMeter(), 2: FakeMeter()})


def ask_socket(request: bytes, length: int) -> bytes:
    async def scene() -> bytes:
        endpoint = await serve_tcp({1: FakeMeter(), 2: FakeMeter()})
        reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
        writer.write(request)
        answer = await asyncio.wait_for(reader.read(length), 5)
        while answer and len(answer) < length:
            answer += await asyncio.wait_for(reader.read(length), 5)
        writer.close()
        endpoint.close()
        return answer

    return asyncio.run(scene())


def mbap(transaction: int, unit: int, pdu: str) -> bytes:
    body = bytes((unit,)) + bytes.fromhex(pdu)
    return transaction.to_bytes(2, "big") + b"\0\0" + len(body).to_bytes(2, "big") + body


def test_the_published_frame_of_an_sdm630_is_answered_byte_for_byte_on_a_serial_line():
    assert ask_line(ASKED) == ANSWERED


def test_a_request_that_arrives_in_pieces_is_one_request():
    assert ask_line(ASKED[:3], ASKED[3:]) == ANSWERED


def test_units_on_one_line_answer_for_themselves_and_absent_ones_are_silent():
    absent, second = b"\x07" + ASKED[1:-2], b"\x02" + ASKED[1:-2]

    heard = ask_line(absent + crc16(absent), second + crc16(second))

    assert heard[0] == 2
    assert len(heard) == len(ANSWERED)


def test_a_request_whose_checksum_is_wrong_gets_no_answer():
    async def talk(client: int) -> bytes:
        os.write(client, ASKED[:-1] + b"\x00")
        await asyncio.sleep(0.25)  # the rest of a broken frame is forgotten after 0.2 s
        os.write(client, ASKED)
        return await hear(client, len(ANSWERED))

    assert on_a_line(talk, {1: FakeMeter()}) == ANSWERED


def test_writing_is_refused_as_an_unknown_function_on_the_line_and_on_the_socket():
    # Eastron's own example of a write, with the length that only function 16 has.
    write = bytes.fromhex("01 10 00 02 00 02 04 42 70 00 00 67 D5")

    on_line = ask_line(write, length=5)
    on_socket = ask_socket(mbap(9, 1, "10 0002 0002 04 42700000"), 9)

    assert on_line[:3] == b"\x01\x90\x01"
    assert on_socket == mbap(9, 1, "90 01")


def test_a_socket_answers_for_several_units_in_the_order_of_the_requests():
    both = mbap(1, 2, "04 0000 0002") + mbap(2, 1, "04 0000 0002")

    heard = ask_socket(both, 26)

    assert heard == mbap(1, 2, "04 04 43663334") + mbap(2, 1, "04 04 43663334")


def test_an_absent_unit_behind_a_socket_is_a_gateway_that_finds_nobody():
    assert ask_socket(mbap(1, 9, "04 0000 0002"), 9) == mbap(1, 9, "84 0B")


def test_an_address_that_is_not_there_is_exception_2():
    assert ask_socket(mbap(1, 1, "03 0000 0002"), 9) == mbap(1, 1, "83 02")


def test_more_registers_than_the_meter_gives_is_exception_3():
    assert ask_socket(mbap(1, 1, "04 0000 0051"), 9) == mbap(1, 1, "84 03")
    assert ask_socket(mbap(1, 1, "04 0000 007E"), 9) == mbap(1, 1, "84 03")
    assert ask_socket(mbap(1, 1, "04 0000 0000"), 9) == mbap(1, 1, "84 03")


def test_who_does_not_speak_modbus_is_hung_up_on():
    assert ask_socket(b"GET / HTTP/1.1\r\n\r\n", 1) == b""


@given(st.binary(min_size=1, max_size=60))
def test_a_frame_followed_by_its_checksum_has_the_checksum_zero(frame: bytes):
    assert crc16(frame + crc16(frame)) == b"\0\0"
