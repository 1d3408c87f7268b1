"""Rows 20 and 21: the collector's clock is wrong at boot, or is set while it runs.

What counts is the time that the service shows, against the time at which the meter was asked.
"""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random

from tests.faults.answers import Answer
from tests.faults.hall import Hall, now_ms
from tests.faults.journal_file import epochs
from tests.faults.layout import Layout
from tests.faults.row import Dose, Row, joined
from tests.faults.trial import hall, judged, tried

_DAY_MS = 24 * 3_600_000
_WRONG_MS = (-14 * _DAY_MS, 365 * _DAY_MS, -3_600_000, 90_000, -56 * 365 * _DAY_MS)
_STEPS_MS = (-_DAY_MS, -3_600_000, -30_000, -1_500, 1_500, 30_000, 3_600_000, _DAY_MS)
_SYNCS_AFTER_S = 3.0
_OFF_MS = 1000
_EDGES = ("2024-02-28T23:59:57Z", "2025-10-26T00:59:57Z", "2025-12-31T15:59:57Z")
"""Before a leap day, the end of summer time in Europe, the end of a month and year in China."""
_LAYOUT = Layout(pages=True, collector=("tests.faults.clocked_collector",))


def at_boot(dose: Dose) -> Row:
    """Row 20."""

    def boot(one: Hall, drawn: Random) -> int:
        one.kill("collector")
        _set(one, drawn.choice(_WRONG_MS), drawn.choice("UI"))
        began_ms = now_ms()
        one.begin("collector")
        one.polled(began_ms)
        one.watch(_SYNCS_AFTER_S)
        _set(one, 0, "S")
        return now_ms()

    return _checked(
        20, "clock wrong at boot, by weeks, a year or all of it; right later", boot, dose
    )


def while_running(dose: Dose) -> Row:
    """Row 21."""

    def step(one: Hall, drawn: Random) -> int:
        _set(one, drawn.choice(_STEPS_MS), "I")
        one.watch(drawn.uniform(0.5, _SYNCS_AFTER_S))
        one.polled(now_ms(), within_s=5)
        _set(one, 0, "S")
        return now_ms()

    fault = "clock steps while running; leap day, end of summer time, end of the year"
    edges = [_over_the_edge(fault, edge, dose) for edge in _EDGES]
    return joined(fault, _checked(21, fault, step, dose), *edges)


def _checked(number: int, fault: str, inject: Callable[[Hall, Random], int], dose: Dose) -> Row:
    def checked(one: Hall, drawn: Random) -> int:
        ended_ms = inject(one, drawn)
        one.arrived(ended_ms)
        one.settled()
        _times(one, one.said(), timedelta())
        _order(one)
        return ended_ms

    return tried(number, fault, checked, dose, _LAYOUT)


def _over_the_edge(fault: str, edge: str, dose: Dose) -> Row:
    """The whole hall lives then; the collector's zone is one that has summer time."""
    zone = {"collector": ("env", "TZ=Europe/Berlin")}
    layout = Layout(
        pages=True,
        collector=_LAYOUT.collector,
        before=zone,
        bound_s=dose.bound_s,
        down=("collector",),
    )
    with hall(layout) as one:
        offset = datetime.fromisoformat(edge) - datetime.now(UTC)
        _set(one, offset // timedelta(milliseconds=1), "S")
        one.begin("collector")
        one.arrived(now_ms() + 6000)
        one.settled()
        _times(one, one.said(), offset)
        _order(one)
        return judged(21, fault, one, 1, 0.0)


def _set(one: Hall, offset_ms: int, state: str) -> None:
    written = one.folder / "clock.new"
    written.write_text(json.dumps({"offset_ms": offset_ms, "state": state}), encoding="ascii")
    written.rename(one.folder / "clock.json")


def _times(one: Hall, answers: Iterable[Answer], offset: timedelta) -> None:
    """Every reading is shown within a second of when its meter was asked."""
    true_ms = {one.value: one.wall_ms for one in answers}
    worst, many = 0.0, 0
    for value, at in one.shown().items():
        if value in true_ms:
            off_ms = abs(at.timestamp() * 1000 - true_ms[value] - offset.total_seconds() * 1000)
            many += off_ms > _OFF_MS
            worst = max(worst, off_ms)
    if many:
        one.broken.append(f"{many} readings shown at a wrong time, by up to {worst / 1000:.1f} s")


def _order(one: Hall) -> None:
    """By number, readings stand in the order in which their meter was asked."""
    for epoch in epochs(one.journal):
        last: dict[tuple[str, str], int] = {}
        for link in sorted(epoch.links, key=lambda link: link.seq):
            form = json.loads(link.form)
            if "kind" in form:
                continue
            boot = form["device"], form["boot"]
            if form["up_ms"] < last.get(boot, 0):
                one.broken.append(f"number {form['seq']} is out of order")
                return
            last[boot] = form["up_ms"]
