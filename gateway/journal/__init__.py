"""The journal: readings on the gateway's disk, for ever. The record that the ledger reads.

Append-only, one writer a site. Two faces: `JournalWriter` for the ingest, `Journal` for all who
read. Its URL says where it stands: ``sqlite:///path`` or ``postgresql://…``
(`gateway.journal.store`).
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from typing_extensions import override

from collector.wire.acknowledgement import EpochAck
from collector.wire.birth import Birth
from collector.wire.counts import Counts
from collector.wire.problem import Refused
from collector.wire.reading import Reading
from collector.wire.topics import Address
from gateway.intervals.sample import Sample

SLOT = timedelta(minutes=15)
Numbers = tuple[Sequence[int], Sequence[float]]
"""Instants [ms since 1970] and values of a point, by time."""


Version = tuple[int, int]
"""What tells whether a device's slot is as it was: its last changes, packed and not yet packed."""


class Quarter(NamedTuple):
    """What a counter showed in a slot.

    Attributes:
        version: Of the device's slot: while it is the same, so are the readings.
        numbers: Its readings without the bad ones; None where they are not asked for again, and
            where some are doubtful, are texts, or stand in two places.
    """

    version: Version
    numbers: Numbers | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as the broker brought it."""

    address: Address
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one transaction of the writer did, in records.

    Attributes:
        stored: New ones.
        duplicates: Those that had been stored before.
        quarantined: Those that were set aside, and messages that could not be read.
        newest: The latest instant of a new reading that is filed; None where there is none.
    """

    stored: int
    duplicates: int
    quarantined: int
    newest: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """What the journal knows of one epoch of one collector.

    Attributes:
        collector: Whose epoch.
        ack: What is accounted for, and where two spools number under it (``ack.conflict``).
        broken_at: Numbers whose records do not follow from the one before.
    """

    collector: str
    ack: EpochAck
    broken_at: tuple[int, ...]

    @property
    def conflict(self) -> int:
        """The lowest number that came with other content; 0 where there is none."""
        return self.ack.conflict


class Claim(NamedTuple):
    """Readings of a device came from another collector than the one that it belongs to.

    Attributes:
        device: The device.
        owner: Whose it is.
        collector: Who brings readings of it nevertheless; they are set aside.
    """

    device: str
    owner: str
    collector: str


class Damaged(Refused):
    """What the journal holds cannot be trusted; the problem says what to do."""


class Unavailable(Refused):
    """The journal cannot be used now; nothing is wrong with what it holds."""

    @override
    def __str__(self) -> str:
        return "; ".join(one.values.get("why", one.code) for one in self.problems)


FAULTS = (sqlite3.Error, Unavailable)
"""What is raised where a journal cannot be read or written: it may be tried again."""


class Evidence(NamedTuple):
    """What stands under one number of an epoch.

    Attributes:
        seq: The number.
        form: The record's canonical form, byte for byte as it was hashed.
        h: The hash that came with it. [32 bytes]
        device: Device under which a reading is filed: whose readings it is shown among. Empty for
            a record that is no reading.
        at: Instant under which a reading is filed; None for a record that is no reading. [ms]
    """

    seq: int
    form: bytes
    h: bytes
    device: str = ""
    at: int | None = None


class JournalWriter(Protocol):
    """The one who writes."""

    def store(self, arrivals: Sequence[Arrival], received: datetime) -> Outcome:
        """Store what arrived, in one transaction; when it returns, the records are safe."""

    def acks(self, collector: str) -> tuple[EpochAck, ...]:
        """What is accounted for of each epoch of a collector."""

    def collectors(self) -> tuple[str, ...]:
        """Every collector that ever wrote here."""

    def pack(self, before: datetime) -> int:
        """Move whole slots before an instant into compressed chunks; readings moved."""

    def pack_some(self, before: datetime) -> int:
        """Move as many of them as one transaction takes, so that nobody waits; readings moved."""

    def pack_due(self) -> datetime | None:
        """The instant before which slots should be packed now; None while the tail is short."""

    def reopen(self) -> None:
        """Close the store after a fault, open it again and check it."""

    def close(self) -> None:
        """Close the store."""


class Journal(Protocol):
    """Those who read. Safe to use from several threads."""

    def readings(self, device: str, start: datetime, end: datetime) -> Iterator[Reading]:
        """Readings of a device in ``[start, end)``, by time."""

    def samples(self, device: str, point: str, start: datetime, end: datetime) -> list[Sample]:
        """Values of a point in ``[start, end)``, bad ones included, by time."""

    def last_at_or_before(self, device: str, point: str, at: datetime) -> Sample | None:
        """The last value of a point that is not bad, at or before an instant."""

    def first_after(self, device: str, point: str, at: datetime) -> Sample | None:
        """The first value of a point that is not bad, after an instant."""

    def latest(self, device: str) -> Reading | None:
        """The newest reading of a device."""

    def gaps(self, devices: Collection[str]) -> Mapping[str, datetime]:
        """Instant of each device's last reading before the first that is known to be missing.

        What is live is sent first and a backlog behind it, so that the newest reading does not
        say that those before it are here. A collector that has begun another epoch commits what
        it still has under that one, or says what is gone: gaps of earlier epochs do not count.

        Returns:
            Those of the devices of which something is; 1970 where nothing of a device stands
            before the gap.
        """

    def birth(self, hash_: str) -> Birth | None:
        """The birth of that hash."""

    def newest_birth(self, device: str) -> Birth | None:
        """The last birth that a device was given."""

    def devices(self) -> tuple[str, ...]:
        """Every device that ever wrote here."""

    def numbers(self, device: str, slot: datetime) -> Mapping[str, Numbers]:
        """What is good and a number of a device in a slot, by point: instants and values.

        Of what was read at one instant [ms since 1970], the last in the journal's order counts.
        """

    def quarters(
        self, device: str, point: str, start: datetime, end: datetime, known: Mapping[int, Version]
    ) -> Mapping[int, Quarter]:
        """What a counter showed, slot by slot.

        Args:
            device: Whose.
            point: Which.
            start: Slots that end after this,
            end: and begin before this.
            known: Versions of slots that need not be read again while they hold.

        Returns:
            By beginning of the slot [ms since 1970], those in which anything of the device stands.
        """

    def places(self, start: datetime, end: datetime) -> list[tuple[str, datetime]]:
        """Devices and slots of ``[start, end)`` in which anything stands, by slot."""

    def span(self) -> tuple[datetime, datetime] | None:
        """From the first slot in which anything stands to the end of the last one."""

    def position(self) -> int:
        """The position of whatever is here: what changes from now on comes after it."""

    def changed_since(
        self, position: int, most: int | None = None
    ) -> tuple[int, tuple[tuple[str, datetime], ...]]:
        """Slots of devices that changed after a position; and the position to ask from next.

        Args:
            position: From 0.
            most: Stop after about so many that were packed; the position says how far it came.
        """

    def chains(self) -> tuple[Chain, ...]:
        """The state of every epoch."""

    def counts(self, devices: Collection[str], start: datetime, end: datetime) -> Iterator[Counts]:
        """What collectors say became of these devices' reads, by quarters of an hour.

        Args:
            devices: Of whom it is asked; no other stands in what comes.
            start: Quarters that end after this,
            end: and begin before this.
        """

    def quarantined(self) -> int:
        """Messages that were set aside."""

    def claims(self) -> tuple[Claim, ...]:
        """Devices that two collectors say are theirs."""

    def evidence(self, collector: str, epoch: str, first: int, last: int) -> Iterator[Evidence]:
        """What stands under the numbers of an epoch, both ends included, in order of number.

        Readings and other records alike, wherever they are kept, of one moment of the journal. A
        number under which nothing stands is left out; one under which two things stand (nothing
        of ours writes that) comes twice.
        """

    def set_aside(self, collector: str, epoch: str) -> tuple[tuple[int, int], ...]:
        """Ranges of numbers, both ends included, that messages in quarantine say they hold."""

    def strays(self) -> Iterator[Evidence]:
        """Readings and records of no epoch that the journal knows: nothing of ours writes one."""

    def unfaithful(self) -> Iterator[tuple[str, datetime]]:
        """Device and slot of each chunk whose values or numbers are not those of its readings.

        What is asked for by point is answered from values laid out beside the readings, and what
        is asked for by number from the numbers noted of them; this makes both anew and compares.
        """

    def unplaced(self) -> Mapping[str, int]:
        """Readings by collector that are stored and have no trusted time yet."""

    def examine(self) -> tuple[str, ...]:
        """Check the whole file, page by page, which may take minutes; what is wrong with it."""

    def damage(self) -> tuple[str, ...]:
        """What the last examination found; nothing where the file is sound."""
