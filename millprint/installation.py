"""An installation for a while: a simulator with everything around it, on free ports."""

import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from api.books import Books
from collector.wire.problem import Problem, Refused
from millprint import children
from millprint.broker import broker, free_port, mosquitto, wait_for_port
from millprint.children import Child, Household, python
from millprint.door import listening

_HOST = "127.0.0.1"
_PATIENCE_S = 30.0
_LAST_WORDS = 5
_PRICES = """
# Made up, so that pages have money to show.
[prices]
currency = "CNY"
electricity_kwh = 0.70
natural_gas_m3_0c = 3.60
water_m3 = 4.10
"""


class Installation(ABC):
    """Simulator, broker, server and collector, all of them real, on a simulated clock.

    Args:
        folder: Configuration, logs and data.
        site: Its site's id.
        start: When its time begins.
        port: Of the pages; 0 for a free one.
        built_in_broker: Take the built-in broker even where Mosquitto is there.
    """

    def __init__(
        self, folder: Path, *, site: str, start: datetime, port: int, built_in_broker: bool
    ) -> None:
        self.folder, self._site, self._start = folder, site, start
        self.port = port or free_port()
        self.mosquitto = mosquitto() is not None and not built_in_broker
        self.key = ""
        self._pace = ""
        self._simulator: subprocess.Popen[str] | None = None
        self.household = Household([])

    @abstractmethod
    def simulator(self) -> Sequence[str]:
        """The simulator's command; it prints one line of JSON: ``endpoints`` and ``pace``."""

    @abstractmethod
    def configure(self, endpoints: Mapping[str, str], broker_url: str) -> None:
        """Write ``collector.toml`` and the plant."""

    def collector(self) -> Sequence[str]:
        """What the collector is told besides where its configuration and its clock are."""
        return ()

    def child(self, name: str) -> Child:
        """The child of that name: ``broker``, ``server`` or ``collector``."""
        return next(child for child in self.household.children if child.name == name)

    def truth(self) -> dict[str, Any]:
        """What really happened until now."""
        return self._ask_simulator("truth")

    def hold(self) -> None:
        """Let no more time pass; what was read until now is still delivered."""
        self._ask_simulator("hold")

    def get(self, path: str) -> Any:
        """Ask the service, as anybody would."""
        request = urllib.request.Request(
            f"http://{_HOST}:{self.port}/api/v1{path}",
            headers={"Authorization": f"Bearer {self.key}"},
        )
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
            return json.load(answer)

    def post(self, path: str, body: bytes, kind: str = "application/json") -> Any:
        """Enter something with the service, as anybody would."""
        request = urllib.request.Request(
            f"http://{_HOST}:{self.port}/api/v1{path}",
            data=body,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": kind},
        )
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
            return json.load(answer)

    def open(self) -> None:
        """Start everything, and wait until the pages answer; `Refused` where the port is taken."""
        with listening(_HOST, self.port, f"--port {self.port}"):
            pass  # the server takes it; that somebody else has it is better said before all starts
        self.folder.mkdir(parents=True, exist_ok=True)
        endpoints = self._start_simulator()
        broker_port = free_port()
        self._configure(endpoints, f"mqtt://{_HOST}:{broker_port}")
        config = ("--config", str(self.folder))
        clock = ("--pace", self._pace, *self.collector())
        self.household = Household(
            [
                broker(self.folder, broker_port, built_in=not self.mosquitto),
                Child(
                    "server",
                    python("millprint.roots.server", *config, "--clock", "data"),
                    self.folder / "server.log",
                ),
                Child(
                    "collector",
                    python("millprint.demo.collector", *config, *clock),
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

    def refusal(self, child: str) -> Refused:
        """That a child has failed, with the last lines of its log."""
        log = self.child(child).log
        text = log.read_text(encoding="utf-8", errors="replace") if log else ""
        said = "\n  ".join(["", *text.splitlines()[-_LAST_WORDS:]])
        return Refused(Problem("demo-did-not-start", child, values={"said": said}))

    def _ask_simulator(self, what: str) -> dict[str, Any]:
        host, _, port = self._pace.partition(":")
        with socket.create_connection((host, int(port)), timeout=_PATIENCE_S) as line:
            line.sendall(json.dumps({what: True}).encode() + b"\n")
            with line.makefile("rb") as answer:
                return cast("dict[str, Any]", json.loads(answer.readline()))

    def _start_simulator(self) -> dict[str, str]:
        self._simulator = children.start(self.simulator(), stdout=subprocess.PIPE)
        said = self._simulator.stdout.readline() if self._simulator.stdout else ""
        if not said:
            raise Refused(Problem("demo-did-not-start", "simulator", values={"said": "above"}))
        opened = json.loads(said)
        self._pace = opened["pace"]
        return dict(opened["endpoints"])

    def _configure(self, endpoints: Mapping[str, str], broker_url: str) -> None:
        self.configure(endpoints, broker_url)
        (self.folder / "gateway.toml").write_text(
            f'site = "{self._site}"\n\n[mqtt]\nurl = "{broker_url}"\n\n'
            '[journal]\nurl = "sqlite:///var/journal.db"\n',
            encoding="utf-8",
        )
        (self.folder / "api.toml").write_text(
            f'[http]\nhost = "{_HOST}"\nport = {self.port}\n\n'
            '[books]\nurl = "sqlite:///var/books.db"\n' + _PRICES,
            encoding="utf-8",
        )
        (self.folder / "var").mkdir(exist_ok=True)
        books = Books(f"sqlite:///{self.folder}/var/books.db")
        books.migrate()
        self.key = books.keys.make("demo", "engineer", self._start)
        books.close()

    def _wait_for_pages(self) -> None:
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                self.get("/health")
                return
            for child in self.household.children:
                if child.code is not None:
                    raise self.refusal(child.name)
            time.sleep(0.05)
        raise self.refusal("server")


Kind = TypeVar("Kind", bound=Installation)


@contextlib.contextmanager
def opened(installation: Kind, *, keep: bool = False) -> Iterator[Kind]:
    """A running installation that leaves nothing behind: no process, and no file unless asked."""
    try:
        installation.open()
        yield installation
    finally:
        installation.close()
        if not keep:
            shutil.rmtree(installation.folder, ignore_errors=True)
