"""A spool's write-ahead log as it was found.

SQLite reads it up to the first bit that flipped, and lets go of the rest as soon as it opens the
file. So a copy is kept on the card until what stands there is in the spool again: what a power cut
left is not lost to the next one.
"""

import logging
import os
from pathlib import Path

log = logging.getLogger("collector.spool")


def wal_path(path: Path) -> Path:
    """Where a file's WAL stands."""
    return path.with_name(path.name + "-wal")


def wal_of(path: Path) -> bytes:
    """A file's WAL; empty where there is none."""
    wal = wal_path(path)
    return wal.read_bytes() if wal.is_file() else b""


def found_wal(path: Path) -> bytes:
    """The WAL of a file that SQLite is about to open, kept until `forget_wal`.

    What a start before this one has found, and not brought to its end, goes before what stands
    there now.
    """
    kept = _kept_path(path)
    if kept.is_file():
        return kept.read_bytes()
    wal = wal_of(path)
    if wal:
        _keep(kept, wal)
    return wal


def forget_wal(path: Path) -> None:
    """All that it held is in the file."""
    _kept_path(path).unlink(missing_ok=True)


def _keep(kept: Path, wal: bytes) -> None:
    unsafe = kept.with_name(kept.name + "-unsafe")
    try:
        with unsafe.open("wb") as file:
            file.write(wal)
            file.flush()
            os.fsync(file.fileno())
        unsafe.rename(kept)
    except OSError as fault:
        # A full card is no reason not to start: memory has it.
        log.warning("no copy of the WAL of %s could be kept: %s", kept, fault)
        unsafe.unlink(missing_ok=True)
        return
    folder = os.open(kept.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _kept_path(path: Path) -> Path:
    return path.with_name(path.name + ".wal-found")
