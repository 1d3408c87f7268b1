"""The line to a bus: one question at a time, and only its own answer counts.

pymodbus opens and closes sockets and serial ports, here and nowhere else. What is said over them
stands in `collector.pdu` and `collector.frames`: its client spends twice the time on a read and
takes a late RTU answer for the next one.

TCP frames are numbered, so a late answer is skipped. RTU frames are not: a unit that did not
answer is left alone for as long as its answer may still come, while the others go on.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from pymodbus.transport import CommParams, CommType, ModbusProtocol
from typing_extensions import override

from collector import pdu
from collector.bus import Bus, BusFault
from collector.frames import Frames, RtuFrames, TcpFrames
from collector.latency import Latency
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

# It logs each connection that fails; the poller says once what it does about it.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class BusConnection:
    """The line to a bus; it connects when it is first needed, and again after it broke."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._longest_s = bus.timeout_ms / 1000
        self._frames: Frames = TcpFrames() if bus.kind == "tcp" else RtuFrames()
        self._line: _Line | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._give_up_at = 0.0
        self._one_at_a_time = asyncio.Lock()
        self._latency: dict[int, Latency] = {}
        self._slowest_s = 0.0
        self._last_answer: dict[int, float] = {}
        self._last_traffic = self._dial_at = float("-inf")
        self._hushed: dict[int, float] = {}
        self._silences, self._transfer = 0, 0.0
        self._reads: dict[tuple[int, Table, int, int], Read] = {}
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
        key = unit, table, address, count
        question = self._reads.get(key)
        if question is None:
            question = self._reads[key] = Read(unit, FUNCTIONS[table], address, count)
        return question.values(await self.ask(question, pause_ms=pause_ms))

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
        async with self._one_at_a_time:
            if question.unit in self._hushed:
                self._respect_hush(question.unit)
            if pause_ms or self._silence_s:
                await self._pause(question.unit, pause_ms)
            if self._frames.astray:
                self._drop()
            line = self._line or await self._dial()
            try:
                return await self._exchange(line, question)
            except _Doubtful:
                said = await self._exchange(line, question)
                self._hush(question.unit)
                return said

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

    async def _exchange(self, line: "_Line", question: Question) -> bytes:
        loop, unit = asyncio.get_running_loop(), question.unit
        latency = self._latency.get(unit)
        if latency is None:
            latency = self._latency[unit] = Latency(self._longest_s)
        answer: asyncio.Future[bytes] = loop.create_future()
        self._answer = answer
        began = loop.time()
        line.write(self._frames.ask(question))
        transfer_s = self._transfer = self._transfer_s(question)
        patience_s = latency.patience_s(self._slowest_s, transfer_s)
        self._expect(loop, began + patience_s)
        try:
            said = await answer
        except (BusFault, asyncio.CancelledError) as fault:
            if isinstance(fault, BusFault) and fault.refusal:
                self._answered(latency, loop.time() - began, transfer_s)
            else:
                latency.missed()
                self._missed(fault, unit)
            raise
        finally:
            self._answer = None
            self._last_traffic = self._last_answer[unit] = loop.time()
        self._answered(latency, loop.time() - began, transfer_s)
        return said

    def _answered(self, latency: Latency, took_s: float, transfer_s: float) -> None:
        known_s = transfer_s if self._bus.kind == "rtu" else 0.0
        latency.answered(max(0.0, took_s - known_s))
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
        answer = self._answer
        if answer is None or answer.done():
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._give_up_at:
            self._timer = loop.call_at(self._give_up_at, self._look)
        else:
            answer.set_exception(BusFault(self._frames.why()))

    def _hear(self, data: bytes) -> None:
        """Something came in; outside a question it is dropped with the next one."""
        answer = self._answer
        try:
            said = self._frames.hear(data)
        except BusFault as fault:
            if answer is None:
                self._drop()
            elif not answer.done():
                answer.set_exception(fault)
            return
        if said is None or answer is None or answer.done():
            return
        if self._frames.recurs:
            # Perhaps the last answer came twice: then the right one comes in a moment.
            wait_s = self._slowest_s + self._transfer
            asyncio.get_running_loop().call_later(wait_s, _doubt, answer)
        else:
            answer.set_result(said)

    def _lost(self) -> None:
        """The other side hung up."""
        self._line = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BusFault("no-connection"))

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

    async def _dial(self) -> "_Line":
        """Connect; who is not there is not dialled again for every question."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._dial_at:
            raise BusFault("no-connection")
        self._silences = 0
        self._frames.begin()
        line = _Line(self._bus, self._hear, self._lost)
        try:
            connected = await line.connect()
            self._stop_if_cancelled()
        except asyncio.CancelledError:
            line.close()
            raise
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


class _Line(ModbusProtocol):
    """A socket or serial port, opened by pymodbus; what comes in goes to who listens, as it is."""

    def __init__(self, bus: Bus, hear: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        serial = bus.kind == "rtu"
        super().__init__(
            CommParams(
                comm_name=bus.name,
                comm_type=CommType.SERIAL if serial else CommType.TCP,
                timeout_connect=bus.timeout_ms / 1000,
                host=bus.device if serial else bus.host,
                port=bus.port,
                baudrate=bus.baud,
                bytesize=8,
                parity=bus.parity,
                stopbits=bus.stopbits,
            ),
            is_server=False,
        )
        self._hear, self._lost = hear, lost

    def write(self, frame: bytes) -> None:
        """Send a frame; where the line is gone `lost` was or will be told."""
        if self.transport is not None:
            self.transport.write(frame)  # type: ignore[attr-defined]

    @override
    def data_received(self, data: bytes) -> None:
        self._hear(data)

    @override
    def callback_connected(self) -> None:
        """Nothing: who dialled goes on by himself."""

    @override
    def callback_new_connection(self) -> ModbusProtocol:
        return self

    @override
    def callback_data(self, data: bytes, addr: tuple[str, int] | None = None) -> int:
        return len(data)

    @override
    def callback_disconnected(self, exc: Exception | None) -> None:
        self._lost()


def _doubt(answer: asyncio.Future[bytes]) -> None:
    if not answer.done():
        answer.set_exception(_Doubtful)
