"""``gateway.toml``: which site, which broker, which journal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from collector import toml_files
from collector.mqtt import MqttSettings, read_settings
from collector.wire import topics
from collector.wire.problem import Problem, Refused
from gateway.journal import sqlite_path


@dataclass(frozen=True, slots=True)
class GatewayConfiguration:
    """What the gateway needs to know.

    Attributes:
        site: Whose readings it takes.
        mqtt: The broker.
        journal: The journal's file.
        devices: Collectors by device, where a device was moved to another one.
    """

    site: str
    mqtt: MqttSettings
    journal: Path
    devices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _File:
    site: str
    mqtt: object
    journal: object
    devices: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Journal:
    url: str


def load(folder: Path) -> GatewayConfiguration:
    """Read ``gateway.toml`` of a configuration folder; `Refused` where it cannot stand."""
    path = folder / "gateway.toml"
    file = toml_files.shape(_File, toml_files.read(path), str(path))
    mqtt = read_settings(file.mqtt, folder, f"{path}  [mqtt]")
    journal = toml_files.shape(_Journal, file.journal, f"{path}  [journal]")
    places = {f"{path}  site": (file.site,)} | {
        f"{path}  [devices] {device}": (device, collector)
        for device, collector in file.devices.items()
    }
    bad = [
        Problem("bad-name", where, values={"name": name})
        for where, names in places.items()
        for name in names
        if not topics.NAME.fullmatch(name)
    ]
    if bad:
        raise Refused(*bad)
    where = f"{path}  [journal]"
    return GatewayConfiguration(
        file.site, mqtt, folder / sqlite_path(journal.url, where), file.devices
    )
