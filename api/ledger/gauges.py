"""Gauges over slots: what a header's pressure or a basin's load was, on average."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from api.ledger.cuts import SLOT, slot_start
from gateway.intervals import Sample

Gauges = Mapping[str, Mapping[datetime, Decimal]]
"""Mean by gauge and by the beginning of each slot; a slot that nothing is known of is not there."""

_US = timedelta(microseconds=1)
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
    weights: dict[datetime, list[tuple[int, Decimal]]] = {}
    ends = [sample.at for sample in samples[1:]]
    for sample, until in zip(samples, [*ends, end], strict=False):
        if not isinstance(sample.value, int | float):
            continue
        value = Decimal(repr(sample.value))
        at, stop = max(sample.at, start), min(until, sample.at + _HOLDS, end)
        while at < stop:
            edge = min(stop, slot_start(at) + SLOT)
            slot = max(start, slot_start(at))
            weights.setdefault(slot, []).append(((edge - at) // _US, value))
            at = edge
    return {slot: _mean(held) for slot, held in weights.items()}


def _mean(held: Sequence[tuple[int, Decimal]]) -> Decimal:
    whole = sum(length for length, _ in held)
    return (sum((length * value for length, value in held), Decimal(0)) / whole).quantize(_MICRO)
