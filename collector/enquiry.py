"""An enquiry: everything that is asked of one device in one slot, and what became of each point.

An exception says which kind of trouble it is. A register that does not exist is found by halving
the request between values, in the same slot, so that it costs only itself; who is busy is asked
once more; who is silent is not asked on.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from collector.bus import Bus, BusFault, RegisterReader, Span
from collector.clock import Clock
from collector.cost import Cost, about_us, cost_of
from collector.decode import Block
from collector.devices import Device, DevicePoint
from collector.patience import MISSES, Patience
from collector.plan import Request, plan, span
from collector.profiles import Limits, Table
from collector.refusals import Refusals
from collector.wire.reading import Value

BACKED_OFF = "backed-off"
_NO_FUNCTION = "exception-1"
_FAILS = "exception-4"  # some say so of registers that they do not have
_NO_SUCH_REGISTER = (_NO_FUNCTION, "exception-2", "exception-3")
_BUSY = ("exception-5", "exception-6")
_BUSY_PAUSE_MS = 100
_MEASURED_FIRST, _MEASURED_EVERY = 5, 1000
"""When the plan is made anew by what was measured, and how often it is looked at. [slots]"""
_PLANS = 512
"""So many plans are shared: meters of a model are mostly asked the same. [plans]"""

log = logging.getLogger("collector.poll")


@dataclass(slots=True)
class Found:
    """What one slot of a device has brought.

    Attributes:
        began_ms: When the first question was asked that was answered, or else the first. [ms]
        heard_ms: When the last answer came; 0 where none did. [ms]
        values: Good values by point.
        bad: Why a point has none.
        silence: Why nothing was heard, where something was not.
    """

    began_ms: int
    heard_ms: int = 0
    values: dict[str, Value] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)
    silence: str = ""

    def lose(self, request: Request, reason: str) -> None:
        """A request brought nothing."""
        for point in request.points:
            self.bad[point.name] = reason

    def win(self, request: Request) -> None:
        """What a larger request, or the same a moment ago, did not bring."""
        for point in request.points:
            self.bad.pop(point.name, None)


@dataclass(slots=True)
class _Part:
    """One request of a device, with what takes its answer apart."""

    request: Request
    block: Block
    patience: Patience
    span: Span


class Enquirer:
    """Asks one device.

    Args:
        device: The device.
        connection: How its registers are read.
        clock: The time.
        bus: What its bus charges depends on.
        refusals: What is known not to be readable; kept up to date.
    """

    def __init__(
        self,
        device: Device,
        connection: RegisterReader,
        clock: Clock,
        bus: Bus,
        refusals: Refusals,
    ) -> None:
        self.device = device
        self.patience = Patience()
        self.refusals = refusals
        self._points = device.points
        self._connection, self._clock, self._bus = connection, clock, bus
        self._cost = cost_of(bus, pause_ms=device.profile.limits.pause_ms)
        self._slots = 0
        self._plans: dict[frozenset[str], list[_Part]] = {}
        self._patience: dict[Span, Patience] = {}
        self._suspects: set[str] = set()

    async def ask(self, resting: frozenset[str] = frozenset()) -> Found:
        """Everything that the device can say now, but for points that rest."""
        found = Found(self._clock.up_ms())
        if self.patience.rests(found.began_ms):
            found.bad = {p.name: BACKED_OFF for p in self._points if p.name not in resting}
            return found
        unreadable = {p: why for p, why in self.refusals.unreadable.items() if p not in resting}
        found.bad.update(unreadable)
        known = self.refusals.many
        parts = self._plans.get(resting)
        if parts is None:
            parts = self._planned(resting)
        for part in await self._ask_all(parts, found):
            await self._if_busy(part, await self._ask(part, found), found)
        again = bool(unreadable) and found.began_ms >= self.refusals.until_ms
        if again and (found.heard_ms or not parts):
            await self._try_again(unreadable, found)
            self._learn()
        elif self.refusals.many != known:
            self._learn()
        self._judge(found)
        self._measure()
        return found

    async def _ask_all(self, parts: Sequence[_Part], found: Found) -> Sequence[_Part]:
        """All at once where all answered the last time; those of which nothing is known yet.

        Where not, what answered comes first: then a silent request costs only itself. A device
        that is silent altogether is tried with a short one.
        """
        if any(part.patience.misses for part in parts):
            return sorted(parts, key=lambda part: (part.patience.misses, part.request.count))
        answers, fault = await self._connection.read_all(
            self.device.unit,
            [part.span for part in parts],
            pause_ms=self.device.profile.limits.pause_ms,
        )
        for part, words in zip(parts, answers, strict=False):
            part.block.decode(words, found.values, found.bad)
        if answers:
            found.heard_ms = self._clock.up_ms()
        if fault is None:
            return ()
        behind = parts[len(answers) :]
        reason = self._lose(behind[0].request, fault, found.began_ms, found)
        await self._weigh(behind[0], reason, found)
        await self._if_busy(behind[0], reason, found)
        return behind[1:]

    async def _if_busy(self, part: _Part, reason: str, found: Found) -> None:
        if reason in _BUSY:
            await self._ask(part, found, pause_ms=_BUSY_PAUSE_MS)

    async def _ask(self, part: _Part, found: Found, pause_ms: int = 0) -> str:
        """One request; after a silence, and before any answer, no more are tried."""
        if found.silence and not found.heard_ms:
            found.lose(part.request, found.silence)
            return found.silence
        if found.heard_ms and part.patience.rests(self._clock.up_ms()):
            found.lose(part.request, BACKED_OFF)
            return BACKED_OFF
        reason = await self._read(part.request, part.block, found, pause_ms)
        await self._weigh(part, reason, found)
        return reason

    async def _weigh(self, part: _Part, reason: str, found: Found) -> None:
        """What came of a request means something for the next time, or is looked into at once."""
        if reason and reason == found.silence:
            self._silent(part, found)
        elif reason == _FAILS:
            part.patience.missed(self._clock.up_ms())
        elif reason != BACKED_OFF:
            part.patience.answered()
        if reason in _NO_SUCH_REGISTER or (reason == _FAILS and part.patience.lost):
            await self._halve(part.request, reason, found)

    async def _read(self, request: Request, block: Block, found: Found, pause_ms: int) -> str:
        """Registers to values, or why not; empty where all went well."""
        asked_ms = 0 if found.heard_ms else self._clock.up_ms()
        try:
            words = await self._connection.read(
                self.device.unit,
                request.table,
                request.address,
                request.count,
                pause_ms=max(pause_ms, self.device.profile.limits.pause_ms),
            )
        except BusFault as fault:
            return self._lose(request, fault, asked_ms, found)
        if found.bad:
            found.win(request)
        block.decode(words, found.values, found.bad)
        self._hear(asked_ms, found)
        return ""

    def _lose(self, request: Request, fault: BusFault, asked_ms: int, found: Found) -> str:
        """A request brought no registers; why."""
        found.lose(request, fault.reason)
        if fault.silent:
            found.silence = fault.reason
        if fault.refusal:
            self._hear(asked_ms, found)
        return fault.reason

    def _hear(self, asked_ms: int, found: Found) -> None:
        """The device said something to a question that was asked then."""
        if not found.heard_ms:
            found.began_ms = asked_ms
        found.heard_ms = self._clock.up_ms()

    async def _halve(self, request: Request, reason: str, found: Found) -> bool:
        """Find what of a request is refused; whether any point of it is, even alone."""
        points = request.points
        if len(points) == 1 or reason == _NO_FUNCTION:
            for point in points:
                self.refusals.refuse(point.name, reason)
            return True
        middle = len(points) // 2
        some = False
        for half in (points[:middle], points[middle:]):
            for piece, block in self._requests(half):
                why = await self._read(piece, block, found, 0)
                if why in _NO_SUCH_REGISTER or why == _FAILS:
                    some = await self._halve(piece, why, found) or some
                elif why:
                    some = True  # nothing is known of it
        if not some:
            # Each half can be read and both together cannot: a hole, or too many at once.
            self.refusals.walls.add((request.table, self._start(points[middle])))
        return some

    async def _try_again(self, unreadable: Collection[str], found: Found) -> None:
        """Ask alone for each point that was refused: it may have come with a setting since."""
        for point in self._points:
            if point.name in unreadable:
                ((request, block),) = self._requests([point])
                if not await self._read(request, block, found, 0):
                    del self.refusals.unreadable[point.name]

    def _silent(self, part: _Part, found: Found) -> None:
        """A request that is never answered by a device that answers others is halved as well."""
        part.patience.missed(self._clock.up_ms())
        if not found.heard_ms or part.patience.misses < MISSES:
            return
        points = part.request.points
        if len(points) == 1:
            self.refusals.refuse(points[0].name, found.silence)
        else:
            self.refusals.walls.add((part.request.table, self._start(points[len(points) // 2])))

    def _learn(self) -> None:
        refusals = self.refusals
        refusals.hold(self._clock.up_ms())
        why = ", ".join(f"{point} ({why})" for point, why in refusals.unreadable.items())
        log.warning("%s cannot be read on %s", why or "nothing", self.device.name)
        self._plan()

    def _judge(self, found: Found) -> None:
        """Whether the device is to be left in peace from now on, said once."""
        patience, name = self.patience, self.device.name
        if found.heard_ms:
            if patience.lost:
                log.warning("%s on %s answers again", name, self.device.bus)
            patience.answered()
        elif found.silence:
            patience.missed(self._clock.up_ms())
            if patience.misses == MISSES:
                log.warning("%s on %s does not answer: %s", name, self.device.bus, found.silence)

    def _measure(self) -> None:
        """Plan again where the device answers otherwise than was thought."""
        self._slots += 1
        if self._slots % _MEASURED_EVERY != _MEASURED_FIRST:
            return
        thinks_us = self._connection.thinks_us(self.device.unit)
        if thinks_us is not None:
            pause_ms = self.device.profile.limits.pause_ms
            cost = cost_of(self._bus, thinks_us=about_us(thinks_us), pause_ms=pause_ms)
            if not 0.8 < cost.request_us / self._cost.request_us < 1.25:
                self._cost = cost
                self._plan()

    def _plan(self) -> None:
        """Forget what is planned; requests that stay keep their patience."""
        parts = [part for planned in self._plans.values() for part in planned]
        lost = [part for part in parts if part.patience.lost]
        self._suspects = {point.name for part in lost for point in part.request.points}
        self._patience = {part.span: part.patience for part in parts}
        self._plans.clear()

    def _planned(self, resting: frozenset[str]) -> list[_Part]:
        """Requests for all that can be read but for what rests: one plan serves many slots."""
        kept_out = resting | self.refusals.unreadable.keys()
        readable = [point for point in self._points if point.name not in kept_out]
        parts = self._plans[resting] = []
        for request, block in self._requests(readable):
            # A half of what is never answered need not be silent as long before it is halved.
            suspect = any(point.name in self._suspects for point in request.points)
            fresh = Patience(MISSES - 1 if suspect else 0)
            span = request.table, request.address, request.count
            patience = self._patience.setdefault(span, fresh)
            parts.append(_Part(request, block, patience, span))
        return parts

    def _requests(self, points: Sequence[DevicePoint]) -> tuple[tuple[Request, Block], ...]:
        limits = self.device.profile.limits
        walls = self.refusals.walls | {
            (point.source.table, self._start(point))
            for point in self._points
            if point.name in self.refusals.unreadable
        }
        return _prepared(tuple(points), limits, self._cost, frozenset(walls))

    def _start(self, point: DevicePoint) -> int:
        return span(point.source, self.device.profile.limits)[0]


@lru_cache(maxsize=_PLANS)
def _prepared(
    points: tuple[DevicePoint, ...],
    limits: Limits,
    cost: Cost,
    walls: frozenset[tuple[Table, int]],
) -> tuple[tuple[Request, Block], ...]:
    """The cheapest requests, each with what takes its answer apart."""
    return tuple(_with_block(request) for request in plan(points, limits, cost, walls))


@lru_cache(maxsize=_PLANS)
def _with_block(request: Request) -> tuple[Request, Block]:
    """Turnarounds come and go, and the requests are mostly the same: then so is all of it."""
    return request, Block(request)
