"""Every meter is heard of."""

from collections.abc import Iterator

from api.meters import SILENT
from collector.wire.problem import Problem
from collector.wire.reading import Reading, stamp
from gateway.journal.reader import Reader
from millprint.doctor.premises import Premises


def examine(premises: Premises) -> Iterator[Problem]:
    """Devices of the journal, and those of this machine's collector, that say nothing."""
    if premises.journal is None:
        return
    journal = Reader(premises.journal)
    known = set(journal.devices())
    polled = {one.name for one in premises.collector.devices} if premises.collector else set()
    for device in sorted(known | polled):
        latest = journal.latest(device) if device in known else None
        if latest is None:
            yield Problem("meter-never-read", device)
        elif premises.now - latest.at > SILENT or not latest.values:
            yield Problem("meter-not-heard", device, values=_last(latest))


def _last(latest: Reading) -> dict[str, str]:
    why = ", ".join(sorted(set(latest.bad.values()))) or "-"
    return {"at": stamp(latest.at), "why": why}
