"""Meters for the agent and its peer: ``python -m tests.bench.simulator BUSES UNITS``.

Prints the URLs of its buses as one JSON line and serves until it is killed.
"""

import asyncio
import json
import random
import struct
import sys
from collections.abc import Sequence

from collector.profiles import Table
from millprint.demo.modbus_server import serve_tcp
from tests.bench import material


class Meter:
    """Float32 points that stand still."""

    def __init__(self, drawn: random.Random) -> None:
        self._words = [0] * 1000
        for address in material.addresses():
            raw = struct.pack(">f", drawn.uniform(0, 500))
            self._words[address : address + 2] = struct.unpack(">2H", raw)

    def words(self, table: Table, address: int, count: int) -> Sequence[int]:
        """Registers."""
        return self._words[address : address + count]


async def serve(buses: int, units: int) -> None:
    """Serve so many buses with so many units each."""
    drawn = random.Random(1)
    endpoints = [
        await serve_tcp({unit: Meter(drawn) for unit in range(1, units + 1)}) for _ in range(buses)
    ]
    sys.stdout.write(json.dumps([endpoint.url for endpoint in endpoints]) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
