"""The connection to a bus: one question at a time, and only its own answer counts.

What is said stands in `collector.pdu` and `collector.frames`, how it goes out in `collector.line`.

TCP frames are numbered, so a late answer is skipped. RTU frames are not: a unit that did not
answer is left alone for as long as its answer may still come, while the others go on.
"""

import asyncio
import logging
import termios
from collections.abc import Iterator, Sequence

from collector import pdu
from collector.bus import Bus, BusFault, Span
from collector.frames import Frames, RtuFrames, TcpFrames
from collector.latency import Latency
from collector.line import Line
from collector.pdu import Function, Identify, Question, Read
from collector.profiles import Table

FUNCTIONS: dict[Table, Function] = {"holding": Function.HOLDING, "input": Function.INPUT}

_LATE_TIMES = 3
"""So many times the bus's timeout after it was given up, no answer is under way any more."""
_DIAL_AGAIN_S = 2.0
_SILENCES = 2
_OUT_OF_STEP = ("garbled", "wrong-unit", "wrong-function", "short-answer")
_BITS_A_BYTE = 11
_SLOW_BAUD = 2400  # what may stand behind a converter or a gateway that does not say it
_FADES = 0.999
_AROUND_DATA = 13  # bytes of a question and of what surrounds the data of its answer

log = logging.getLogger("collector")


class BusConnection:
    """The line to a bus; it connects when it is first needed, and again after it broke."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._longest_s = bus.timeout_ms / 1000
        self._frames: Frames = TcpFrames() if bus.kind == "tcp" else RtuFrames()
        self._line: Line | None = None
        self._asking: _Asking | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._give_up_at = 0.0
        self._one_at_a_time = asyncio.Lock()
        self._latency: dict[int, Latency] = {}
        self._slowest_s = 0.0
        self._last_answer: dict[int, float] = {}
        self._last_traffic = self._dial_at = float("-inf")
        self._hushed: dict[int, float] = {}
        self._silences = 0
        self._reads: dict[tuple[int, Span], Read] = {}
        # 3.5 characters of 11 bits, and never under 1.75 ms (Modbus over serial line, 2.5.1.1).
        self._silence_s = max(38.5 / bus.baud, 0.00175) if bus.kind == "rtu" else 0.0
        self._byte_s = _BITS_A_BYTE / (bus.baud if bus.kind == "rtu" else _SLOW_BAUD)

    async def read(
        self, unit: int, table: Table, address: int, count: int, *, pause_ms: int = 0
    ) -> Sequence[int]:
        """Registers of a unit, exactly `count`.

        Args:
            unit: Number of the device on the bus.
            table: Holding or input registers.
            address: Zero-based address of the first.
            count: How many. [1 to 125]
            pause_ms: Quiet time that the device needs since its last answer. [ms]

        Raises:
            BusFault: None came; its reason says why. ``backed-off`` says that nothing was asked,
                because a late answer of the unit may still be under way.
        """
        question = self._question(unit, (table, address, count))
        return question.values(await self.ask(question, pause_ms=pause_ms))

    async def read_all(
        self, unit: int, spans: Sequence[Span], *, pause_ms: int = 0
    ) -> tuple[list[Sequence[int]], BusFault | None]:
        """What several reads of a unit brought, one after the other, up to the first fault.

        Where nobody needs quiet in between, a question follows at once from the answer to the one
        before: whoever waits for them is woken once for all.
        """
        questions = [self._question(unit, span) for span in spans]
        at_once = self._bus.kind == "tcp" and not pause_ms
        said: list[bytes] = []
        fault: BusFault | None = None
        try:
            while len(said) < len(questions):
                upto = len(questions) if at_once else len(said) + 1
                await self._ask(questions[len(said) : upto], said, pause_ms)
        except BusFault as met:
            fault = met
        return [one.values(pdu) for one, pdu in zip(questions, said, strict=False)], fault

    async def identify(self, unit: int) -> dict[int, str]:
        """Names that a unit gives itself: 0 is the maker, 1 the product, 2 its revision."""
        found: dict[int, str] = {}
        first: int | None = 0
        while first is not None:
            said, first = pdu.names(await self.ask(Identify(unit, first)))
            found |= said
        return found

    async def ask(self, question: Question, *, pause_ms: int = 0) -> bytes:
        """The answer's PDU; `BusFault` where none came."""
        said: list[bytes] = []
        await self._ask((question,), said, pause_ms)
        return said[0]

    def thinks_us(self, unit: int) -> int | None:
        """What a unit usually takes from question to answer, its bytes on a line aside. [µs]

        Behind a converter nobody knows what is the line and what the unit.
        """
        latency = self._latency.get(unit)
        if latency is None or latency.usual_s is None or self._bus.kind == "rtu+tcp":
            return None
        return round(latency.usual_s * 1_000_000)

    async def close(self) -> None:
        """Let go of the line; the next read opens it again."""
        self._drop()
        await asyncio.sleep(0)

    def _question(self, unit: int, span: Span) -> Read:
        question = self._reads.get((unit, span))
        if question is None:
            table, address, count = span
            question = self._reads[unit, span] = Read(unit, FUNCTIONS[table], address, count)
        return question

    async def _ask(self, questions: Sequence[Question], said: list[bytes], pause_ms: int) -> None:
        """Put questions to one unit; each answer's PDU into `said`, as far as it goes well."""
        unit = questions[0].unit
        async with self._one_at_a_time:
            if unit in self._hushed:
                self._respect_hush(unit)
            if pause_ms or self._silence_s:
                await self._pause(unit, pause_ms)
            if self._frames.astray:
                self._drop()
            line = self._line or await self._dial()
            try:
                await self._exchange(line, questions, said)
            except _Doubtful:
                await self._exchange(line, questions, said)
                self._hush(unit)

    async def _exchange(self, line: Line, questions: Sequence[Question], said: list[bytes]) -> None:
        loop, unit = asyncio.get_running_loop(), questions[0].unit
        latency = self._latency.get(unit)
        if latency is None:
            latency = self._latency[unit] = Latency(self._longest_s)
        asking = self._asking = _Asking(loop, line, latency, iter(questions), said)
        self._put(asking, next(asking.questions))
        try:
            await asking.over
        except (BusFault, asyncio.CancelledError) as fault:
            if isinstance(fault, BusFault) and fault.refusal:
                self._answered(asking)
            else:
                latency.missed()
                self._missed(fault, unit)
            raise
        finally:
            self._asking = None
            self._last_traffic = self._last_answer[unit] = loop.time()

    def _put(self, asking: "_Asking", question: Question) -> None:
        """Say a question on the line."""
        asking.began_s = asking.loop.time()
        asking.line.write(self._frames.ask(question))
        asking.transfer_s = self._transfer_s(question)
        patience_s = asking.latency.patience_s(self._slowest_s, asking.transfer_s)
        self._expect(asking.loop, asking.began_s + patience_s)

    def _take(self, asking: "_Asking", said: bytes) -> None:
        """The right answer has come; the next question follows."""
        self._answered(asking)
        asking.said.append(said)
        question = None if self._frames.astray else next(asking.questions, None)
        if question is None:
            asking.over.set_result(None)
        else:
            self._put(asking, question)

    def _answered(self, asking: "_Asking") -> None:
        known_s = asking.transfer_s if self._bus.kind == "rtu" else 0.0
        latency = asking.latency
        latency.answered(max(0.0, asking.loop.time() - asking.began_s - known_s))
        self._slowest_s = max(latency.peak_s, self._slowest_s * _FADES)
        self._silences = 0

    def _missed(self, fault: BusFault | asyncio.CancelledError, unit: int) -> None:
        """What a question without its answer means for the next."""
        reason = fault.reason if isinstance(fault, BusFault) else "cancelled"
        self._silences = self._silences + 1 if reason == "timeout" else 0
        if self._bus.kind != "tcp":
            relayed = isinstance(fault, BusFault) and fault.relayed
            if not relayed and not self._frames.damaged:
                self._hush(unit)
        elif reason in _OUT_OF_STEP:
            self._drop()
        # A socket that is dead on the other side takes what is written to it and says nothing.
        if self._bus.kind != "rtu" and self._silences >= _SILENCES:
            self._drop()

    def _expect(self, loop: asyncio.AbstractEventLoop, by_s: float) -> None:
        """Give up then. One timer serves for many questions: most are answered long before."""
        self._give_up_at = by_s
        if self._timer is not None and self._timer.when() <= by_s:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(by_s, self._look)

    def _look(self) -> None:
        """Whether an answer is overdue."""
        self._timer = None
        asking = self._asking
        if asking is None or asking.over.done():
            return
        loop = asking.loop
        if loop.time() < self._give_up_at:
            self._timer = loop.call_at(self._give_up_at, self._look)
        else:
            asking.over.set_exception(BusFault(self._frames.why()))

    def _hear(self, data: bytes) -> None:
        """Something came in; outside a question it is dropped with the next one."""
        asking = self._asking
        try:
            said = self._frames.hear(data)
        except BusFault as fault:
            if asking is None:
                self._drop()
            elif not asking.over.done():
                asking.over.set_exception(fault)
            return
        if said is None or asking is None or asking.over.done():
            return
        if self._frames.recurs:
            # Perhaps the last answer came twice: then the right one comes in a moment.
            wait_s = self._slowest_s + asking.transfer_s
            asking.loop.call_later(wait_s, _doubt, asking.over)
        else:
            self._take(asking, said)

    def _lost(self) -> None:
        """The other side hung up."""
        self._line = None
        if self._asking is not None and not self._asking.over.done():
            self._asking.over.set_exception(BusFault("no-connection"))

    def _hush(self, unit: int) -> None:
        """Leave a unit alone until nothing of it can be under way."""
        now = asyncio.get_running_loop().time()
        self._hushed[unit] = now + _LATE_TIMES * self._longest_s

    def _respect_hush(self, unit: int) -> None:
        if asyncio.get_running_loop().time() < self._hushed[unit]:
            raise BusFault("backed-off")
        del self._hushed[unit]

    async def _pause(self, unit: int, pause_ms: int) -> None:
        """Keep the quiet that the line and the device need."""
        now = asyncio.get_running_loop().time()
        ready = self._last_traffic + self._silence_s
        if pause_ms and unit in self._last_answer:
            ready = max(ready, self._last_answer[unit] + pause_ms / 1000)
        if ready > now:
            await asyncio.sleep(ready - now)

    def _transfer_s(self, question: Question) -> float:
        """What a question and its answer take on the line at most. [s]"""
        data = 250 if isinstance(question, Identify) else 2 * question.count
        return (_AROUND_DATA + data) * self._byte_s

    async def _dial(self) -> Line:
        """Connect; who is not there is not dialled again for every question."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._dial_at:
            raise BusFault("no-connection")
        self._silences = 0
        self._frames.begin()
        line = Line(self._bus, self._hear, self._lost)
        try:
            connected = await line.connect()
            self._stop_if_cancelled()
        except asyncio.CancelledError:
            line.close()
            raise
        except termios.error as fault:  # what the port cannot do, such as parity on a pseudo line
            log.warning("%s: the port refuses its settings: %s", self._bus.name, fault)
            connected = False
        if not connected:
            line.close()
            self._dial_at = loop.time() + _DIAL_AGAIN_S
            raise BusFault("no-connection")
        self._line = line
        return line

    @staticmethod
    def _stop_if_cancelled() -> None:
        """`asyncio.wait_for` of Python 3.11 forgets a cancellation that meets its end."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


class _Doubtful(Exception):
    """An answer may be one to another question that came twice."""


class _Asking:
    """Questions to one unit that are being asked.

    Attributes:
        questions: Those that are to come.
        said: Answers so far.
        over: Done when all are answered or one is not.
        began_s: When the last question was put, by the loop's clock. [s]
        transfer_s: What it and its answer take on the line at most. [s]
    """

    __slots__ = ("began_s", "latency", "line", "loop", "over", "questions", "said", "transfer_s")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        line: Line,
        latency: Latency,
        questions: Iterator[Question],
        said: list[bytes],
    ) -> None:
        self.loop, self.line, self.latency = loop, line, latency
        self.questions, self.said = questions, said
        self.over: asyncio.Future[None] = loop.create_future()
        self.began_s = self.transfer_s = 0.0


def _doubt(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_exception(_Doubtful)
