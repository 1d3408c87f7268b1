"""A connection to a broker that is made again whenever it is lost.

Only the line's own thread writes to its socket: paho writes from whichever thread publishes, and
two that write at once tear each other's packets.
"""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.enums import MQTTProtocolVersion as Version

from collector.mqtt import faults, tls
from collector.mqtt.settings import MqttSettings

log = logging.getLogger("mqtt")

_KEEPALIVE_S = 20
_SHORTEST_WAIT_S, _LONGEST_WAIT_S = 0.5, 60.0
_STEADY_S = 10.0  # a connection that held for less is no reason to hurry with the next
_MOST_BRIEF = 3  # one or two are cut by a restart
_PATIENCE_S = 3.0
_OLD_VERSION_FOR_S, _OLD_VERSION_LONGEST_S = 60.0, 3600.0
_VERSION_UNKNOWN = (0x01, 0x84)
_TURN_S = 0.1  # how long what is only shown may stand before the line sends it
_MOST_SHOWN = 500


class Listener(Protocol):
    """Who is told what happens on a line. Called on the line's own thread."""

    def connected(self) -> None:
        """The broker has let us in."""

    def disconnected(self) -> None:
        """The connection is gone; another will be tried."""

    def received(self, topic: str, payload: bytes, token: "Token") -> None:
        """A message has come; a QoS 1 message is acknowledged with its token."""

    def published(self, mid: int, refusal: faults.Refusal | None) -> None:
        """The broker has answered a publish; None where it says that somebody has it."""


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


@dataclass(slots=True)
class _Greeting:
    """What came of one attempt to connect."""

    let_in: bool = False
    refused: bool = False
    fault: str = ""  # what paho says of the socket, which it does not raise


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
        self._old_version_for_s = _OLD_VERSION_FOR_S
        self._jitter = random.Random(name)
        self._client: paho.Client | None = None
        self._shown: deque[tuple[str, bytes]] = deque(maxlen=_MOST_SHOWN)
        self._stopping, self._renewing = threading.Event(), threading.Event()
        self._said = ""
        self._brief = 0  # connections in a row that the broker ended soon
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

    def renew(self) -> None:
        """Hang up without a word, on a line that no longer answers, and connect anew."""
        self._renewing.set()

    @property
    def up(self) -> bool:
        """Whether the broker has let us in."""
        client = self._client
        return client is not None and client.is_connected()

    @property
    def version(self) -> int:
        """MQTT 5 or 4 (which is 3.1.1)."""
        return int(self._version)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        """Hand a message to the broker, QoS 1; its number, or None where the line is down."""
        client = self._client
        if client is None or not client.is_connected():
            return None
        sent = client.publish(topic, payload, qos=1, retain=retain)
        return sent.mid if sent.rc == paho.MQTT_ERR_SUCCESS else None

    def show(self, topic: str, payload: bytes) -> None:
        """Send what need not arrive, QoS 0, at the line's next turn; the newest where it is slow.

        Who shows is not held up, and the line's thread is not woken for each.
        """
        if self._client is not None:
            self._shown.append((topic, payload))

    def _run(self) -> None:
        wait_s = _SHORTEST_WAIT_S
        while not self._stopping.is_set():
            began = time.monotonic()
            let_in = self._connect_and_serve()
            steady = let_in and time.monotonic() - began > _STEADY_S
            if let_in and not steady:
                self._count_brief()
            if self._version != Version.MQTTv5:
                continue  # it only did not know version 5: it is asked in the older one at once
            wait_s = _SHORTEST_WAIT_S if steady else min(wait_s * 2, _LONGEST_WAIT_S)
            self._stopping.wait(wait_s * self._jitter.uniform(0.5, 1.0))

    def _connect_and_serve(self) -> bool:
        """One connection, from dialling to its end; whether the broker let us in."""
        greeting = _Greeting()
        try:
            client = self._make_client(greeting)
            self._dial(client)
            self._client = client
            self._await_greeting(client, greeting)
            if greeting.let_in:
                self._serve(client)
        except (OSError, ValueError) as fault:
            self._say(faults.of_connecting(fault, self._settings))
            greeting.refused = True
        finally:
            self._client = None
            self._shown.clear()
        self._next_version(greeting)
        if greeting.let_in:
            self._listener.disconnected()
        return greeting.let_in

    def _dial(self, client: paho.Client) -> None:
        parts = urlsplit(self._settings.url)
        port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        # No session is kept at the broker: what it would hold for us is sent again anyway.
        fresh = True if self._version == Version.MQTTv5 else paho.MQTT_CLEAN_START_FIRST_ONLY
        client.connect(parts.hostname or "", port, keepalive=_KEEPALIVE_S, clean_start=fresh)

    def _await_greeting(self, client: paho.Client, greeting: _Greeting) -> None:
        """Until the broker answers; some 3.1.1 brokers neither answer a 5 nor hang up."""
        end = time.monotonic() + _PATIENCE_S
        while not greeting.let_in and not greeting.refused and time.monotonic() < end:
            if client.loop(timeout=0.1) != paho.MQTT_ERR_SUCCESS:
                break
        if not greeting.let_in:
            client.disconnect()
            client.loop(timeout=0.1)
        if greeting.fault and not greeting.let_in and not greeting.refused:
            raise ConnectionError(greeting.fault)

    def _serve(self, client: paho.Client) -> None:
        self._renewing.clear()
        steady_at = time.monotonic() + _STEADY_S
        old = self._version != Version.MQTTv5
        end = time.monotonic() + self._old_version_for_s
        longer_s = min(self._old_version_for_s * 2, _OLD_VERSION_LONGEST_S)
        self._old_version_for_s = longer_s if old else _OLD_VERSION_FOR_S
        while client.loop(timeout=_TURN_S) == paho.MQTT_ERR_SUCCESS:
            self._send_shown(client)
            if self._brief and time.monotonic() > steady_at:
                self._brief = 0
                self._say("")
            if self._renewing.is_set() or (old and time.monotonic() > end):
                socket = client.socket()
                if socket is not None:
                    socket.close()
                return

    def _count_brief(self) -> None:
        """The broker let us in and the connection soon broke; whoever hangs up need not say why."""
        if self._renewing.is_set() or self._stopping.is_set():
            return
        self._brief += 1
        if self._brief >= _MOST_BRIEF and not self._said:
            self._say(faults.HANGS_UP)

    def _send_shown(self, client: paho.Client) -> None:
        # paho says of each that it went out; made up and passed on, that costs twice the sending.
        answered, client.on_publish = client.on_publish, None
        while self._shown and not client.want_write():
            client.publish(*self._shown.popleft())
            client.loop_write()
        client.on_publish = answered

    def _next_version(self, greeting: _Greeting) -> None:
        """Version 5 again after every connection; the older one only where 5 got no answer.

        A broker that only stumbled is then spoken to in the older one, which has no reason codes:
        that is given up after a minute, and where 5 still gets no answer ever more rarely.
        """
        silent = not greeting.let_in and not greeting.refused
        was_5 = self._version == Version.MQTTv5
        self._version = Version.MQTTv311 if silent and was_5 else Version.MQTTv5

    def _greeted(self, greeting: _Greeting) -> Callable[[Any, Any, Any, Any, Any], None]:
        """What to do when the broker has answered."""

        def on_connect(client: Any, _u: Any, _f: Any, code: Any, _p: Any) -> None:
            if code.is_failure:
                if code.value not in _VERSION_UNKNOWN:
                    greeting.refused = True
                    self._say(faults.greeting(code.value, str(code)))
                client.disconnect()
                return
            greeting.let_in = True
            client.on_log = None  # it would be told of every packet from here on
            if self._brief < _MOST_BRIEF:
                self._say("")
            if self._subscriptions:
                client.subscribe(list(self._subscriptions))
            self._listener.connected()

        return on_connect

    def _answered(self, mid: int, code: Any) -> None:
        self._listener.published(mid, faults.refusal(code.value, str(code)))

    def _hung_up(self, flags: Any, code: Any) -> None:
        if flags.is_disconnect_packet_from_server:
            self._say(faults.greeting(code.value, str(code)))

    def _overheard(self, level: int, words: str, greeting: _Greeting) -> None:
        if level == paho.MQTT_LOG_ERR and "SSL" in words:
            greeting.fault = words

    def _say(self, why: str) -> None:
        """Say once why there is no line, and once that there is one again."""
        if why and why != self._said:
            log.warning("%s: no connection: %s", self._settings.url, why)
        elif self._said and not why:
            log.warning("%s: connected", self._settings.url)
        self._said = why

    def _make_client(self, greeting: _Greeting) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._name,
            protocol=self._version,
            clean_session=None if self._version == Version.MQTTv5 else True,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.on_connect = self._greeted(greeting)
        # That somebody is told when there is something to write keeps paho from writing itself.
        client.on_socket_register_write = lambda *_: None
        client.on_message = lambda c, _u, m: self._listener.received(
            m.topic, bytes(m.payload), Token(c, m.mid, m.qos)
        )
        client.on_publish = lambda _c, _u, mid, code, _p: self._answered(mid, code)
        client.on_disconnect = lambda _c, _u, flags, code, _p: self._hung_up(flags, code)
        client.on_log = lambda _c, _u, level, words: self._overheard(level, words, greeting)
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
            client.tls_set_context(tls.context(settings))
        return client
