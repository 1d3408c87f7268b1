"""Ingest: from the broker into the journal, and the journal's word back to the collectors.

A message is acknowledged to the broker only after the transaction that stored it. What waits is
bounded and holds the network thread when it is full, so that the broker, then the spool, hold
what we cannot take. A transaction that fails is tried again on a store that was closed, opened and
checked: after a failed fsync nobody knows what a file holds.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from collector.mqtt import Line, MqttSettings, Refusal, Token
from collector.wire import topics
from collector.wire.acknowledgement import BUNDLES, encode_acks
from gateway.inbox import Inbox
from gateway.journal import FAULTS, Arrival, JournalWriter, Outcome
from gateway.live import Live

log = logging.getLogger("gateway")

_ACK_EVERY_S = 1.0
_RETRY_S = 1.0


@dataclass(slots=True)
class Counts:
    """What the ingest has done since it started, and how it fares.

    Attributes:
        stored: Records stored.
        duplicates: Records that had been stored before.
        quarantined: Records and messages that were set aside.
        behind: Messages that wait to be stored.
        lag_s: From the newest reading of the last transaction to its receipt. [s]
        fault: Why nothing can be stored now; empty where all is well.
    """

    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0
    behind: int = 0
    lag_s: float = 0.0
    fault: str = ""


class Ingest:
    """Takes a site's messages off the broker and writes them into the journal.

    Args:
        settings: The broker.
        site: Whose messages.
        writer: The journal's writer; used on the ingest's own thread alone.
        live: Where live readings go.
        now: The clock, for the time of receipt.
    """

    def __init__(
        self,
        settings: MqttSettings,
        *,
        site: str,
        writer: JournalWriter,
        live: Live,
        now: Callable[[], datetime],
    ) -> None:
        self._site, self._writer, self._live, self._now = site, writer, live, now
        self.counts = Counts()
        self._inbox = Inbox()
        root = f"{topics.ROOT}/{site}/+"
        self._line = Line(
            settings,
            f"millprint-gateway-{site}",
            self,
            subscriptions=(
                (f"{root}/+/readings", 1),
                (f"{root}/records", 1),
                (f"{root}/backlog", 1),
                (f"{root}/+/live", 0),
                (f"{root}/state", 1),
            ),
        )
        self._due: set[str] = set()
        self._acked_at: dict[str, float] = {}
        self._forbidden = self._flooded = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self.failed: BaseException | None = None

    def start(self) -> None:
        """Begin, in threads of its own."""
        self._thread.start()
        self._line.start()

    def stop(self) -> None:
        """Stop; what is not yet stored was not acknowledged and comes again."""
        self._stopping.set()
        self._inbox.close()
        self._line.stop()
        self._thread.join(timeout=10)

    @property
    def up(self) -> bool:
        """Whether the broker has let us in."""
        return self._line.up

    def pack(self, before: datetime) -> None:
        """Have the writer pack whole slots before an instant, a few at a time as it stores."""
        self._inbox.call("pack", lambda: self._pack(before))

    def connected(self) -> None:
        """The line is up: tell every collector again where it stands."""
        self._inbox.call("tell all", lambda: self._due.update(self._writer.collectors()))

    def disconnected(self) -> None:
        """The line is down; collectors keep what we have not acknowledged."""

    def received(self, topic: str, payload: bytes, token: Token) -> None:
        """A message has come."""
        try:
            address = topics.parse(topic)
        except ValueError:
            token.acknowledge()  # somebody else's topic under our root: nothing to keep
            return
        if address.kind == "live":
            self._live.take(address, payload)
        elif address.kind == "state":
            self._take_state(address.collector, payload)
            token.acknowledge()
        else:
            self._put(Arrival(address, topic, payload), token)

    def _put(self, arrival: Arrival, token: Token) -> None:
        if self._inbox.put(arrival, token, answered=token.qos > 0):
            return
        if not self._flooded:
            log.warning(
                "more comes than can be stored: what is sent with QoS 0 is lost, %s and others",
                arrival.topic[:80],
            )
        self._flooded = True

    def published(self, mid: int, refusal: Refusal | None) -> None:  # noqa: ARG002
        """An acknowledgement went out; a lost one costs only a duplicate, one forbidden is told."""
        forbidden = refusal is not None and not refusal.unheard
        if refusal and forbidden and not self._forbidden:
            log.warning("the broker does not take our acknowledgements: %s", refusal.why)
        self._forbidden = forbidden

    def _take_state(self, collector: str, payload: bytes) -> None:
        try:
            taken = self._live.take_state(collector, payload)
        except ValueError:
            log.warning("collector %s: its state message cannot be read", collector)
            return
        if taken:  # whoever has just started hears at once where it stands
            self._inbox.call(
                f"tell {collector}",
                lambda: self._due.update({collector} & set(self._writer.collectors())),
            )

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._work()
        except BaseException as fault:
            self.failed = fault
            raise
        finally:
            self._inbox.close()
            self._writer.close()

    def _work(self) -> None:
        """One round: take what waits, store it, acknowledge it."""
        taken = self._inbox.take(_ACK_EVERY_S / 4)
        for call in taken.calls:
            call()
        if taken.arrivals:
            self._store(taken.arrivals)
            due = self._writer.pack_due()
            if due is not None:  # of a backlog: only its oldest slots, the newest still fill
                self._pack_some(due)
        self._acknowledge()

    def _store(self, arrivals: list[tuple[Arrival, Token]]) -> None:
        """Store what arrived, however often it takes; nothing of it is acknowledged before."""
        outcome = None
        while outcome is None and not self._stopping.is_set():
            outcome = self._try([arrival for arrival, _ in arrivals])
        if outcome is None:
            return
        for _, token in arrivals:
            token.acknowledge()
        self.counts.stored += outcome.stored
        self.counts.duplicates += outcome.duplicates
        self.counts.quarantined += outcome.quarantined
        self.counts.behind = len(self._inbox)
        self._flooded &= self.counts.behind > 0
        if outcome.newest is not None:
            self.counts.lag_s = (self._now() - outcome.newest).total_seconds()
        self._due.update(arrival.address.collector for arrival, _ in arrivals)

    def _try(self, arrivals: list[Arrival]) -> Outcome | None:
        try:
            outcome = self._writer.store(arrivals, self._now())
        except FAULTS as fault:
            self._mend(fault)
            return None
        self.counts.fault = ""
        return outcome

    def _mend(self, fault: Exception) -> None:
        """Open the store again; said once, however long it takes."""
        if not self.counts.fault:
            log.error("the journal takes nothing: %s; tried again until it does", fault)
        self.counts.fault = str(fault)
        self._stopping.wait(_RETRY_S)
        try:
            self._writer.reopen()
        except FAULTS as again:
            self.counts.fault = str(again)

    def _pack(self, before: datetime) -> None:
        if self._pack_some(before):
            self.pack(before)

    def _pack_some(self, before: datetime) -> int:
        try:
            moved = self._writer.pack_some(before)
        except FAULTS as fault:
            self._mend(fault)
            return 0
        if moved:
            log.info("packed %d readings from before %s", moved, before)
        return moved

    def _acknowledge(self) -> None:
        now = time.monotonic()
        for collector in sorted(self._due):
            if now - self._acked_at.get(collector, 0.0) < _ACK_EVERY_S:
                continue
            self._acked_at[collector] = now
            topic = topics.ack(self._site, collector)
            payload = encode_acks(self._writer.acks(collector), (BUNDLES,))
            if self._line.publish(topic, payload, retain=True) is not None:
                self._due.discard(collector)
