"""Gauges over slots: what a header's pressure or a basin's load was, on average."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from api.ledger.cuts import slot_edges
from gateway.intervals import Sample

Gauges = Mapping[str, Mapping[datetime, Decimal]]
"""Mean by gauge and by the beginning of each slot; a slot that nothing is known of is not there."""

_MS = timedelta(milliseconds=1)
_HOLDS = timedelta(minutes=15)
_MICRO = Decimal("1e-6")


def means(samples: Sequence[Sample], start: datetime, end: datetime) -> dict[datetime, Decimal]:
    """Mean of a gauge over each slot of a period, each value holding until the next.

    A value holds for a quarter of an hour at most; what nobody measured weighs nothing.

    Args:
        samples: Its samples by time, from the last at or before the start; bad ones hold nothing.
        start: Beginning of the period.
        end: Its end.

    Returns:
        The mean by the beginning of the slot, to 1e-6 of the gauge's unit.
    """
    held = [
        (a.at, min(b, a.at + _HOLDS), Decimal(repr(a.value)))
        for a, b in pairwise_to(samples, end)
        if isinstance(a.value, int | float)
    ]
    found: dict[datetime, Decimal] = {}
    for a, b in pairwise(slot_edges(start, end)):
        inside = [
            ((min(until, b) - max(at, a)) // _MS, value)
            for at, until, value in held
            if at < b and until > a
        ]
        weight = sum(span for span, _ in inside)
        if weight:
            mean = sum((span * value for span, value in inside), Decimal(0)) / weight
            found[a] = mean.quantize(_MICRO)
    return found


def pairwise_to(samples: Sequence[Sample], end: datetime) -> list[tuple[Sample, datetime]]:
    """Each sample, and until when it stands: the next one's time."""
    times = [sample.at for sample in samples[1:]]
    return list(zip(samples, [*times, end], strict=True))
