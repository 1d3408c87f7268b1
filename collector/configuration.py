"""Configuration: ``collector.toml`` and the profiles that it names, checked before anything runs.

All that is wrong is said at once, so that a technician need not find it one start at a time.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from collector import bus as buses
from collector import toml_files
from collector.bus import Bus
from collector.device_tables import DeviceTables, name_problems, period_ms
from collector.devices import Device
from collector.mqtt import MqttSettings, read_settings
from collector.wire.problem import Problem, Refused

T = TypeVar("T")

_FILE = "collector.toml"
_LEAST_SPOOL_MB = 8  # what waits in memory while the disk refuses must fit in with room to spare


@dataclass(frozen=True, slots=True)
class SpoolSettings:
    """Where readings are kept until they are safe.

    Attributes:
        path: The spool's file.
        max_mb: How large it may grow. [MB]
        commit_every_ms: Length of a commit window: what a power cut may cost. [ms]
    """

    path: Path
    max_mb: int
    commit_every_ms: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a collector polls, and where it sends it.

    Attributes:
        site: Its mill.
        collector: Its own name.
        mqtt: The broker.
        spool: Where readings are kept.
        buses: What it polls on.
        devices: What it polls.
        metrics: Where it says how it goes, for Prometheus; None nowhere.
    """

    site: str
    collector: str
    mqtt: MqttSettings
    spool: SpoolSettings
    buses: tuple[Bus, ...]
    devices: tuple[Device, ...]
    metrics: Path | None = None


@dataclass(frozen=True, slots=True)
class _MetricsTable:
    file: str


@dataclass(frozen=True, slots=True)
class _SpoolTable:
    path: str
    max_mb: int = 2048
    commit_every: str = "5s"


@dataclass(frozen=True, slots=True)
class _BusTable:
    url: str
    timeout: str = "1s"


@dataclass(frozen=True, slots=True)
class _FileTable:
    site: str
    collector: str
    mqtt: object
    spool: object
    buses: dict[str, object] = field(default_factory=dict)
    devices: dict[str, object] = field(default_factory=dict)
    metrics: object = None


def load(folder: Path, profile_folders: tuple[Path, ...] | None = None) -> Configuration:
    """Read a collector's configuration.

    Args:
        folder: The configuration folder, with ``collector.toml`` in it.
        profile_folders: Where profiles are looked for; the folder's own ``profiles/`` and then
            the shipped ones where nothing is said.

    Raises:
        Refused: It cannot stand; all that is wrong with it.
    """
    path = folder / _FILE
    table = toml_files.shape(_FileTable, toml_files.read(path), str(path))
    findings = _Findings(str(path))
    findings.problems += name_problems(table.site, f"{path}  site")
    findings.problems += name_problems(table.collector, f"{path}  collector")
    settings = findings.attempt(lambda: read_settings(table.mqtt, folder, f"{path}  [mqtt]"))
    spool = findings.attempt(lambda: _spool(table.spool, folder, f"{path}  [spool]"))
    metrics = findings.attempt(lambda: _metrics(table.metrics, folder, f"{path}  [metrics]"))
    lines = findings.each("buses", table.buses, _bus)
    tables = DeviceTables(
        tuple(table.buses),
        {line.name: line for line in lines},
        profile_folders or (folder / "profiles", toml_files.SHIPPED / "profiles"),
    )
    devices = findings.each("devices", table.devices, tables.device)
    findings.problems += _lines_twice(lines, str(path)) + _units_twice(devices, str(path))
    if findings.problems or settings is None or spool is None:
        raise Refused(*findings.problems)
    return Configuration(
        table.site, table.collector, settings, spool, tuple(lines), tuple(devices), metrics
    )


class _Findings:
    """Keeps what is wrong, so that reading can go on after the first fault."""

    def __init__(self, where: str) -> None:
        self.problems: list[Problem] = []
        self._where = where

    def attempt(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except Refused as refused:
            self.problems += [p for p in refused.problems if p not in self.problems]
            return None

    def each(
        self, kind: str, tables: Mapping[str, object], read: Callable[[str, object, str], T]
    ) -> list[T]:
        """What can be made of each table of ``[kind.…]``."""
        found = []
        for name, raw in tables.items():
            where = f"{self._where}  [{kind}.{name}]"
            self.problems += name_problems(name, where)
            one = self.attempt(lambda: read(name, raw, where))  # noqa: B023 - called at once
            if one is not None:
                found.append(one)
        return found


def _spool(raw: object, folder: Path, where: str) -> SpoolSettings:
    table = toml_files.shape(_SpoolTable, raw, where)
    problems = []
    if table.max_mb < _LEAST_SPOOL_MB:
        values = {"value": str(table.max_mb), "why": f"at least {_LEAST_SPOOL_MB} is needed"}
        problems.append(Problem("wrong-value", f"{where} max_mb", values=values))
    commit_every_ms = period_ms(table.commit_every, f"{where}  commit_every", problems)
    if problems:
        raise Refused(*problems)
    return SpoolSettings(folder / table.path, table.max_mb, commit_every_ms)


def _metrics(raw: object, folder: Path, where: str) -> Path | None:
    return None if raw is None else folder / toml_files.shape(_MetricsTable, raw, where).file


def _bus(name: str, raw: object, where: str) -> Bus:
    table = toml_files.shape(_BusTable, raw, where)
    problems: list[Problem] = []
    timeout_ms = period_ms(table.timeout, f"{where}  timeout", problems, least_ms=1)
    try:
        line = buses.parse(name, table.url, timeout_ms)
    except ValueError as fault:
        values = {"url": table.url, "why": str(fault), "forms": buses.FORMS}
        raise Refused(*problems, Problem("bad-bus-url", f"{where}  url", values=values)) from None
    if problems:
        raise Refused(*problems)
    return line


def _lines_twice(lines: Iterable[Bus], where: str) -> list[Problem]:
    """Two masters on one line talk into each other's answers."""
    return [
        Problem("bus-twice", f"{where}  [buses.{line.name}]", values={"other": other})
        for line, other in _again(lines, lambda line: (line.host, line.port, line.device))
    ]


def _units_twice(devices: Iterable[Device], where: str) -> list[Problem]:
    return [
        Problem(
            "unit-twice",
            f"{where}  [devices.{device.name}]  unit = {device.unit}",
            values={"unit": str(device.unit), "bus": device.bus, "other": other},
        )
        for device, other in _again(devices, lambda device: (device.bus, device.unit))
    ]


N = TypeVar("N", Bus, Device)


def _again(named: Iterable[N], key: Callable[[N], object]) -> list[tuple[N, str]]:
    """Those whose key was there before, each with the name of the first that had it."""
    first: dict[object, str] = {}
    return [
        (one, first[key(one)]) for one in named if first.setdefault(key(one), one.name) != one.name
    ]
