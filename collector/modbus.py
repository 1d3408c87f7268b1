"""Modbus by pymodbus: the only module that imports it, and reading is all it can do.

What a late or foreign answer could do is kept out here. One request is in flight on a bus. An
answer must come from the unit that was asked, with its function code and register count. After
a request without a right answer the line is closed and opened anew; RTU frames carry no number,
so such a unit is asked the same once more, and all that it says until the line is quiet is
dropped, before any answer of it counts again.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException
from pymodbus.framer import FramerRTU, FramerType
from pymodbus.pdu import ModbusPDU

from collector.bus import Bus, BusFault
from collector.profiles import Table

_Client: TypeAlias = AsyncModbusTcpClient | AsyncModbusSerialClient

_FUNCTION_CODES: dict[Table, int] = {"holding": 3, "input": 4}
_QUIET_ROUNDS = 4
_UNIT_IN_TCP_HEADER = 6
_SHORTEST_RTU = 4

# It logs each silence of a device several times; the poller says once what it does about it.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class WriteRefused(Exception):
    """Something other than a read was about to leave; this is a fault in this program."""


@dataclass(frozen=True, slots=True)
class _Asked:
    unit: int
    table: Table
    address: int
    count: int


def only_reads(sending: bool, pdu: ModbusPDU) -> ModbusPDU:  # noqa: FBT001 - pymodbus's hook
    """Let through what only reads registers; `WriteRefused` for everything else."""
    if sending and pdu.function_code not in _FUNCTION_CODES.values():
        raise WriteRefused(f"function code {pdu.function_code} is none of 3 and 4")
    return pdu


class BusConnection:
    """The line to a bus; it connects when it is first needed, and again after each fault."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._client: _Client | None = None
        self._one_at_a_time = asyncio.Lock()
        self._waiting = False
        self._heard = b""
        self._unanswered: dict[int, _Asked] = {}
        self._last_answer: dict[int, float] = {}
        self._last_traffic = 0.0
        # 3.5 characters of 11 bits, and never under 1.75 ms (Modbus over serial line, 2.5.1.1).
        self._silence_s = max(38.5 / bus.baud, 0.00175) if bus.kind == "rtu" else 0.0

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
            BusFault: None came; its reason says why.
        """
        async with self._one_at_a_time:
            await self._pause(unit, pause_ms)
            unanswered = self._unanswered.get(unit)
            if unanswered is not None:
                await self._settle(unanswered)
                await self._pause(unit, pause_ms)
            answer = await self._exchange(_Asked(unit, table, address, count))
        if answer.isError():
            raise BusFault(f"exception-{answer.exception_code}")
        return answer.registers

    async def close(self) -> None:
        """Let go of the line; the next read opens it again."""
        self._drop()
        await asyncio.sleep(0)

    async def _exchange(self, asked: _Asked) -> ModbusPDU:
        """Ask and wait; whatever is not the right answer closes the line."""
        client = await self._connected()
        read = (
            client.read_holding_registers
            if asked.table == "holding"
            else client.read_input_registers
        )
        self._heard = b""
        self._waiting = True
        right = False
        try:
            answer: ModbusPDU = await read(asked.address, count=asked.count, device_id=asked.unit)
            self._stop_if_cancelled()
            _check(answer, asked)
            right = True
        except ModbusIOException:
            raise BusFault(self._why_no_answer(asked.unit)) from None
        except OSError:
            raise BusFault("no-connection") from None
        finally:
            self._waiting = False
            self._last_traffic = asyncio.get_running_loop().time()
            self._last_answer[asked.unit] = self._last_traffic
            if not right:
                self._drop()
                if self._bus.kind != "tcp":
                    self._unanswered[asked.unit] = asked
        return answer

    async def _settle(self, asked: _Asked) -> None:
        """Ask again what was not answered, until nothing more of that unit can be under way."""
        await self._exchange(asked)
        for _ in range(_QUIET_ROUNDS):
            self._heard = b""
            await asyncio.sleep(self._bus.timeout_ms / 2000)
            if not self._heard:
                self._unanswered.pop(asked.unit, None)
                return
        self._drop()
        raise BusFault("garbled")

    async def _pause(self, unit: int, pause_ms: int) -> None:
        """Keep the quiet that the line and the device need."""
        now = asyncio.get_running_loop().time()
        ready = self._last_traffic + self._silence_s
        if pause_ms and unit in self._last_answer:
            ready = max(ready, self._last_answer[unit] + pause_ms / 1000)
        if ready > now:
            await asyncio.sleep(ready - now)

    async def _connected(self) -> _Client:
        if self._client is not None and self._client.connected:
            return self._client
        self._drop()
        client = self._client = self._make_client()
        connected = await client.connect()
        self._stop_if_cancelled()
        if not connected:
            self._drop()
            raise BusFault("no-connection")
        return client

    def _make_client(self) -> _Client:
        bus, timeout_s = self._bus, self._bus.timeout_ms / 1000
        if bus.kind == "rtu":
            return AsyncModbusSerialClient(
                bus.device,
                baudrate=bus.baud,
                parity=bus.parity,
                stopbits=bus.stopbits,
                timeout=timeout_s,
                retries=0,
                reconnect_delay=0,
                trace_packet=self._hear,
                trace_pdu=only_reads,
                trace_connect=self._connection_changed,
            )
        return AsyncModbusTcpClient(
            bus.host,
            port=bus.port,
            framer=FramerType.SOCKET if bus.kind == "tcp" else FramerType.RTU,
            timeout=timeout_s,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._hear,
            trace_pdu=only_reads,
            trace_connect=self._connection_changed,
        )

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _hear(self, sending: bool, packet: bytes) -> bytes:  # noqa: FBT001 - pymodbus's hook
        if not sending:
            self._heard = packet
        return packet

    def _connection_changed(self, connected: bool) -> None:  # noqa: FBT001 - pymodbus's hook
        """End the waiting at once where the other side hangs up; pymodbus would sit it out."""
        if connected or not self._waiting or self._client is None:
            return
        answer = self._client.ctx.response_future
        if not answer.done():
            answer.set_exception(ConnectionResetError())

    def _why_no_answer(self, unit: int) -> str:
        """What was heard instead; pymodbus itself skips frames of other units in silence."""
        heard = self._heard
        if not heard:
            return "timeout"
        if self._bus.kind == "tcp":
            foreign = len(heard) > _UNIT_IN_TCP_HEADER and heard[_UNIT_IN_TCP_HEADER] != unit
        else:
            sound = len(heard) > _SHORTEST_RTU and FramerRTU.check_CRC(
                heard[:-2], int.from_bytes(heard[-2:], "big")
            )
            foreign = sound and heard[0] != unit
        return "wrong-unit" if foreign else "garbled"

    @staticmethod
    def _stop_if_cancelled() -> None:
        """`asyncio.wait_for` of Python 3.11 forgets a cancellation that meets the answer."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError


def _check(answer: ModbusPDU, asked: _Asked) -> None:
    """Refuse an answer that is not to this question."""
    if answer.dev_id != asked.unit:
        raise BusFault("wrong-unit")
    if answer.function_code & 0x7F != _FUNCTION_CODES[asked.table]:
        raise BusFault("wrong-function")
    if not answer.isError() and len(answer.registers) != asked.count:
        raise BusFault("short-answer")
