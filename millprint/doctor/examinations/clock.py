"""The clock is right: readings and runs stand by it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from collector.wire.problem import Problem
from collector.wire.reading import ClockState, stamp
from gateway.journal.reader import Reader
from millprint.doctor.premises import Premises

_SLACK = timedelta(minutes=10)


def examine(premises: Premises) -> Iterator[Problem]:
    """Whether somebody keeps it, and whether it is behind what was read already."""
    if premises.clock is not ClockState.SYNCHRONISED:
        yield Problem("clock-unsynchronised", "clock")
    newest = _newest(premises)
    if newest is not None and premises.now < newest - _SLACK:
        values = {"now": stamp(premises.now), "newest": stamp(newest)}
        yield Problem("clock-behind", "clock", values=values)


def _newest(premises: Premises) -> datetime | None:
    if premises.journal is None:
        return None
    journal = Reader(premises.journal)
    read = [journal.latest(device) for device in journal.devices()]
    return max((one.at for one in read if one is not None), default=None)
