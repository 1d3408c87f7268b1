"""The agent as a process: what fails around it does not stop it, and it says when it goes."""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from collector.mqtt import MqttSettings
from tests.collector.gateways import FakeGateway, until
from tests.collector.running import RunningCollector
from tests.conftest import Mosquitto


@pytest.fixture
def gateway(killable_broker: Mosquitto) -> Iterator[FakeGateway]:
    made = FakeGateway(MqttSettings(killable_broker.url))
    yield made
    made.stop()


def test_a_collector_that_is_asked_to_stop_says_so(
    tmp_path: Path, killable_broker: Mosquitto, gateway: FakeGateway, meter: str
) -> None:
    running = RunningCollector(tmp_path, killable_broker.url, meter, tmp_path / "a.spool")
    until(lambda: len(gateway.numbers) > 5)

    running.end()

    until(lambda: gateway.state == "stopped")
    assert [one["state"] for one in gateway.states if one["state"] == "lost"] == []
    with closing(sqlite3.connect(tmp_path / "a.spool")) as db:
        (last,) = db.execute("SELECT max(last) FROM windows").fetchone()
    until(lambda: gateway.has(1, last - 10))


def test_a_collector_that_is_killed_is_lost(
    tmp_path: Path, killable_broker: Mosquitto, gateway: FakeGateway, meter: str
) -> None:
    running = RunningCollector(tmp_path, killable_broker.url, meter, tmp_path / "a.spool")
    until(lambda: gateway.state == "up")

    running.process.kill()
    running.process.wait()

    until(lambda: gateway.state == "lost")


def test_a_card_that_is_not_there_does_not_stop_polling(
    tmp_path: Path, killable_broker: Mosquitto, gateway: FakeGateway, meter: str
) -> None:
    card = tmp_path / "card"
    card.write_text("a file where a folder should be")
    running = RunningCollector(tmp_path, killable_broker.url, meter, card / "a.spool")
    until(lambda: running.log.exists() and running.says("readings wait in memory"))

    card.unlink()

    until(lambda: running.says("the spool takes readings again; 0 were dropped"))
    until(lambda: len(gateway.numbers) > 5)
    running.end()


def test_a_spool_that_is_no_spool_does_not_stop_the_collector(
    tmp_path: Path, killable_broker: Mosquitto, gateway: FakeGateway, meter: str
) -> None:
    (tmp_path / "a.spool").write_bytes(b"what a dying card leaves behind " * 500)
    running = RunningCollector(tmp_path, killable_broker.url, meter, tmp_path / "a.spool")

    until(lambda: len(gateway.numbers) > 5)

    assert list(tmp_path.glob("a.spool.damaged-*"))
    running.end()


def test_a_collector_reads_its_configuration_again_and_says_how_it_goes(
    tmp_path: Path, killable_broker: Mosquitto, gateway: FakeGateway, meter: str
) -> None:
    running = RunningCollector(tmp_path, killable_broker.url, meter, tmp_path / "a.spool")
    until(lambda: len(gateway.numbers) > 5)
    configuration = tmp_path / "collector.toml"
    good = configuration.read_text(encoding="utf-8")

    configuration.write_text(good + "nonsense = 1\n", encoding="utf-8")
    running.process.send_signal(signal.SIGHUP)
    until(lambda: running.says("the configuration is not taken"))
    more = '[buses.c]\nurl = "tcp://127.0.0.1:1"\n[devices.nobody]\nbus = "c"\nunit = 1\n'
    configuration.write_text(
        f'{good}{more}profile = "bench-meter"\nevery = "100ms"\n', encoding="utf-8"
    )
    running.process.send_signal(signal.SIGHUP)

    until(lambda: running.says("nobody on c does not answer: no-connection"))
    until(lambda: gateway.states[-1].get("silent") == 1)
    running.end()
