"""What is examined: a configuration folder, the machine around it, and what time it is there."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from api import configuration as api_configuration
from api.configuration import ApiConfiguration
from collector import configuration as collector_configuration
from collector import toml_files
from collector.configuration import Configuration
from collector.mqtt import MqttSettings
from collector.wire.problem import Refused
from collector.wire.reading import ClockState
from gateway import configuration as gateway_configuration
from gateway.configuration import GatewayConfiguration
from gateway.journal import Unavailable
from gateway.journal.store import Store

T = TypeVar("T")

PARTS = ("collector", "gateway", "api")
_SECRET_FILES = ("key_file", "password_file", "token_file")


@dataclass(frozen=True, slots=True)
class Premises:
    """A configuration folder on a machine. A part that is not there, or cannot stand, is None.

    Attributes:
        folder: The configuration folder.
        now: The time.
        clock: What the kernel says of its clock.
        collector: ``collector.toml``.
        gateway: ``gateway.toml``.
        api: ``api.toml``.
        root: What ``/proc`` and ``/sys`` stand under.
    """

    folder: Path
    now: datetime
    clock: ClockState
    collector: Configuration | None
    gateway: GatewayConfiguration | None
    api: ApiConfiguration | None
    root: Path

    @property
    def mqtt(self) -> tuple[tuple[str, MqttSettings], ...]:
        """Each ``[mqtt]`` table, with the file that it stands in."""
        found = (("gateway.toml", self.gateway), ("collector.toml", self.collector))
        return tuple((f"{self.folder}/{name}", one.mqtt) for name, one in found if one)

    @property
    def journal(self) -> Store | None:
        """The journal, where there is one and it can be reached."""
        store = self.gateway.journal if self.gateway is not None else None
        with suppress(Unavailable):  # the examination of the databases says why
            return store if store is not None and store.exists() else None
        return None

    @property
    def books(self) -> Path | None:
        """The books' file, where they are one that exists."""
        scheme, _, path = self.api.books.partition(":///") if self.api is not None else ("",) * 3
        return Path(path) if scheme == "sqlite" and Path(path).is_file() else None

    def databases(self) -> Iterator[Path]:
        """Journal and books, where they are files."""
        journal = self.journal.file if self.journal is not None else None
        yield from (path for path in (journal, self.books) if path is not None)

    def secrets(self) -> set[Path]:
        """Files that hold a key, a password or a token, whichever file names them."""
        found = {
            self.folder / value
            for path in self.folder.glob("*.toml")
            for key, value in _leaves(_table(path))
            if key.endswith(_SECRET_FILES) and isinstance(value, str) and value
        }
        if self.api is not None:
            found.add(self.api.seal.key)
            for folder in (self.api.enrolment.folder, self.api.enrolment.broker):
                found.update(folder.glob("*.key"))
        return {path for path in found if path.is_file()}

    def data_folders(self) -> tuple[Path, ...]:
        """Where something is written to all the time."""
        files = list(self.databases())
        if self.collector is not None:
            files.append(self.collector.spool.path)
        return tuple(sorted({file.parent for file in files if file.parent.is_dir()}))


def look(folder: Path, now: datetime, clock: ClockState, root: Path = Path("/")) -> Premises:
    """The premises of a folder, as far as its configuration can be read."""
    return Premises(
        folder,
        now,
        clock,
        _tried(folder, "collector", collector_configuration.load),
        _tried(folder, "gateway", gateway_configuration.load),
        _tried(folder, "api", api_configuration.load),
        root,
    )


def _table(path: Path) -> object:
    try:
        return toml_files.read(path)
    except Refused:
        return {}


def _leaves(table: object) -> Iterator[tuple[str, object]]:
    if isinstance(table, Mapping):
        for key, value in table.items():
            yield str(key), value
            yield from _leaves(value)


def _tried(folder: Path, part: str, load: Callable[[Path], T]) -> T | None:
    if (folder / f"{part}.toml").is_file():
        with suppress(Refused):  # the examination of the configuration says why
            return load(folder)
    return None
