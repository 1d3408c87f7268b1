"""What machines say before it is committed: for pages only, never stored."""

import threading

from collector.wire.message import decode_live
from collector.wire.reading import Reading
from collector.wire.topics import Address


class Live:
    """The newest live reading of each device, and the state that each collector gives of itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readings: dict[str, Reading] = {}
        self._states: dict[str, str] = {}

    def take(self, address: Address, payload: bytes) -> None:
        """Take a live message; one that cannot be read is let go, the stored one will say why."""
        if address.device is None:
            return
        try:
            _, reading = decode_live(payload, address.device)
        except ValueError:
            return
        with self._lock:
            self._readings[address.device] = reading

    def take_state(self, collector: str, state: str) -> None:
        """Take what a collector, or its will, says of it."""
        with self._lock:
            self._states[collector] = state

    def reading(self, device: str) -> Reading | None:
        """The newest reading of a device."""
        with self._lock:
            return self._readings.get(device)

    def states(self) -> dict[str, str]:
        """State by collector: ``up``, ``stopped`` or ``lost``."""
        with self._lock:
            return dict(self._states)
