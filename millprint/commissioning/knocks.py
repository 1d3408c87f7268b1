"""Knocking: questions to find units by. A refusal is an answer, but not every meter refuses.

Some say nothing where they have no register, against the protocol. Such a one is only found by a
question about registers that it has, and nobody knows which those are before it is found.
"""

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

from collector.devices import Device
from collector.plan import span
from collector.profiles import Profile, Table
from millprint.commissioning import sunspec

Knock: TypeAlias = tuple[Table, int, int]
"""Table, address and count of registers to ask for."""

FIRST: Knock = ("input", 0, 2)
"""What most that speak Modbus answer or refuse."""


def knocks(profiles: Iterable[Profile]) -> list[Knock]:
    """Few questions of which every profile answers one, those that find most models first."""
    left = {profile: _answered(profile) for profile in profiles}
    found: list[Knock] = []
    while left:
        finds = Counter(
            knock for profile, known in left.items() for knock in known * (1 + profile.verified)
        )
        best = max(finds, key=lambda knock: (finds[knock], -knock[2], -knock[1], knock[0]))
        found.append(best)
        left = {profile: known for profile, known in left.items() if best not in known}
    return found


def _answered(profile: Profile) -> tuple[Knock, ...]:
    """What a model answers wherever it stands: its mark, or each of its values, whole."""
    if profile.sunspec is not None:
        return (("holding", sunspec.PLACES[0], len(sunspec.MARK)),)
    device = Device("knock", "knock", 1, profile, 1000, base=profile.base or 0)
    spans = ((point.source.table, *span(point.source, profile.limits)) for point in device.points)
    return tuple({(table, start, end - start) for table, start, end in spans})
