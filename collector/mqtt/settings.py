"""The ``[mqtt]`` table, and what can be wrong with it before anything connects."""

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from collector import toml_files
from collector.wire.problem import Problem, Refused

_FILES = ("ca_file", "cert_file", "key_file", "password_file")


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


def read_settings(table: object, folder: Path, where: str) -> MqttSettings:
    """The settings from a configuration folder's ``[mqtt]`` table.

    Args:
        table: What TOML gave.
        folder: The folder, beside which its files stand.
        where: File and place, for the problem.

    Raises:
        Refused: They cannot work; nothing has connected.
    """
    said = toml_files.shape(MqttSettings, table, where)
    if not _is_address(said.url):
        raise Refused(Problem("bad-broker-url", where, values={"url": said.url}))
    files = {name: getattr(said, name) for name in _FILES if getattr(said, name)}
    beside = {name: str(folder / file) for name, file in files.items()}
    missing = [
        Problem("no-such-file", f"{where} {file}")
        for file in beside.values()
        if not Path(file).is_file()
    ]
    if missing:
        raise Refused(*missing)
    return replace(said, **beside)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("mqtt", "mqtts") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number or above 65535
        return False
