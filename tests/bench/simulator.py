"""Meters for the agent and its peer: ``python -m tests.bench.simulator BUSES UNITS``.

Prints the URLs of its buses as one JSON line and serves until it is killed. On SIGUSR1 it prints,
as another, what it was asked since the last time: points read, and how late each cycle of a meter
began, against the meter's own earliest: the same for every agent, whatever that says of itself.
"""

import asyncio
import json
import random
import signal
import struct
import sys
import time
from collections.abc import Sequence

from collector.profiles import Table
from millprint.demo.modbus_server import serve_tcp
from tests.bench import material


class Meter:
    """Float32 points that stand still.

    Attributes:
        asked: Registers that were read.
        begun: When its first register was, again and again. [s]
    """

    def __init__(self, drawn: random.Random) -> None:
        self.asked, self.begun = 0, list[float]()
        self._words = [0] * 1000
        for address in material.addresses():
            raw = struct.pack(">f", drawn.uniform(0, 500))
            self._words[address : address + 2] = struct.unpack(">2H", raw)

    def words(self, table: Table, address: int, count: int) -> Sequence[int]:
        """Registers."""
        self.asked += count
        if address == 0:
            self.begun.append(time.monotonic())
        return self._words[address : address + count]

    def late_s(self) -> list[float]:
        """How late each cycle of a second began, against the earliest of them; forgotten then."""
        begun, self.begun = self.begun, []
        off = [at - begun[0] - round(at - begun[0]) for at in begun]
        return [one - min(off) for one in off]


async def serve(buses: int, units: int) -> None:
    """Serve so many buses with so many units each."""
    drawn = random.Random(1)
    lines = [{unit: Meter(drawn) for unit in range(1, units + 1)} for _ in range(buses)]
    endpoints = [await serve_tcp(line) for line in lines]
    meters = [meter for line in lines for meter in line.values()]

    def say() -> None:
        late_ms = sorted(1000 * late_s for meter in meters for late_s in meter.late_s())
        p99_ms = late_ms[int(0.99 * len(late_ms))] if late_ms else 0.0
        _say({"points": sum(meter.asked for meter in meters) / 2, "late_p99_ms": p99_ms})
        for meter in meters:
            meter.asked = 0

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, say)
    _say([endpoint.url for endpoint in endpoints])
    await asyncio.Event().wait()


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
