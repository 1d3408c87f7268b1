"""Modbus slaves for tests: real sockets, real serial lines, frames made by hand."""

import asyncio
import os
import struct
import tty
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[int, int, int, int], bytes | None]
"""Unit, function code, address, count to a PDU, or None for silence."""


def crc(frame: bytes) -> bytes:
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


def registers_pdu(code: int, words: list[int]) -> bytes:
    return bytes((code, 2 * len(words))) + struct.pack(f">{len(words)}H", *words)


@dataclass
class Slave:
    """Units with registers; a unit without registers is silent.

    Attributes:
        units: Words of each unit from address 0 on.
        answer: Instead of the registers, where a test wants something else.
        claims: Unit that an answer claims to be of, where it lies.
        late_s: How long the next answer is held back, once. [s]
        seen: Unit, function code, address and count of each request.
        line: Writes on the serial line, where there is one.
    """

    units: dict[int, list[int]] = field(default_factory=dict)
    answer: Answer | None = None
    claims: int | None = None
    late_s: float = 0.0
    seen: list[tuple[int, int, int, int]] = field(default_factory=list)
    line: Callable[[bytes], object] | None = None

    async def chatter(self, every_s: float) -> None:
        """Talk unasked on the serial line."""
        while self.line is not None:
            self.line(b"\x01")
            await asyncio.sleep(every_s)

    async def respond(self, unit: int, pdu: bytes) -> tuple[int, bytes] | None:
        code, address, count = struct.unpack(">BHH", pdu[:5])
        self.seen.append((unit, code, address, count))
        late, self.late_s = self.late_s, 0.0
        if late:
            await asyncio.sleep(late)
        body = self.answer(unit, code, address, count) if self.answer else None
        if self.answer is None and unit in self.units:
            words = self.units[unit][address : address + count]
            body = registers_pdu(code, words) if len(words) == count else bytes((code | 0x80, 2))
        if body is None:
            return None
        return (unit if self.claims is None else self.claims), body


@asynccontextmanager
async def tcp(slave: Slave, *, rtu: bool = False):
    """A slave behind a TCP port; gives the port."""
    serve = _serve_rtu if rtu else _serve_tcp
    writers: set[asyncio.StreamWriter] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await serve(slave, reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0.01)


async def _serve_tcp(slave: Slave, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
    while True:
        header = await reader.readexactly(7)
        tid, _, length, unit = struct.unpack(">HHHB", header)
        response = await slave.respond(unit, await reader.readexactly(length - 1))
        if response is not None:
            claimed, body = response
            writer.write(struct.pack(">HHHB", tid, 0, len(body) + 1, claimed) + body)


async def _serve_rtu(slave: Slave, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
    while True:
        frame = await reader.readexactly(8)
        response = await slave.respond(frame[0], frame[1:6])
        if response is not None:
            claimed, body = response
            out = bytes((claimed,)) + body
            writer.write(out + crc(out))


@asynccontextmanager
async def serial_line(slave: Slave):
    """A slave on a real pseudo-terminal; gives the path of its other end."""
    master, end = os.openpty()
    tty.setraw(master)
    tty.setraw(end)
    os.set_blocking(master, False)
    slave.line = lambda data: os.write(master, data)
    requests: asyncio.Queue[bytes] = asyncio.Queue()
    pending = bytearray()

    def readable() -> None:
        with suppress(BlockingIOError):
            pending.extend(os.read(master, 256))
        while len(pending) >= 8:
            requests.put_nowait(bytes(pending[:8]))
            del pending[:8]

    async def serve() -> None:
        while True:
            frame = await requests.get()
            assert crc(frame[:6]) == frame[6:]
            response = await slave.respond(frame[0], frame[1:6])
            if response is not None:
                out = bytes((response[0],)) + response[1]
                os.write(master, out + crc(out))

    loop = asyncio.get_running_loop()
    loop.add_reader(master, readable)
    task = asyncio.create_task(serve())
    try:
        yield os.ttyname(end)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        loop.remove_reader(master)
        os.close(master)
        os.close(end)
