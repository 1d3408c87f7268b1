"""Polling a bus: each device on its own grid, one request at a time, nobody starved.

Waiting is for the clock that comes from outside; the only real time spent here is the bus's.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from collector.bus import Bus, RegisterReader
from collector.clock import Clock
from collector.devices import Device
from collector.enquiry import Enquirer
from collector.plausible import Plausibility
from collector.refusals import Refusals
from collector.wire.reading import Reading, instant, unix_ms

LINE_BUSY = "line-busy"
"""Why a slot was left out: its bus was not done with those before."""
STOPPED = "stopped"
"""Likewise: polling ended before it was done."""


class Notebook(Protocol):
    """Where a poller writes down what it reads, leaves out and learns."""

    def schedule(self, device: Device, values: int, due_ms: int) -> None:
        """A slot has come, for so many values. [ms since boot]"""

    def take(self, reading: Reading, due_ms: int) -> None:
        """What it brought."""

    def leave_out(self, device: Device, values: int, due_ms: int, reason: str) -> None:
        """That nobody had time for them."""

    def refusals(self, device: Device) -> Refusals:
        """What a device is known to refuse; kept by the notebook, changed by the poller."""


@dataclass(slots=True)
class _Polled:
    """A device, who asks it, and who doubts what it says.

    Attributes:
        values: How many values it has.
        turn_ms: How long behind the edge of its slots it begins. [ms]
        slot: Number of its next slot since 1970.
        begins: Whether that is the first, in which all is read.
    """

    device: Device
    enquirer: Enquirer
    plausibility: Plausibility
    values: int
    turn_ms: int
    slot: int = 0
    begins: bool = True

    def resting(self) -> frozenset[str]:
        """Points that are not read in the next slot."""
        if self.begins or not self.device.slower:
            return frozenset()
        return self.device.resting(self.slot)


class BusPoller:
    """Polls the devices of one bus.

    Args:
        bus: The bus.
        devices: What is on it.
        connection: How its registers are read; closed when `run` ends.
        clock: The time.
        notebook: Takes what comes of it.
        turns: How long behind the edge of its slots a device begins, by name; at once where
            nothing is said. [ms]
    """

    def __init__(
        self,
        bus: Bus,
        devices: Sequence[Device],
        connection: RegisterReader,
        clock: Clock,
        notebook: Notebook,
        turns: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._connection, self._clock, self._notebook = connection, clock, notebook
        self._polled = tuple(
            _Polled(
                device,
                Enquirer(device, connection, clock, bus, notebook.refusals(device)),
                Plausibility(device),
                len(device.points),
                turns.get(device.name, 0),
            )
            for device in devices
        )

    async def run(self) -> None:
        """Poll until cancelled: one reading a device and slot.

        Slots begin at whole multiples of a device's period since 1970, and a device at its turn
        behind them; then they follow the time since boot, so that a clock that is set does not
        move them. Slots that a busy line has
        missed are left out. The device that has waited longest comes first.
        """
        now, up = unix_ms(self._clock.now()), self._clock.up_ms()
        order: list[tuple[int, int]] = []
        for at, polled in enumerate(self._polled):
            ahead = polled.turn_ms - now
            order.append((up + ahead % polled.device.every_ms, at))
            polled.slot = -(ahead // polled.device.every_ms)
        heapq.heapify(order)
        try:
            while order:
                due, at = order[0]
                if due > self._clock.up_ms():
                    await self._clock.until(due)
                polled = self._polled[at]
                await self._keep(polled, due)
                heapq.heapreplace(order, (self._next(polled, due), at))
        finally:
            await self._connection.close()

    async def _keep(self, polled: _Polled, due: int) -> None:
        """Poll for a slot, and write down what became of it."""
        resting = polled.resting()
        values = polled.values - len(resting)
        self._notebook.schedule(polled.device, values, due)
        try:
            reading = await self._poll(polled, resting)
        except BaseException:
            self._notebook.leave_out(polled.device, values, due, STOPPED)
            raise
        polled.begins = False
        self._notebook.take(reading, due)

    def _next(self, polled: _Polled, due: int) -> int:
        """The next slot of a device that is not over yet; those that are left out are told."""
        every = polled.device.every_ms
        coming = due + every * max(1, (self._clock.up_ms() - due) // every)
        polled.slot += 1
        for missed in range(due + every, coming, every):
            values = polled.values - len(polled.resting())
            self._notebook.schedule(polled.device, values, missed)
            self._notebook.leave_out(polled.device, values, missed, LINE_BUSY)
            polled.slot += 1
        return coming

    async def _poll(self, polled: _Polled, resting: frozenset[str]) -> Reading:
        """One reading: what the device answers, and why where it does not.

        It is stamped in the middle between its first answered question and its last answer.
        """
        found = await polled.enquirer.ask(resting)
        half = max(0, found.heard_ms - found.began_ms) // 2
        up_ms = found.began_ms + half
        passed = self._clock.up_ms() - up_ms
        uncertain = polled.plausibility.judge(found.values, found.bad, up_ms)
        return Reading(
            device=polled.device.name,
            at=instant(unix_ms(self._clock.now()) - passed),
            clock=self._clock.state(),
            boot=self._clock.boot(),
            up_ms=up_ms,
            values=found.values,
            uncertain=uncertain,
            bad=found.bad,
        )
