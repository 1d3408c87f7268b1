"""Modbus slaves for tests: real sockets, real serial lines, frames made by hand.

Whatever a bus can do to an answer is a `Fault` here. Nothing of the product is used, so that it is
not measured by itself.
"""

import asyncio
import itertools
import os
import struct
import tty
from collections.abc import Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[int, int, int, int], bytes | None]
"""Unit, function code, address, count to a PDU, or None for silence."""

READS = {1, 2, 3, 4, 43}
"""All that may ever be heard here."""

_COPY_AFTER_S = 0.02


def crc(frame: bytes) -> bytes:
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


def registers_pdu(code: int, words: list[int]) -> bytes:
    return bytes((code, 2 * len(words))) + struct.pack(f">{len(words)}H", *words)


@dataclass(frozen=True)
class Fault:
    """What happens to one answer.

    Attributes:
        late_s: It is held back. [s]
        copies: How often it comes; 0 is never.
        unit: Unit that it claims to be of, where it lies.
        transaction: What its TCP number is wrong by.
        code: Exception that comes instead.
        cut: Bytes that are missing at its end.
        before: Noise in front of it.
        behind: Noise after it.
        flip: Whether a bit of it is wrong.
    """

    late_s: float = 0.0
    copies: int = 1
    unit: int | None = None
    transaction: int = 0
    code: int = 0
    cut: int = 0
    before: bytes = b""
    behind: bytes = b""
    flip: bool = False


SOUND = Fault()


@dataclass
class Slave:
    """Units with registers; a unit without registers is silent.

    Attributes:
        units: Words of each unit from address 0 on.
        answer: Instead of the registers, where a test wants something else.
        unreadable: Registers that a unit refuses to show.
        most: Registers that it shows at once.
        names: What a unit says when it is asked who it is.
        turnaround_s: How long a unit thinks. [s]
        baud: Speed of the line that is played; 0 where bytes take no time.
        faults: What happens to the next answers, one each.
        deaf: Whether it hears nothing: the line is up and nobody is there.
        seen: Unit, function code, address and count of each request.
        times: When each of them came, by the loop's clock. [s]
    """

    units: dict[int, list[int]] = field(default_factory=dict)
    answer: Answer | None = None
    unreadable: set[int] = field(default_factory=set)
    most: int = 125
    names: dict[int, dict[int, str]] = field(default_factory=dict)
    turnaround_s: float = 0.0
    baud: int = 0
    faults: Iterator[Fault] = field(default_factory=lambda: iter(()))
    deaf: bool = False
    seen: list[tuple[int, int, int, int]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    line: Callable[[bytes], object] | None = None

    def suffer(self, *faults: Fault) -> None:
        """The next answers suffer these, and no more."""
        self.faults = itertools.chain(faults)

    def suffer_all(self, faults: Iterable[Fault]) -> None:
        """All answers suffer what comes next of these."""
        self.faults = iter(faults)

    async def chatter(self, every_s: float) -> None:
        """Talk unasked on the serial line."""
        while self.line is not None:
            self.line(b"\x01")
            await asyncio.sleep(every_s)

    def hear(self, unit: int, pdu: bytes, frame: Callable[[int, int, bytes], bytes], send) -> None:
        """A request: answer it, in time or not.

        Args:
            unit: Who is asked.
            pdu: What.
            frame: Makes the frame of a transaction's offset, a unit and a PDU.
            send: Sends bytes.
        """
        assert pdu[0] in READS, f"function code {pdu[0]} has left"
        if self.deaf:
            return
        code, address, count = pdu[0], *struct.unpack(">HH", pdu[1:5].ljust(4, b"\0"))
        self.seen.append((unit, code, address, count))
        loop = asyncio.get_running_loop()
        self.times.append(loop.time())
        body = self._body(unit, pdu, address, count)
        if body is None:
            return
        fault = next(self.faults, SOUND)
        if fault.code:
            body = bytes((code | 0x80, fault.code))
        out = frame(fault.transaction, unit if fault.unit is None else fault.unit, body)
        if fault.flip:
            out = out[:-3] + bytes((out[-3] ^ 0x10,)) + out[-2:]
        out = fault.before + out[: len(out) - fault.cut] + fault.behind
        wire_s = 11 * (8 + len(out)) / self.baud if self.baud else 0.0
        wait_s = self.turnaround_s + wire_s + fault.late_s
        for copy in range(fault.copies):
            if wait_s or copy:
                loop.call_later(wait_s + _COPY_AFTER_S * copy, send, out)
            else:
                send(out)

    def _body(self, unit: int, pdu: bytes, address: int, count: int) -> bytes | None:
        code = pdu[0]
        if self.answer:
            return self.answer(unit, code, address, count)
        if code == 43 and unit in self.names:
            return names_pdu(self.names[unit], pdu[3])
        if unit not in self.units:
            return None
        if count > self.most:
            return bytes((code | 0x80, 3))
        words = self.units[unit][address : address + count]
        if len(words) != count or self.unreadable & set(range(address, address + count)):
            return bytes((code | 0x80, 2))
        if code <= 2:
            bits = sum(bool(word) << at for at, word in enumerate(words))
            size = (count + 7) // 8
            return bytes((code, size)) + bits.to_bytes(size, "little")
        return registers_pdu(code, words)


def names_pdu(names: dict[int, str], first: int) -> bytes:
    """One name an answer, and that more follow."""
    following = [number for number in sorted(names) if number > first]
    text = names[first].encode()
    more = bytes((0xFF, following[0])) if following else b"\0\0"
    return bytes((43, 14, 1, 1)) + more[:1] + more[1:] + bytes((1, first, len(text))) + text


def tcp_frame(number: int, unit: int, pdu: bytes) -> bytes:
    return struct.pack(">HHHB", number % 65536, 0, len(pdu) + 1, unit) + pdu


def rtu_frame(_: int, unit: int, pdu: bytes) -> bytes:
    out = bytes((unit,)) + pdu
    return out + crc(out)


@asynccontextmanager
async def tcp(slave: Slave, *, rtu: bool = False, port: int = 0):
    """A slave behind a TCP port; gives the port."""
    serve = _serve_rtu if rtu else _serve_tcp
    writers: set[asyncio.StreamWriter] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await serve(slave, reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
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
        number, _, length, unit = struct.unpack(">HHHB", header)
        pdu = await reader.readexactly(length - 1)
        slave.hear(
            unit,
            pdu,
            lambda off, unit, body, number=number: tcp_frame(number + off, unit, body),
            writer.write,
        )


def _request_length(code: int) -> int:
    return 7 if code == 43 else 8


async def _serve_rtu(slave: Slave, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
    while True:
        frame = await reader.readexactly(2)
        frame += await reader.readexactly(_request_length(frame[1]) - 2)
        slave.hear(frame[0], frame[1:-2], rtu_frame, writer.write)


@asynccontextmanager
async def serial_line(slave: Slave):
    """A slave on a real pseudo-terminal; gives the path of its other end."""
    master, end = os.openpty()
    tty.setraw(master)
    tty.setraw(end)
    os.set_blocking(master, False)

    def send(data: bytes) -> None:
        with suppress(OSError):  # a late answer when the line is gone
            os.write(master, data)

    slave.line = send
    pending = bytearray()

    def readable() -> None:
        with suppress(BlockingIOError):
            pending.extend(os.read(master, 256))
        while len(pending) > 1 and len(pending) >= (length := _request_length(pending[1])):
            frame = bytes(pending[:length])
            del pending[:length]
            assert crc(frame[:-2]) == frame[-2:]
            slave.hear(frame[0], frame[1:-2], rtu_frame, send)

    loop = asyncio.get_running_loop()
    loop.add_reader(master, readable)
    try:
        yield os.ttyname(end)
    finally:
        slave.line = None
        loop.remove_reader(master)
        os.close(master)
        os.close(end)
