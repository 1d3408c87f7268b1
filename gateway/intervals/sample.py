"""One point's value at one instant, as the journal answers it."""

from datetime import datetime
from typing import NamedTuple

from collector.wire.reading import Value


class Sample(NamedTuple):
    """One point's value at one instant.

    Attributes:
        at: When it was sampled.
        value: What was read; None where it is bad.
        quality: ``good``, ``uncertain`` or ``bad``.
        reason: Why it is not good.
        birth: Hash of the birth by which it is to be read.
    """

    at: datetime
    value: Value | None
    quality: str
    reason: str
    birth: str
