"""Child processes: started so that they cannot outlive us, and started again when they die."""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_BAD_CONFIGURATION = 2
_LONGEST_WAIT_S = 30.0
_GRACE_S = 10.0
_LIBC = ctypes.CDLL(None)


def start(
    command: Sequence[str], *, log: Path | None = None, stdout: int | None = None
) -> subprocess.Popen[str]:
    """Start a program that the kernel kills when we are gone, however we went.

    Args:
        command: The program and its arguments.
        log: File that takes what it says; None leaves that where ours goes.
        stdout: ``subprocess.PIPE`` to read its output.
    """
    sink: IO[str] | None = log.open("a", encoding="utf-8") if log else None
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=stdout if stdout is not None else sink,
            stderr=sink,
            text=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, no lock taken
        )
    finally:
        if sink:
            sink.close()


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours with this interpreter."""
    return [sys.executable, "-m", module, *arguments]


class Child:
    """A program that is to run; no dataclass, which costs who stands by for years 1 MB.

    Args:
        name: What people call it.
        command: How it is started.
        log: Where its words go.
        rereads: Whether it reads its configuration again at SIGHUP.

    Attributes:
        process: The running program.
        starts: How often it was started.
        again_at: When it is started again after it died.
        wait_s: How long that waits, longer each time. [s]
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path | None = None, *, rereads: bool = False
    ) -> None:
        self.name, self.command, self.log, self.rereads = name, command, log, rereads
        self.process: subprocess.Popen[str] | None = None
        self.starts = 0
        self.again_at = 0.0
        self.wait_s = 1.0

    def start(self) -> None:
        """Start it."""
        self.process = start(self.command, log=self.log)
        self.starts += 1

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        return self.process.poll() if self.process else None


class Household:
    """Programs that are kept running together.

    Args:
        children: In the order in which they are started; they are stopped in reverse.
    """

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = list(children)

    def start(self) -> None:
        """Start them all."""
        for child in self.children:
            child.start()

    def watch(self) -> str | None:
        """Start again what has died, each time a little later.

        Returns:
            The name of one that says that its configuration is bad, which no new start mends.
        """
        now = time.monotonic()
        for child in self.children:
            code = child.code
            if code is None:
                continue
            if code == _BAD_CONFIGURATION:
                return child.name
            if not child.again_at:
                child.again_at = now + child.wait_s
            elif now >= child.again_at:
                child.again_at = 0.0
                child.wait_s = min(child.wait_s * 2, _LONGEST_WAIT_S)
                child.start()
        return None

    def hang_up(self) -> None:
        """Have those that can read their configuration again."""
        for child in self.children:
            if child.rereads and child.process is not None and child.code is None:
                child.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """Ask them to end, the last started first, and end those that do not."""
        for child in reversed(self.children):
            process = child.process
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(timeout=_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
