"""``alarms.toml``: what is to be called out, and to whom. Without the file nobody is called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from api.alarms import Rule, Rules
from api.alarms.course import KINDS, Kind
from api.alarms.rules import kinds, rule_of
from api.plant.units import duration
from collector import toml_files
from collector.wire.problem import Problem, Refused

FILE = "alarms.toml"
_LENGTHS = ("after",)
_USUAL: tuple[Kind, ...] = ("raised", "escalated", "ended")


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told over HTTP.

    Attributes:
        url: Where to.
        secret: What its messages are signed with.
        events: What is told.
    """

    url: str
    secret: bytes = field(repr=False)
    events: tuple[Kind, ...] = _USUAL


@dataclass(frozen=True, slots=True)
class Mail:
    """People who are told by e-mail.

    Attributes:
        host: The mail server.
        port: Its port.
        tls: ``starttls``, ``tls`` from the first byte, or ``none``.
        sender: From whom.
        to: To whom.
        user: As whom to log in; empty: without.
        password: With what.
        events: What is told.
    """

    host: str
    port: int
    tls: str
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    events: tuple[Kind, ...] = _USUAL


@dataclass(frozen=True, slots=True)
class Mqtt:
    """The site's broker, which is told.

    Attributes:
        events: What is told.
    """

    events: tuple[Kind, ...] = KINDS


Address: TypeAlias = Webhook | Mail | Mqtt


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """What the file says.

    Attributes:
        rules: The rules, by name.
        addresses: Who is told, by name: ``webhooks.mes``, ``mail.shift``, ``mqtt``.
        escalate_after: After how long an alarm that nobody acknowledged is told again; None: never.
    """

    rules: Rules = field(default_factory=dict)
    addresses: Mapping[str, Address] = field(default_factory=dict)
    escalate_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class _File:
    escalate_after: str = ""
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    mail: dict[str, dict[str, Any]] = field(default_factory=dict)
    mqtt: Mqtt | None = None


@dataclass(frozen=True, slots=True)
class _Webhook:
    url: str
    secret_file: str
    events: tuple[Kind, ...] = _USUAL


@dataclass(frozen=True, slots=True)
class _Mail:
    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: str = ""
    events: tuple[Kind, ...] = _USUAL


def load(folder: Path) -> AlarmSettings:
    """Read ``alarms.toml`` of a configuration folder.

    Raises:
        Refused: It cannot stand, or a file that it names cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return AlarmSettings()
    file = toml_files.shape(_File, toml_files.read(path), str(path))
    addresses: dict[str, Address] = {}
    for name, table in file.webhooks.items():
        addresses[f"webhooks.{name}"] = _webhook(table, folder, f"{path}  [webhooks.{name}]")
    for name, table in file.mail.items():
        addresses[f"mail.{name}"] = _mail(table, folder, f"{path}  [mail.{name}]")
    if file.mqtt is not None:
        addresses["mqtt"] = file.mqtt
    return AlarmSettings(
        rules={name: _rule(table, f"{path}  [rules.{name}]") for name, table in file.rules.items()},
        addresses=addresses,
        escalate_after=duration(file.escalate_after, f"{path}  escalate_after")
        if file.escalate_after
        else None,
    )


def _rule(table: Mapping[str, Any], where: str) -> Rule:
    kind = table.get("kind")
    if kind not in kinds():
        known = ", ".join(kinds())
        values = {
            "kind": repr(kind),
            "nearest": toml_files.nearest(str(kind), kinds()),
            "known": known,
        }
        raise Refused(Problem("alarm-no-such-kind", where, values=values))
    lengths = {
        key: duration(str(value), f"{where} {key}")
        for key, value in table.items()
        if key in _LENGTHS
    }
    rest = {key: value for key, value in ({**table} | lengths).items() if key != "kind"}
    return toml_files.shape(rule_of(str(kind)), rest, where)


def _webhook(table: Mapping[str, Any], folder: Path, where: str) -> Webhook:
    said = toml_files.shape(_Webhook, table, where)
    if urlsplit(said.url).scheme not in ("http", "https") or not urlsplit(said.url).hostname:
        raise Refused(Problem("alarm-bad-url", where, values={"url": said.url}))
    return Webhook(said.url, _secret(folder / said.secret_file, where).encode(), said.events)


def _mail(table: Mapping[str, Any], folder: Path, where: str) -> Mail:
    said = toml_files.shape(_Mail, table, where)
    if not said.to:
        raise Refused(Problem("alarm-nobody-to-mail", where))
    password = _secret(folder / said.password_file, where) if said.password_file else ""
    return Mail(
        said.host, said.port, said.tls, said.sender, said.to, said.user, password, said.events
    )


def _secret(path: Path, where: str) -> str:
    """The first line of a file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise Refused(Problem("no-such-file", f"{where} {path}")) from None
    if not lines or not lines[0].strip():
        raise Refused(Problem("alarm-empty-secret", f"{where} {path}"))
    return lines[0].strip()
