"""A bus: one TCP endpoint or serial line, and what can go wrong on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias
from urllib.parse import SplitResult, parse_qsl, urlsplit

from collector.profiles import Table

BusKind: TypeAlias = Literal["tcp", "rtu", "rtu+tcp"]

FORMS = "tcp://host:port, rtu+tcp://host:port, rtu:///dev/ttyUSB0?baud=9600&parity=N&stopbits=1"
_MODBUS_PORT = 502
_SERIAL = {"baud": "9600", "parity": "N", "stopbits": "1"}
_SILENT = {
    "timeout",
    "no-connection",
    "wrong-unit",
    "garbled",
}
_RELAYED = {
    "exception-10",  # gateway path unavailable
    "exception-11",  # gateway target failed to respond
}


@dataclass(frozen=True, slots=True)
class Bus:
    """One line with devices on it.

    Attributes:
        name: What the configuration calls it.
        kind: Modbus TCP, RTU on a serial line, or RTU frames over TCP.
        host: Where it is, for the TCP kinds.
        port: Its port, for the TCP kinds.
        device: Serial device, for the serial kind.
        baud: Bits per second, for the serial kind.
        parity: ``N``, ``E`` or ``O``.
        stopbits: 1 or 2.
        timeout_ms: How long an answer may take. [ms]
    """

    name: str
    kind: BusKind
    host: str = ""
    port: int = 0
    device: str = ""
    baud: int = 9600
    parity: str = "N"
    stopbits: int = 1
    timeout_ms: int = 1000


class BusFault(Exception):
    """A request brought no registers; `reason` is what the points' quality will say.

    ``timeout``, ``no-connection``, ``garbled``, ``wrong-unit``, ``wrong-function``,
    ``short-answer``, ``exception-N`` where the device itself said no, or ``backed-off`` where it
    was not asked.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def silent(self) -> bool:
        """Whether nothing was heard from the device itself."""
        return self.reason in _SILENT or self.relayed

    @property
    def relayed(self) -> bool:
        """Whether a gateway says that the device behind it does not answer."""
        return self.reason in _RELAYED

    @property
    def refusal(self) -> bool:
        """Whether the device itself said no."""
        return self.reason.startswith("exception-") and not self.relayed


Span: TypeAlias = tuple[Table, int, int]
"""Registers that are read at once: table, zero-based address of the first, how many."""


class RegisterReader(Protocol):
    """A bus as polling sees it: registers can be read from it, and nothing else."""

    async def read(
        self, unit: int, table: Table, address: int, count: int, *, pause_ms: int = 0
    ) -> Sequence[int]:
        """Registers of a unit; `BusFault` where none came.

        Args:
            unit: Number of the device on the bus.
            table: Holding or input registers.
            address: Zero-based address of the first.
            count: How many.
            pause_ms: Quiet time that the device needs since its last answer. [ms]
        """

    async def read_all(
        self, unit: int, spans: Sequence[Span], *, pause_ms: int = 0
    ) -> tuple[list[Sequence[int]], BusFault | None]:
        """What several reads of a unit brought, one after the other, up to the first fault."""
        found: list[Sequence[int]] = []
        try:
            for table, address, count in spans:
                found.append(await self.read(unit, table, address, count, pause_ms=pause_ms))
        except BusFault as fault:
            return found, fault
        return found, None

    async def close(self) -> None:
        """Let go of the line."""

    def thinks_us(self, unit: int) -> int | None:  # noqa: ARG002 - who measures nothing needs none
        """What a unit usually takes from question to answer; None where that is not known. [µs]"""
        return None


def parse(name: str, url: str, timeout_ms: int) -> Bus:
    """A bus from its URL.

    Args:
        name: What the configuration calls it.
        url: In one of `FORMS`.
        timeout_ms: How long an answer may take. [ms]

    Raises:
        ValueError: It has none of the forms; says what is wrong.
    """
    parts = urlsplit(url)
    if parts.scheme == "rtu":
        return _serial(name, parts, timeout_ms)
    if parts.scheme not in ("tcp", "rtu+tcp"):
        raise ValueError(f"{parts.scheme!r} is not tcp, rtu or rtu+tcp")
    if not parts.hostname or parts.path or parts.query:
        raise ValueError("it must name a host and a port and nothing else")
    port = _MODBUS_PORT if parts.port is None else parts.port
    if not port:
        raise ValueError("port 0 is no port")
    kind: BusKind = "tcp" if parts.scheme == "tcp" else "rtu+tcp"
    return Bus(name, kind, host=parts.hostname, port=port, timeout_ms=timeout_ms)


def _serial(name: str, parts: SplitResult, timeout_ms: int) -> Bus:
    if parts.netloc or len(parts.path) < 2:
        raise ValueError("a serial line needs three slashes and its device: rtu:///dev/ttyUSB0")
    settings = _SERIAL | dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(settings.keys() - _SERIAL.keys())
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not baud, parity or stopbits")
    baud, parity, stopbits = settings["baud"], settings["parity"], settings["stopbits"]
    if not (baud.isascii() and baud.isdigit() and 300 <= int(baud) <= 4_000_000):
        raise ValueError(f"baud {baud!r} is no number from 300 to 4000000")
    if parity not in ("N", "E", "O"):
        raise ValueError(f"parity {parity!r} is not N, E or O")
    if stopbits not in ("1", "2"):
        raise ValueError(f"stopbits {stopbits!r} is not 1 or 2")
    return Bus(
        name,
        "rtu",
        device=parts.path,
        baud=int(baud),
        parity=parity,
        stopbits=int(stopbits),
        timeout_ms=timeout_ms,
    )
