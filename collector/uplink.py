"""The uplink: what waits in the spool goes to the broker, until the journal says that it has it.

The broker's PUBACK is flow control only. What has been sent and is not accounted for within
``resend_after_s`` is sent again from the first missing record; the journal forgives duplicates.
"""

import queue
import threading
import time
from collections.abc import Callable, Mapping

from collector.mqtt import Line, MqttSettings, Token, Will
from collector.spool import Spool
from collector.wire import topics
from collector.wire.acknowledgement import EpochAck, decode_acks
from collector.wire.birth import Birth, birth_form
from collector.wire.canonical import canonical

MOST_IN_FLIGHT = 20
_LONGEST_PAUSE_S = 30.0
_TICK_S = 0.5


class Uplink:
    """Sends one spool's messages over one line.

    Whatever happens on the line is put into a queue and worked off by one thread, which alone
    holds the state: paho calls back while it holds its own locks.

    Args:
        settings: The broker.
        spool: What to send.
        site: Site of the collector.
        collector: Its name.
        births: Birth of every device, published retained on each connection.
        resend_after_s: How long to wait for the journal before sending again. [s]
    """

    def __init__(
        self,
        settings: MqttSettings,
        spool: Spool,
        *,
        site: str,
        collector: str,
        births: Mapping[str, Birth],
        resend_after_s: float = 15.0,
    ) -> None:
        self._spool = spool
        self._site, self._collector = site, collector
        self._births = births
        self._resend_after_s = resend_after_s
        self._events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stopping = False
        self._sent = 0  # highest number handed to the broker on this connection
        self._through = 0  # highest number that the journal accounts for
        self._in_flight: set[int] = set()
        self._quiet_since = 0.0  # since when the journal has been silent about what was sent
        self._pause_until, self._pause_s = 0.0, _TICK_S
        self._state = topics.state(site, collector)
        self._line = Line(
            settings,
            f"millprint-{site}-{collector}",
            self,
            subscriptions=((topics.ack(site, collector), 1),),
            will=Will(self._state, _state("lost")),
        )
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)

    def start(self) -> None:
        """Begin to send, in threads of its own."""
        self._line.start()
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye; what is not accounted for stays in the spool."""
        self._line.publish(self._state, _state("stopped"), qos=1, retain=True)
        self._events.put(self._end)
        self._thread.join(timeout=5)
        self._line.stop()

    @property
    def up(self) -> bool:
        """Whether the broker has let us in."""
        return self._line.up

    def committed(self) -> None:
        """A window was committed: there is more to send."""
        self._events.put(lambda: None)

    def live(self, device: str, payload: bytes) -> None:
        """Show a reading before its commit; lost where the line is down."""
        topic = topics.live(self._site, self._collector, device)
        self._line.publish(topic, payload, qos=0)

    def connected(self) -> None:
        """The line is up."""
        self._events.put(self._begin)

    def disconnected(self) -> None:
        """The line is down; `connected` begins anew."""

    def received(self, topic: str, payload: bytes, token: Token) -> None:  # noqa: ARG002
        """An acknowledgement has come."""
        token.acknowledge()
        try:
            acks = decode_acks(payload)
        except ValueError:
            return  # what the broker holds there is no acknowledgement: it deletes nothing
        self._events.put(lambda: self._accounted(acks))

    def published(self, mid: int, stored: bool) -> None:  # noqa: FBT001
        """The broker answered; only the journal's word deletes."""
        self._events.put(lambda: self._answered(mid, stored=stored))

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._events.get(timeout=_TICK_S)()
                while True:
                    self._events.get_nowait()()
            except queue.Empty:
                self._send()

    def _end(self) -> None:
        self._stopping = True

    def _begin(self) -> None:
        """Say that we are here, and begin at the first record that is not accounted for."""
        for device, birth in self._births.items():
            topic = topics.birth(self._site, self._collector, device)
            self._line.publish(topic, canonical(birth_form(birth)), qos=1, retain=True)
        self._line.publish(self._state, _state("up"), qos=1, retain=True)
        self._in_flight.clear()
        self._start_over()

    def _start_over(self) -> None:
        self._sent = self._through
        self._quiet_since = time.monotonic()

    def _answered(self, mid: int, *, stored: bool) -> None:
        if mid not in self._in_flight:
            return
        self._in_flight.discard(mid)
        if not stored:
            # Nobody listens, or we may not write: do not hammer, begin again later. All that was
            # under way is refused together, and that is one attempt.
            now = time.monotonic()
            if now >= self._pause_until:
                self._pause_until = now + self._pause_s
                self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
            self._start_over()

    def _accounted(self, acks: tuple[EpochAck, ...]) -> None:
        through = self._spool.release(acks)
        if through > self._through:
            self._through = through
            self._sent = max(self._sent, through)
            self._quiet_since = time.monotonic()
        self._pause_until, self._pause_s = 0.0, _TICK_S

    def _send(self) -> None:
        now = time.monotonic()
        if not self._line.up or now < self._pause_until:
            return
        if self._sent > self._through and now - self._quiet_since > self._resend_after_s:
            self._start_over()
        room = MOST_IN_FLIGHT - len(self._in_flight)
        for message in self._spool.next_after(self._sent, room) if room > 0 else ():
            mid = self._line.publish(message.topic, message.payload, qos=1)
            if mid is None:
                return
            if self._sent == self._through:
                self._quiet_since = now
            self._in_flight.add(mid)
            self._sent = message.last


def _state(word: str) -> bytes:
    return canonical({"v": 1, "state": word})
