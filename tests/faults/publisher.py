"""A publisher of anything: what a device of somebody else, or somebody hostile, may send."""

import contextlib
import threading
from collections.abc import Iterator

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

_ANSWERS_S = 30.0


class Publisher:
    """An MQTT 5 client that says what the broker answered to each message."""

    def __init__(self, client: paho.Client) -> None:
        self._client, self._codes = client, dict[int, int]()
        self._answered = threading.Condition()
        client.on_publish = lambda _c, _u, mid, code, _p: self._note(mid, code.value)

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """Publish, and wait for the reason code."""
        mid = self._client.publish(topic, payload, qos=1, retain=retain).mid
        with self._answered:
            if not self._answered.wait_for(lambda: mid in self._codes, _ANSWERS_S):
                raise TimeoutError(f"no PUBACK for {topic} within {_ANSWERS_S:g} s")
            return self._codes.pop(mid)

    def pour(self, topic: str, payload: bytes, times: int) -> None:
        """Publish the same so many times, without asking what becomes of it."""
        for _ in range(times):
            self._client.publish(topic, payload, qos=0)

    def _note(self, mid: int, code: int) -> None:
        with self._answered:
            self._codes[mid] = code
            self._answered.notify_all()


@contextlib.contextmanager
def publisher(host: str, port: int, user: str = "", password: str = "") -> Iterator[Publisher]:
    """A connected one."""
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"publisher-{user}",
        protocol=MQTTProtocolVersion.MQTTv5,
    )
    if user:
        client.username_pw_set(user, password)
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.connect(host, port)
    client.loop_start()
    try:
        if not connected.wait(_ANSWERS_S):
            raise TimeoutError("the broker does not let us in")
        yield Publisher(client)
    finally:
        client.disconnect()
        client.loop_stop()
