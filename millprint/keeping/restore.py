"""The way back: a backup proved, file by file, and put where a site's configuration says.

Nothing else that exists is overwritten, and nothing is put in place before all of it is proved.
"""

import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from collector.wire.problem import Problem, Refused
from millprint.enrolment import keeping
from millprint.enrolment import site as enrolment
from millprint.keeping import sealed_stream, site
from millprint.keeping.backup import MANIFEST, Entry, Manifest, digest, reaches_of, read_manifest

_SECRET = 0o600


def restore(
    backup: Path,
    folder: Path,
    passphrase: str,
    tell: Callable[[int, int], None],
    *,
    dry_run: bool = False,
) -> tuple[Manifest, tuple[Path, ...]]:
    """Put a site back; what it was made of, and where it stands now or would stand.

    Args:
        backup: What `millprint backup` wrote.
        folder: The configuration folder that is made.
        passphrase: Opens it, where it is sealed.
        tell: Is told how many files are done, and of how many.
        dry_run: Only prove it, and say where its files would go.

    Raises:
        Refused: It cannot be read or trusted, or something else is there already.
    """
    with _opened(backup, passphrase) as archive, _scratch(folder, dry_run) as scratch:
        manifest = _manifest(archive, backup)
        members = {one.name: one for one in archive.getmembers()}
        if {entry.name for entry in manifest.entries} | {MANIFEST} != members.keys():
            raise _unreadable(backup, "it does not hold what its manifest names")
        for done, entry in enumerate(manifest.entries):
            tell(done, len(manifest.entries))
            draft = _extract(archive, members[entry.name], scratch, backup)
            if (draft.stat().st_size, digest(draft)) != (entry.size, entry.sha256):
                raise _unreadable(backup, f"{entry.name} is not what was backed up")
        _prove_journal(scratch, manifest, backup)
        return manifest, _put(scratch, folder, manifest, dry_run=dry_run)


def _prove_journal(scratch: Path, manifest: Manifest, backup: Path) -> None:
    for name in (f"{site.DATABASE}/books", f"{site.DATABASE}/journal"):
        path = scratch / name
        if not path.is_file():
            raise _unreadable(backup, f"{name} is missing")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            found = [line for (line,) in db.execute("PRAGMA quick_check(3)") if line != "ok"]
        if found:
            raise _unreadable(backup, f"{name}: {found[0]}")
    if reaches_of(scratch / site.DATABASE / "journal") != manifest.reaches:
        raise _unreadable(backup, "its journal does not reach as far as its manifest says")


def _put(scratch: Path, folder: Path, manifest: Manifest, *, dry_run: bool) -> tuple[Path, ...]:
    """Where each file goes, and put there; `Refused` before the first where another one exists."""
    configured = scratch / site.CONFIGURATION
    moves = {
        # The configuration that was backed up says where the rest belongs, seen from its folder.
        entry: _seen_from(folder, configured, site.place(configured, entry.name))
        for entry in manifest.entries
    }
    others = [one for entry, target in moves.items() for one in _others(entry, target)]
    if others:
        raise Refused(*(Problem("restore-would-overwrite", str(target)) for target in others))
    if not dry_run:
        for entry, target in moves.items():
            _move(scratch / entry.name, target)
        enrolment.settle(folder)
    return tuple(moves.values())


def _seen_from(folder: Path, configured: Path, planned: Path) -> Path:
    inside = planned.is_relative_to(configured)
    return folder / planned.relative_to(configured) if inside else planned


def _others(entry: Entry, target: Path) -> Iterator[Path]:
    """What stands in a file's way: another file, or what a database did not finish."""
    if target.exists() and (not target.is_file() or digest(target) != entry.sha256):
        yield target
    if entry.name.startswith(f"{site.DATABASE}/"):
        left = (target.with_name(target.name + end) for end in ("-wal", "-journal"))
        yield from (path for path in left if path.exists())


def _move(draft: Path, target: Path) -> None:
    """Put a file in its place, where it belongs to who owns the folder: a service must read it."""
    if target.exists():
        return  # an installation brings some files of a site that are the same everywhere
    _make(target.parent)
    shutil.move(draft, target)
    keeping.as_its_folder(target)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _make(folder: Path) -> None:
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir()
        keeping.as_its_folder(folder)


def _extract(
    archive: tarfile.TarFile, member: tarfile.TarInfo, scratch: Path, backup: Path
) -> Path:
    target = scratch / member.name
    if not member.isfile() or not target.resolve().is_relative_to(scratch.resolve()):
        raise _unreadable(backup, f"{member.name!r} is no file of a site")
    target.parent.mkdir(parents=True, exist_ok=True)
    source = archive.extractfile(member)
    if source is None:
        raise _unreadable(backup, f"{member.name} cannot be read")
    mode = member.mode & 0o644 or _SECRET
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:  # noqa: PTH123 - born with its mode
        shutil.copyfileobj(source, file, 2**20)
    return target


def _manifest(archive: tarfile.TarFile, backup: Path) -> Manifest:
    try:
        file = archive.extractfile(MANIFEST)
        if file is None:
            raise _unreadable(backup, "its manifest is no file")
        return read_manifest(file.read())
    except (KeyError, ValueError) as fault:
        raise _unreadable(backup, str(fault)) from fault


@contextmanager
def _opened(backup: Path, passphrase: str) -> Iterator[tarfile.TarFile]:
    try:
        with tempfile.TemporaryDirectory(prefix="millprint-") as scratch:
            plain = backup
            if sealed_stream.is_sealed(backup):
                plain = Path(scratch) / "backup.tar"
                with plain.open("wb") as file:
                    sealed_stream.open_sealed(backup, file, passphrase)
            with tarfile.open(plain, "r:") as archive:
                yield archive
    except sealed_stream.NotOpened:
        raise Refused(Problem("backup-sealed", str(backup))) from None
    except (OSError, tarfile.TarError, sqlite3.Error) as fault:
        raise _unreadable(backup, str(fault)) from fault


@contextmanager
def _scratch(folder: Path, dry_run: bool) -> Iterator[Path]:  # noqa: FBT001
    """A folder beside the one that is made, so that files only change their names."""
    beside = None
    if not dry_run:
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder
    with tempfile.TemporaryDirectory(prefix=".millprint-", dir=beside) as name:
        yield Path(name)


def _unreadable(backup: Path, why: str) -> Refused:
    return Refused(Problem("backup-unreadable", str(backup), values={"why": why}))
