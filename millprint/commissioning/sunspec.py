"""The chain of SunSpec models in a device: where each of them begins.

A device shows "SunS" in the holding registers 40000 and 40001 (or from 0, or from 50000); then
one model follows the other, each with its number, its length, and so many registers (SunSpec
Device Information Model, 4).
"""

from collector.bus import BusFault, RegisterReader

MARK = (0x5375, 0x6E53)
"""``SunS``"""
PLACES = (40_000, 0, 50_000)
_END = 0xFFFF
_MOST_MODELS = 64
_LAST_REGISTER = 65_535


async def models(unit: int, line: RegisterReader) -> dict[int, int]:
    """Where each model of a device begins, by number; of several the first. None: empty."""
    for place in PLACES:
        if await _words(unit, line, place) == MARK:
            return await _chain(unit, line, place + len(MARK))
    return {}


async def _chain(unit: int, line: RegisterReader, at: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for _ in range(_MOST_MODELS):
        head = await _words(unit, line, at)
        if head is None or head[0] == _END:
            break
        number, length = head
        found.setdefault(number, at)
        at += len(head) + length
        if at >= _LAST_REGISTER:
            break
    return found


async def _words(unit: int, line: RegisterReader, address: int) -> tuple[int, int] | None:
    try:
        first, second = await line.read(unit, "holding", address, 2)
    except BusFault:
        return None
    return first, second
