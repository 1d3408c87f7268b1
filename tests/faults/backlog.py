"""Row 6: the broker was down for three days; what waited is sent while new readings go on."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from collector.spool import Spool
from collector.wire.birth import Birth, Point
from collector.wire.reading import ClockState, Kind, Reading, stamp
from tests.faults.answers import POINT, device
from tests.faults.hall import Hall, now_ms
from tests.faults.journal_file import watermarks
from tests.faults.layout import COLLECTOR, SITE, Layout
from tests.faults.row import Dose, Row, Unrecovered
from tests.faults.trial import hall, judged

_DOWN = timedelta(hours=72)
_EVERY, _WINDOW = timedelta(seconds=10), 30
METERS = 6
_FIRST_WH = 10**7  # the meters themselves count from 1
_FASTER, _LIVE_S = 10, 60.0


def of_the_broker(dose: Dose) -> Row:
    """Row 6."""
    layout = Layout(meters=METERS, bound_s=max(dose.bound_s, 300.0), down=("broker", "server"))
    with hall(layout, prepare=lambda folder: fill(folder, _DOWN, 500)) as one:
        one.polled(now_ms())
        one.begin("broker")
        one.begin("server")
        began, slowest_live_s = time.monotonic(), 0.0
        while not _drained(one):
            looked = time.monotonic()
            one.arrived_lately(now_ms())
            slowest_live_s = max(slowest_live_s, time.monotonic() - looked)
            if time.monotonic() - began > layout.bound_s:
                raise Unrecovered("the backlog is not drained")
        drained_s = time.monotonic() - began
        if drained_s * _FASTER > _DOWN.total_seconds():
            one.broken.append(f"{_DOWN} took {drained_s:.0f} s to drain")
        if slowest_live_s > _LIVE_S:
            one.broken.append(f"new readings came {slowest_live_s:.0f} s late meanwhile")
        fault = "broker down for 72 h: a backlog of that, and new readings"
        return judged(6, fault, one, 1, drained_s)


def _drained(one: Hall) -> bool:
    due = _DOWN // _EVERY * METERS
    return any(through >= due for through in watermarks(one.journal).values())


def fill(folder: Path, alone: timedelta, max_mb: int, gauges: int = 0) -> None:
    """A spool as it is after a time alone, and the meters' log of it.

    Args:
        folder: The hall's.
        alone: How long nobody listened.
        max_mb: How large the spool may grow. [MB]
        gauges: How many the meters have besides their counter, each never twice the same.
    """
    drawn = Random(1)
    names = [f"gauge_{number}_kw" for number in range(gauges)]
    points = (Point(POINT, "kWh", Kind.COUNTER), *(Point(n, "kW", Kind.GAUGE) for n in names))
    births = {
        device(unit): Birth(device(unit), "of-the-backlog", 1, 10_000, "1", "1", points)
        for unit in range(1, METERS + 1)
    }
    spool = Spool(
        folder / "edge" / f"{COLLECTOR}.spool", site=SITE, collector=COLLECTOR, max_mb=max_mb
    )
    start = datetime.now(UTC).replace(microsecond=0) - alone
    with (folder / "answers.log").open("w", encoding="ascii") as log:
        for first in range(0, alone // _EVERY, _WINDOW):
            readings = []
            for number in range(first, first + _WINDOW):
                at = start + number * _EVERY
                wh, wall_ms = _FIRST_WH + number, int(at.timestamp() * 1000)
                for unit in range(1, METERS + 1):
                    log.write(f"{unit} {wh} 1 {wall_ms}\n")
                    values = {POINT: wh / 1000} | {name: drawn.random() for name in names}
                    s = ClockState.SYNCHRONISED
                    readings.append(Reading(device(unit), at, s, "before", number, values))
            spool.commit(readings, births, stamp(readings[-1].at))
    spool.close()
