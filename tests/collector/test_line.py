"""The line to a broker: whole packets whoever publishes, and the version that the broker knows."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.mqtt import Line, MqttSettings, Refusal, Token
from millprint.broker import broker, free_port, wait_for_port
from millprint.children import Household
from tests.collector.gateways import until
from tests.conftest import Mosquitto

TOPIC = "millprint/1/keqiao/a/jet-01/readings"


class Counting:
    """Somebody on a line who counts what happens there."""

    def __init__(self) -> None:
        self.connects = 0
        self.came: list[int] = []

    def connected(self) -> None:
        self.connects += 1

    def disconnected(self) -> None: ...

    def received(self, topic: str, payload: bytes, token: Token) -> None:
        token.acknowledge()
        self.came.append(len(payload))

    def published(self, mid: int, refusal: Refusal | None) -> None: ...


@pytest.fixture
def counting() -> Counting:
    return Counting()


def test_packets_of_threads_that_publish_at_once_arrive_whole(
    killable_broker: Mosquitto, counting: Counting
) -> None:
    line = Line(MqttSettings(killable_broker.url), "a", counting, subscriptions=((TOPIC, 1),))
    line.start()
    until(lambda: line.up)

    def publish(size: int) -> None:
        for _ in range(50):
            assert line.publish(TOPIC, bytes(size))
            line.show("millprint/1/keqiao/a/jet-01/live", bytes(size))

    sizes = (60_000, 50_000, 40_000, 7)
    threads = [threading.Thread(target=publish, args=(size,)) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    until(lambda: len(counting.came) == 200)
    assert sorted(counting.came) == sorted(sizes * 50)
    assert counting.connects == 1
    line.stop()


class HangingUp:
    """A broker that lets everybody in and hangs up on whoever publishes, without a word."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            with client:
                client.recv(1000)
                client.sendall(bytes((0x20, 3, 0, 0, 0)))
                client.recv(1000)

    def close(self) -> None:
        self._listening.close()


def test_a_broker_that_hangs_up_on_what_we_publish_is_told_of_once(
    counting: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    hanging = HangingUp()
    line = Line(MqttSettings(f"mqtt://127.0.0.1:{hanging.port}"), "a", counting)
    line.start()

    def published() -> bool:
        line.publish(TOPIC, b"{}")
        return counting.connects == 4

    until(published)

    assert caplog.text.count("lets us in and hangs up") == 1
    line.stop()
    hanging.close()


@pytest.fixture
def line_and_port(counting: Counting) -> Iterator[tuple[Line, int]]:
    port = free_port()
    line = Line(MqttSettings(f"mqtt://127.0.0.1:{port}"), "a", counting)
    line.start()
    yield line, port
    line.stop()


def test_a_line_speaks_3_1_1_where_the_broker_knows_no_other_and_5_again_where_it_does(
    line_and_port: tuple[Line, int], tmp_path: Path
) -> None:
    line, port = line_and_port
    spoken = []

    for built_in in (True, False):
        household = Household([broker(tmp_path / f"{len(spoken)}", port, built_in=built_in)])
        household.start()
        wait_for_port(port)
        until(lambda: line.up, 60)
        spoken.append(line.version)
        household.stop()
        until(lambda: not line.up)

    assert spoken == [4, 5]
