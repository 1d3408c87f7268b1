"""Files of the enrolment: written whole, secrets for their owner alone, who is who needs them."""

import contextlib
import fcntl
import os
import pwd
from collections.abc import Iterator
from pathlib import Path

from api.sealing.files import write_whole


def make_folder(folder: Path, *, user: str = "") -> None:
    """Make a folder that only its owner may enter.

    Args:
        folder: It belongs to whoever owns the folder around it.
        user: Whose it is instead, where root makes it and there is such a user.
    """
    around = folder.parent
    if not around.is_dir():
        make_folder(around)
        around.chmod(0o755)
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        as_its_folder(folder)
    with contextlib.suppress(KeyError):
        if user:
            # Its group stays: on a box that is ours, which looks after the broker's files.
            _give(folder, pwd.getpwnam(user).pw_uid, folder.stat().st_gid)


def keep(path: Path, body: bytes, *, secret: bool = False) -> None:
    """Write a file, which belongs to who owns the folder: a service must read it."""
    write_whole(path, body, mode=0o600 if secret else 0o644)
    as_its_folder(path)


def as_its_folder(path: Path) -> None:
    """What root makes belongs to who owns the folder around it."""
    owner = path.parent.stat()
    _give(path, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One at a time: a command and the server may change the same folder."""
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        as_its_folder(folder / ".lock")
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _give(path: Path, uid: int, gid: int) -> None:
    if os.geteuid() == 0:
        os.chown(path, uid, gid)
