"""A shipment: a file's readings on their way into the journal, and how many are there already.

They travel like any third party's, over the broker, and count as delivered when the journal has
them. Sent twice they cost nothing; a shipment that was cut short goes on where it was.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from collector.mqtt import Line, MqttSettings, Refusal, Token
from collector.wire import topics
from collector.wire.message import MOST_BYTES
from collector.wire.reading import Reading, Value
from collector.wire.third_party import encode_third_party
from gateway.journal import Journal
from millprint.history.mapping import Mapping
from millprint.history.rows import BadRow, read_rows

_PAGE = timedelta(days=1)
_INSTANT = timedelta(milliseconds=1)
_AT_ONCE = 500
_MOST_IN_FLIGHT = 20
_PATIENCE_S = 60.0
_LOOK_S = 0.2
_TICK_S = 0.005


class Undelivered(Exception):
    """The journal did not take the readings; says what is known of why."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file holds, beside what the journal holds of the same device.

    Attributes:
        rows: Readings in the file.
        bad: The first rows that are none, and
        bad_count: how many there are.
        first: Instant of the first reading; None without any.
        last: Instant of the last one.
        present: Readings that the journal has already, the same.
        differing: Instants at which it has something else: these will be kept aside.
    """

    rows: int
    bad: tuple[BadRow, ...]
    bad_count: int
    first: datetime | None
    last: datetime | None
    present: int
    differing: int

    @property
    def new(self) -> int:
        """Readings that the journal does not have."""
        return self.rows - self.present - self.differing


def survey(path: Path, mapping: Mapping, journal: Journal, *, most_bad: int = 20) -> Survey:
    """Read the whole file and compare it with the journal; nothing is changed."""
    known = _Known(journal, mapping.device)
    rows = present = differing = bad_count = 0
    bad: list[BadRow] = []
    first: datetime | None = None
    last: datetime | None = None
    for found in read_rows(path, mapping):
        if isinstance(found, BadRow):
            bad_count += 1
            bad += [found] if len(bad) < most_bad else []
            continue
        first, last, rows = first or found.at, found.at, rows + 1
        there = known.values(found.at)
        if there is not None:
            same = there == _said(found)
            present, differing = present + same, differing + (not same)
    return Survey(rows, tuple(bad), bad_count, first, last, present, differing)


class _Known:
    """What the journal has of a device, a day at a time, for instants in rising order."""

    def __init__(self, journal: Journal, device: str) -> None:
        self._journal, self._device = journal, device
        self._until: datetime | None = None
        self._page: dict[datetime, dict[str, Value]] = {}

    def values(self, at: datetime) -> dict[str, Value] | None:
        """What it has at an instant; None where it has nothing."""
        if self._until is None or at >= self._until:
            self._until = at + _PAGE
            page = self._journal.readings(self._device, at, self._until)
            self._page = {one.at: _said(one) for one in page}
        return self._page.get(at)


def _said(reading: Reading) -> dict[str, Value]:
    return {**reading.values, **{name: f"bad: {why}" for name, why in reading.bad.items()}}


class Shipment:
    """Sends a file's readings and waits until the journal has them.

    Args:
        settings: The broker.
        site: The site.
        mapping: How the file is read.
        journal: Where they are to arrive.
    """

    def __init__(
        self, settings: MqttSettings, site: str, mapping: Mapping, journal: Journal
    ) -> None:
        self._site, self._mapping, self._journal = site, mapping, journal
        self._in_flight: set[int] = set()
        self._refused = False
        name = f"millprint-history-{site}-{mapping.collector}-{mapping.device}"
        self._line = Line(settings, name, self)
        self._points = {
            column.point: {"kind": column.kind.value}
            | ({"modulus": column.modulus} if column.modulus else {})
            for column in mapping.columns
        }

    def send(self, path: Path, told: Survey, tell: Callable[[int], None]) -> None:
        """Send what a survey has found to be new.

        Args:
            path: The file.
            told: What the survey said of it.
            tell: Called with how many readings have been handed to the broker.

        Raises:
            Undelivered: The broker or the journal did not take them in a minute's patience.
        """
        self._line.start()
        try:
            self._until(lambda: self._line.up, "the broker does not let us in")
            sent = 0
            for page in self._pages(path):
                self._publish(page)
                sent += len(page)
                tell(sent)
            self._until(lambda: not self._in_flight, "the broker does not answer")
            self._arrived(path, told)
        finally:
            self._line.stop()

    def connected(self) -> None:
        """The line is up."""

    def disconnected(self) -> None:
        """The line is down: what it had not answered is sent again by the next attempt."""
        self._refused = True

    def received(self, topic: str, payload: bytes, token: Token) -> None:
        """Nothing is subscribed to."""

    def published(self, mid: int, refusal: Refusal | None) -> None:
        """The broker has answered."""
        self._refused = self._refused or refusal is not None
        self._in_flight.discard(mid)

    def _pages(self, path: Path) -> Iterator[list[Reading]]:
        rows = read_rows(path, self._mapping)
        readings = (row for row in rows if isinstance(row, Reading))
        while page := list(islice(readings, _AT_ONCE)):
            yield page

    def _publish(self, page: list[Reading]) -> None:
        """One message, or several where it would be too large."""
        every_ms = self._mapping.every // _INSTANT
        payload = encode_third_party(self._points, every_ms, page)
        if len(payload) > MOST_BYTES and len(page) > 1:
            self._publish(page[: len(page) // 2])
            self._publish(page[len(page) // 2 :])
            return
        self._until(lambda: len(self._in_flight) < _MOST_IN_FLIGHT, "the broker does not answer")
        mapping = self._mapping
        topic = topics.readings(self._site, mapping.collector, mapping.device)
        mid = self._line.publish(topic, payload)
        if mid is None:
            raise Undelivered("the line to the broker is down")
        self._in_flight.add(mid)

    def _arrived(self, path: Path, told: Survey) -> None:
        """Wait until the last reading is there, as long as ever later ones come; then compare."""
        assert told.last is not None
        device, point = self._mapping.device, self._mapping.columns[0].point
        seen, end = None, time.monotonic() + _PATIENCE_S
        while not any(self._journal.readings(device, told.last, told.last + _INSTANT)):
            newest = self._journal.last_at_or_before(device, point, told.last)
            if newest is not None and newest.at != seen:
                seen, end = newest.at, time.monotonic() + _PATIENCE_S
            if time.monotonic() > end:
                raise Undelivered(f"the newest reading that the journal has is of {seen}")
            time.sleep(_LOOK_S)
        missing = survey(path, self._mapping, self._journal).new
        if missing:
            raise Undelivered(f"the journal lacks {missing} of {told.rows} readings")

    def _until(self, fact: Callable[[], bool], otherwise: str) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not fact():
            if self._refused:
                raise Undelivered("the broker refuses the readings; is the gateway running?")
            if time.monotonic() > end:
                raise Undelivered(otherwise)
            time.sleep(_TICK_S)
