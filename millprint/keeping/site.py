"""What a site consists of, and under which names it stands in a backup."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from api import configuration as api_configuration
from collector import configuration as collector_configuration
from collector.wire.problem import Problem, Refused
from collector.wire.reading import parse_stamp, stamp
from gateway import configuration as gateway_configuration

CONFIGURATION, DATABASE, SEAL = "configuration", "databases", "seals"


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a site.

    Attributes:
        name: In a backup.
        path: Where it stands.
        secret: Whether only its owner may read it.
    """

    name: str
    path: Path
    secret: bool = False

    @property
    def database(self) -> bool:
        """Whether it is a database, which is copied as of one moment."""
        return self.name.startswith(f"{DATABASE}/")


def databases(folder: Path) -> tuple[Part, ...]:
    """Books, then journal: what the books say that they followed is in the journal then."""
    gateway, api = gateway_configuration.load(folder), api_configuration.load(folder)
    scheme, _, books = api.books.partition(":///")
    if scheme != "sqlite":
        raise Refused(Problem("backup-of-sqlite-only", f"{folder}/api.toml  [books]"))
    return (
        Part(f"{DATABASE}/books", Path(books), secret=True),
        Part(f"{DATABASE}/journal", gateway.journal),
    )


def parts(folder: Path) -> Iterator[Part]:
    """Every file of a site but what a collector has not yet delivered, databases last."""
    data, api = databases(folder), api_configuration.load(folder)
    apart = [part.path for part in data] + [api.seal.key, api.seal.folder, _note(api)]
    apart += _spools(folder)
    others = tuple(str(path.resolve()) for path in apart)
    for path in sorted(folder.rglob("*")):
        # What begins like a database or a spool stands beside it: its log, a damaged one put aside.
        own = path.is_file() and not path.is_symlink() and path.suffix != ".log"
        if own and not str(path.resolve()).startswith(others):
            secret = not path.stat().st_mode & 0o077  # keys of TLS, passwords
            yield Part(f"{CONFIGURATION}/{path.relative_to(folder).as_posix()}", path, secret)
    yield from seal_parts(folder)
    yield from data


def seal_parts(folder: Path) -> Iterator[Part]:
    """The key of the seals, and the mill's own copies of them."""
    seal = api_configuration.load(folder).seal
    if seal.key.is_file():
        yield Part(f"{SEAL}/key", seal.key, secret=True)
    for path in sorted(seal.folder.glob("*")):
        if path.is_file():
            yield Part(f"{SEAL}/folder/{path.name}", path)


def place(folder: Path, name: str) -> Path:
    """Where a file of a backup belongs, in a site whose configuration is there already.

    Raises:
        Refused: The name is none of a backup's.
    """
    kind, _, rest = name.partition("/")
    inside = Path(rest)
    if not rest or inside.is_absolute() or ".." in inside.parts:
        raise Refused(Problem("backup-unreadable", name, values={"why": "a name leads elsewhere"}))
    if kind == CONFIGURATION:
        return folder / inside
    seal = api_configuration.load(folder).seal
    known = {part.name: part.path for part in databases(folder)} | {f"{SEAL}/key": seal.key}
    if name in known:
        return known[name]
    if kind == SEAL and inside.parts[0] == "folder" and len(inside.parts) == 2:
        return seal.folder / inside.name
    raise Refused(Problem("backup-unreadable", name, values={"why": "a name is not known"}))


def last_backup(api: api_configuration.ApiConfiguration) -> datetime | None:
    """When the last backup was made; None where there is no word of one."""
    try:
        return parse_stamp(_note(api).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None


def note_backup(folder: Path, now: datetime) -> None:
    """Leave word that a backup was made; where that cannot be written it is still one."""
    with contextlib.suppress(OSError):
        _note(api_configuration.load(folder)).write_text(stamp(now) + "\n", encoding="ascii")


def _note(api: api_configuration.ApiConfiguration) -> Path:
    return Path(api.books.partition(":///")[2]).with_name("last-backup")


def _spools(folder: Path) -> list[Path]:
    if not (folder / "collector.toml").is_file():
        return []
    return [collector_configuration.load(folder).spool.path]
