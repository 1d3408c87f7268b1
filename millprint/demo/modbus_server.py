"""A Modbus slave of our own: the peer of our client must not be the same library.

Function codes 3 and 4 only; anything else is answered with exception 1. Every answer leaves
through `Wire.deliver`: the one place for late, doubled or garbled answers.
"""

import asyncio
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, cast

from typing_extensions import override

from collector.profiles import Table

ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3
TARGET_SILENT = 11
MOST_REGISTERS = 125
"""In one request, by the Modbus specification."""

_TABLES: dict[int, Table] = {3: "holding", 4: "input"}
_REQUEST = struct.Struct(">BHH")  # function, address, count
_HEADER = struct.Struct(">HHHB")  # transaction, protocol, length, unit
_LONGEST_PDU = 253


class Unanswerable(Exception):
    """A unit answers this request with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class Unit(Protocol):
    """What stands behind a unit id."""

    def words(self, table: Table, address: int, count: int) -> Sequence[int]:
        """The registers from `address` on, 16 bits each.

        Raises:
            Unanswerable: The unit refuses.
        """


Units = Mapping[int, Unit]


def answer(unit: Unit, pdu: bytes) -> bytes:
    """What a unit answers to a request; both without unit id and checksum."""
    try:
        words = _asked(unit, pdu)
    except Unanswerable as refusal:
        return bytes((pdu[0] | 0x80, refusal.code))
    return struct.pack(f">BB{len(words)}H", pdu[0], 2 * len(words), *words)


def _asked(unit: Unit, pdu: bytes) -> Sequence[int]:
    table = _TABLES.get(pdu[0])
    if table is None:
        raise Unanswerable(ILLEGAL_FUNCTION)
    if len(pdu) != _REQUEST.size:
        raise Unanswerable(ILLEGAL_VALUE)
    _, address, count = _REQUEST.unpack(pdu)
    if not 1 <= count <= MOST_REGISTERS:
        raise Unanswerable(ILLEGAL_VALUE)
    return unit.words(table, address, count)


class Wire:
    """How answers leave."""

    def deliver(self, frame: bytes, send: Callable[[bytes], None]) -> None:
        """Send an answer."""
        send(frame)


class _TcpConnection(asyncio.Protocol):
    """One client of a Modbus TCP socket; several units answer behind it, as on a gateway."""

    def __init__(self, units: Units, wire: Wire, clients: set[asyncio.Transport]) -> None:
        self._units, self._wire, self._clients = units, wire, clients
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._clients.add(self._transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._clients.discard(self._transport)

    @override
    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        self._waiting += data
        while len(self._waiting) >= _HEADER.size:
            transaction, protocol, length, number = _HEADER.unpack_from(self._waiting)
            if protocol != 0 or not 2 <= length <= _LONGEST_PDU + 1:
                self._transport.close()  # not Modbus: no way to find the next frame
                return
            end = _HEADER.size - 1 + length
            if len(self._waiting) < end:
                return
            pdu, self._waiting = self._waiting[_HEADER.size : end], self._waiting[end:]
            body = self._answer(number, pdu)
            head = _HEADER.pack(transaction, 0, len(body) + 1, number)
            self._wire.deliver(head + body, self._transport.write)

    def _answer(self, number: int, pdu: bytes) -> bytes:
        unit = self._units.get(number)
        if unit is None:
            return bytes((pdu[0] | 0x80, TARGET_SILENT))
        return answer(unit, pdu)


class TcpEndpoint:
    """A Modbus TCP socket that is being served."""

    def __init__(self, server: asyncio.Server, clients: set[asyncio.Transport]) -> None:
        self._server, self._clients = server, clients
        self.port: int = server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        """Where it is, as a bus in ``collector.toml`` says it."""
        return f"tcp://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Hang up on everybody."""
        self._server.close()
        for client in tuple(self._clients):
            client.abort()


async def serve_tcp(units: Units, wire: Wire | None = None, *, port: int = 0) -> TcpEndpoint:
    """Answer for these units on a port of this machine; 0 is any free one."""
    way, clients = wire or Wire(), set[asyncio.Transport]()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _TcpConnection(units, way, clients), host="127.0.0.1", port=port
    )
    return TcpEndpoint(server, clients)
