"""A test stand: simulated meters behind real sockets, a configuration for them, processes."""

import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.books import Books
from millprint import children
from millprint.children import python
from tests.bench import material

_PATIENCE_S = 45.0
_DOZES_S = 0.01


def until(fact: Callable[[], bool]) -> None:
    """Wait until it is one; TimeoutError where it does not come true."""
    end = time.monotonic() + _PATIENCE_S
    while not fact():
        if time.monotonic() > end:
            raise TimeoutError("it did not come true")
        time.sleep(0.05)


def dozing(for_s: float) -> float:
    """Sleep, a hundred times a second; how late one wakes up, p99. [ms]

    That much the machine lets everybody wait, whatever he does.
    """
    late_ms: list[float] = []
    due = time.monotonic()
    end = due + for_s
    while due < end:
        due += _DOZES_S
        time.sleep(max(0.0, due - time.monotonic()))
        late_ms.append(1000 * (time.monotonic() - due))
    return sorted(late_ms)[int(0.99 * len(late_ms))]


def key_of(books: Path) -> str:
    """Make the books; the key of one who may look at them."""
    made = Books(f"sqlite:///{books}")
    made.migrate()
    key = made.keys.make("bench", "engineer", datetime.now(UTC))
    made.close()
    return key


def configure(
    folder: Path, urls: Sequence[str], units: int, port: int, *, commit_s: int, spool_mb: int = 2048
) -> None:
    """Write the configuration of an agent that polls these, and of a gateway beside it.

    Args:
        folder: Where.
        urls: The buses.
        units: How many meters each of them has, read every second.
        port: The broker's.
        commit_s: Length of a commit window. [s]
        spool_mb: How large the spool may grow. [MB]
    """
    material.write_profile(folder / "profiles")
    (folder / "var").mkdir(parents=True, exist_ok=True)
    url = f'url = "mqtt://127.0.0.1:{port}"\n'
    head = f'site = "{material.SITE}"\n'
    tables = [
        f'{head}collector = "{folder.name}"\n\n[mqtt]\n{url}\n'
        f'[spool]\npath = "var/a.spool"\ncommit_every = "{commit_s}s"\n'
        f"max_mb = {spool_mb}\n"
    ]
    for bus, endpoint in enumerate(urls):
        tables.append(f'\n[buses.bus-{bus}]\nurl = "{endpoint}"\n')
        tables += [
            f'\n[devices.meter-{bus}-{unit}]\nbus = "bus-{bus}"\nunit = {unit}\n'
            'profile = "bench-meter"\nevery = "1s"\n'
            for unit in range(1, units + 1)
        ]
    (folder / "collector.toml").write_text("".join(tables), encoding="utf-8")
    (folder / "gateway.toml").write_text(
        f'{head}\n[mqtt]\n{url}\n[journal]\nurl = "sqlite:///var/journal.db"\n', encoding="utf-8"
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What meters were asked for since they were asked about it.

    Attributes:
        points: How many points.
        late_p99_ms: How late their cycles began, against each one's earliest. [ms]
    """

    points: float
    late_p99_ms: float


@dataclass(frozen=True, slots=True)
class Meters:
    """Simulated meters that are being served.

    Attributes:
        urls: Their buses.
        process: Who serves them.
    """

    urls: list[str]
    process: subprocess.Popen[str]

    def asked(self) -> Asked:
        """What they were asked for since the last time."""
        self.process.send_signal(signal.SIGUSR1)
        assert self.process.stdout is not None
        return Asked(**json.loads(self.process.stdout.readline()))


@contextlib.contextmanager
def simulated(buses: int, units: int) -> Iterator[Meters]:
    """Meters in a process of their own."""
    command = python("tests.bench.simulator", str(buses), str(units))
    with running(command, None, listen=True) as process:
        assert process.stdout is not None
        yield Meters(json.loads(process.stdout.readline()), process)


@contextlib.contextmanager
def running(
    command: Sequence[str], log: Path | None, *, listen: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """A process for as long as it is needed."""
    process = children.start(
        command,
        log=log,
        stdout=subprocess.PIPE if listen else None,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
