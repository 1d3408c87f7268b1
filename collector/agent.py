"""The agent: pollers, spool and uplink put together. The clock comes from outside."""

import asyncio
import logging
from collections.abc import Sequence

from collector.anchors import WatchedClock
from collector.births import birth_of
from collector.clock import Clock
from collector.configuration import Configuration
from collector.modbus import BusConnection
from collector.notes import Notes
from collector.poll import BusPoller
from collector.spool import Spool, Unwritten
from collector.uplink import Uplink
from collector.wire.birth import Birth
from collector.wire.counts import Counts
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
        self._clock = WatchedClock(clock)
        self._refused = False
        self._births: dict[str, Birth] = {d.name: birth_of(d) for d in configuration.devices}
        self._notes = Notes(
            self._clock,
            self._births,
            configuration.spool.path.with_suffix(".refused.json"),
            self._show,
        )
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
            await asyncio.to_thread(self._learn_the_time)
            async with asyncio.TaskGroup() as group:
                for poller in self._pollers():
                    group.create_task(poller.run())
        finally:
            # Without awaiting: who cancelled us waits for the word to be said.
            self._commit_all()
            self._uplink.stop()
            self._spool.close()

    async def poll_and_commit(self) -> None:
        """Poll, and commit a window every ``commit_every``; polling never waits for the disk."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._commit_periodically())
            group.create_task(self.poll())

    async def waiting(self) -> int:
        """Records that the journal has not accounted for; 0 where the spool cannot say."""
        try:
            return await asyncio.to_thread(self._spool.waiting)
        except Unwritten:
            return 0

    async def commit(self) -> None:
        """Commit the window; where the disk refuses, its readings wait for the next."""
        readings, counts = self._notes.pending.take(), self._notes.counts()
        if not readings:
            return
        try:
            await asyncio.to_thread(self._commit, readings, counts, self._notes.learned())
        except Unwritten as fault:
            self._wait_with(readings, fault)
            return
        self._notes.tally.told(counts)
        self._committed()

    def _commit_all(self) -> None:
        readings, counts = self._notes.pending.take(), self._notes.counts(stopping=True)
        if not readings:
            return
        try:
            self._commit(readings, counts, self._notes.learned())
        except Unwritten as fault:
            log.error("%d readings are not committed: %s", len(readings), fault)  # noqa: TRY400

    def _commit(
        self,
        taken: Sequence[tuple[Reading, int]],
        counts: Sequence[Counts],
        learned: bytes | None,
    ) -> None:
        self._notes.keep(learned)
        self._clock.not_before(self._spool.newest_at)
        anchor = self._clock.look()
        readings = [reading for reading, _ in taken]
        now = stamp(max(reading.at for reading in readings))
        self._spool.commit(readings, self._births, now, anchor, counts)
        if anchor:
            self._clock.made(anchor)

    def _wait_with(self, readings: Sequence[tuple[Reading, int]], fault: Unwritten) -> None:
        before = self._notes.pending.dropped
        self._notes.put_back(readings)
        if not self._refused:
            log.error("the spool refuses; readings wait in memory: %s", fault)
        if self._notes.pending.dropped and not before:
            log.error("memory is full as well: the oldest readings are dropped from now on")
        self._refused = True

    def _committed(self) -> None:
        if self._refused:
            log.warning(
                "the spool takes readings again; %d were dropped", self._notes.pending.dropped
            )
        self._refused = False
        state = self._clock.state().value
        self._uplink.committed(clock=state, dropped=self._notes.pending.dropped)

    def _learn_the_time(self) -> None:
        """What the spool knows of the time, before the first reading is stamped."""
        try:
            self._clock.not_before(self._spool.newest_at)
        except Unwritten as fault:
            log.warning("the spool cannot be opened: %s", fault)

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
                pollers.append(BusPoller(bus, devices, connection, self._clock, self._notes))
        return pollers

    def _show(self, reading: Reading) -> None:
        birth = self._births[reading.device].hash
        self._uplink.live(reading.device, encode_live(birth, reading))
