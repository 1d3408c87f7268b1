"""What stands on a machine: every file with its owner, mode, size, time and hash."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

_NOT_FILES = ("dev", "proc", "run", "sys", "tmp")
_WRITTEN_WHILE_IT_RUNS = ("var/log", "var/lib/chrony", "var/lib/systemd", "var/lib/millprint")
Listing = dict[str, tuple[object, ...]]


def listing(root: Path, without: tuple[str, ...] = _WRITTEN_WHILE_IT_RUNS) -> Listing:
    """Everything below a root but what a running machine writes by itself."""
    return dict(_below(root, "", frozenset((*_NOT_FILES, *without))))


def _below(
    root: Path, folder: str, left_out: frozenset[str]
) -> Iterator[tuple[str, tuple[object, ...]]]:
    with os.scandir(root / folder) as entries:
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if name in left_out:
                continue
            yield name, _of(Path(entry.path), entry.stat(follow_symlinks=False))
            if entry.is_dir(follow_symlinks=False):
                yield from _below(root, name, left_out)


def _of(path: Path, found: os.stat_result) -> tuple[object, ...]:
    whose = (stat.filemode(found.st_mode), found.st_uid, found.st_gid)
    if stat.S_ISLNK(found.st_mode):
        return (*whose, str(path.readlink()))
    if stat.S_ISREG(found.st_mode):
        return (*whose, found.st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
    return whose


def differences(before: Listing, after: Listing) -> list[str]:
    """What is there no longer, is new, or is another."""
    names = sorted(before.keys() | after.keys())
    return [name for name in names if before.get(name) != after.get(name)]
