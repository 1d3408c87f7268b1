"""Ingest: from the broker into the journal, and the journal's word back to the collectors.

A message is acknowledged to the broker only after the transaction that stored it. The queue is
short and holds the network thread when it is full, so that memory stays bounded and the broker,
then the spool, hold what we cannot take.
"""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import orjson

from collector.mqtt import Line, MqttSettings, Token
from collector.wire import topics
from collector.wire.acknowledgement import encode_acks
from gateway.journal import Arrival, JournalWriter
from gateway.live import Live

log = logging.getLogger("gateway")

_MOST_WAITING = 1000
_MOST_AT_ONCE = 200
_ACK_EVERY_S = 1.0


@dataclass(slots=True)
class Counts:
    """What the ingest has done since it started, in records; `behind` in messages."""

    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0
    behind: int = 0


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
        self._queue: queue.Queue[tuple[Arrival, Token] | Callable[[], None] | None] = queue.Queue(
            _MOST_WAITING
        )
        root = f"{topics.ROOT}/{site}/+"
        self._line = Line(
            settings,
            f"millprint-gateway-{site}",
            self,
            subscriptions=(
                (f"{root}/+/readings", 1),
                (f"{root}/records", 1),
                (f"{root}/+/live", 0),
                (f"{root}/state", 1),
            ),
        )
        self._due: set[str] = set()
        self._acked_at = 0.0
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self.failed: BaseException | None = None

    def start(self) -> None:
        """Begin, in threads of its own."""
        self._thread.start()
        self._line.start()

    def stop(self) -> None:
        """Stop; what is not yet stored was not acknowledged and comes again."""
        self._line.stop()
        self._queue.put(None)
        self._thread.join(timeout=10)

    @property
    def up(self) -> bool:
        """Whether the broker has let us in."""
        return self._line.up

    def pack(self, before: datetime) -> None:
        """Have the writer pack whole hours before an instant, between two transactions."""
        self._queue.put(lambda: self._pack(before))

    def connected(self) -> None:
        """The line is up: tell every collector again where it stands."""
        self._queue.put(lambda: self._due.update(self._writer.collectors()))

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
            self._queue.put((Arrival(address, topic, payload), token))

    def published(self, mid: int, stored: bool) -> None:  # noqa: FBT001
        """An acknowledgement went out; a lost one costs only a duplicate."""

    def _take_state(self, collector: str, payload: bytes) -> None:
        try:
            self._live.take_state(collector, str(orjson.loads(payload)["state"]))
        except (ValueError, KeyError, TypeError):
            log.warning("collector %s: its state message cannot be read", collector)

    def _run(self) -> None:
        try:
            while self._work():
                self._acknowledge()
        except BaseException as fault:
            self.failed = fault
            raise
        finally:
            self._writer.close()

    def _work(self) -> bool:
        """One round: take what waits, store it, acknowledge it. False when asked to stop."""
        try:
            first = self._queue.get(timeout=_ACK_EVERY_S / 4)
        except queue.Empty:
            return True
        arrivals: list[tuple[Arrival, Token]] = []
        item = first
        while True:
            if item is None:
                return False
            if callable(item):
                item()
            else:
                arrivals.append(item)
            if len(arrivals) >= _MOST_AT_ONCE or self._queue.empty():
                break
            item = self._queue.get()
        if arrivals:
            self._store(arrivals)
        return True

    def _store(self, arrivals: list[tuple[Arrival, Token]]) -> None:
        try:
            outcome = self._writer.store([arrival for arrival, _ in arrivals], self._now())
        except sqlite3.Error as fault:
            # Nothing is stored and nothing acknowledged: the spool sends it again.
            log.error("the journal refused %d messages: %s", len(arrivals), fault)  # noqa: TRY400
            return
        for _, token in arrivals:
            token.acknowledge()
        self.counts.stored += outcome.stored
        self.counts.duplicates += outcome.duplicates
        self.counts.quarantined += outcome.quarantined
        self.counts.behind = self._queue.qsize()
        self._due.update(arrival.address.collector for arrival, _ in arrivals)

    def _pack(self, before: datetime) -> None:
        moved = self._writer.pack(before)
        if moved:
            log.info("packed %d readings from before %s", moved, before)

    def _acknowledge(self) -> None:
        if not self._due or time.monotonic() - self._acked_at < _ACK_EVERY_S:
            return
        self._acked_at = time.monotonic()
        for collector in sorted(self._due):
            topic = topics.ack(self._site, collector)
            payload = encode_acks(self._writer.acks(collector))
            if self._line.publish(topic, payload, qos=1, retain=True) is not None:
                self._due.discard(collector)
