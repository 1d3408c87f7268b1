"""A read over TCP: what our frames on pymodbus's line cost beside pymodbus's own client."""

import asyncio
import contextlib
import json
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import urlsplit

from pymodbus.client import AsyncModbusTcpClient

from collector.bus import Bus
from collector.modbus import BusConnection
from millprint import children
from millprint.children import python
from tests.bench.row import Effort, Row

_REGISTERS = 26


def measure(effort: Effort) -> list[Row]:
    """CPU a read, both against the same simulator."""
    reads = effort.pick(5_000, 100)
    with _simulator() as port:
        ours, theirs = effort.medians(
            lambda: asyncio.run(_ours(port, reads)), lambda: asyncio.run(_theirs(port, reads))
        )
    return [
        Row(
            f"a read of {_REGISTERS} registers over TCP: unit, function, length and number checked",
            ours,
            "µs CPU",
            "pymodbus async client, same simulator",
            theirs,
            effort.runs,
        )
    ]


async def _ours(port: int, reads: int) -> float:
    connection = BusConnection(Bus("b", "tcp", host="127.0.0.1", port=port))
    cost = await _cpu_us(lambda: connection.read(1, "holding", 0, _REGISTERS), reads)
    await connection.close()
    return cost


async def _theirs(port: int, reads: int) -> float:
    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    await client.connect()
    cost = await _cpu_us(
        lambda: client.read_holding_registers(0, count=_REGISTERS, device_id=1), reads
    )
    client.close()
    return cost


async def _cpu_us(read: Callable[[], Awaitable[object]], reads: int) -> float:
    await read()
    began = time.process_time()
    for _ in range(reads):
        await read()
    return (time.process_time() - began) / reads * 1e6


@contextlib.contextmanager
def _simulator() -> Iterator[int]:
    process = children.start(python("tests.bench.simulator", "1", "1"), stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        (url,) = json.loads(process.stdout.readline())
        yield urlsplit(url).port or 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
