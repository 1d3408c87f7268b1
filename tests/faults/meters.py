"""Meters that remember what they said: ``python -m tests.faults.meters PORT UNITS LOG``.

A Modbus TCP slave with one register, the energy of a Schneider iEM3155. Each unit counts the
requests that it answers, and the count is the energy in Wh: no value is ever said twice, so that a
value in the journal names the one answer that it came from. The log has a line for each answer,
written before the answer leaves: unit, count, CLOCK_BOOTTIME and wall clock, both in ms.

It shares no code with what it tests.
"""

import asyncio
import os
import struct
import sys
import time
from collections import Counter

_REGISTER, _WORDS = 3203, 4  # int64, big-endian
_HEADER = struct.Struct(">HHHB")
_REQUEST = struct.Struct(">BHH")


class Meters:
    """Units 1 to `units`, all behind one socket."""

    def __init__(self, units: int, log: int) -> None:
        self._units, self._log = units, log
        self._said: Counter[int] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client until it hangs up."""
        try:
            while True:
                tid, _, length, unit = _HEADER.unpack(await reader.readexactly(_HEADER.size))
                pdu = await reader.readexactly(length - 1)
                body = self._answer(unit, pdu)
                writer.write(_HEADER.pack(tid, 0, len(body) + 1, unit) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, unit: int, pdu: bytes) -> bytes:
        if not 1 <= unit <= self._units or _REQUEST.unpack(pdu) != (3, _REGISTER, _WORDS):
            return bytes((pdu[0] | 0x80, 2))
        self._said[unit] += 1
        up_ms, wall_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME), time.time_ns()
        line = f"{unit} {self._said[unit]} {up_ms // 10**6} {wall_ms // 10**6}\n"
        os.write(self._log, line.encode())
        return struct.pack(">BBq", 3, 2 * _WORDS, self._said[unit])


async def main(port: int, units: int, log: str) -> None:
    """Serve until killed."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    meters = Meters(units, file)
    server = await asyncio.start_server(meters.serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
