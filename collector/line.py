"""The line: a socket or serial port, opened and closed by pymodbus, here and nowhere else.

What is said over it is ours: pymodbus' own client spends twice the time on a read and takes a late
RTU answer for the next one.
"""

import asyncio
import logging
from collections.abc import Callable

from pymodbus.transport import CommParams, CommType, ModbusProtocol
from typing_extensions import override

from collector.bus import Bus

_RECEIVED = 4096  # the longest frame has 260 bytes

# It logs each connection that fails; the poller says once what it does about it.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class Line(ModbusProtocol, asyncio.BufferedProtocol):
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
        self._received = bytearray(_RECEIVED)

    def write(self, frame: bytes) -> None:
        """Send a frame; where the line is gone `lost` was or will be told."""
        if self.transport is not None:
            self.transport.write(frame)  # type: ignore[attr-defined]

    @override
    def data_received(self, data: bytes) -> None:
        self._hear(data)

    @override
    def get_buffer(self, sizehint: int) -> bytearray:
        """Where a socket puts what comes: asyncio would allocate 256 kB for every answer."""
        return self._received

    @override
    def buffer_updated(self, nbytes: int) -> None:
        """A socket has put so much there."""
        self._hear(bytes(self._received[:nbytes]))

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
