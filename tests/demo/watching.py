"""Watchers of runs for the demo's tests."""

from millprint.demo.orders import Batch


class Nobody:
    """Looks away."""

    def begun(self, machine: str, batch: Batch, now_s: int) -> None: ...

    def ended(self, machine: str, now_s: int) -> None: ...
