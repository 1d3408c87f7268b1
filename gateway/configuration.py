"""``gateway.toml``: which site, which broker, which journal."""

from dataclasses import dataclass
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
    """

    site: str
    mqtt: MqttSettings
    journal: Path


@dataclass(frozen=True, slots=True)
class _File:
    site: str
    mqtt: object
    journal: object


@dataclass(frozen=True, slots=True)
class _Journal:
    url: str


def load(folder: Path) -> GatewayConfiguration:
    """Read ``gateway.toml`` of a configuration folder; `Refused` where it cannot stand."""
    path = folder / "gateway.toml"
    file = toml_files.shape(_File, toml_files.read(path), str(path))
    mqtt = read_settings(file.mqtt, folder, f"{path}  [mqtt]")
    journal = toml_files.shape(_Journal, file.journal, f"{path}  [journal]")
    if not topics.NAME.fullmatch(file.site):
        raise Refused(Problem("bad-name", f"{path}  site", values={"name": file.site}))
    where = f"{path}  [journal]"
    return GatewayConfiguration(file.site, mqtt, folder / sqlite_path(journal.url, where))
