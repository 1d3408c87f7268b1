"""A gateway and a broker that a test holds in its hands: they do what they are told to."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from collector.mqtt import Line, MqttSettings, Refusal, Token
from collector.wire import topics
from collector.wire.acknowledgement import BUNDLES, EpochAck, encode_acks
from collector.wire.bundle import unbundle
from collector.wire.message import decode
from millprint.broker import free_port, mosquitto, wait_for_port
from millprint.children import Child
from tests.collector.spooled import COLLECTOR, SITE


def until(fact: Callable[[], bool], patience_s: float = 20.0) -> None:
    end = time.monotonic() + patience_s
    while not fact():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


class FakeGateway:
    """Subscribes to a collector's topics. Its journal is a list.

    Args:
        settings: The broker.
        deaf: It takes no readings.
        bundles: It is none of the first, which knew no bundles.
    """

    def __init__(
        self, settings: MqttSettings, *, deaf: bool = False, bundles: bool = False
    ) -> None:
        self.numbers: list[int] = []
        self.bundles: list[int] = []  # how many messages each held
        self._takes = (BUNDLES,) if bundles else ()
        self.states: list[dict[str, object]] = []
        self._lock = threading.Lock()
        root = f"{topics.ROOT}/{SITE}/+"
        taken = [] if deaf else [(f"{root}/+/readings", 1), (f"{root}/records", 1)]
        taken += [(f"{root}/backlog", 1)] * bundles
        self.line = Line(settings, "gateway", self, subscriptions=(*taken, (f"{root}/state", 1)))
        self.line.start()
        until(lambda: self.line.up)

    def connected(self) -> None: ...

    def disconnected(self) -> None: ...

    def published(self, mid: int, refusal: Refusal | None) -> None: ...

    def received(self, topic: str, payload: bytes, token: Token) -> None:
        address = topics.parse(topic)
        token.acknowledge()
        with self._lock:
            if address.kind == "state":
                self.states.append(orjson.loads(payload))
            elif address.kind == "backlog":
                messages = unbundle(payload)
                self.bundles.append(len(messages))
                for device, message in messages:
                    self._take(message, device)
            else:
                self._take(payload, address.device)

    def _take(self, payload: bytes, device: str | None) -> None:
        self.numbers += [record.seq for record in decode(payload, device).records]

    def answers(
        self, epoch: str, through: int, missing: tuple[tuple[int, int], ...] = (), conflict: int = 0
    ) -> None:
        ack = EpochAck(epoch, through, missing, conflict)
        self.line.publish(topics.ack(SITE, COLLECTOR), encode_acks([ack], self._takes), retain=True)

    def forget(self) -> None:
        with self._lock:
            self.numbers.clear()

    def has(self, first: int, last: int) -> bool:
        with self._lock:
            return set(range(first, last + 1)) <= set(self.numbers)

    @property
    def state(self) -> object:
        return self.states[-1]["state"] if self.states else None

    def stop(self) -> None:
        self.line.stop()


class OwnMosquitto:
    """A Mosquitto with settings of its own, on a free port."""

    def __init__(self, folder: Path, settings: str) -> None:
        program = mosquitto()
        assert program, "Mosquitto is missing: make setup installs it"
        self.port = free_port()
        configuration = folder / "mosquitto.conf"
        configuration.write_text(
            f"user root\nlistener {self.port} 127.0.0.1\npersistence false\n{settings}",
            encoding="utf-8",
        )
        self._child = Child("broker", [program, "-c", str(configuration)], folder / "broker.log")
        self._child.start()
        wait_for_port(self.port)

    def kill(self) -> None:
        assert self._child.process is not None
        self._child.process.kill()
        self._child.process.wait()
