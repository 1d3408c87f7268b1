"""Disks and networks of our own: private namespaces that vanish with whoever holds them."""

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from millprint import children


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace, held open by a sleeping process."""

    kind: str
    pid: int

    @property
    def enter(self) -> tuple[str, ...]:
        """What stands before a command that is to run in it."""
        return ("nsenter", f"--{self.kind}=/proc/{self.pid}/ns/{_FILES[self.kind]}", _HERE, "--")

    def run(self, *command: str) -> None:
        """Run a command in it to its end."""
        subprocess.run([*self.enter, *command], check=True, capture_output=True, text=True)

    def seen(self, path: Path) -> Path:
        """A path of its file system, as we can open it."""
        return Path(f"/proc/{self.pid}/root{path}")


_FILES = {"mount": "mnt", "net": "net"}
_HERE = f"--wd={Path.cwd()}"


@contextlib.contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator[Namespace]:
    """A tmpfs of so many MB on a folder, which only those see who enter."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = f"mount -t tmpfs -o size={size_mb}m none '{folder}'"
    with _held("mount", mount) as namespace:
        yield namespace


@contextlib.contextmanager
def two_networks() -> Iterator[tuple[Namespace, Namespace]]:
    """Two networks with one cable between them: 10.99.0.1 and 10.99.0.2, each on ``cable``."""
    with _held("net", "ip link set lo up") as here, _held("net", "ip link set lo up") as there:
        cable = ("ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable")
        here.run(*cable, "netns", str(there.pid))
        for namespace, address in ((here, "10.99.0.1/24"), (there, "10.99.0.2/24")):
            namespace.run("ip", "address", "add", address, "dev", "cable")
            namespace.run("ip", "link", "set", "cable", "up")
        yield here, there


@contextlib.contextmanager
def _held(kind: str, setup: str) -> Iterator[Namespace]:
    script = f"{setup} && echo ready && exec sleep infinity"
    command: Sequence[str] = ("unshare", f"--{kind}", "sh", "-c", script)
    process = children.start(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        if process.stdout.readline() != "ready\n":
            raise PermissionError(f"no {kind} namespace of our own: run the faults as root")
        yield Namespace(kind, process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
