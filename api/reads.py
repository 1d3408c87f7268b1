"""Reads: how many of the readings that were due a line's meter really gave (rule 3's quality).

A collector counts by quarters of an hour; those that overlap a run count whole.
"""

from collections.abc import Iterable, Sequence

from api.ledger.lines import Line, Reads
from collector.wire.counts import Counts
from gateway.journal import Journal


def with_reads(journal: Journal, lines: Sequence[Line]) -> tuple[Line, ...]:
    """The same lines; those of runs whose meters' collectors counted say how many were good.

    Idling, what utilities lost, and what people declared have no readings of their own.
    """
    own = [line for line in lines if _has_meters(line)]
    if not own:
        return tuple(lines)
    start, end = min(line.run.start for line in own), max(line.run.end for line in own)
    devices = {device for line in own for device in _devices(line)}
    found = tuple(journal.counts(devices, start, end))
    return tuple(
        line._replace(reads=_reads(line, found)) if _has_meters(line) else line for line in lines
    )


def _has_meters(line: Line) -> bool:
    return not line.idle and bool(line.amount) and "." in line.meter


def _devices(line: Line) -> set[str]:
    return {meter.partition(".")[0] for meter in line.meter.split(", ")}


def _reads(line: Line, found: Iterable[Counts]) -> Reads | None:
    own = [
        count
        for one in found
        if one.start < line.run.end and line.run.start < one.end
        for device, count in one.devices.items()
        if device in _devices(line)
    ]
    scheduled = sum(one.scheduled for one in own)
    return Reads(scheduled, sum(one.good for one in own)) if scheduled else None
