"""Row 8: a broker that stands still with its connections open. Polling must not notice."""

import signal
from dataclasses import replace
from datetime import timedelta
from random import Random

from tests.faults.hall import Hall, now_ms
from tests.faults.playing import Play, play
from tests.faults.row import Dose, Row, Unrecovered, joined
from tests.faults.trial import tried

_LEAST = timedelta(seconds=20)  # two rounds: who waits for the broker ends at most one
_FOUND_WITHIN_S = 90.0
_POLLED_WITHIN_S = 5.0


def broker(dose: Dose) -> Row:
    """Row 8."""
    fault = "SIGSTOP of the broker, for a moment and until the collector finds the line dead"
    moments = play(8, fault, lambda one: _for_a_moment(one, dose.stop_s), dose)
    return joined(fault, moments, tried(8, fault, _until_found, replace(dose, times=1)))


def _for_a_moment(one: Play, stop_s: float) -> None:
    process = one.stage.child("broker").process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    before = one.now()
    try:
        one.watch(stop_s)
        polled = one.now() - before
    finally:
        process.send_signal(signal.SIGCONT)
    if polled < _LEAST:
        raise Unrecovered(f"polling waited for the broker: {polled} in {stop_s:g} s")


def _until_found(one: Hall, drawn: Random) -> int:
    before = len(one.words("collector"))
    one.signal("broker", signal.SIGSTOP)
    try:
        one.until(
            lambda: len(one.words("collector")) > before, "the line found dead", _FOUND_WITHIN_S
        )
        one.polled(now_ms(), within_s=_POLLED_WITHIN_S)
    finally:
        one.signal("broker", signal.SIGCONT)
    return now_ms()
