"""What machines and collectors say of the moment: for pages only, never stored."""

import threading
from dataclasses import dataclass

import orjson

from collector.wire.message import MOST_BYTES, MOST_TEXT, decode_live
from collector.wire.reading import Reading
from collector.wire.topics import Address

_MOST_DEVICES = 10_000  # whoever names more of them is no mill
_MOST_COLLECTORS = 1000


@dataclass(frozen=True, slots=True)
class State:
    """What a collector, or its will, says of it.

    Attributes:
        state: ``up``, ``stopped`` or ``lost``.
        waiting: Records that the journal has not yet accounted for; 0 where it does not say.
    """

    state: str
    waiting: int = 0


class Live:
    """The newest live reading of each device, and the state that each collector gives of itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readings: dict[str, Reading] = {}
        self._states: dict[str, State] = {}

    def take(self, address: Address, payload: bytes) -> None:
        """Take a live message; one that cannot be read is let go, the stored one will say why."""
        if address.device is None:
            return
        try:
            _, reading = decode_live(payload, address.device)
        except ValueError:
            return
        with self._lock:
            if address.device in self._readings or len(self._readings) < _MOST_DEVICES:
                self._readings[address.device] = reading

    def take_state(self, collector: str, payload: bytes) -> bool:
        """Take a collector's state; ValueError where it cannot be read.

        Returns:
            Whether it was taken: there may be more collectors than a mill can have.
        """
        state = _read_state(payload)
        with self._lock:
            taken = collector in self._states or len(self._states) < _MOST_COLLECTORS
            if taken:
                self._states[collector] = state
        return taken

    def reading(self, device: str) -> Reading | None:
        """The newest reading of a device."""
        with self._lock:
            return self._readings.get(device)

    def states(self) -> dict[str, str]:
        """State by collector: ``up``, ``stopped`` or ``lost``."""
        with self._lock:
            return {name: state.state for name, state in self._states.items()}

    def waiting(self) -> dict[str, int]:
        """Backlog by collector: records that the journal has not yet accounted for."""
        with self._lock:
            return {name: state.waiting for name, state in self._states.items()}


def _read_state(payload: bytes) -> State:
    if len(payload) > MOST_BYTES:
        raise ValueError(f"{len(payload)} bytes; at most {MOST_BYTES} are taken")
    try:
        body = orjson.loads(payload)
        return State(str(body["state"])[:MOST_TEXT], max(0, int(body.get("waiting", 0))))
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"not a state: {fault!r}") from fault
