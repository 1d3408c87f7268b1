"""An enrolled site: a real Mosquitto on the generated files, and a real server over https."""

import json
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.mqtt import Line, MqttSettings, Refusal, Token
from millprint.broker import free_port, mosquitto, wait_for_port
from millprint.children import Child, python
from millprint.enrolment import joining, site
from millprint.enrolment.joining import Joined
from tests.api.given import PLANT, SITE

NOW = datetime.now(UTC)
A_DAY = timedelta(days=1)


def until(fact: Callable[[], object], patience_s: float = 30.0) -> None:
    end = time.monotonic() + patience_s
    while not fact():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


def write(folder: Path, *, broker: str, http: str, plant: str = PLANT, more: str = "") -> None:
    """A configuration folder without collector; with `more` of api.toml."""
    (folder / "plant").mkdir(parents=True, exist_ok=True)
    (folder / "plant" / "2026-01-01.toml").write_text(plant, encoding="utf-8")
    (folder / "gateway.toml").write_text(
        f'site = "{SITE}"\n[mqtt]\n{broker}\n[journal]\nurl = "sqlite:///var/journal.db"\n',
        encoding="utf-8",
    )
    (folder / "api.toml").write_text(
        f'[http]\n{http}\n[books]\nurl = "sqlite:///var/books.db"\n{more}', encoding="utf-8"
    )


class Ear:
    """Somebody on a line, who remembers what he is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.answers: list[str] = []

    def connected(self) -> None: ...

    def disconnected(self) -> None: ...

    def received(self, topic: str, payload: bytes, token: Token) -> None:
        self.heard.append(topic)
        token.acknowledge()

    def published(self, mid: int, refusal: Refusal | None) -> None:
        self.answers.append(refusal.why if refusal else "passed on")


class EnrolledSite:
    """A site that was founded, its broker and its server."""

    def __init__(self, folder: Path, *, plant: str = PLANT, more: str = "") -> None:
        self.folder, self.broker_port, self.http_port = folder, free_port(), free_port()
        plain = f"port = {self.http_port}"
        write(folder, broker='url = "mqtt://127.0.0.1:1883"', http=plain)
        site.found(folder, (), NOW)
        files = "".join(
            f'{key} = "var/tls/{file}"\n'
            for key, file in (
                ("ca_file", "ca.pem"),
                ("cert_file", "gateway.pem"),
                ("key_file", "gateway.key"),
            )
        )
        write(
            folder,
            broker=f'url = "mqtts://127.0.0.1:{self.broker_port}"\n{files}',
            http=f'{plain}\ncert_file = "var/tls/pages.pem"\nkey_file = "var/tls/pages.key"\n'
            "hsts_days = 2",
            plant=plant,
            more=more,
        )
        site.found(folder, (), NOW)
        program = mosquitto()
        assert program, "Mosquitto is missing: make setup installs it"
        outer = folder / "mosquitto.conf"
        outer.write_text(
            f"user root\nlog_type information\ninclude_dir {folder}/var/broker\n", encoding="utf-8"
        )
        config = ("--config", str(folder))
        self._broker = Child("broker", [program, "-c", str(outer)], folder / "broker.log")
        self._server = Child(
            "server", python("millprint.roots.server", *config), folder / "server.log"
        )
        self._broker.start()
        wait_for_port(self.broker_port)
        self._server.start()
        wait_for_port(self.http_port)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.http_port}"

    @property
    def broker_url(self) -> str:
        return f"mqtts://127.0.0.1:{self.broker_port}"

    @property
    def pids(self) -> dict[str, int]:
        running = (self._broker, self._server)
        return {one.name: one.process.pid for one in running if one.process}

    def context(self) -> ssl.SSLContext:
        """What somebody trusts who has the site's authority."""
        return ssl.create_default_context(cafile=str(self.folder / "var/tls/ca.pem"))

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, context=self.context(), timeout=20) as answer:
            return json.load(answer)

    def invite(self, name: str) -> str:
        """A code, which the broker knows of."""
        code = site.invite(self.folder, name, datetime.now(UTC), A_DAY)
        self.broker_rereads()
        return code

    def enrols(self, name: str, folder: Path) -> Joined:
        """A collector joins over the network."""
        return joining.join(folder, self.url, self.invite(name))

    def revokes(self, name: str) -> None:
        site.revoke(self.folder, name, datetime.now(UTC))

    def broker_rereads(self) -> None:
        assert self._broker.process
        said = (self.folder / "broker.log").read_text().count("Reloading config")
        self._broker.process.send_signal(1)
        until(lambda: (self.folder / "broker.log").read_text().count("Reloading config") > said)

    def broker_starts_again(self) -> None:
        assert self._broker.process
        self._broker.process.kill()
        self._broker.process.wait()
        self._broker.start()
        wait_for_port(self.broker_port)

    def settings(self, folder: Path, name: str) -> MqttSettings:
        """How a collector connects that keeps its certificate in a folder."""
        own = (str(folder / f"{name}.pem"), str(folder / f"{name}.key"))
        return MqttSettings(self.broker_url, str(self.folder / "var/tls/ca.pem"), *own)

    def line(
        self, settings: MqttSettings, *, hears: tuple[str, ...] = (), name: str = "somebody"
    ) -> tuple[Line, Ear]:
        """A line that somebody tries to open."""
        ear = Ear()
        line = Line(settings, name, ear, subscriptions=tuple((topic, 1) for topic in hears))
        line.start()
        return line, ear

    def close(self) -> None:
        for child in (self._server, self._broker):
            if child.process is not None:
                child.process.kill()
                child.process.wait()


def millprint(*words: str) -> subprocess.CompletedProcess[str]:
    """Type it and wait."""
    command = [sys.executable, "-m", "millprint", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnrolledSite]:
    """One enrolled site for the tests of a file."""
    one = EnrolledSite(tmp_path_factory.mktemp("mill"))
    yield one
    one.close()
