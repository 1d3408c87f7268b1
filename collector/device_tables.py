"""Device tables: ``[devices.…]`` of ``collector.toml`` made into devices, or refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from collector import profile_checks, profile_files, toml_files
from collector.bus import Bus
from collector.devices import Device, Pulse, pulse_inputs
from collector.durations import milliseconds
from collector.profiles import LAST_REGISTER, Profile
from collector.wire import topics
from collector.wire.problem import Problem, Refused
from collector.wire.suffixes import SUFFIXES, stored_unit

SHORTEST_MS = 100
"""No device is polled more often, and no commit window is shorter."""

_POINT = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_DECIMAL = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII)
_LAST_UNIT = 247
_TCP_UNIT = 255


@dataclass(frozen=True, slots=True)
class _PulseTable:
    input: str
    each: str | int


@dataclass(frozen=True, slots=True)
class _DeviceTable:
    bus: str
    unit: int
    profile: str
    every: str = "10s"
    ct: str | int | None = None
    pt: str | int = "1"
    points: tuple[str, ...] = ()
    pulses: dict[str, object] = field(default_factory=dict)
    most: dict[str, str | int | float] = field(default_factory=dict)
    slower: dict[str, tuple[str, ...]] = field(default_factory=dict)
    base: int | None = None


class DeviceTables:
    """Reads device tables.

    Args:
        bus_names: All buses that the file names.
        buses: Those of them that can be read.
        profile_folders: Where profiles are looked for.
    """

    def __init__(
        self,
        bus_names: tuple[str, ...],
        buses: Mapping[str, Bus],
        profile_folders: tuple[Path, ...],
    ) -> None:
        self._bus_names = bus_names
        self._buses = buses
        self._profile_folders = profile_folders
        self._profiles: dict[str, Profile] = {}

    def device(self, name: str, raw: object, where: str) -> Device:
        """The device of a table; `Refused` with all that is wrong with it."""
        table = toml_files.shape(_DeviceTable, raw, where)
        problems = self._bus_problems(table, where)
        every_ms = period_ms(table.every, f"{where}  every", problems)
        profile: Profile | None = None
        pulses: tuple[Pulse, ...] = ()
        slower: dict[str, int] = {}
        try:
            profile = self._profile(table.profile, where)
            problems += _ratio_problems(table, profile, where)
            problems += _point_problems(table, profile, where)
            problems += _most_problems(table, profile, where)
            problems += _base_problems(table, profile, where)
            pulses = _pulses(table, profile, where)
            slower = _slower(table, profile, every_ms, f"{where}  slower", problems)
        except Refused as refused:
            problems += refused.problems
        if problems or profile is None:
            raise Refused(*problems)
        return Device(
            name=name,
            bus=table.bus,
            unit=table.unit,
            profile=profile,
            every_ms=every_ms,
            ct="1" if table.ct is None else str(table.ct),
            pt=str(table.pt),
            pulses=pulses,
            only=table.points,
            most={point: str(most) for point, most in table.most.items()},
            base=_base(table, profile),
            slower=slower,
        )

    def _bus_problems(self, table: _DeviceTable, where: str) -> list[Problem]:
        if table.bus not in self._bus_names:
            values = {
                "bus": table.bus,
                "nearest": toml_files.nearest(table.bus, self._bus_names),
                "known": ", ".join(self._bus_names) or "-",
            }
            return [Problem("unknown-bus", f'{where}  bus = "{table.bus}"', values=values)]
        bus = self._buses.get(table.bus)
        if bus is None:
            return []
        # Unit 0 of a serial line is the broadcast, which nobody answers.
        tcp = bus.kind == "tcp"
        first = 0 if tcp else 1
        if first <= table.unit <= _LAST_UNIT or (tcp and table.unit == _TCP_UNIT):
            return []
        choices = f"{first} to {_LAST_UNIT}" + (f", or {_TCP_UNIT}" if tcp else "")
        values = {"unit": str(table.unit), "kind": bus.kind, "choices": choices}
        return [Problem("unit-out-of-range", f"{where}  unit = {table.unit}", values=values)]

    def _profile(self, name: str, where: str) -> Profile:
        if name not in self._profiles:
            place = f'{where}  profile = "{name}"'
            path = profile_files.find(name, self._profile_folders, place)
            profile = profile_files.read(path)
            problems = profile_checks.check(profile, str(path))
            if problems:
                raise Refused(*problems)
            self._profiles[name] = profile
        return self._profiles[name]


def name_problems(name: str, where: str) -> list[Problem]:
    """What is wrong with the name of a site, collector, bus or device."""
    if topics.NAME.fullmatch(name):
        return []
    return [Problem("bad-name", where, values={"name": name})]


def period_ms(
    text: str, where: str, problems: list[Problem], *, least_ms: int = SHORTEST_MS
) -> int:
    """A duration; `problems` receives what is wrong with it. [ms]"""
    try:
        period = milliseconds(text)
    except ValueError:
        problems.append(Problem("bad-duration", where, values={"value": text}))
        return least_ms
    if period < least_ms:
        values = {"value": text, "least": f"{least_ms}ms"}
        problems.append(Problem("duration-too-short", where, values=values))
    return period


def _ratio_problems(table: _DeviceTable, profile: Profile, where: str) -> list[Problem]:
    """A ratio must be a number that the profile multiplies by, and a CT must be spoken of."""
    used = {ratio for point in profile.points for ratio in point.ratios}
    given: tuple[tuple[Literal["ct", "pt"], str | int | None], ...] = (
        ("ct", table.ct),
        ("pt", table.pt),
    )
    problems = []
    for name, said in given:
        ratio = "1" if said is None else str(said)
        values = {"ratio": name, "value": ratio, "profile": profile.name}
        if said is None and name in used:
            problems.append(Problem("ratio-missing", where, values=values))
        elif not _is_positive(ratio):
            problems.append(Problem("bad-ratio", f"{where}  {name}", values=values))
        elif Fraction(ratio) != 1 and name not in used:
            problems.append(Problem("ratio-without-use", f"{where}  {name}", values=values))
    return problems


def _base(table: _DeviceTable, profile: Profile) -> int:
    return (profile.base or 0) if table.base is None else table.base


def _base_problems(table: _DeviceTable, profile: Profile, where: str) -> list[Problem]:
    """Only registers that may begin anywhere have a base, and some have none but the device's."""
    values = {"profile": profile.name}
    if table.base is None:
        missing = profile.sunspec is not None
        return [Problem("base-missing", f"{where}  base", values=values)] if missing else []
    if not profile.movable:
        return [Problem("base-without-use", f"{where}  base", values=values)]
    registers = [register for point in profile.points for register in point.registers]
    last = max(register.end for register in registers) - 1 + table.base
    if table.base >= 0 and last <= LAST_REGISTER:
        return []
    values = {"address": str(table.base), "last": str(LAST_REGISTER)}
    return [Problem("address-out-of-range", f"{where}  base", values=values)]


def _point_problems(table: _DeviceTable, profile: Profile, where: str) -> list[Problem]:
    known = [point.name for point in profile.points]
    return [
        Problem(
            "unknown-profile-point",
            f"{where}  points",
            values={
                "point": point,
                "profile": profile.name,
                "nearest": toml_files.nearest(point, known),
                "known": ", ".join(known),
            },
        )
        for point in table.points
        if point not in known
    ]


def _most_problems(table: _DeviceTable, profile: Profile, where: str) -> list[Problem]:
    """What can be at most must be a number, and of a point that is read and is one."""
    names = table.points or tuple(point.name for point in profile.points)
    known = sorted({*table.pulses} or {*names})
    problems = []
    for point, most in table.most.items():
        place = f"{where}  most.{point}"
        if point not in known:
            values = {
                "point": point,
                "nearest": toml_files.nearest(point, known),
                "known": ", ".join(known),
            }
            problems.append(Problem("most-of-unknown-point", place, values=values))
        if not _is_positive(str(most)):
            problems.append(Problem("bad-most", place, values={"value": str(most)}))
    return problems


def _slower(
    table: _DeviceTable, profile: Profile, every_ms: int, where: str, problems: list[Problem]
) -> dict[str, int]:
    """Periods by point; `problems` receives what is wrong with them. [ms]"""
    known = sorted(table.pulses) or list(table.points) or [one.name for one in profile.points]
    found: dict[str, int] = {}
    for period, points in table.slower.items():
        known_before = len(problems)
        slower_ms = period_ms(period, f"{where}.{period}", problems)
        sound = len(problems) == known_before
        if sound and (slower_ms % every_ms or slower_ms <= every_ms):
            values = {"value": period, "every": table.every}
            problems.append(Problem("slower-no-multiple", f"{where}.{period}", values=values))
        for point in points:
            values = {"point": point, "known": ", ".join(known)}
            if point not in known:
                values["nearest"] = toml_files.nearest(point, known)
                problems.append(Problem("slower-unknown-point", f"{where}.{period}", values=values))
            elif point in found:
                problems.append(Problem("slower-twice", f"{where}.{period}", values=values))
            found[point] = slower_ms
    return found


def _pulses(table: _DeviceTable, profile: Profile, where: str) -> tuple[Pulse, ...]:
    inputs = sorted(pulse_inputs(profile))
    problems: list[Problem] = []
    pulses = []
    for point, raw in table.pulses.items():
        place = f"{where}  pulses.{point}"
        try:
            pulse = toml_files.shape(_PulseTable, raw, place)
        except Refused as refused:
            problems += refused.problems
            continue
        each = str(pulse.each)
        if not _POINT.fullmatch(point) or not stored_unit(point):
            values = {"point": point, "suffixes": ", ".join(f"_{s}" for s in SUFFIXES)}
            problems.append(Problem("pulse-without-unit", place, values=values))
        if not _is_positive(each):
            values = {"value": each}
            problems.append(Problem("bad-pulse-worth", f"{place}  each", values=values))
        if pulse.input not in inputs:
            values = {
                "input": pulse.input,
                "profile": profile.name,
                "known": ", ".join(inputs) or "-",
            }
            problems.append(Problem("unknown-pulse-input", f"{place}  input", values=values))
        pulses.append(Pulse(point, pulse.input, each))
    if problems:
        raise Refused(*problems)
    return tuple(pulses)


def _is_positive(text: str) -> bool:
    return _DECIMAL.fullmatch(text) is not None and Fraction(text) > 0
