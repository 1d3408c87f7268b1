"""The agent: pollers, spool and uplink put together. The clock comes from outside."""

import asyncio
import logging
import sqlite3
from collections.abc import Sequence

from collector.births import birth_of
from collector.clock import Clock
from collector.configuration import Configuration
from collector.modbus import BusConnection
from collector.poll import BusPoller
from collector.spool import Spool
from collector.uplink import Uplink
from collector.wire.birth import Birth
from collector.wire.message import encode_live
from collector.wire.reading import Reading, stamp

log = logging.getLogger("collector")


class Agent:
    """One collector: polls its buses and commits what it read.

    Args:
        configuration: What to poll and where to send it.
        clock: The time; the demo mill brings its own.
        resend_after_s: How long the uplink waits for the journal. [s]
    """

    def __init__(
        self, configuration: Configuration, clock: Clock, *, resend_after_s: float = 15.0
    ) -> None:
        self._configuration = configuration
        self._clock = clock
        self._window: list[Reading] = []
        self._births: dict[str, Birth] = {d.name: birth_of(d) for d in configuration.devices}
        self._spool = Spool(
            configuration.spool.path,
            site=configuration.site,
            collector=configuration.collector,
            max_mb=configuration.spool.max_mb,
        )
        self._uplink = Uplink(
            configuration.mqtt,
            self._spool,
            site=configuration.site,
            collector=configuration.collector,
            births=self._births,
            resend_after_s=resend_after_s,
        )

    async def poll(self) -> None:
        """Poll every bus until cancelled; each bus has a task of its own."""
        self._uplink.start()
        try:
            async with asyncio.TaskGroup() as group:
                for poller in self._pollers():
                    group.create_task(poller.run())
        finally:
            await self.commit()
            self._uplink.stop()
            self._spool.close()

    async def poll_and_commit(self) -> None:
        """Poll, and commit a window every ``commit_every``; polling never waits for the disk."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._commit_periodically())
            group.create_task(self.poll())

    async def commit(self) -> None:
        """Commit the window; where the disk refuses, its readings wait for the next."""
        readings, self._window = self._window, []
        if not readings:
            return
        try:
            await asyncio.to_thread(self._commit, readings)
        except sqlite3.Error as fault:
            log.error("the spool refused %d readings: %s", len(readings), fault)  # noqa: TRY400
            self._window[:0] = readings
            return
        self._uplink.committed()

    def _commit(self, readings: Sequence[Reading]) -> None:
        now = stamp(max(reading.at for reading in readings))
        self._spool.commit(readings, self._births, now)

    async def _commit_periodically(self) -> None:
        every_ms = self._configuration.spool.commit_every_ms
        due = self._clock.up_ms()
        while True:
            due += every_ms
            await self._clock.until(due)
            await self.commit()

    def _pollers(self) -> list[BusPoller]:
        pollers = []
        for bus in self._configuration.buses:
            devices = tuple(d for d in self._configuration.devices if d.bus == bus.name)
            if devices:
                connection = BusConnection(bus)
                pollers.append(BusPoller(bus, devices, connection, self._clock, self._take))
        return pollers

    def _take(self, reading: Reading) -> None:
        self._window.append(reading)
        birth = self._births[reading.device].hash
        self._uplink.live(reading.device, encode_live(birth, reading))
