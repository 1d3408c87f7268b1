"""The real collector on a clock that a test sets: ``python -m tests.faults.clocked_collector``.

``clock.json`` in its configuration folder says ``{"offset_ms": X, "state": "I"}`` and is read at
every look. Only the wall clock and what is known of it are set; the time since boot is the
machine's. Each start is a boot.
"""

import argparse
import json
import logging
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collector.agent import Agent
from collector.clock import SystemClock
from collector.configuration import load
from collector.wire.reading import ClockState
from millprint.roots.collector import until_signal


class SetClock(SystemClock):
    """The machine's clock, but for the wall."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file, self._boot = file, uuid.uuid4().hex

    def now(self) -> datetime:
        """The wall clock as it is set."""
        return datetime.now(UTC) + timedelta(milliseconds=self._set()["offset_ms"])

    def state(self) -> ClockState:
        """What the kernel would say of it."""
        return ClockState(self._set()["state"])

    def _set(self) -> dict[str, Any]:
        return dict(json.loads(self._file.read_text(encoding="ascii")))


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    clock = SetClock(given.config / "clock.json")
    until_signal(Agent(load(given.config), clock).poll_and_commit())


if __name__ == "__main__":
    main()
