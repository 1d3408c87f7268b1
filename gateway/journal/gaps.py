"""Gaps: what of a device is known to be missing, though newer readings of it are here."""

from collections.abc import Collection
from typing import NamedTuple

from gateway.journal.lines import unpack
from gateway.journal.store import Connection

# Of each collector the epoch that it numbers now.
_GAPPED = (
    "SELECT name, devices.id, stream, last FROM accounted "
    "JOIN (SELECT collector, max(id) AS newest FROM streams GROUP BY collector) AS epochs "
    "ON stream = newest "
    "JOIN devices ON owner = collector WHERE first = 0 "
    "AND EXISTS (SELECT 1 FROM accounted AS more WHERE more.stream = newest AND more.first > 0)"
)
# Whole chunks behind the gap are not opened; one that stands around it is.
_PACKED = (
    "SELECT body FROM chunks WHERE device = ? AND body IS NOT NULL AND id NOT IN "
    "(SELECT chunk FROM spans WHERE stream = ? AND highest > ? AND lowest > ?) ORDER BY slot DESC"
)


class Gap(NamedTuple):
    """The first numbers that are missing of an epoch of which higher ones are here.

    Attributes:
        stream: Number of the epoch in the journal.
        through: The last number before the gap.
    """

    stream: int
    through: int

    def is_before(self, stream: int, seq: int) -> bool:
        """Whether it stands before a number."""
        return stream == self.stream and seq > self.through


def first_gaps(db: Connection, devices: Collection[str]) -> dict[str, tuple[int, Gap]]:
    """Those devices whose collector's epoch has a gap: their number, and the first gap."""
    rows = db.execute(_GAPPED).fetchall()
    return {
        name: (device, Gap(stream, last)) for name, device, stream, last in rows if name in devices
    }


def last_packed(db: Connection, device: int, gap: Gap) -> int:
    """Instant of the last packed reading of a device that no gap stands before. [ms since 1970]

    Returns:
        0 where there is none.
    """
    for (body,) in db.walk(_PACKED, (device, gap.stream, gap.through, gap.through)):
        found = [row.at for row in unpack(body) if not gap.is_before(row.stream, row.seq)]
        if found:
            return max(found)
    return 0
