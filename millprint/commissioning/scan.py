"""Scanning a line: at which speed it talks, which unit numbers answer, and what they are."""

import termios
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from collector.bus import Bus, BusFault, RegisterReader
from collector.profiles import Profile

Connect: TypeAlias = Callable[[Bus], RegisterReader]

ALL_UNITS = tuple(range(1, 248))
USUAL_UNITS = tuple(range(1, 17))
"""Where a line's first meters usually are: asked at every speed before all the others."""

_USUAL_SPEEDS = (
    (9_600, "N"), (9_600, "E"), (19_200, "E"), (19_200, "N"), (2_400, "N"), (2_400, "E"),
    (4_800, "N"), (4_800, "E"), (38_400, "N"), (38_400, "E"), (115_200, "N"), (1_200, "N"),
)  # fmt: skip
_NOISE = ("garbled", "wrong-unit", "short-answer", "wrong-function")
_UNLIKELY_UNITS = (241, 199)


@dataclass(frozen=True, slots=True)
class Heard:
    """A unit that was heard.

    Attributes:
        unit: Its number on the bus.
        how: ``answers``, or the exception with which it refused.
    """

    unit: int
    how: str


@dataclass(slots=True)
class Noise:
    """Whether something was heard that made no sense: another speed, or two units of one number."""

    heard: int = 0


def settings(bus: Bus, profiles: Iterable[Profile]) -> list[Bus]:
    """The bus at every speed and parity worth trying, the usual ones first.

    Args:
        bus: A serial line.
        profiles: How these leave their factory is tried too.
    """
    delivered = [
        (profile.delivered.baud, profile.delivered.parity)
        for profile in profiles
        if profile.delivered.baud and profile.delivered.parity
    ]
    tried = dict.fromkeys((*_USUAL_SPEEDS, *delivered))
    return [replace(bus, baud=baud, parity=parity) for baud, parity in tried]


async def listen(line: RegisterReader, unit: int, noise: Noise) -> Heard | None:
    """Whether a unit is there: one small read, to which a refusal is an answer too."""
    try:
        await line.read(unit, "input", 0, 2)
    except termios.error:
        return None  # the line cannot be set so; pseudo terminals know no parity
    except BusFault as fault:
        if fault.reason in _NOISE:
            noise.heard += 1
        return None if fault.silent or fault.reason in _NOISE else Heard(unit, fault.reason)
    return Heard(unit, "answers")


async def units(
    line: RegisterReader, numbers: Sequence[int], noise: Noise, step: Callable[[], None]
) -> AsyncIterator[Heard]:
    """Those of these units that are heard, as they are heard."""
    for number in numbers:
        heard = await listen(line, number, noise)
        step()
        if heard is not None:
            yield heard


async def speed(
    buses: Sequence[Bus], connect: Connect, numbers: Sequence[int], step: Callable[[], None]
) -> tuple[Bus | None, Noise]:
    """The first of these settings at which anybody is heard, and what noise there was."""
    noise = Noise()
    for bus in buses:
        line = connect(bus)
        try:
            async for _ in units(line, numbers, noise, step):
                return bus, noise
        finally:
            await line.close()
    return None, noise


async def answers_to_every_number(line: RegisterReader) -> bool:
    """Whether a TCP device does not care about unit numbers, as most that stand alone."""
    noise = Noise()
    heard = [await listen(line, number, noise) for number in _UNLIKELY_UNITS]
    return all(one is not None for one in heard)
