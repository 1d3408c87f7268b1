"""Identifying a device: which profiles fit what its registers say, and how sure that is.

A profile is dropped where the device names itself otherwise, or its probe is not in range. The
others are read whole, and each value that is plausible speaks for its profile. Models that share
a register map cannot be told apart over the bus; they are returned together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from typing_extensions import override

from collector.bus import BusFault, RegisterReader
from collector.devices import Device
from collector.profiles import Identity, Profile, ProfilePoint, Table
from millprint.commissioning import sunspec
from millprint.commissioning.asking import Answer, Patient, ask
from millprint.commissioning.plausible import verdict

Certainty: TypeAlias = Literal["certain", "likely", "possible"]

_CLEAR_LEAD = 2
"""So many more plausible values than the next map make a likely one of a possible one."""
_ENOUGH = 3
"""Fewer plausible values than this could be chance."""
_CONVINCING, _MUTE = 5, 3
"""So many plausible values and no other, of a device that was silent so often, are enough."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a profile fits a device.

    Attributes:
        profile: The profile.
        base: Where its addresses count from.
        named: Whether the device says itself that it is this model.
        plausible: Points whose values speak for it.
        against: Points whose values speak against it.
        unread: Points that could not be read.
    """

    profile: Profile
    base: int
    named: bool
    plausible: int
    against: int
    unread: int

    @property
    def faults(self) -> int:
        """Points that speak against it."""
        return self.against + self.unread

    @property
    def score(self) -> int:
        """What speaks for it, less what speaks against it."""
        return self.plausible - 2 * self.against - self.unread


@dataclass(frozen=True, slots=True)
class Identified:
    """What a device is.

    Attributes:
        best: The profile that fits best, and those that read the same of its registers.
        certainty: How sure that is.
        others: What else would fit, worse.
    """

    best: tuple[Fit, ...]
    certainty: Certainty
    others: tuple[Fit, ...]


async def identify(
    unit: int,
    line: RegisterReader,
    profiles: Sequence[Profile],
    step: Callable[[], None] = lambda: None,
) -> Identified | None:
    """Find the profiles that fit a device.

    Args:
        unit: Its number on the bus.
        line: The bus; only read from.
        profiles: Those that come into question.
        step: Called once for each profile that has been tried.

    Returns:
        The best fit with its equals; None where none fits.
    """
    remembered = _Remembered(Patient(line))
    models = await sunspec.models(unit, remembered)
    fits: list[Fit] = []
    for profile in sorted(profiles, key=lambda profile: not profile.verified):
        remembered.closed = remembered.silences >= _MUTE and _is_settled(profile, fits)
        fit = await _fit(unit, remembered, profile, models)
        if fit is not None and fit.score >= 0 and fit.against <= fit.plausible:
            fits.append(fit)
        step()
    return _ranked(fits)


def _is_settled(profile: Profile, fits: Sequence[Fit]) -> bool:
    """Whether what a device is has been found, and this profile is not of the same family.

    Each question to a device that is silent where others refuse costs a second or more.
    """
    found = [fit for fit in fits if fit.plausible >= _CONVINCING and not fit.faults]
    return bool(found) and not any(_agree(profile, fit.profile) for fit in found)


def _ranked(fits: list[Fit]) -> Identified | None:
    if not fits:
        return None
    fits.sort(key=lambda f: (not f.named, -f.score, not f.profile.verified, f.profile.name))
    first, rest = fits[0], fits[1:]
    equals = [
        one
        for one in rest
        if one.named == first.named
        and one.faults <= first.faults
        and _agree(one.profile, first.profile)
    ]
    others = [one for one in rest if one not in equals]
    best = sorted((first, *equals), key=lambda f: (not f.profile.verified, -f.score))
    return Identified(tuple(best), _certainty(first, others), tuple(others))


def _certainty(first: Fit, others: list[Fit]) -> Certainty:
    if first.named:
        return "certain"
    # Who reads the same registers, only more of them, is no rival: either way the values are right.
    rivals = [one.score for one in others if not _agree(one.profile, first.profile)]
    lead = first.score - max(rivals, default=0)
    sure = first.plausible >= _ENOUGH and lead >= _CLEAR_LEAD and not first.against
    return "likely" if sure else "possible"


def _agree(one: Profile, other: Profile) -> bool:
    """Whether two profiles agree on every point that both have, and on one at least."""
    shared = [
        (point, twin) for point in one.points if (twin := other.point(point.name)) is not None
    ]
    return bool(shared) and all(_same_registers(a, b) for a, b in shared)


def _same_registers(one: ProfilePoint, other: ProfilePoint) -> bool:
    return (one.table, one.registers, one.to_stored) == (
        other.table,
        other.registers,
        other.to_stored,
    )


async def _fit(
    unit: int, line: "_Remembered", profile: Profile, models: dict[int, int]
) -> Fit | None:
    named = False
    base = profile.base or 0
    if profile.sunspec is not None:
        if profile.sunspec not in models:
            return None
        named, base = True, models[profile.sunspec]
    if profile.identity is not None:
        says = await _named(unit, line, profile.identity, profile)
        if says is False:
            return None
        named = says is True
    device = Device("scan", "scan", unit, profile, 1000, base=base)
    if profile.probe is not None and not named and not await _probed(device, line):
        return None
    return _judged(device, await ask(device, line), named=named)


async def _named(
    unit: int, line: "_Remembered", identity: Identity, profile: Profile
) -> bool | None:
    """Whether the device says that it is this model; None where it says nothing."""
    table = identity.table or (profile.points[0].table if profile.points else "holding")
    try:
        words = await line.read(unit, table, identity.address, max(identity.words, 1))
    except BusFault:
        return None
    if identity.type == "string":
        text = b"".join(word.to_bytes(2, "big") for word in words).decode("ascii", "replace")
        return any(text.startswith(said) for said in identity.says)
    return str(words[0]) in identity.says


async def _probed(device: Device, line: "_Remembered") -> bool:
    probe = device.profile.probe
    if probe is None:
        return True
    value = (await ask(replace(device, only=(probe.point,)), line)).values.get(probe.point)
    return isinstance(value, int | float) and probe.low <= value <= probe.high


def _judged(device: Device, answer: Answer, *, named: bool) -> Fit:
    verdicts = [verdict(name, value) for name, value in answer.values.items()]
    unread = [why for why in answer.bad.values() if why not in ("no-value", "not-a-number")]
    nonsense = [why for why in answer.bad.values() if why in ("not-a-number", "not-printable")]
    return Fit(
        device.profile,
        device.base,
        named,
        plausible=verdicts.count("plausible"),
        against=verdicts.count("implausible") + len(nonsense),
        unread=len(unread),
    )


@dataclass(slots=True)
class _Remembered(RegisterReader):
    """A bus that is asked for nothing twice: many profiles look at the same registers.

    Attributes:
        line: The bus.
        answers: What came, or why nothing did.
        silences: How often nothing at all was heard.
        closed: Whether nothing new is asked any more.
    """

    line: RegisterReader
    answers: dict[tuple[int, Table, int, int], Sequence[int] | str] = field(default_factory=dict)
    silences: int = 0
    closed: bool = False

    @override
    async def read(
        self, unit: int, table: Table, address: int, count: int, *, pause_ms: int = 0
    ) -> Sequence[int]:
        asked = (unit, table, address, count)
        if asked not in self.answers:
            if self.closed:
                raise BusFault("timeout")
            try:
                self.answers[asked] = await self.line.read(
                    unit, table, address, count, pause_ms=pause_ms
                )
            except BusFault as fault:
                self.answers[asked] = fault.reason
                self.silences += fault.silent
        answer = self.answers[asked]
        if isinstance(answer, str):
            raise BusFault(answer)
        return answer

    @override
    async def close(self) -> None:
        await self.line.close()
