"""The agent: pollers, spool and uplink put together. The clock comes from outside."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from collector.anchors import WatchedClock
from collector.births import birth_of
from collector.clock import Clock
from collector.configuration import Configuration
from collector.metrics import Health, exposition
from collector.notes import Notes, put
from collector.pending import window_ms
from collector.polling import Plan, Polling
from collector.spool import Spool, Unwritten
from collector.turns import MOST_MS
from collector.uplink import Uplink
from collector.wire.birth import Birth
from collector.wire.counts import Counts
from collector.wire.message import encode_live
from collector.wire.reading import Reading, stamp, unix_ms

log = logging.getLogger("collector")

_FIRST_WINDOW_MS = 1000
_SECOND_MS = 1000
_LONGEST_SLOT_MS = 60_000  # halving a refused block of a slow device takes seconds, never a minute


class Agent:
    """One collector: polls its buses and commits what it read.

    Args:
        configuration: What to poll and where to send it.
        clock: The time; the demo mill brings its own.
        resend_after_s: How long the uplink waits for the journal. [s]
        apart_ms: Within how long devices that are due at once begin in turn; 0 where time stands
            still meanwhile. [ms]
        round_done: Called when what was due has been read and is committed, and never while a bus
            hangs or the disk refuses: what a watchdog may be fed with.
    """

    def __init__(
        self,
        configuration: Configuration,
        clock: Clock,
        *,
        resend_after_s: float = 15.0,
        apart_ms: int = MOST_MS,
        round_done: Callable[[], None] = lambda: None,
    ) -> None:
        self._configuration, self._round_done = configuration, round_done
        self._plan = _plan(configuration)
        self._clock = WatchedClock(clock)
        self._refused = self._begun = False
        self._committing = asyncio.Lock()
        self._births: dict[str, Birth] = {d.name: birth_of(d) for d in configuration.devices}
        self._notes = Notes(
            self._clock,
            self._births,
            configuration.spool.path.with_suffix(".refused.json"),
            self._show,
        )
        self._polling = Polling(self._clock, self._notes, apart_ms=apart_ms)
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
            births=dict(self._births),
            resend_after_s=resend_after_s,
        )

    async def poll(self) -> None:
        """Poll every bus until cancelled; each bus has a task of its own."""
        self._uplink.start()
        try:
            await asyncio.to_thread(self._learn_the_time)
            await self._polling.run(self._plan)
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

    async def reload(self, configuration: Configuration) -> None:
        """Poll by another configuration. Buses that it leaves as they are lose no slot."""
        if _fixed(configuration) != _fixed(self._configuration):
            log.warning("site, collector, [mqtt], [spool] and [metrics] count from the next start")
        plan = _plan(configuration)
        changed = await self._polling.stop_what_changes(plan)
        await self.commit()
        if self._refused and changed:
            # What waits was read by the old births, and is to be committed by them.
            log.error("the spool refuses: polling goes on by the configuration that was")
            self._polling.begin_what_is_new(self._plan)
            return
        self._plan = plan
        births = {device.name: birth_of(device) for device in configuration.devices}
        self._notes.forget_all_but(births)
        self._births |= births
        self._uplink.introduce(dict(self._births))
        self._polling.begin_what_is_new(plan)
        log.info("the configuration was read again: %s", "others are polled" if changed else "same")

    async def waiting(self) -> int:
        """Records that the journal has not accounted for; 0 where the spool cannot say."""
        try:
            return await asyncio.to_thread(self._spool.waiting)
        except Unwritten:
            return 0

    async def commit(self) -> None:
        """Commit the window; where the disk refuses, its readings wait for the next."""
        async with self._committing:  # counts are told once: a reload does not come in between
            if await self._commit_window() and self._configuration.metrics:
                await self._tell_metrics(self._configuration.metrics)

    async def _commit_window(self) -> bool:
        """Whether there was anything, and it is committed."""
        readings, counts = self._notes.pending.take(), self._notes.counts()
        if not readings and not counts:
            self._look_round()
            return False
        births, learned = dict(self._births), self._notes.learned()
        try:
            await asyncio.to_thread(self._commit, readings, births, counts, learned)
        except Unwritten as fault:
            self._wait_with(readings, fault)
            return False
        self._notes.counting.told(counts)
        self._committed()
        self._look_round()
        return True

    def _look_round(self) -> None:
        if self._notes.longest_open_ms() < _LONGEST_SLOT_MS:
            self._round_done()

    def _commit_all(self) -> None:
        readings, counts = self._notes.pending.take(), self._notes.counts(stopping=True)
        if not readings and not counts:
            return
        try:
            self._commit(readings, self._births, counts, self._notes.learned())
        except Unwritten as fault:
            log.error("%d readings are not committed: %s", len(readings), fault)  # noqa: TRY400

    def _commit(
        self,
        taken: Sequence[tuple[Reading, int]],
        births: Mapping[str, Birth],
        counts: Sequence[Counts],
        learned: bytes | None,
    ) -> None:
        self._notes.keep(learned)
        self._clock.not_before(self._spool.newest_at)
        anchor = self._clock.look()
        readings = [reading for reading, _ in taken]
        now = stamp(max((reading.at for reading in readings), default=self._clock.now()))
        self._spool.commit(readings, births, now, anchor, counts)
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
        dropped = self._notes.pending.dropped
        if self._refused:
            log.warning("the spool takes readings again; %d were dropped", dropped)
        self._refused, self._begun = False, True
        self._uplink.committed(clock=self._clock.state().value, dropped=dropped, **self._health())

    async def _tell_metrics(self, path: Path) -> None:
        notes = self._notes
        silent, late_ms = frozenset(notes.silent), notes.latest_ms()
        totals, waiting = notes.counting.totals(), await self.waiting()
        said = exposition(Health(totals, silent, notes.unreadable, waiting, late_ms))
        try:
            await asyncio.to_thread(put, path, said.encode())
        except OSError as fault:
            log.warning("the metrics cannot be written: %s", fault)

    def _health(self) -> dict[str, int]:
        """How it goes to the devices: how many say nothing, and how many points refuse."""
        return {"silent": len(self._notes.silent), "unreadable": self._notes.unreadable}

    def _learn_the_time(self) -> None:
        """What the spool knows of the time, before the first reading is stamped."""
        try:
            self._clock.not_before(self._spool.newest_at)
        except Unwritten as fault:
            log.warning("the spool cannot be opened: %s", fault)

    async def _commit_periodically(self) -> None:
        due = self._clock.up_ms()
        if self._window_ms() >= _SECOND_MS:
            # Slots begin with whole seconds: amid one, polling is least in want of the processor.
            due += (_SECOND_MS // 2 - unix_ms(self._clock.now())) % _SECOND_MS
        while True:
            every_ms = self._window_ms()
            # After a power cut the mill is to see soon that somebody reads again.
            due += every_ms if self._begun else min(every_ms, _FIRST_WINDOW_MS)
            await self._clock.until(due)
            await self.commit()

    def _window_ms(self) -> int:
        devices = [device for _, devices in self._plan.values() for device in devices]
        values_s = sum(1000 * (len(d.points) + 1) / d.every_ms for d in devices)
        return window_ms(self._configuration.spool.commit_every_ms, values_s)

    def _show(self, reading: Reading) -> None:
        birth = self._births[reading.device].hash
        self._uplink.live(reading.device, encode_live(birth, reading))


def _plan(configuration: Configuration) -> Plan:
    """The buses that have devices."""
    plan: Plan = {}
    for bus in configuration.buses:
        devices = tuple(d for d in configuration.devices if d.bus == bus.name)
        if devices:
            plan[bus.name] = bus, devices
    return plan


def _fixed(configuration: Configuration) -> Configuration:
    """What of a configuration cannot be changed while it runs."""
    return replace(configuration, buses=(), devices=())
