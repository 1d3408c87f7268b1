"""The uplink: what waits in the spool goes to the broker, until the journal says that it has it.

The broker's PUBACK is flow control only. At most 20 messages are in flight to it; live ones go
first, and the backlog takes at most 16 of the 20, so that a window just committed never waits for
a place.
"""

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from collector.hearing import Hearing
from collector.mqtt import Line, MqttSettings, Refusal, Token, Will
from collector.outbox import Outbox
from collector.spool import Spool, Unwritten
from collector.wire import topics
from collector.wire.acknowledgement import BUNDLES, Acknowledgement, decode_acks
from collector.wire.birth import Birth, birth_form
from collector.wire.canonical import canonical

log = logging.getLogger("collector.uplink")

MOST_IN_FLIGHT = 20
MOST_OF_BACKLOG = 16
_TICK_S = 0.5
_ACK_GRACE_S = 1.0  # what the broker retains of the journal's word comes well before that
_BROKER_LATER = 4 / 3  # of what the journal is given: 20 s where that is 15
_JOURNAL_LATER = 4  # likewise: 60 s
_STATE_EVERY_S = 10.0
_GOODBYE_S = 2.0


class _InFlight(NamedTuple):
    """What the broker has not yet answered."""

    sent_at: float
    live: bool
    bundled: bool


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
        self._outbox = Outbox(spool, resend_after_s)
        self._puback_within_s = resend_after_s * _BROKER_LATER
        self._events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stopping = False
        self._goodbye: int | None = None
        self._leave_by = 0.0
        jitter = random.Random(f"{site}/{collector}")
        self._hearing = Hearing(resend_after_s * _JOURNAL_LATER, jitter)
        self._in_flight: dict[int, _InFlight] = {}
        self._announced: dict[int, str] = {}  # births and states under way
        self._forbidden: set[str] = set()
        self._beginning, self._heard = False, True
        self._send_from = 0.0
        self._unreadable = False
        self._facts: dict[str, str | int] = {}
        self._told: dict[str, str | int] = {}
        self._told_at = 0.0
        self._line = Line(
            settings,
            f"millprint-{site}-{collector}",
            self,
            subscriptions=((topics.ack(site, collector), 1),),
            will=Will(topics.state(site, collector), _state("lost")),
        )
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)

    def start(self) -> None:
        """Begin to send, in threads of its own."""
        self._line.start()
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye; what is not accounted for stays in the spool."""
        self._events.put(self._end)
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._line.stop()

    @property
    def up(self) -> bool:
        """Whether the broker has let us in."""
        return self._line.up

    def introduce(self, births: Mapping[str, Birth]) -> None:
        """These are the births from now on."""
        self._events.put(lambda: self._introduce(births))

    def committed(self, **facts: str | int) -> None:
        """A window was committed: there is more to send.

        Args:
            facts: What the state message says besides ``waiting``: ``clock``, ``dropped``,
                ``silent``, ``unreadable``.
        """
        self._events.put(lambda: self._facts.update(facts))

    def live(self, device: str, payload: bytes) -> None:
        """Show a reading before its commit; lost where the line is down or slow."""
        self._line.show(topics.live(self._site, self._collector, device), payload)

    def connected(self) -> None:
        """The line is up."""
        self._events.put(self._begin)

    def disconnected(self) -> None:
        """The line is down; `connected` begins anew."""
        self._events.put(self._in_flight.clear)

    def received(self, topic: str, payload: bytes, token: Token) -> None:  # noqa: ARG002
        """An acknowledgement has come."""
        token.acknowledge()
        try:
            word = decode_acks(payload)
        except ValueError as fault:
            # What the broker holds there is no acknowledgement: it deletes nothing.
            log.warning("an acknowledgement cannot be read: %s", fault)
            return
        self._events.put(lambda: self._accounted(word))

    def published(self, mid: int, refusal: Refusal | None) -> None:
        """The broker answered; only the journal's word deletes."""
        self._events.put(lambda: self._answered(mid, refusal))

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._events.get(timeout=_TICK_S)()
                while True:
                    self._events.get_nowait()()
            except queue.Empty:
                self._work(time.monotonic())

    def _work(self, now: float) -> None:
        """What is to be done between two events."""
        if self._goodbye is not None:
            self._stopping = self._stopping or not self._line.up or now >= self._leave_by
            return
        try:
            if self._line.up:
                self._begin_to_send(now)
                self._send(now)
                self._tell_state(now)
                self._listen(now)
        except Unwritten as fault:
            if not self._unreadable:
                log.warning("nothing can be sent from the spool: %s", fault)
            self._unreadable = True
        else:
            self._unreadable = False

    def _end(self) -> None:
        """Say goodbye; what was handed over before goes first, so its answer is waited for."""
        self._goodbye = self._line.publish(self._state_topic, _state("stopped"), retain=True)
        self._leave_by = time.monotonic() + _GOODBYE_S
        self._stopping = self._goodbye is None

    @property
    def _state_topic(self) -> str:
        return topics.state(self._site, self._collector)

    def _begin(self) -> None:
        """Say that we are here; then the spool is sent from the first that is not accounted for."""
        self._in_flight.clear()
        self._announced.clear()
        self._hearing.connected()
        self._outbox.bundling.connected()
        self._tell_births()
        self._told_at = 0.0
        self._beginning, self._heard = True, False
        self._send_from = time.monotonic() + _ACK_GRACE_S

    def _introduce(self, births: Mapping[str, Birth]) -> None:
        self._births = births
        self._tell_births()

    def _tell_births(self) -> None:
        for device, birth in self._births.items():
            topic = topics.birth(self._site, self._collector, device)
            self._announce("births", topic, canonical(birth_form(birth)))

    def _begin_to_send(self, now: float) -> None:
        """Once the journal's word is here: it may say that our numbers are not ours."""
        if self._beginning and (self._heard or now >= self._send_from):
            self._outbox.begin(now)
            self._beginning = False

    def _announce(self, what: str, topic: str, payload: bytes) -> None:
        mid = self._line.publish(topic, payload, retain=True)
        if mid is not None:
            self._announced[mid] = what

    def _answered(self, mid: int, refusal: Refusal | None) -> None:
        self._stopping = self._stopping or mid == self._goodbye
        if mid in self._announced:
            self._told_of(self._announced.pop(mid), refusal)
        sent = self._in_flight.pop(mid, None)
        if sent and sent.bundled and refusal and not refusal.unheard:
            self._outbox.bundling.refused()
        if sent and refusal and self._paused(refusal):
            self._beginning, self._heard = True, True

    def _paused(self, refusal: Refusal) -> bool:
        return self._hearing.refused(refusal.why, time.monotonic(), unheard=refusal.unheard)

    def _told_of(self, what: str, refusal: Refusal | None) -> None:
        """Births or a state were announced: no reading waits for them, so one word will do."""
        if refusal is None or refusal.unheard:
            self._forbidden.discard(what)
        elif what not in self._forbidden:
            self._forbidden.add(what)
            log.warning("the broker does not take our %s: %s", what, refusal.why)

    def _accounted(self, word: Acknowledgement) -> None:
        try:
            moved = self._spool.release(word.acks)
        except Unwritten as fault:
            log.warning("an acknowledgement waits, the spool cannot be opened: %s", fault)
            return
        self._outbox.accounted(word.acks, time.monotonic())
        self._outbox.bundling.taken = BUNDLES in word.takes
        if moved:
            self._hearing.accounted()
        elif self._heard:  # the first after connecting may be the broker's memory, and old
            self._hearing.answered()
        self._heard = True

    def _send(self, now: float) -> None:
        while not self._beginning and self._hearing.may_send(now):
            backlog = sum(not one.live for one in self._in_flight.values())
            if len(self._in_flight) >= MOST_IN_FLIGHT:
                return
            parcel = self._outbox.next(now, backlog=backlog < MOST_OF_BACKLOG)
            if parcel is None:
                return
            mid = self._line.publish(parcel.topic, parcel.payload)
            if mid is None:
                self._beginning = True  # the line went down under it: it is sent on the next
                return
            self._in_flight[mid] = _InFlight(now, parcel.live, parcel.bundled)
            self._outbox.sent(parcel, now)
            self._hearing.sent(now)

    def _tell_state(self, now: float) -> None:
        if now - self._told_at < _STATE_EVERY_S and self._told_at:
            return
        facts = self._facts | {"state": self._hearing.word, "waiting": self._spool.waiting()}
        if facts != self._told or not self._told_at:
            self._announce("state", self._state_topic, canonical({"v": 1} | facts))
            self._told, self._told_at = facts, now

    def _listen(self, now: float) -> None:
        """A line that swallows what we send is hung up; a journal that lacks it is told of."""
        oldest = min((one.sent_at for one in self._in_flight.values()), default=now)
        if now - oldest > self._puback_within_s:
            log.warning("the broker has not answered for %d s: connecting anew", now - oldest)
            self._in_flight.clear()
            self._line.renew()
        else:
            self._hearing.listen(now)


def _state(word: str) -> bytes:
    return canonical({"v": 1, "state": word})
