"""Real parts for the tests: brokers as child processes on free ports."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadfile import LoadFileScheduling

from millprint.broker import broker, free_port, mosquitto, wait_for_port
from millprint.children import Child, Household

PLAY_WHOLE_MILLS = (
    "browser", "e2e", "demo", "faults", "stores", "replay", "delivery", "doctor", "keeping",
    "enrolment", "command", "evidence", "collector",
)  # fmt: skip
"""Rooms that begin first: what is quickly done fills the gaps that they leave at the end."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long is left to `make long`; what takes longest of the rest begins first."""
    places = {room: place for place, room in enumerate(PLAY_WHOLE_MILLS)}
    tests = Path(__file__).parent
    items.sort(key=lambda item: places.get(item.path.relative_to(tests).parts[0], len(places)))
    if not os.environ.get("MILLPRINT_LONG"):
        long = {item for item in items if item.get_closest_marker("long")}
        config.hook.pytest_deselected(items=list(long))
        items[:] = [item for item in items if item not in long]


class _Rooms(LoadFileScheduling):
    """Tests of a file stay together, and all that look at the one mill that a room plays."""

    def _split_scope(self, nodeid: str) -> str:
        room = "tests/browser/"
        return room if nodeid.startswith(room) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Who runs which tests, where several processes do."""
    return _Rooms(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(params=["mosquitto", "built-in"])
def broker_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A running broker of each kind."""
    built_in = request.param == "built-in"
    assert built_in or mosquitto(), "Mosquitto is missing: make setup installs it"
    port = free_port()
    child = broker(tmp_path / "broker", port, built_in=built_in)
    household = Household([child])
    household.start()
    wait_for_port(port)
    yield f"mqtt://127.0.0.1:{port}"
    household.stop()


class Mosquitto:
    """A Mosquitto that a test may kill and start again, with nothing kept."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._child: Child | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._child is not None
        assert self._child.process is not None
        return self._child.process.pid

    def start(self) -> None:
        self._child = broker(self._folder, self.port)
        self._child.start()
        wait_for_port(self.port)

    def kill(self) -> None:
        assert self._child is not None
        assert self._child.process is not None
        self._child.process.kill()
        self._child.process.wait()


@pytest.fixture
def killable_broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A Mosquitto on a port of its own."""
    assert mosquitto(), "Mosquitto is missing: make setup installs it"
    one = Mosquitto(tmp_path / "broker")
    yield one
    one.kill()
