"""Who watches a collector hears of it while rounds are committed, and never otherwise."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from millprint import systemd
from tests.collector.gateways import until
from tests.collector.running import RunningCollector
from tests.conftest import Mosquitto


class Watcher:
    """What systemd is to a service: a socket that hears datagrams."""

    def __init__(self, place: str) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._line.bind(f"\0{place[1:]}" if place.startswith("@") else place)
        self.heard: list[str] = []

    def hears(self, fact: str, times: int = 1) -> bool:
        self.listen()
        return self.heard.count(fact) >= times

    def listen(self) -> None:
        try:
            while True:
                self.heard.append(self._line.recv(512).decode())
        except BlockingIOError:
            pass

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def watcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watcher]:
    place = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", place)
    one = Watcher(place)
    yield one
    one.close()


def test_it_hears_of_the_start_and_of_every_committed_round(
    tmp_path: Path, killable_broker: Mosquitto, meter: str, watcher: Watcher
) -> None:
    running = RunningCollector(tmp_path, killable_broker.url, meter, tmp_path / "a.spool")

    until(lambda: watcher.hears(systemd.ALIVE, times=3))

    assert watcher.heard[0] == systemd.READY
    running.end()


def test_it_hears_nothing_while_the_disk_refuses_and_again_when_it_takes(
    tmp_path: Path, killable_broker: Mosquitto, meter: str, watcher: Watcher
) -> None:
    card = tmp_path / "card"
    card.write_text("a file where a folder should be")
    running = RunningCollector(tmp_path, killable_broker.url, meter, card / "a.spool")
    until(lambda: running.log.exists() and running.says("readings wait in memory"))
    assert not watcher.hears(systemd.ALIVE)

    card.unlink()
    until(lambda: running.says("the spool takes readings again"))

    until(lambda: watcher.hears(systemd.ALIVE))
    running.end()


def test_a_name_that_is_no_file_is_a_name_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    place = "@millprint-tests-watched"
    watcher = Watcher(place)
    monkeypatch.setenv("NOTIFY_SOCKET", place)

    systemd.tell(systemd.READY)

    assert watcher.hears(systemd.READY)
    watcher.close()


@pytest.mark.parametrize("place", ["", "/nowhere/notify"])
def test_where_nobody_listens_nothing_happens(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", place)

    systemd.tell(systemd.READY)
