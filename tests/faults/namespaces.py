"""Disks and networks of our own: private namespaces that vanish with whoever holds them."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from millprint import children
from tests.faults.row import Unrecovered


@dataclass(frozen=True, slots=True)
class Network:
    """A network of our own, held by a sleeping process."""

    pid: int

    @property
    def enter(self) -> tuple[str, ...]:
        """What stands before a command that is to run in it."""
        return ("nsenter", f"--net=/proc/{self.pid}/ns/net", "--")

    def run(self, *command: str) -> None:
        """Run a command in it to its end."""
        subprocess.run([*self.enter, *command], check=True, capture_output=True, text=True)


_MARK = "MILLPRINT_FAULTS_MOUNTS"


def with_mounts_of_our_own() -> None:
    """Begin this program again where no mount of ours is seen by anybody else."""
    if _MARK not in os.environ:
        command = ["unshare", "--mount", sys.executable, *sys.orig_argv[1:]]
        os.execvpe(command[0], command, os.environ | {_MARK: "1"})


@contextlib.contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator[None]:
    """A tmpfs of so many MB on a folder."""
    if _MARK not in os.environ:
        raise Unrecovered("a disk of our own needs mounts of our own: python -m tests.faults")
    folder.mkdir(parents=True, exist_ok=True)
    options = ("-t", "tmpfs", "-o", f"size={size_mb}m", "none")
    subprocess.run(["mount", *options, str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def two_networks() -> Iterator[tuple[Network, Network]]:
    """Two networks with one cable between them: 10.99.0.1 and 10.99.0.2, each on ``cable``."""
    with _held() as here, _held() as there:
        cable = ("ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable")
        here.run(*cable, "netns", str(there.pid))
        for namespace, address in ((here, "10.99.0.1/24"), (there, "10.99.0.2/24")):
            namespace.run("ip", "address", "add", address, "dev", "cable")
            namespace.run("ip", "link", "set", "cable", "up")
        yield here, there


@contextlib.contextmanager
def _held() -> Iterator[Network]:
    script = "ip link set lo up && echo ready && exec sleep infinity"
    command: Sequence[str] = ("unshare", "--net", "sh", "-c", script)
    process = children.start(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        if process.stdout.readline() != "ready\n":
            raise Unrecovered("no network of our own: run the faults as root")
        yield Network(process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
