"""Polling: a task for every bus, so that none waits for another, and each can be begun anew."""

import asyncio
import contextlib
from collections.abc import Sequence

from collector.bus import Bus
from collector.clock import Clock
from collector.devices import Device
from collector.modbus import BusConnection
from collector.poll import BusPoller, Notebook
from collector.turns import MOST_MS, turns

Plan = dict[str, tuple[Bus, tuple[Device, ...]]]
"""What is polled, by name of the bus."""


class Polling:
    """The buses that are polled.

    Args:
        clock: The time.
        notebook: Takes what comes of it.
        apart_ms: Within how long those that are due at once begin in turn. [ms]
    """

    def __init__(self, clock: Clock, notebook: Notebook, *, apart_ms: int = MOST_MS) -> None:
        self._clock, self._notebook, self._apart_ms = clock, notebook, apart_ms
        self._plan: Plan = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failed: asyncio.Future[None] | None = None

    async def run(self, plan: Plan) -> None:
        """Poll until cancelled; ends with its fault where a poller has one."""
        self._failed = asyncio.get_running_loop().create_future()
        try:
            self.begin_what_is_new(plan)
            await self._failed
        finally:
            await self._end(tuple(self._tasks))

    async def stop_what_changes(self, plan: Plan) -> bool:
        """End polling what is no longer, or is otherwise; all else goes on. Whether anything is."""
        changed = [name for name in self._tasks if plan.get(name) != self._plan[name]]
        await self._end(changed)
        return bool(changed or plan.keys() - self._plan.keys())

    def begin_what_is_new(self, plan: Plan) -> None:
        """Poll what is not polled yet."""
        begins = turns([devices for _, devices in plan.values()], self._apart_ms)
        for name in [name for name in plan if name not in self._tasks]:
            bus, devices = plan[name]
            connection = BusConnection(bus)
            poller = BusPoller(bus, devices, connection, self._clock, self._notebook, begins)
            task = asyncio.create_task(poller.run(), name=f"bus {name}")
            task.add_done_callback(self._look)
            self._plan[name], self._tasks[name] = (bus, devices), task

    async def _end(self, names: Sequence[str]) -> None:
        tasks = [self._tasks.pop(name) for name in names]
        for name in names:
            del self._plan[name]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _look(self, task: asyncio.Task[None]) -> None:
        """A poller that fails ends all: the process is begun anew by who watches it."""
        failed = self._failed
        if failed is None or failed.done() or task.cancelled():
            return
        fault = task.exception()
        if fault is not None:
            failed.set_exception(fault)
