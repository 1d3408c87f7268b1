"""The ``[mqtt]`` table, and what can be wrong with it before anything connects."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from collector.wire.problem import Problem, Refused


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The ``[mqtt]`` table.

    Attributes:
        url: ``mqtt://host:port``, or ``mqtts://host:port`` with the files below.
        ca_file: Whom to trust.
        cert_file: Our certificate.
        key_file: Its key.
        username: Where the broker asks for one.
        password_file: File whose first line is the password.
    """

    url: str
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    username: str = ""
    password_file: str = ""


def check(settings: MqttSettings, where: str) -> list[Problem]:
    """What is wrong with the settings, before anything connects."""
    if not _is_address(settings.url):
        return [Problem("bad-broker-url", where, values={"url": settings.url})]
    files = (settings.ca_file, settings.cert_file, settings.key_file, settings.password_file)
    return [
        Problem("no-such-file", f"{where} {name}")
        for name in files
        if name and not Path(name).is_file()
    ]


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("mqtt", "mqtts") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number or above 65535
        return False


def require(settings: MqttSettings, where: str) -> None:
    """Refuse settings that cannot work."""
    problems = check(settings, where)
    if problems:
        raise Refused(*problems)
