"""PostgreSQL servers: their addresses, and texts as they keep them.

An address stands in configuration files and is quoted in problems, so it holds no password: libpq
takes that from a password file, which ``passfile=`` in the address or ``PGPASSFILE`` names.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from typing_extensions import override

from collector.wire.problem import Problem, Refused

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.abc import Buffer

SCHEME = "postgresql"
_SECRETS = {"password", "sslpassword"}
_PATIENCE = {
    "connect_timeout": "5",
    # A server that fell silent is given up after 25 s, not after the kernel's two hours.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
    "application_name": "millprint",
}
_ESCAPE = "\U0010ffff"  # no character, and never will be one


def address(url: str, folder: Path, where: str) -> str:
    """An address as libpq takes it, its password file seen from the configuration's folder.

    Args:
        url: ``postgresql://user@host:port/database?passfile=…``, as the configuration has it.
        folder: The configuration's folder.
        where: Where it says so, for the problem.

    Raises:
        Refused: It names no database, holds a password, or names a password file that is not
            there; or this machine has no driver.
    """
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.query))
    if parts.password is not None or _SECRETS & said.keys():
        raise Refused(Problem("password-in-url", where))
    if not parts.path.strip("/"):
        raise Refused(Problem("no-database-in-url", where, values={"url": url}))
    if find_spec("psycopg") is None:
        raise Refused(Problem("postgres-not-installed", where))
    if "passfile" in said:
        passfile = folder / said["passfile"]
        if not passfile.is_file():
            raise Refused(Problem("no-such-file", f"{where} {passfile}"))
        said["passfile"] = str(passfile.resolve())
    return urlunsplit(parts._replace(query=urlencode(_PATIENCE | said)))


def shown(url: str) -> str:
    """An address as it is named in a problem: without what `address` adds."""
    return urlunsplit(urlsplit(url)._replace(query=""))


def prepare(connection: "Connection") -> None:
    """Let every text come back as it was, NUL too: no server's texts can hold that."""
    from psycopg.types.string import StrDumperUnknown, TextBinaryLoader, TextLoader

    class Dumper(StrDumperUnknown):
        @override
        def dump(self, obj: str) -> "Buffer | None":
            return super().dump(_escaped(obj))

    class Loader(TextLoader):
        @override
        def load(self, data: "Buffer") -> str:
            return _unescaped(str(super().load(data)))

    class BinaryLoader(TextBinaryLoader):
        @override
        def load(self, data: "Buffer") -> str:
            return _unescaped(str(super().load(data)))

    connection.adapters.register_dumper(str, Dumper)
    for kind in ("text", "varchar"):
        connection.adapters.register_loader(kind, Loader)
        connection.adapters.register_loader(kind, BinaryLoader)


def _escaped(text: str) -> str:
    if "\0" not in text and _ESCAPE not in text:
        return text  # nearly always
    return text.replace(_ESCAPE, f"{_ESCAPE}1").replace("\0", f"{_ESCAPE}0")


def _unescaped(text: str) -> str:
    if _ESCAPE not in text:
        return text
    return text.replace(f"{_ESCAPE}0", "\0").replace(f"{_ESCAPE}1", _ESCAPE)
