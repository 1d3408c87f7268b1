"""``api.toml``: where the service listens, and where its books are."""

from dataclasses import dataclass
from pathlib import Path

from collector import toml_files
from collector.wire.problem import Problem, Refused

_PORTS = range(1, 65536)


@dataclass(frozen=True, slots=True)
class ApiConfiguration:
    """What the service needs to know.

    Attributes:
        host: Address that it listens on.
        port: Its port.
        books: SQLAlchemy URL of the books.
    """

    host: str
    port: int
    books: str


@dataclass(frozen=True, slots=True)
class _File:
    http: object
    books: object


@dataclass(frozen=True, slots=True)
class _Http:
    port: int
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class _Books:
    url: str


def load(folder: Path) -> ApiConfiguration:
    """Read ``api.toml`` of a configuration folder; `Refused` where it cannot stand."""
    path = folder / "api.toml"
    file = toml_files.shape(_File, toml_files.read(path), str(path))
    http = toml_files.shape(_Http, file.http, f"{path}  [http]")
    books = toml_files.shape(_Books, file.books, f"{path}  [books]")
    if http.port not in _PORTS:
        raise Refused(Problem("bad-port", f"{path}  [http]", values={"port": str(http.port)}))
    url = books.url
    scheme, _, rest = url.partition(":///")
    if scheme == "sqlite" and rest and not rest.startswith("/"):
        url = f"sqlite:///{folder / rest}"
    elif not url.startswith(("sqlite:///", "postgresql")):
        raise Refused(Problem("unknown-books", f"{path}  [books]", values={"url": url}))
    return ApiConfiguration(http.host, http.port, url)
