"""``[shifts]``: the working shifts of every day, in site time: ``a = "06:00-14:00"``."""

import re
from datetime import time

from api.ledger.plant import WorkShift
from api.plant.findings import Findings

_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_DAY_MIN = 24 * 60


def read_shifts(table: dict[str, str], findings: Findings) -> tuple[WorkShift, ...]:
    """The shifts, by beginning; they may leave hours out and may not overlap."""
    spans = []
    for name, text in table.items():
        found = _SPAN.fullmatch(text)
        numbers = [int(one) for one in found.groups()] if found else []
        if not found or max(numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]) > _DAY_MIN:
            why = "a shift is written 06:00-14:00, in site time"
            findings.wrong(f"{findings.path}  [shifts] {name}", repr(text), why)
            continue
        start = (numbers[0] * 60 + numbers[1]) % _DAY_MIN
        length = (numbers[2] * 60 + numbers[3] - start - 1) % _DAY_MIN + 1
        spans.append((start, length, name))
    spans.sort()
    later = [*spans[1:], *((start + _DAY_MIN, length, name) for start, length, name in spans[:1])]
    for (start, length, name), (following, _, other) in zip(spans, later, strict=True):
        if start + length > following:
            where = f"{findings.path}  [shifts] {name}"
            findings.wrong(where, repr(table[name]), f"it overlaps {other}")
    return tuple(
        WorkShift(name, _time(start), _time(start + length)) for start, length, name in spans
    )


def _time(minutes: int) -> time:
    hours, minute = divmod(minutes % _DAY_MIN, 60)
    return time(hours, minute)
