"""Rows 1, 2 and 5: processes that are killed at any instant."""

from millprint.broker import mosquitto
from tests.faults.playing import Play, Unrecovered, play
from tests.faults.row import Dose, Row


def collector(dose: Dose) -> Row:
    """Row 1."""
    return play(1, "kill -9 of the collector", lambda one: one.kill("collector"), dose)


def server(dose: Dose) -> Row:
    """Row 2."""
    return play(2, "kill -9 of the server", lambda one: one.kill("server"), dose)


def broker(dose: Dose) -> Row:
    """Row 5: it keeps nothing on disk, so whatever it held is gone with it."""
    return play(5, "kill -9 of the broker, its data gone", _broker, dose)


def _broker(one: Play) -> None:
    if mosquitto() is None:
        raise Unrecovered("Mosquitto is missing: make setup installs it")
    one.kill("broker")
