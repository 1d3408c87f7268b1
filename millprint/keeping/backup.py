"""The backup: all of a site in one file, taken while it runs, and proved before it counts.

A tar archive: configuration, the key of the seals and the seals, the books, the journal, and last
a manifest with the hash of every file and with how far each collector's numbers reach. Each
database is copied as of one moment. What a collector had not delivered by then is not in it: that
stands in the collector's spool, and comes when the journal asks for it.
"""

import hashlib
import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from collector.wire.chain import encode_hash
from collector.wire.problem import Problem, Refused
from collector.wire.reading import stamp
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from millprint import __version__
from millprint.keeping import sealed_stream, site

MANIFEST = "manifest.json"
VERSION = 1
_PAGES = 2000
_BLOCK = 2**20

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the numbers of an epoch are accounted for, and the hash there."""

    collector: str
    epoch: str
    through: int
    h: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    made: str
    version: str
    entries: tuple[Entry, ...]
    reaches: tuple[Reach, ...]


def back_up(folder: Path, target: Path, now: datetime, passphrase: str, tell: Tell) -> Manifest:
    """Write a backup of a site; `target` appears only when it is whole and proved.

    Args:
        folder: The configuration folder.
        target: The file that is made.
        now: The time.
        passphrase: Seals it, where it is not empty.
        tell: Is told which file is copied, and how much of it.

    Raises:
        Refused: The configuration cannot be read, or the target exists or cannot be written.
    """
    if target.exists():
        raise Refused(Problem("backup-exists", str(target)))
    try:
        with tempfile.TemporaryDirectory(prefix=".millprint-", dir=target.parent) as scratch:
            draft = Path(scratch) / "backup.tar"
            manifest = _write(folder, draft, now, tell)
            if passphrase:
                sealed = Path(scratch) / "sealed"
                with sealed.open("wb") as file:
                    sealed_stream.seal(draft, file, passphrase)
                draft = sealed
            draft.chmod(0o600)
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            draft.replace(target)
    except OSError as fault:
        values = {"why": str(fault)}
        raise Refused(Problem("backup-unwritten", str(target), values=values)) from fault
    site.note_backup(folder, now)
    return manifest


def _write(folder: Path, draft: Path, now: datetime, tell: Tell) -> Manifest:
    entries: list[Entry] = []
    reaches: tuple[Reach, ...] = ()
    with tarfile.open(draft, "w") as archive:
        # What is written meanwhile is packed and hashed as one copy of it.
        copy = draft.with_name("copy")
        for part in site.parts(folder):
            copy.unlink(missing_ok=True)
            if not part.database:
                shutil.copy2(part.path, copy)
            else:
                copy_database(part.path, copy, partial(tell, part.name))
                if part.name.endswith("/journal"):
                    reaches = reaches_of(copy)
            archive.add(copy, part.name, recursive=False, filter=_plain(secret=part.secret))
            entries.append(Entry(part.name, copy.stat().st_size, digest(copy)))
        manifest = Manifest(stamp(now), __version__, tuple(entries), reaches)
        body = orjson.dumps({"v": VERSION} | asdict(manifest), option=orjson.OPT_INDENT_2)
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(body)
        archive.addfile(head, io.BytesIO(body))
    return manifest


def copy_database(source: Path, target: Path, tell: Callable[[int, int], None]) -> None:
    """Copy an SQLite file as of one moment, while others write it.

    Raises:
        Refused: It cannot be read, or its copy is not sound.
    """
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.execute("PRAGMA busy_timeout = 30000")
            old.execute("BEGIN")
            old.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # the moment begins here
            old.backup(new, pages=_PAGES, progress=lambda _, left, of: tell(of - left, of), sleep=0)
            new.execute("PRAGMA journal_mode = DELETE")
            faults = [line for (line,) in new.execute("PRAGMA quick_check(3)") if line != "ok"]
    except sqlite3.Error as fault:
        faults = [str(fault)]
    if faults:
        values = {"why": faults[0]}
        raise Refused(Problem("backup-database", str(source), values=values))


def reaches_of(journal: Path) -> tuple[Reach, ...]:
    """How far the numbers of every epoch of a journal are accounted for."""
    return tuple(
        Reach(
            chain.collector,
            chain.ack.epoch,
            chain.ack.through,
            "" if chain.ack.h is None else encode_hash(chain.ack.h),
        )
        for chain in Reader(Sqlite(journal)).chains()
    )


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def _plain(*, secret: bool) -> Callable[[tarfile.TarInfo], tarfile.TarInfo]:
    """Whose a file was on this machine says nothing on another."""

    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        info.mode = 0o600 if secret else 0o644
        return info

    return plain


def read_manifest(body: bytes) -> Manifest:
    """Read a manifest; ValueError where it is none of ours."""
    try:
        said: dict[str, Any] = orjson.loads(body)
        if said["v"] != VERSION:
            raise ValueError(f"version {said['v']!r} is not known")
        return Manifest(
            str(said["made"]),
            str(said["version"]),
            tuple(Entry(**one) for one in said["entries"]),
            tuple(Reach(**one) for one in said["reaches"]),
        )
    except (KeyError, TypeError) as fault:
        raise ValueError(f"not a manifest: {fault}") from fault
