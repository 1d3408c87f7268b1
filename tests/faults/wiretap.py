"""A tap in the line to the broker: ``python -m tests.faults.wiretap PORT HOST:PORT ORDERS``.

It passes MQTT on, packet by packet, and does to it what the file ORDERS says (JSON, read anew for
every packet that it may concern):

- ``{"code": 151}``: every PUBACK to the client says 0x97 instead
- ``{"hang_up": true}``: it hangs up on whoever publishes, as brokers do that are strict
- ``{"old": true}``: it knows MQTT 3.1.1 only, as old brokers do
- ``{"trust": true}``: whatever the broker has PUBACKed is acknowledged in the journal's name. This
  is a collector that trusts PUBACK, without a line of it changed.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CONNECT, _PUBLISH, _PUBACK = 1, 3, 4
_V5, _V311_ONLY = 5, bytes((0x20, 2, 0, 1))


def varint(number: int) -> bytes:
    """A length as MQTT writes it."""
    out = bytearray()
    while True:
        number, low = divmod(number, 128)
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def read_varint(body: bytes, at: int) -> tuple[int, int]:
    """A length and where it ends."""
    value, shift = 0, 0
    while True:
        value |= (body[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not body[at - 1] & 0x80:
            return value, at


async def packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next packet: its first byte, and its body."""
    head = (await reader.readexactly(1))[0]
    length, shift = 0, 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return head, await reader.readexactly(length)


class Tap:
    """One client's line."""

    def __init__(self, orders: Callable[[], dict[str, Any]]) -> None:
        self._orders = orders
        self._version = 0
        self._waiting: dict[int, tuple[str, bytes]] = {}

    def from_client(self, head: int, body: bytes) -> bytes | None:
        """What goes back at once instead of on to the broker; None where nothing does."""
        if head >> 4 == _CONNECT:
            self._version = body[6]
            if self._orders().get("old") and self._version == _V5:
                return _V311_ONLY
        elif head >> 4 == _PUBLISH and head & 0x06:
            if self._orders().get("hang_up"):
                raise ConnectionAbortedError
            length = int.from_bytes(body[:2], "big")
            topic, at = body[2 : 2 + length].decode(), 2 + length
            mid, at = int.from_bytes(body[at : at + 2], "big"), at + 2
            if self._version == _V5:
                properties, at = read_varint(body, at)
                at += properties
            self._waiting[mid] = topic, body[at:]
        return None

    def from_broker(self, head: int, body: bytes) -> list[tuple[int, bytes]]:
        """The packets that the client gets for one of the broker's."""
        if head >> 4 != _PUBACK:
            return [(head, body)]
        orders, mid = self._orders(), body[:2]
        if orders.get("code") and self._version == _V5:
            body = mid + bytes((orders["code"],))
        passed = [(head, body)]
        topic, payload = self._waiting.pop(int.from_bytes(mid, "big"), ("", b""))
        if orders.get("trust") and topic.endswith(("/readings", "/records", "/backlog")):
            passed.append((_PUBLISH << 4, self._acknowledgement(topic, payload)))
        return passed

    def _acknowledgement(self, topic: str, payload: bytes) -> bytes:
        if topic.endswith("/backlog"):
            payload = payload.splitlines()[-1].partition(b" ")[2]
        message = json.loads(payload)
        records = message.get("readings") or message["records"]
        through = max(int(record["seq"]) for record in records)
        ack = {"epoch": message["epoch"], "through": through, "missing": []}
        to = ("/".join(topic.split("/")[:4]) + "/ack").encode()
        properties = b"\0" if self._version == _V5 else b""
        said = json.dumps({"v": 1, "acks": [ack]}).encode()
        return len(to).to_bytes(2, "big") + to + properties + said


async def serve(port: int, host: str, upstream: int, orders: Path) -> None:
    """Serve until killed."""

    def read_orders() -> dict[str, Any]:
        return dict(json.loads(orders.read_text(encoding="ascii")))

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            theirs, ours = await asyncio.open_connection(host, upstream)
            try:
                await _pass_on(Tap(read_orders), (reader, writer), (theirs, ours))
            finally:
                ours.close()
        writer.close()

    server = await asyncio.start_server(client, "127.0.0.1", port)
    await server.serve_forever()


_Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _pass_on(tap: Tap, client: _Ends, broker: _Ends) -> None:
    async def up() -> None:
        while True:
            head, body = await packet(client[0])
            back = tap.from_client(head, body)
            writer = (broker if back is None else client)[1]
            writer.write(back or _written(head, body))
            await writer.drain()

    async def down() -> None:
        while True:
            for head, body in tap.from_broker(*await packet(broker[0])):
                client[1].write(_written(head, body))
                await client[1].drain()

    ways = [asyncio.ensure_future(up()), asyncio.ensure_future(down())]
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in ways:
        way.cancel()
    await asyncio.gather(*ways, return_exceptions=True)


def _written(head: int, body: bytes) -> bytes:
    return bytes((head,)) + varint(len(body)) + body


if __name__ == "__main__":
    name, _, number = sys.argv[2].partition(":")
    asyncio.run(serve(int(sys.argv[1]), name, int(number), Path(sys.argv[3])))
