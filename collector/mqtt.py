"""The house's line to a broker: paho-mqtt behind one face, for agent and gateway alike.

Each connection is a fresh paho client, so that nothing is left in its memory queue: what must
not be lost stands in the spool or in the journal. MQTT 5 first, for its reason codes; 3.1.1
where the broker knows no other.
"""

import random
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.enums import MQTTProtocolVersion as Version

from collector.wire.problem import Problem, Refused

_KEEPALIVE_S = 20
_LONGEST_WAIT_S = 30.0
_PATIENCE_S = 3.0
_NO_SUBSCRIBER = 0x10
_FAILURE = 0x80
_VERSION_UNKNOWN = (0x01, 0x84)


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The ``[mqtt]`` table.

    Attributes:
        url: ``mqtt://host:port``, or ``mqtts://host:port`` with the files below.
        ca_file: Whom to trust.
        cert_file: Our certificate.
        key_file: Its key.
        username: Where the broker asks for one.
        password_file: File whose first line is the password.
    """

    url: str
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    username: str = ""
    password_file: str = ""


def check(settings: MqttSettings, where: str) -> list[Problem]:
    """What is wrong with the settings, before anything connects."""
    if not _is_address(settings.url):
        return [Problem("bad-broker-url", where, values={"url": settings.url})]
    files = (settings.ca_file, settings.cert_file, settings.key_file, settings.password_file)
    return [
        Problem("no-such-file", f"{where} {name}")
        for name in files
        if name and not Path(name).is_file()
    ]


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("mqtt", "mqtts") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number or above 65535
        return False


class Listener(Protocol):
    """Who is told what happens on a line. Called on the line's own thread."""

    def connected(self) -> None:
        """The broker has let us in."""

    def disconnected(self) -> None:
        """The connection is gone; another will be tried."""

    def received(self, topic: str, payload: bytes, token: "Token") -> None:
        """A message has come; a QoS 1 message is acknowledged with its token."""

    def published(self, mid: int, stored: bool) -> None:  # noqa: FBT001 - a fact, not an option
        """The broker has answered a publish; whether it says that somebody has it."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is needed to acknowledge a message to the broker, once it is safe."""

    client: paho.Client
    mid: int
    qos: int

    def acknowledge(self) -> None:
        """Tell the broker that it may forget the message."""
        if self.qos:
            self.client.ack(self.mid, self.qos)


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says for us when we are gone without a word."""

    topic: str
    payload: bytes


class Line:
    """A connection to a broker that is made again whenever it is lost."""

    def __init__(
        self,
        settings: MqttSettings,
        name: str,
        listener: Listener,
        *,
        subscriptions: tuple[tuple[str, int], ...] = (),
        will: Will | None = None,
    ) -> None:
        self._settings = settings
        self._name = name
        self._listener = listener
        self._subscriptions = subscriptions
        self._will = will
        self._version = Version.MQTTv5
        self._jitter = random.Random(name)
        self._client: paho.Client | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"mqtt-{name}", daemon=True)

    def start(self) -> None:
        """Begin to connect, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye and end the thread."""
        self._stopping.set()
        client = self._client
        if client is not None:
            client.disconnect()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    @property
    def up(self) -> bool:
        """Whether the broker has let us in."""
        client = self._client
        return client is not None and client.is_connected()

    @property
    def version(self) -> int:
        """MQTT 5 or 4 (which is 3.1.1)."""
        return int(self._version)

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool = False) -> int | None:
        """Hand a message to the broker; its number, or None where the line is down."""
        client = self._client
        if client is None or not client.is_connected():
            return None
        sent = client.publish(topic, payload, qos=qos, retain=retain)
        return sent.mid if sent.rc == paho.MQTT_ERR_SUCCESS else None

    def _run(self) -> None:
        wait_s = 0.5
        while not self._stopping.is_set():
            began = self._connect_and_serve()
            wait_s = 0.5 if began else min(wait_s * 2, _LONGEST_WAIT_S)
            self._stopping.wait(wait_s * self._jitter.uniform(0.5, 1.0))

    def _connect_and_serve(self) -> bool:
        """One connection, from dialling to its end; whether the broker let us in."""
        client = self._make_client()
        let_in, refused = threading.Event(), threading.Event()
        client.on_connect = self._greeting(client, let_in, refused)
        try:
            self._dial(client)
            self._client = client
            if _answered(client, let_in, refused):
                client.loop_forever()
        except OSError:
            return False
        finally:
            self._client = None
        if let_in.is_set():
            self._listener.disconnected()
        elif not refused.is_set():
            self._other_version()  # an old broker says so, or hangs up without a word
        return let_in.is_set()

    def _dial(self, client: paho.Client) -> None:
        parts = urlsplit(self._settings.url)
        port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        # No session is kept at the broker: what it would hold for us is sent again anyway.
        fresh = True if self._version == Version.MQTTv5 else paho.MQTT_CLEAN_START_FIRST_ONLY
        client.connect(parts.hostname or "", port, keepalive=_KEEPALIVE_S, clean_start=fresh)

    def _greeting(
        self, client: paho.Client, let_in: threading.Event, refused: threading.Event
    ) -> Callable[[Any, Any, Any, Any, Any], None]:
        """What to do when the broker has answered."""

        def on_connect(_c: Any, _u: Any, _f: Any, code: Any, _p: Any) -> None:
            if code.is_failure:
                if code.value not in _VERSION_UNKNOWN:
                    refused.set()
                client.disconnect()
                return
            let_in.set()
            if self._subscriptions:
                client.subscribe(list(self._subscriptions))
            self._listener.connected()

        return on_connect

    def _other_version(self) -> None:
        v5 = self._version == Version.MQTTv5
        self._version = Version.MQTTv311 if v5 else Version.MQTTv5

    def _make_client(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._name,
            protocol=self._version,
            clean_session=None if self._version == Version.MQTTv5 else True,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.on_message = lambda c, _u, m: self._listener.received(
            m.topic, bytes(m.payload), Token(c, m.mid, m.qos)
        )
        client.on_publish = lambda _c, _u, mid, code, _p: self._listener.published(
            mid, _stored(code.value)
        )
        if self._will:
            client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        settings = self._settings
        if settings.username:
            secret = Path(settings.password_file)
            client.username_pw_set(
                settings.username,
                secret.read_text(encoding="utf-8").splitlines()[0] if secret.is_file() else None,
            )
        if settings.url.startswith("mqtts:"):
            client.tls_set(
                settings.ca_file or None,
                settings.cert_file or None,
                settings.key_file or None,
                tls_version=ssl.PROTOCOL_TLS_CLIENT,
            )
        return client


def _answered(client: paho.Client, let_in: threading.Event, refused: threading.Event) -> bool:
    """Whether the broker let us in; some 3.1.1 brokers neither answer a 5 nor hang up."""
    end = time.monotonic() + _PATIENCE_S
    while not let_in.is_set() and not refused.is_set() and time.monotonic() < end:
        if client.loop(timeout=0.1) != paho.MQTT_ERR_SUCCESS:
            break
    if not let_in.is_set():
        client.disconnect()
        client.loop(timeout=0.1)
    return let_in.is_set()


def _stored(code: int) -> bool:
    return code != _NO_SUBSCRIBER and code < _FAILURE


def require(settings: MqttSettings, where: str) -> None:
    """Refuse settings that cannot work."""
    problems = check(settings, where)
    if problems:
        raise Refused(*problems)
