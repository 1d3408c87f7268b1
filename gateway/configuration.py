"""``gateway.toml``: which site, which broker, which journal, which projections."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from collector import toml_files
from collector.mqtt import MqttSettings, read_settings
from collector.wire import topics
from collector.wire.problem import Problem, Refused
from gateway import projections
from gateway.journal.store import Store, store_of


@dataclass(frozen=True, slots=True)
class GatewayConfiguration:
    """What the gateway needs to know.

    Attributes:
        site: Whose readings it takes.
        mqtt: The broker.
        journal: Where the journal stands.
        devices: Collectors by device, where a device was moved to another one.
        engines: Time-series stores that the journal is projected into, by name.
        answers: Which of them answers long plots; empty: the journal does.
    """

    site: str
    mqtt: MqttSettings
    journal: Store
    devices: Mapping[str, str]
    engines: Mapping[str, projections.Engine] = field(default_factory=dict)
    answers: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    site: str
    mqtt: object
    journal: object
    devices: dict[str, str] = field(default_factory=dict)
    projections: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Journal:
    url: str


def load(folder: Path) -> GatewayConfiguration:
    """Read ``gateway.toml`` of a configuration folder; `Refused` where it cannot stand."""
    path = folder / "gateway.toml"
    file = toml_files.shape(_File, toml_files.read(path), str(path))
    mqtt = read_settings(file.mqtt, folder, f"{path}  [mqtt]")
    journal = _journal(file, path)
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
    engines, answers = _engines(file, folder)
    return GatewayConfiguration(file.site, mqtt, journal, file.devices, engines, answers)


def journal_of(folder: Path) -> Store:
    """Where ``gateway.toml`` says that the journal stands; whether it does is not asked."""
    path = folder / "gateway.toml"
    return _journal(toml_files.shape(_File, toml_files.read(path), str(path)), path)


def _journal(file: _File, path: Path) -> Store:
    where = f"{path}  [journal]"
    said = toml_files.shape(_Journal, file.journal, where)
    return store_of(said.url, path.parent, where)


def _engines(file: _File, folder: Path) -> tuple[dict[str, projections.Engine], str]:
    """The engines of ``[projections]``, and which of them answers long plots."""
    where = f"{folder / 'gateway.toml'}  [projections]"
    tables = dict(file.projections)
    answers = tables.pop("answers", "")
    known = projections.names()
    unknown = [toml_files.unknown_key(where, key, known) for key in tables if key not in known]
    if not isinstance(answers, str) or answers not in {"", *tables}:
        values = {"value": repr(answers), "why": "it names an engine that is configured here"}
        unknown.append(Problem("wrong-value", f"{where} answers", values=values))
    if unknown:
        raise Refused(*unknown)
    found = {}
    for name, table in tables.items():
        place = projections.Place(file.site, folder, f"{where[:-1]}.{name}]")
        found[name] = projections.engine_module(name).read(table, place)
    return found, str(answers)
