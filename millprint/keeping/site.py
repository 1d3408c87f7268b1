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

CONFIGURATION, DATABASE, SEAL, ENROLMENT = "configuration", "databases", "seals", "enrolment"


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
    scheme, _, books = api_configuration.places(folder).books.partition(":///")
    if scheme != "sqlite":
        raise Refused(Problem("backup-of-sqlite-only", f"{folder}/api.toml  [books]"))
    journal = gateway_configuration.journal_of(folder).file
    if journal is None:
        raise Refused(Problem("backup-of-sqlite-only", f"{folder}/gateway.toml  [journal]"))
    return (
        Part(f"{DATABASE}/books", Path(books), secret=True),
        Part(f"{DATABASE}/journal", journal),
    )


def parts(folder: Path) -> Iterator[Part]:
    """Every file of a site but what a collector has not yet delivered, databases last."""
    data, at = databases(folder), api_configuration.places(folder)
    apart = [part.path for part in data] + [at.seal.key, at.seal.folder, _note(at.books)]
    apart += _spools(folder)
    others = tuple(str(path.resolve()) for path in apart)
    for path in sorted(folder.rglob("*")):
        # What begins like a database or a spool stands beside it: its log, a damaged one put aside.
        own = path.is_file() and not path.is_symlink() and path.suffix != ".log"
        if own and not str(path.resolve()).startswith(others):
            name = f"{CONFIGURATION}/{path.relative_to(folder).as_posix()}"
            yield Part(name, path, _is_secret(path))
    yield from enrolment_parts(folder)
    yield from seal_parts(folder)
    yield from data


def enrolment_parts(folder: Path) -> Iterator[Part]:
    """Authority, register and certificates, and the broker's files, where they stand elsewhere."""
    for kind, at in _enrolment(folder).items():
        if at.resolve().is_relative_to(folder.resolve()):
            continue  # they are among the files of the configuration
        for path in sorted(at.glob("[!.]*")):
            if path.is_file():
                yield Part(f"{ENROLMENT}/{kind}/{path.name}", path, _is_secret(path))


def seal_parts(folder: Path) -> Iterator[Part]:
    """The key of the seals, and the mill's own copies of them."""
    seal = api_configuration.places(folder).seal
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
    seal = api_configuration.places(folder).seal
    known = {part.name: part.path for part in databases(folder)} | {f"{SEAL}/key": seal.key}
    if name in known:
        return known[name]
    folders = {(SEAL, "folder"): seal.folder}
    folders |= {(ENROLMENT, part): at for part, at in _enrolment(folder).items()}
    at = folders.get((kind, inside.parts[0]))
    if at is not None and len(inside.parts) == 2:
        return at / inside.name
    raise Refused(Problem("backup-unreadable", name, values={"why": "a name is not known"}))


def last_backup(api: api_configuration.ApiConfiguration) -> datetime | None:
    """When the last backup was made; None where there is no word of one."""
    try:
        return parse_stamp(_note(api.books).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None


def note_backup(folder: Path, now: datetime) -> None:
    """Leave word that a backup was made; where that cannot be written it is still one."""
    with contextlib.suppress(OSError):
        _note(api_configuration.places(folder).books).write_text(
            stamp(now) + "\n", encoding="ascii"
        )


def _enrolment(folder: Path) -> dict[str, Path]:
    said = api_configuration.places(folder).enrolment
    return {"authority": said.folder, "broker": said.broker}


def _is_secret(path: Path) -> bool:
    """Whether its owner alone may read it: keys of TLS, passwords."""
    return not path.stat().st_mode & 0o077


def _note(books: str) -> Path:
    return Path(books.partition(":///")[2]).with_name("last-backup")


def _spools(folder: Path) -> list[Path]:
    if not (folder / "collector.toml").is_file():
        return []
    return [collector_configuration.load(folder).spool.path]
