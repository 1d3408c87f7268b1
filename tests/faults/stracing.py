"""What stands before a command so that strace records its system calls, fails them or kills it.

The program dies with strace, also when that is killed.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.faults.row import Unrecovered

WRITES = ("pwrite64", "write", "ftruncate", "fsync", "fdatasync", "unlink", "rename", "sendto")


_ONLY_THESE_STOP = "--seccomp-bpf"


def killing(call: str, nth: int, paths: Sequence[Path]) -> list[str]:
    """SIGKILL at the nth such call of a thread on one of these files.

    Every call stops: a signal that goes with a stop of seccomp's never arrives.
    """
    return _strace(_on(paths), f"--trace={call}", f"--inject={call}:signal=KILL:when={nth}")


def failing(calls: Sequence[str], error: str, when: str, paths: Sequence[Path]) -> list[str]:
    """Such calls on these files fail; `when` is strace's, such as ``20`` or ``20+7``."""
    traced = f"--trace={','.join(calls)}"
    return _strace(_ONLY_THESE_STOP, _on(paths), traced, inject(calls, error, when))


def inject(calls: Sequence[str], error: str, when: str) -> str:
    """The option that makes calls fail."""
    return f"--inject={','.join(calls)}:error={error}:when={when}"


def recording(into: Path, *more: str) -> list[str]:
    """All that changes files, and all that is sent, byte for byte; `more` options."""
    return _strace(
        _ONLY_THESE_STOP,
        more,
        f"--trace={','.join(WRITES)}",
        "--strings-in-hex=all",
        "--decode-fds=path",
        "--string-limit=1000000",
        "--timestamps=unix,us",
        f"--output={into}",
        "--output-append-mode",  # of one that is started again, too
    )


def _on(paths: Sequence[Path]) -> list[str]:
    return [f"--trace-path={path}" for path in paths]


def _strace(*options: str | Sequence[str]) -> list[str]:
    program = shutil.which("strace")
    if program is None:
        raise Unrecovered("strace is missing: make faults installs it")
    flat: list[str] = []
    for option in options:
        flat += [option] if isinstance(option, str) else option
    quiet = [] if any(one.startswith("--output=") for one in flat) else ["--output=/dev/null"]
    return [
        program,
        "-f",
        "-qq",
        *quiet,
        *flat,
        "--",
        "setpriv",
        "--pdeathsig",
        "KILL",
    ]


def database(path: Path) -> list[Path]:
    """The files of an SQLite database that a power cut must find whole."""
    return [path, path.with_name(f"{path.name}-wal")]
