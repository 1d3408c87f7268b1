"""Row 8: a broker that stands still with its connections open. Polling must not notice."""

import signal
from datetime import timedelta

from tests.faults.playing import Play, play
from tests.faults.row import Dose, Row, Unrecovered

_LEAST = timedelta(minutes=1)  # the mill passes many times that in a second


def broker(dose: Dose) -> Row:
    """Row 8."""

    def stop(one: Play) -> None:
        process = one.stage.child("broker").process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        before = one.now()
        try:
            one.watch(dose.stop_s)
            polled = one.now() - before
        finally:
            process.send_signal(signal.SIGCONT)
        if polled < _LEAST:
            raise Unrecovered(f"polling waited for the broker: {polled} in {dose.stop_s:g} s")

    return play(8, f"SIGSTOP of the broker for {dose.stop_s:g} s", stop, dose)
