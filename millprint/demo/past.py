"""The mill's past: made and delivered through the real path before anybody looks.

Registers on sockets, the collector, the broker, the journal and the ledger, only that the clock
goes as fast as they do and meters are read on the edges of slots.
"""

import subprocess
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from collector.wire.problem import Problem, Refused
from millprint.children import python
from millprint.demo.clerk import Clerk
from millprint.demo.play import Progress
from millprint.demo.stage import Stage

_LOOK_EVERY_S = 0.5
_PATIENCE_S = 300.0
_DAY = timedelta(days=1)


def make(stage: Stage, clerk: Clerk) -> Iterator[Progress]:
    """Make a mill's past; from its end on it lives at its own speed.

    Raises:
        Refused: It stands still.
    """
    start, days = stage.casting.mill.site.start, stage.casting.days
    end = start + days * _DAY
    stored = start
    sealed, moved, until = False, start, time.monotonic() + _PATIENCE_S
    while stored < end:
        _look_after(stage, until)
        clerk.look()
        stored = datetime.fromisoformat(stage.get("/site")["now"])
        if not sealed and stored > start + _DAY + _DAY / 24:
            _seal(stage, stored)  # before the first seal only the last day is due
            sealed = True
        if stored > moved:
            moved, until = stored, time.monotonic() + _PATIENCE_S
        done = min(days, max(0, (stored - start) // _DAY))
        yield Progress(done, days, f"day {done} of {days} is in the journal")
        time.sleep(_LOOK_EVERY_S)
    stage.go_live()
    yield from _close(stage, clerk, end)
    _seal(stage, end)


def _close(stage: Stage, clerk: Clerk, end: datetime) -> Iterator[Progress]:
    """Wait until what ended well before is final."""
    most, until = -1, time.monotonic() + _PATIENCE_S
    edge = f"{end - _DAY / 4:%Y-%m-%dT%H:%M}"
    while True:
        _look_after(stage, until)
        clerk.look()
        batches = stage.truth()["batches"]
        due = {
            name
            for name, one in batches.items()
            if all(run["end"] and run["end"] < edge for run in one["runs"])
        }
        final = len(due & stage.final())
        if final > most:
            most, until = final, time.monotonic() + _PATIENCE_S
        yield Progress(final, max(1, len(due)), f"{final} of {len(due)} batches are final")
        if final >= len(due):
            return
        time.sleep(_LOOK_EVERY_S)


def _seal(stage: Stage, now: datetime) -> None:
    said = f"{now:%Y-%m-%dT%H:%M:%S}.000Z"
    command = python("millprint.roots.sealer", "--config", str(stage.folder), "--now", said)
    subprocess.run(command, check=False, capture_output=True)


def _look_after(stage: Stage, until: float) -> None:
    bad = stage.household.watch()
    if bad:
        raise stage.refusal(bad)
    if time.monotonic() > until:
        values = {"seconds": f"{_PATIENCE_S:g}"}
        raise Refused(Problem("demo-did-not-end", str(stage.folder), values=values))
