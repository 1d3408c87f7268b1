"""`millprint run` on a real configuration: simulated meters, a Mosquitto, and two processes."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from millprint import children
from millprint.broker import broker, free_port, mosquitto, wait_for_port
from millprint.children import Household, python
from millprint.demo.mill_file import SHIPPED_MILL
from tests.command.conftest import write
from tests.faults.oracle import forms

PATIENCE_S = 120.0
SIGTERM_S = 30.0
HOUSE = "millprint.roots.house"


@dataclass(frozen=True)
class Meters:
    """Meters behind Modbus sockets, and a broker."""

    endpoints: dict[str, str]
    broker_port: int


@pytest.fixture(scope="module")
def meters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meters]:
    """They stand still: nobody lets their time pass, which a register may well do."""
    assert mosquitto(), "Mosquitto is missing: make setup installs it"
    port = free_port()
    household = Household([broker(tmp_path_factory.mktemp("broker"), port)])
    arguments = ("--mill", str(SHIPPED_MILL), "--seed", "3", "--speed", "1")
    simulator = children.start(
        python("millprint.demo.simulator", *arguments), stdout=subprocess.PIPE
    )
    with simulator:
        household.start()
        assert simulator.stdout
        endpoints = json.loads(simulator.stdout.readline())["endpoints"]
        wait_for_port(port)
        yield Meters(endpoints, port)
        simulator.terminate()
    household.stop()


class House:
    """A running `millprint run`."""

    def __init__(self, folder: Path, meters: Meters) -> None:
        self.folder, self.port = folder, free_port()
        write(folder, meters.endpoints, broker_port=meters.broker_port, http_port=self.port)
        self.process = start(folder)

    def children(self) -> dict[str, int]:
        """Process id of each child, by the module that it runs."""
        return children_of(self.process.pid)

    def health(self) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.port}/api/v1/health"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return dict(json.load(answer))

    def ill(self) -> str:
        """What is not well, in words; nothing where readings arrive and every check is well."""
        try:
            checks = self.health()["checks"]
            faults = [check["text_en"] for check in checks if not check["ok"]]
            return "; ".join(faults) or ("" if self.readings() else "no readings yet")
        except (OSError, sqlite3.Error) as fault:
            return str(fault)

    def wait_until_well(self) -> None:
        """Wait for the first readings."""
        end = time.monotonic() + PATIENCE_S
        while said := self.ill():
            assert time.monotonic() < end, said
            time.sleep(0.05)

    def readings(self) -> int:
        """How many readings the journal's file has."""
        return len(forms(self.folder / "var" / "journal.db"))

    def processes(self) -> list[int]:
        """Every process that was given this folder."""
        numbers = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
        return [number for number in numbers if str(self.folder) in command_line(number)]


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "millprint", "run", "--config", str(folder)],
        stderr=subprocess.PIPE,
        text=True,
    )


def children_of(pid: int) -> dict[str, int]:
    """Process id of each child, by the module that it runs."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        for word in command_line(int(child)):
            if word.startswith("millprint.roots.") and word != HOUSE:
                found[word] = int(child)
    return found


def command_line(pid: int) -> list[str]:
    """What a process was started as; nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return []


def wait(until: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait until a fact holds; the test that waits says which."""
    end = time.monotonic() + patience_s
    while not until():
        assert time.monotonic() < end, f"not within {patience_s:g} s"
        time.sleep(0.05)


@pytest.fixture
def house(tmp_path: Path, meters: Meters) -> Iterator[House]:
    one = House(tmp_path, meters)
    yield one
    with suppress(ProcessLookupError):
        os.kill(one.process.pid, signal.SIGKILL)
    one.process.communicate()


def test_a_server_without_collectors_fills_its_time_series_store_too(folder: Path) -> None:
    with (folder / "gateway.toml").open("a", encoding="utf-8") as gateway:
        gateway.write('\n[projections.victoria]\nurl = "http://127.0.0.1:9"\n')
    command = python(HOUSE, "--config", str(folder), "--server-only")
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    with process:
        wait(lambda: len(children_of(process.pid)) == 2)
        started = set(children_of(process.pid))
        process.terminate()

    assert started == {"millprint.roots.server", "millprint.roots.projector"}
    assert process.returncode == 0


def test_readings_arrive_and_sigterm_ends_everything(house: House) -> None:
    house.wait_until_well()

    checks = {check["name"]: check for check in house.health()["checks"]}
    assert checks["broker"]["text_en"] == "connected"
    assert checks["collector dyehouse-a"]["text_en"] == "up"
    assert checks["meters"]["ok"]
    assert set(house.children()) == {"millprint.roots.server", "millprint.roots.collector"}

    house.process.send_signal(signal.SIGTERM)

    assert house.process.wait(timeout=SIGTERM_S) == 0
    assert house.processes() == []


@pytest.mark.long
def test_a_child_that_dies_is_started_again_and_loses_nothing(house: House) -> None:
    house.wait_until_well()
    before, read = house.children(), house.readings()

    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    def back() -> bool:
        now = house.children()
        return set(now) == set(before) and not set(now.values()) & set(before.values())

    wait(back)
    wait(lambda: not house.ill() and house.readings() > read)


def test_a_house_that_is_killed_leaves_no_child(house: House) -> None:
    wait(lambda: len(house.children()) == 2)

    os.kill(house.process.pid, signal.SIGKILL)
    house.process.wait()

    wait(lambda: house.processes() == [], patience_s=5.0)


def test_a_port_that_is_taken_is_a_sentence_and_nothing_is_half_started(
    tmp_path: Path, meters: Meters
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        write(tmp_path, meters.endpoints, broker_port=meters.broker_port, http_port=port)

        with start(tmp_path) as process:
            _, said = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 2
    assert f"port = {port}" in said
    assert f"127.0.0.1:{port} cannot be taken" in said
    assert "Stop it, or choose another port." in said
    assert "Traceback" not in said
    assert not (tmp_path / "var").exists()
