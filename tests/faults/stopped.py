"""Row 8: a broker that stands still with its connections open. Polling must not notice."""

import signal
from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.faults.hall import Hall, now_ms
from tests.faults.row import Dose, Row, joined
from tests.faults.trial import tried

_FOUND_WITHIN_S = 90.0
_POLLED_WITHIN_S = 5.0


def broker(dose: Dose) -> Row:
    """Row 8."""
    fault = "SIGSTOP of the broker, for a moment and until the collector finds the line dead"

    def for_a_moment(one: Hall, drawn: Random) -> int:
        return _stopped(one, lambda: one.watch(dose.stop_s))

    moments = tried(8, fault, for_a_moment, dose)
    return joined(fault, moments, tried(8, fault, _until_found, replace(dose, times=1)))


def _until_found(one: Hall, drawn: Random) -> int:
    before = len(one.words("collector"))
    found = "the line found dead"
    return _stopped(
        one,
        lambda: one.until(lambda: len(one.words("collector")) > before, found, _FOUND_WITHIN_S),
    )


def _stopped(one: Hall, wait: Callable[[], object]) -> int:
    one.signal("broker", signal.SIGSTOP)
    try:
        wait()
        one.polled(now_ms(), within_s=_POLLED_WITHIN_S)
    finally:
        one.signal("broker", signal.SIGCONT)
    return now_ms()
