"""Scanning a line: at which speed it talks, which unit numbers answer, and what they are."""

import os
import termios
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from collector.bus import Bus, BusFault, RegisterReader
from collector.profiles import Profile
from millprint.commissioning.knocks import FIRST, Knock

Connect: TypeAlias = Callable[[Bus], RegisterReader]

FIRST_UNITS = tuple(range(1, 33))
"""Asked unless others are named: a line bears 32 devices, and most are numbered from 1."""
USUAL_UNITS = tuple(range(1, 17))
"""Asked at every speed, before one is settled on."""

_USUAL_SPEEDS = (
    (9_600, "N"), (9_600, "E"), (19_200, "E"), (19_200, "N"), (2_400, "N"), (2_400, "E"),
    (4_800, "N"), (4_800, "E"), (38_400, "N"), (38_400, "E"), (115_200, "N"), (1_200, "N"),
)  # fmt: skip
_UNCONNECTED = "no-connection"
_NOISE = ("garbled", "wrong-unit", "short-answer", "wrong-function")
_UNLIKELY_UNITS = (241, 199)


class NameReader(Protocol):
    """A bus whose units can be asked for their names."""

    async def identify(self, unit: int) -> Mapping[int, str]:
        """Names that a unit gives itself; `BusFault` where it gives none."""


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
class Silence:
    """Why nobody answered, over all that were asked."""

    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def noisy(self) -> bool:
        """Whether something was heard that made no sense: another speed, or a unit twice."""
        return any(reason in _NOISE for reason in self.reasons)

    @property
    def unconnected(self) -> bool:
        """Whether the line itself could never be opened."""
        return set(self.reasons) == {_UNCONNECTED}


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
    parities = "NEO" if keeps_parity(bus.device) else "N"
    return [replace(bus, baud=baud, parity=parity) for baud, parity in tried if parity in parities]


def keeps_parity(device: str) -> bool:
    """Whether a serial line can be set to a parity: pseudo terminals know none, and refuse."""
    try:
        end = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return True  # whoever opens it to talk will say what is wrong
    try:
        before = termios.tcgetattr(end)
        tried = [*before]
        tried[2] |= termios.PARENB
        termios.tcsetattr(end, termios.TCSANOW, tried)
        kept = bool(termios.tcgetattr(end)[2] & termios.PARENB)
        termios.tcsetattr(end, termios.TCSANOW, before)
    except termios.error:
        return False
    finally:
        os.close(end)
    return kept


async def listen(
    line: RegisterReader, unit: int, silence: Silence, knock: Knock = FIRST
) -> Heard | None:
    """Whether a unit is there: one small read, to which a refusal is an answer too."""
    try:
        await line.read(unit, *knock)
    except BusFault as fault:
        if fault.silent or fault.reason in _NOISE:
            silence.reasons[fault.reason] += 1
            return None
        return Heard(unit, fault.reason)
    return Heard(unit, "answers")


async def speed(
    settings: Sequence[Bus],
    connect: Connect,
    numbers: Sequence[int],
    silence: Silence,
    step: Callable[[], None],
) -> Bus | None:
    """The first of these settings at which any of these units is heard.

    Args:
        settings: The line, as it may be set.
        connect: How it is opened.
        numbers: Units to ask.
        silence: Receives why nobody answered.
        step: Called once for each question.
    """
    for bus in settings:
        line = connect(bus)
        try:
            for number in numbers:
                heard = await listen(line, number, silence)
                step()
                if heard is not None:
                    return bus
        finally:
            await line.close()
    return None


async def own_name(line: NameReader, unit: int) -> str:
    """What a unit calls itself where it knows how (function code 43/14); else nothing."""
    try:
        names = await line.identify(unit)
    except BusFault:
        return ""
    return " ".join(name for _, name in sorted(names.items()) if name)


async def answers_to_every_number(line: RegisterReader) -> bool:
    """Whether a TCP device does not care about unit numbers, as most that stand alone."""
    heard = [await listen(line, number, Silence()) for number in _UNLIKELY_UNITS]
    return all(one is not None for one in heard)
