"""Rows 11 and 12: no space left on the disk, and a spool that is full."""

import time
import urllib.error
from datetime import timedelta
from pathlib import Path
from random import Random

from tests.faults.answers import POINT, Answer, device
from tests.faults.backlog import METERS, fill
from tests.faults.hall import Hall, now_ms
from tests.faults.layout import Layout
from tests.faults.row import Dose, Row, joined
from tests.faults.trial import hall, judged, tried

_DISK_MB = 8
_LEAST_MB = 8  # of a spool
_FULL_S = 5.0
_RESUMES_S = 10.0
_ALONE, _SLOT_MS = timedelta(hours=72), 15 * 60_000
_READINGS = (
    f"/points/{device(1)}.{POINT}/readings?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
)


def edge(dose: Dose) -> Row:
    """Row 11."""
    fault = "disk of the collector full; its spool full"
    return joined(
        fault,
        tried(11, fault, _fill_edge, dose, small={"edge": _DISK_MB}),
        _thinned(dose, fault),
    )


def office(dose: Dose) -> Row:
    """Row 12."""
    fault = "disk of the server full"
    small = {"office": _DISK_MB}
    return tried(12, fault, _fill_office, dose, Layout(pages=True), small=small)


def _fill_edge(one: Hall, drawn: Random) -> int:
    starts = one.child("collector").starts
    with _Filler(one.edge, drawn):
        one.watch(drawn.uniform(1, _FULL_S))
        one.polled(now_ms(), within_s=5)
    ended_ms = now_ms()
    if one.child("collector").starts != starts:
        one.broken.append("the collector did not stay up")
    if one.arrived(ended_ms) > _RESUMES_S:
        one.broken.append(f"it did not resume within {_RESUMES_S:g} s of having space")
    return ended_ms


def _fill_office(one: Hall, drawn: Random) -> int:
    with _Filler(one.office, drawn):
        for _ in range(3):
            one.watch(drawn.uniform(0.5, _FULL_S / 3))
            try:
                one.get("/health")
                one.get(_READINGS)
            except (urllib.error.URLError, ConnectionError, TimeoutError) as fault:
                one.broken.append(f"no reads with a full disk: {fault}")
        return now_ms()


class _Filler:
    """A file that takes all the space but a drawn rest."""

    def __init__(self, folder: Path, drawn: Random) -> None:
        self._file, self._rest = folder / "filler", drawn.choice((0, 0, 20_000, 200_000))

    def __enter__(self) -> None:
        block = bytes(4096)
        with self._file.open("wb", buffering=0) as file:
            try:
                while file.write(block) == len(block):
                    pass
            except OSError:
                pass  # there it is full
            file.truncate(max(0, file.tell() - self._rest))

    def __exit__(self, *_: object) -> None:
        self._file.unlink()


def _thinned(dose: Dose, fault: str) -> Row:
    """The spool reaches its bound: what is thinned is declared, and one of 15 minutes stays."""
    layout = Layout(METERS, "100ms", max_mb=_LEAST_MB, bound_s=dose.bound_s, down=("server",))
    with hall(layout, prepare=lambda folder: fill(folder, _ALONE, _LEAST_MB)) as one:
        one.polled(now_ms())
        one.watch(_FULL_S)
        began_ms = now_ms()
        one.begin("server")
        slowest_s = one.arrived(began_ms)
        patience = time.monotonic() + one.layout.bound_s
        while (missing := one.missing()) and len(missing) != one.declared():
            if time.monotonic() > patience:
                break
            one.watch(1.0)
        declared, holes, stored = one.declared(), one.holes(), set(one.stored())
        one.excuses.declared |= {answer.value for answer in missing[:declared]}
        if not declared:
            one.broken.append("nothing was thinned: the row tries nothing")
        if declared > len(missing):
            one.broken.append(f"{declared} declared gone, only {len(missing)} are")
        if holes:
            one.broken.append(f"{holes} numbers below the watermark neither there nor declared")
        kept = {_slot(answer) for answer in one.said() if answer.value in stored}
        if {_slot(answer) for answer in missing} - kept:
            one.broken.append("of some 15 minutes nothing was kept")
        return judged(11, fault, one, 1, slowest_s)


def _slot(answer: Answer) -> tuple[str, int]:
    return answer.device, answer.wall_ms // _SLOT_MS
