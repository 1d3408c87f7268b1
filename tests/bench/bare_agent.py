"""The agent's peer: pymodbus and paho with nothing between them.

``python -m tests.bench.bare_agent PORT UNITS URL…`` polls every unit once a second with one read
an island and publishes one JSON message a unit, QoS 1. No spool, no quality, no stamps of its
own per value, no acknowledgement.
"""

import asyncio
import struct
import sys
import time
from urllib.parse import urlsplit

import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from pymodbus.client import AsyncModbusTcpClient

from tests.bench import material


class BareAgent:
    """Polls and publishes."""

    def __init__(self, port: int) -> None:
        self._mqtt = paho.Client(CallbackAPIVersion.VERSION2)
        self._mqtt.connect("127.0.0.1", port)
        self._mqtt.loop_start()

    async def poll(self, url: str, units: int) -> None:
        """Poll the units of one bus, once a second each."""
        parts = urlsplit(url)
        client = AsyncModbusTcpClient(parts.hostname or "", port=parts.port or 0)
        await client.connect()
        due = time.monotonic()
        while True:
            for unit in range(1, units + 1):
                values = await self._read(client, unit)
                body = {"at": time.time(), "values": values}
                self._mqtt.publish(f"bare/{parts.port}/{unit}", orjson.dumps(body), qos=1)
            due += 1
            await asyncio.sleep(max(0, due - time.monotonic()))

    async def _read(self, client: AsyncModbusTcpClient, unit: int) -> dict[str, float]:
        values: dict[str, float] = {}
        addresses = iter(material.addresses())
        for size in material.ISLANDS:
            island = [next(addresses) for _ in range(size)]
            answer = await client.read_holding_registers(island[0], count=2 * size, device_id=unit)
            raw = struct.pack(f">{2 * size}H", *answer.registers)
            floats = struct.unpack(f">{size}f", raw)
            values.update((f"l{at}_kw", value) for at, value in zip(island, floats, strict=True))
        return values


async def run(port: int, units: int, urls: list[str]) -> None:
    """Poll all buses until killed."""
    agent = BareAgent(port)
    await asyncio.gather(*(agent.poll(url, units) for url in urls))


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
