"""A line without a wire: units in memory, read as the agent reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from collector.bus import BusFault
from collector.profiles import Table
from millprint.demo.modbus_server import Unanswerable, Unit


@dataclass
class MemoryLine:
    units: Mapping[int, Unit]
    asked: list[tuple[int, Table, int, int]] = field(default_factory=list)

    async def read(
        self, unit: int, table: Table, address: int, count: int, *, pause_ms: int = 0
    ) -> Sequence[int]:
        self.asked.append((unit, table, address, count))
        if unit not in self.units:
            raise BusFault("timeout")
        try:
            return self.units[unit].words(table, address, count)
        except Unanswerable as refused:
            raise BusFault(f"exception-{refused.code}") from None

    async def close(self) -> None: ...


class MuteLine(MemoryLine):
    """A line whose units are silent where others refuse."""

    async def read(
        self, unit: int, table: Table, address: int, count: int, *, pause_ms: int = 0
    ) -> Sequence[int]:
        try:
            return await super().read(unit, table, address, count, pause_ms=pause_ms)
        except BusFault:
            raise BusFault("timeout") from None
