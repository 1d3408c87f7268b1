"""Polling a bus: each device on its own grid, one request at a time, nobody starved.

A device that does not answer three slots in a row is left in peace for a while, longer each
time up to 30 s, and then asked with one request; so is a single request of a device that
answers the others. Waiting is for the clock that comes from outside; the only real time
spent here is the bus's.
"""

import heapq
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from collector.bus import Bus, BusFault, RegisterReader
from collector.clock import Clock
from collector.decode import Block
from collector.devices import Device
from collector.plan import Request, plan
from collector.wire.reading import Reading, Value, instant, unix_ms

_MISSES = 3
_FIRST_REST_MS = 1000
_LONGEST_REST_MS = 30_000
_BACKED_OFF = "backed-off"

log = logging.getLogger("collector.poll")


@dataclass(slots=True)
class _Patience:
    """How often somebody did not answer, and until when to leave it in peace."""

    misses: int = 0
    rest_until: int = 0

    def rests(self, up_ms: int) -> bool:
        return self.misses >= _MISSES and up_ms < self.rest_until

    def missed(self, up_ms: int) -> None:
        self.misses += 1
        doubled = min(max(self.misses - _MISSES, 0), 10)
        self.rest_until = up_ms + min(_FIRST_REST_MS << doubled, _LONGEST_REST_MS)

    def answered(self) -> None:
        self.misses = 0


@dataclass(slots=True)
class _Part:
    """One request of a device, with what takes its answer apart."""

    request: Request
    block: Block
    patience: _Patience = field(default_factory=_Patience)


@dataclass(slots=True)
class _Polled:
    """A device, what to ask it, and how it behaves."""

    device: Device
    parts: tuple[_Part, ...]
    patience: _Patience = field(default_factory=_Patience)


@dataclass(slots=True)
class _Slot:
    """What one slot of a device has brought so far."""

    values: dict[str, Value] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)
    heard: bool = False
    silence: str = ""

    def lose(self, part: _Part, reason: str) -> None:
        for point in part.request.points:
            self.bad[point.name] = reason


class BusPoller:
    """Polls the devices of one bus.

    Args:
        bus: The bus.
        devices: What is on it.
        connection: How its registers are read; closed when `run` ends.
        clock: The time.
        sink: Takes each reading.
    """

    def __init__(
        self,
        bus: Bus,
        devices: Sequence[Device],
        connection: RegisterReader,
        clock: Clock,
        sink: Callable[[Reading], None],
    ) -> None:
        self._bus = bus
        self._polled = tuple(_Polled(device, _parts(device)) for device in devices)
        self._connection = connection
        self._clock = clock
        self._sink = sink

    async def run(self) -> None:
        """Poll until cancelled: one reading a device and slot.

        Slots begin at whole multiples of a device's period since 1970 and then follow the time
        since boot, so that a clock that is set does not move them. Slots that a busy line has
        missed are left out. The device that has waited longest comes first.
        """
        now, up = unix_ms(self._clock.now()), self._clock.up_ms()
        order = [(up + -now % p.device.every_ms, at) for at, p in enumerate(self._polled)]
        heapq.heapify(order)
        try:
            while order:
                due, at = order[0]
                if due > self._clock.up_ms():
                    await self._clock.until(due)
                polled = self._polled[at]
                self._sink(await self._poll(polled))
                every = polled.device.every_ms
                passed = (self._clock.up_ms() - due) // every
                heapq.heapreplace(order, (due + every * max(1, passed), at))
        finally:
            await self._connection.close()

    async def _poll(self, polled: _Polled) -> Reading:
        """One reading: what the device answers, and why where it does not."""
        slot = _Slot()
        began = self._clock.up_ms()
        if polled.patience.rests(began):
            for part in polled.parts:
                slot.lose(part, _BACKED_OFF)
        else:
            # What answered last comes first: once it has, a silent request costs only itself.
            for part in sorted(polled.parts, key=lambda part: part.patience.misses):
                await self._read(polled.device, part, slot)
            self._judge(polled, slot)
        ended = self._clock.up_ms()
        half = (ended - began) // 2
        return Reading(
            device=polled.device.name,
            at=instant(unix_ms(self._clock.now()) - half),
            clock=self._clock.state(),
            boot=self._clock.boot(),
            up_ms=ended - half,
            values=slot.values,
            bad=slot.bad,
        )

    async def _read(self, device: Device, part: _Part, slot: _Slot) -> None:
        """One request of a slot; after a silence, and before any answer, no more are tried."""
        if slot.silence and not slot.heard:
            slot.lose(part, slot.silence)
            return
        if slot.heard and part.patience.rests(self._clock.up_ms()):
            slot.lose(part, _BACKED_OFF)
            return
        request, limits = part.request, device.profile.limits
        try:
            words = await self._connection.read(
                device.unit,
                request.table,
                request.address,
                request.count,
                pause_ms=limits.pause_ms,
            )
        except BusFault as fault:
            slot.lose(part, fault.reason)
            if fault.silent:
                slot.silence = fault.reason
                part.patience.missed(self._clock.up_ms())
                return
        else:
            part.block.decode(words, slot.values, slot.bad)
        slot.heard = True
        part.patience.answered()

    def _judge(self, polled: _Polled, slot: _Slot) -> None:
        """Whether the device is to be left in peace from now on, said once."""
        patience, name = polled.patience, polled.device.name
        if slot.heard:
            if patience.misses >= _MISSES:
                log.warning("%s on %s answers again", name, self._bus.name)
            patience.answered()
            return
        patience.missed(self._clock.up_ms())
        if patience.misses == _MISSES:
            log.warning("%s on %s does not answer: %s", name, self._bus.name, slot.silence)


def _parts(device: Device) -> tuple[_Part, ...]:
    requests = plan(device.points, device.profile.limits)
    return tuple(_Part(request, Block(request)) for request in requests)
