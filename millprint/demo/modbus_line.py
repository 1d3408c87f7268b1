"""The same slave on a serial line: Modbus RTU on a pseudo terminal, several units on one wire."""

import asyncio
import os
import tty

from millprint.demo.modbus_server import Units, Wire, answer

_SHORTEST, _REQUEST, _LONGEST = 4, 8, 256
_FORGET_AFTER_S = 0.2
"""A rest of a frame that is older was noise. [s]"""


def crc16(frame: bytes) -> bytes:
    """The checksum of Modbus over serial lines, low byte first."""
    crc = 0xFFFF
    for byte in frame:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc.to_bytes(2, "little")


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC = tuple(_crc_of(byte) for byte in range(256))


class SerialLine:
    """A pseudo terminal that is being served; clients open `path` as a serial port.

    Args:
        units: Who answers on the line; all others stay silent.
        baud: What the line is said to run at; a pseudo terminal has no speed.
        wire: How answers leave.
    """

    def __init__(self, units: Units, *, baud: int, wire: Wire | None = None) -> None:
        self._units, self._baud, self._wire = units, baud, wire or Wire()
        # The slave's end stays open here, or the master would fail when a client closes.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._waiting, self._heard_at = b"", 0.0
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._master, self._hear)

    @property
    def url(self) -> str:
        """Where it is, as a bus in ``collector.toml`` says it."""
        return f"rtu://{self.path}?baud={self._baud}&parity=N&stopbits=1"

    def close(self) -> None:
        """Take the line away."""
        self._loop.remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)

    def _hear(self) -> None:
        now = self._loop.time()
        if now - self._heard_at > _FORGET_AFTER_S:
            self._waiting = b""
        self._heard_at = now
        self._waiting += os.read(self._master, 4096)
        while (frame := self._frame()) is not None:
            self._waiting = self._waiting[len(frame) :]
            self._answer(frame)
        if len(self._waiting) > _LONGEST:
            self._waiting = b""

    def _frame(self) -> bytes | None:
        """The request that has arrived: eight bytes, or another function's, ended by silence."""
        for length in (_REQUEST, len(self._waiting)):
            frame = self._waiting[:length]
            if len(frame) >= _SHORTEST and crc16(frame[:-2]) == frame[-2:]:
                return frame
        return None

    def _answer(self, frame: bytes) -> None:
        unit = self._units.get(frame[0])
        if unit is None:
            return
        body = frame[:1] + answer(unit, frame[1:-2])
        self._wire.deliver(body + crc16(body), self._send)

    def _send(self, frame: bytes) -> None:
        os.write(self._master, frame)
