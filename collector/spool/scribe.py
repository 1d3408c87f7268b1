"""The scribe: gives out numbers and hashes of an epoch, and writes messages. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collector.spool.window import Stored, Window, pack
from collector.wire import chain, topics
from collector.wire.canonical import canonical
from collector.wire.message import (
    MOST_BYTES,
    encode_readings,
    encode_records,
    reading_form,
    record_form,
)
from collector.wire.reading import Reading

_ROOM_FOR_READINGS = MOST_BYTES - 1024  # what stands around the readings of a message
_AROUND_A_READING = 64  # its hash, less what the form says twice


@dataclass(frozen=True, slots=True)
class Head:
    """Where an epoch stands.

    Attributes:
        epoch: Its name.
        place: Place of its last record in the spool.
        seq: Number of its last record.
        h: Hash of that, or what stands before the first. [32 bytes]
    """

    epoch: str
    place: int
    seq: int
    h: bytes


class Scribe:
    """Writes one window.

    A commit has a scribe of its own and takes its head over when the window is safe, so that a
    commit that fails has given out nothing.
    """

    def __init__(self, site: str, collector: str, head: Head) -> None:
        self.names = site, collector
        self._epoch, self._seq, self._h = head.epoch, head.seq, head.h
        self._first = head.seq + 1
        self._offset = head.place - head.seq
        self.messages: list[Stored] = []
        self._body, self._packed = b"", 0

    @property
    def body(self) -> bytes:
        """What was written, packed."""
        if self._packed < len(self.messages):
            self._body, self._packed = pack(self.messages), len(self.messages)
        return self._body

    @property
    def head(self) -> Head:
        """Where the epoch stands behind what was written."""
        return Head(self._epoch, self._offset + self._seq, self._seq, self._h)

    def next(self) -> "Scribe":
        """Who writes the window behind this one."""
        return Scribe(*self.names, self.head)

    def window(self, *, base: int, newest_ms: int) -> Window:
        """What was written, as a window."""
        head = self.head
        return Window(
            place=head.place,
            epoch=head.epoch,
            first=self._first,
            last=head.seq,
            base=base,
            newest_ms=newest_ms,
            thinned=False,
            h=head.h,
            body=self.body,
        ).proven()

    def record(self, kind: str, device: str, body: Mapping[str, Any], now: str) -> None:
        """Write a record that is no reading, as a message of its own."""
        self._seq += 1
        form = record_form(self._seq, kind, now, device, body)
        self._h = chain.link(self._h, canonical(form))
        topic = topics.records(*self.names)
        self._add(self._seq, topic, encode_records(self._epoch, [(form, self._h)]))

    def readings(self, device: str, birth: str, readings: Iterable[Reading]) -> None:
        """Write readings of one device, in as many messages as they need."""
        forms: list[tuple[dict[str, Any], bytes]] = []
        size = 0
        for reading in readings:
            form = reading_form(reading, self._seq + 1, birth)
            written = canonical(form)
            if forms and size + len(written) + _AROUND_A_READING > _ROOM_FOR_READINGS:
                self._add_readings(device, birth, forms)
                forms, size = [], 0
            self._seq += 1
            self._h = chain.link(self._h, written)
            forms.append((form, self._h))
            size += len(written) + _AROUND_A_READING
        self._add_readings(device, birth, forms)

    def _add_readings(
        self, device: str, birth: str, forms: list[tuple[dict[str, Any], bytes]]
    ) -> None:
        topic = topics.readings(*self.names, device)
        self._add(forms[0][0]["seq"], topic, encode_readings(self._epoch, birth, forms))

    def _add(self, first: int, topic: str, payload: bytes) -> None:
        place = self._offset + self._seq
        self.messages.append(Stored(self._epoch, first, self._seq, place, topic, payload))
