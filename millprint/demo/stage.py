"""The stage: the demo mill with everything around it, on this machine and on free ports."""

import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from api.books import Books
from collector.wire.problem import Problem, Refused
from millprint import children
from millprint.broker import broker, free_port, mosquitto, wait_for_port
from millprint.children import Child, Household, python
from millprint.demo import configuration
from millprint.demo.mill import Mill
from millprint.door import listening

_HOST = "127.0.0.1"
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Casting:
    """How the demo is to be played.

    Attributes:
        mill_file: The mill.
        mill: The same, read.
        seed: Of everything that is drawn.
        speed: Seconds of the mill per second; 0 as fast as it goes.
        once: Whether the mill stops after its first batches.
        tamper: Meters that are to read wrong, as ``device:+3%``.
        port: Of the pages; 0 for a free one.
        built_in_broker: Take the built-in broker even where Mosquitto is there.
    """

    mill_file: Path
    mill: Mill
    seed: int
    speed: float
    once: bool
    tamper: tuple[str, ...] = ()
    port: int = 0
    built_in_broker: bool = False


class Stage:
    """A demo that is running."""

    def __init__(self, folder: Path, casting: Casting) -> None:
        self.folder, self.casting = folder, casting
        self.port = casting.port or free_port()
        self.mosquitto = mosquitto() is not None and not casting.built_in_broker
        self.key = ""
        self._pace = ""
        self._simulator: subprocess.Popen[str] | None = None
        self.household = Household([])

    def child(self, name: str) -> Child:
        """The child of that name: ``broker``, ``server`` or ``collector``."""
        return next(child for child in self.household.children if child.name == name)

    def truth(self) -> dict[str, Any]:
        """What the mill really did until now."""
        return self._ask_mill("truth")

    def hold(self) -> None:
        """Let no more time pass at the mill; what was read until now is still delivered."""
        self._ask_mill("hold")

    def _ask_mill(self, what: str) -> dict[str, Any]:
        host, _, port = self._pace.partition(":")
        with socket.create_connection((host, int(port)), timeout=_PATIENCE_S) as line:
            line.sendall(json.dumps({what: True}).encode() + b"\n")
            with line.makefile("rb") as answer:
                return cast("dict[str, Any]", json.loads(answer.readline()))

    def get(self, path: str) -> Any:
        """Ask the service, as anybody would."""
        request = urllib.request.Request(
            f"http://{_HOST}:{self.port}/api/v1{path}",
            headers={"Authorization": f"Bearer {self.key}"},
        )
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
            return json.load(answer)

    def open(self) -> None:
        """Start everything, and wait until the pages answer; `Refused` where the port is taken."""
        with listening(_HOST, self.port, f"--port {self.port}"):
            pass  # the server takes it; that somebody else has it is better said before all starts
        casting = self.casting
        self.folder.mkdir(parents=True, exist_ok=True)
        endpoints = self._start_simulator()
        broker_port = free_port()
        self._configure(endpoints, broker_port)
        config = ("--config", str(self.folder))
        self.household = Household(
            [
                broker(self.folder, broker_port, built_in=casting.built_in_broker),
                Child(
                    "server",
                    python("millprint.roots.server", *config, "--clock", "data"),
                    self.folder / "server.log",
                ),
                Child(
                    "collector",
                    python("millprint.demo.collector", *config, "--pace", self._pace),
                    self.folder / "collector.log",
                ),
            ]
        )
        self.household.children[0].start()
        wait_for_port(broker_port)
        for child in self.household.children[1:]:
            child.start()
        self._wait_for_pages()

    def close(self) -> None:
        """Stop everything."""
        self.household.stop()
        if self._simulator is not None:
            self._simulator.terminate()
            self._simulator.wait(timeout=_PATIENCE_S)
            if self._simulator.stdout:
                self._simulator.stdout.close()

    def _start_simulator(self) -> dict[str, str]:
        casting = self.casting
        arguments = ["--mill", str(casting.mill_file), "--seed", str(casting.seed)]
        arguments += ["--speed", f"{casting.speed:g}"] + (["--once"] if casting.once else [])
        for one in casting.tamper:
            arguments += ["--tamper", one]
        self._simulator = children.start(
            python("millprint.demo.simulator", *arguments), stdout=subprocess.PIPE
        )
        said = self._simulator.stdout.readline() if self._simulator.stdout else ""
        if not said:
            raise Refused(Problem("demo-did-not-start", "simulator", values={"log": "above"}))
        opened = json.loads(said)
        self._pace = opened["pace"]
        return dict(opened["endpoints"])

    def _configure(self, endpoints: dict[str, str], broker_port: int) -> None:
        url = f"mqtt://{_HOST}:{broker_port}"
        configuration.write(self.folder, self.casting.mill, endpoints, url)
        (self.folder / "gateway.toml").write_text(
            f'site = "{self.casting.mill.site.id}"\n\n[mqtt]\nurl = "{url}"\n\n'
            '[journal]\nurl = "sqlite:///var/journal.db"\n',
            encoding="utf-8",
        )
        (self.folder / "api.toml").write_text(
            f'[http]\nhost = "{_HOST}"\nport = {self.port}\n\n'
            '[books]\nurl = "sqlite:///var/books.db"\n',
            encoding="utf-8",
        )
        (self.folder / "var").mkdir(exist_ok=True)
        books = Books(f"sqlite:///{self.folder}/var/books.db")
        books.migrate()
        self.key = books.keys.make("demo", "engineer", self.casting.mill.site.start)
        books.close()

    def _wait_for_pages(self) -> None:
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                self.get("/health")
                return
            for child in self.household.children:
                if child.code is not None:
                    raise Refused(
                        Problem("demo-did-not-start", child.name, values={"log": str(child.log)})
                    )
            time.sleep(0.05)
        raise Refused(
            Problem("demo-did-not-start", "server", values={"log": f"{self.folder}/server.log"})
        )


@contextlib.contextmanager
def staged(folder: Path, casting: Casting, *, keep: bool = False) -> Iterator[Stage]:
    """A running demo that leaves nothing behind: no process, and no file unless asked."""
    stage = Stage(folder, casting)
    try:
        stage.open()
        yield stage
    finally:
        stage.close()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
