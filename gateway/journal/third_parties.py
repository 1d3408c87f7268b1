"""Third parties: the gateway numbers and chains what no agent of ours has numbered.

Their readings are identified by device and instant. All of one collector's stand in one epoch,
whose numbers and hashes are given out here, in the order of storing.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import orjson

from collector.wire import chain
from collector.wire.birth import Birth, birth_form
from collector.wire.canonical import canonical
from collector.wire.message import Sequenced, reading_form, record_form
from collector.wire.reading import Reading, stamp, unix_ms
from collector.wire.third_party import PROFILE
from gateway.journal.lines import SLOT_MS
from gateway.journal.segments import Place
from gateway.journal.store import Connection
from gateway.journal.streams import Stream
from gateway.journal.timeline import Timeline

EPOCH = PROFILE
"""The epoch of every collector's readings that came without one."""
_MOST_OPEN = 64


class ThirdParties:
    """What is stored of third parties, for the journal's writer."""

    def __init__(self, db: Connection, timeline: Timeline) -> None:
        self._db, self._timeline = db, timeline
        self._known: OrderedDict[tuple[int, Place], dict[int, bytes]] = OrderedDict()

    def begin(self) -> None:
        """A transaction begins; until it ends, nothing of what it looks at is forgotten."""
        while len(self._known) > _MOST_OPEN:
            self._known.popitem(last=False)

    def is_born(self, birth: Birth) -> bool:
        """Whether a birth is stored already."""
        row = self._db.execute("SELECT 1 FROM births WHERE hash = ?", (birth.hash,)).fetchone()
        return row is not None

    def stored(self, stream: Stream, device: int, reading: Reading, birth: str) -> bool | None:
        """Whether a reading's instant stands there with the same content; None: not at all."""
        at = unix_ms(reading.at)
        known = self._of(stream.id, (device, at // SLOT_MS)).get(at)
        return None if known is None else known == _digest(reading_form(reading, 0, birth))

    def number(self, stream: Stream, device: int, reading: Reading, birth: str) -> Sequenced:
        """A reading as the next record of its epoch, which the caller stores."""
        form = reading_form(reading, stream.accounted.highest + 1, birth)
        at = unix_ms(reading.at)
        self._of(stream.id, (device, at // SLOT_MS))[at] = _digest(form)
        return _next(stream, form, "reading", reading, birth, {})

    def bear(self, stream: Stream, birth: Birth, reading: Reading) -> Sequenced:
        """A birth as the next record of its epoch, which the caller stores."""
        body = birth_form(birth)
        seq, at = stream.accounted.highest + 1, stamp(reading.at)
        form = record_form(seq, "birth", at, birth.device, body)
        return _next(stream, form, "birth", None, "", body)

    def _of(self, stream: int, place: Place) -> dict[int, bytes]:
        """Digest by instant of what stands in a device's slot."""
        known = self._known.pop((stream, place), None)
        if known is None:
            rows = [row for _, row in self._timeline.segments.of([place])]
            rows += self._timeline.chunks.rows(*place)
            known = {
                row.at: _digest(orjson.loads(row.form)) for row in rows if row.stream == stream
            }
        self._known[stream, place] = known
        return known


def _next(
    stream: Stream,
    form: Mapping[str, Any],
    kind: str,
    reading: Reading | None,
    birth: str,
    body: Mapping[str, Any],
) -> Sequenced:
    written = canonical(form)
    previous = stream.accounted.spans[-1].h
    assert previous is not None  # nothing is ever given up of an epoch that is numbered here
    h = chain.link(previous, written)
    return Sequenced(form["seq"], h, written, kind, reading, birth, form["device"], body)


def _digest(form: Mapping[str, Any]) -> bytes:
    """What a reading says, whatever its number."""
    said = {key: value for key, value in form.items() if key != "seq"}
    return hashlib.sha256(canonical(said)).digest()
