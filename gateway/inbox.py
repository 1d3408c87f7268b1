"""The inbox: what waits between the network's thread and the one that stores."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from collector.mqtt import Token
from gateway.journal import Arrival

_MOST_MESSAGES = 1000
_MOST_BYTES = 8_000_000
_AT_ONCE = 200
_BYTES_AT_ONCE = 300_000  # with bundles: what is live waits no longer than for one transaction
_ENOUGH = 20  # as many as a collector has in flight: it sends no more before these are stored
_BYTES_ENOUGH = 100_000  # likewise, of a backlog
_LINGER_S = 0.2  # small messages that follow each other become one transaction


@dataclass(slots=True)
class Taken:
    """What was taken out at once: messages in their order, and what else is to be done."""

    arrivals: list[tuple[Arrival, Token]] = field(default_factory=list)
    calls: list[Callable[[], None]] = field(default_factory=list)


class Inbox:
    """Bounded in messages and in bytes; who puts more waits, and so does the broker behind him.

    Bundles of a backlog are taken after all that came alone: what is live stands in no queue.
    """

    def __init__(self) -> None:
        self._alone: deque[tuple[Arrival, Token]] = deque()
        self._bundles: deque[tuple[Arrival, Token]] = deque()
        self._calls: dict[str, Callable[[], None]] = {}
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._alone) + len(self._bundles)

    def put(self, arrival: Arrival, token: Token, *, answered: bool = True) -> bool:
        """Let a message wait; returns when there is room, or nobody takes any more.

        Args:
            arrival: The message.
            token: To acknowledge it.
            answered: Whether the broker waits for that. Of the others it sends without end: one
                that finds no room is lost, and what is behind it is not held up.

        Returns:
            Whether it waits now.
        """
        with self._changed:
            if not answered and not self._has_room():
                return False
            self._changed.wait_for(self._has_room)
            kept = self._bundles if arrival.address.kind == "backlog" else self._alone
            kept.append((arrival, token))
            self._bytes += len(arrival.payload)
            self._changed.notify_all()
            return True

    def call(self, name: str, what: Callable[[], None]) -> None:
        """Have something done by the one who stores, between two transactions.

        Of one name only the last one waits, however often it was asked for.
        """
        with self._changed:
            self._calls[name] = what
            self._changed.notify_all()

    def close(self) -> None:
        """Hold nobody up any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self, patience_s: float) -> Taken:
        """Take out what waits; lingers for more while little does. [s]"""
        with self._changed:
            self._changed.wait_for(self._has_something, patience_s)
            if len(self):
                self._changed.wait_for(self._has_enough, _LINGER_S)
            taken = Taken(calls=list(self._calls.values()))
            self._calls = {}
            room = _BYTES_AT_ONCE
            while (kept := self._alone or self._bundles) and room > 0:
                if len(taken.arrivals) >= _AT_ONCE:
                    break
                taken.arrivals.append(kept.popleft())
                room -= len(taken.arrivals[-1][0].payload)
            self._bytes -= _BYTES_AT_ONCE - room
            self._changed.notify_all()
        return taken

    def _has_room(self) -> bool:
        full = len(self) >= _MOST_MESSAGES or self._bytes >= _MOST_BYTES
        return self._closed or not full

    def _has_something(self) -> bool:
        return bool(len(self) or self._calls or self._closed)

    def _has_enough(self) -> bool:
        enough = len(self) >= _ENOUGH or self._bytes >= _BYTES_ENOUGH
        return enough or bool(self._calls) or self._closed
