"""Rows 1, 2 and 5: processes killed at any instant, also between two writes to the disk."""

import subprocess
from random import Random

from millprint.broker import mosquitto
from tests.faults.hall import Hall, now_ms
from tests.faults.playing import Play, play
from tests.faults.row import Dose, Row, Unrecovered, joined
from tests.faults.stracing import database, killing
from tests.faults.trial import tried

_LATEST_WRITE = 12  # of a thread; windows are committed by one of several


def collector(dose: Dose) -> Row:
    """Row 1."""
    fault = "kill -9 of the collector, also in mid-transaction"
    anywhere = play(1, fault, lambda one: one.kill("collector"), dose)
    return joined(fault, anywhere, tried(1, fault, _writing_collector, dose))


def server(dose: Dose) -> Row:
    """Row 2."""
    fault = "kill -9 of the server, also in mid-transaction"
    anywhere = play(2, fault, lambda one: one.kill("server"), dose)
    return joined(fault, anywhere, tried(2, fault, _writing_server, dose))


def broker(dose: Dose) -> Row:
    """Row 5: it keeps nothing on disk, so whatever it held is gone with it."""
    return play(5, "kill -9 of the broker, its data gone", _broker, dose)


def _broker(one: Play) -> None:
    if mosquitto() is None:
        raise Unrecovered("Mosquitto is missing: make setup installs it")
    one.kill("broker")


def _writing_collector(one: Hall, drawn: Random) -> int:
    one.again(
        "collector", killing("pwrite64", drawn.randint(1, _LATEST_WRITE), database(one.spool))
    )
    died_ms = _died(one, "collector")
    one.excuse_death(died_ms)
    one.begin("collector")
    return died_ms


def _writing_server(one: Hall, drawn: Random) -> int:
    one.again("server", killing("pwrite64", drawn.randint(1, _LATEST_WRITE), database(one.journal)))
    died_ms = _died(one, "server")
    one.begin("server")
    return died_ms


def _died(one: Hall, name: str) -> int:
    process = one.child(name).process
    assert process is not None
    try:
        process.wait(timeout=one.layout.bound_s)
    except subprocess.TimeoutExpired:
        raise Unrecovered(f"the {name} does not write, so it could not be killed at it") from None
    return now_ms()
