"""Renewal: what waits under numbers that somebody else has used is numbered anew.

Two spools number under one epoch where a card was cloned, or set back to an older state of
itself. What the journal then accounts for under our numbers is not ours, or not all of it: what
it had of us already is there twice then, under two numbers, which no counter minds.
"""

import orjson

from collector.spool.file import Extent, SpoolFile
from collector.spool.scribe import Head, Scribe
from collector.spool.window import Stored
from collector.wire import topics
from collector.wire.gone import RENUMBERED, GoneRange, gone_form
from collector.wire.message import decode
from collector.wire.reading import instant, stamp


def renumber(file: SpoolFile, old: Extent, scribe: Scribe, base: int) -> Head:
    """Commit again, within a transaction, what waits of an epoch.

    Args:
        file: The spool's file.
        old: What waits, and under which epoch.
        scribe: Goes on in the epoch that takes it.
        base: The lowest number that waits there.

    Returns:
        Where that epoch stands.
    """
    newest = file.newest()
    newest_ms = newest.newest_ms if newest else 0
    if old.first > old.last:
        return scribe.head
    body = gone_form(RENUMBERED, [GoneRange(old.first, old.last)], epoch=old.epoch)
    scribe.record("gone", "", body, stamp(instant(newest_ms)))
    for place in _places(file, old):
        window = next(file.after(place - 1, 1))
        file.delete(place - 1, place)
        for message in window.messages():
            if message.last >= old.first:
                _write_again(scribe, message)
        file.put(scribe.window(base=base, newest_ms=window.newest_ms))
        scribe = scribe.next()
    if scribe.messages:
        file.put(scribe.window(base=base, newest_ms=newest_ms))
    return scribe.head


def _places(file: SpoolFile, old: Extent) -> list[int]:
    """Where the windows stand in which something waits."""
    found = file.headings(old.offset + old.first - 1, old.last - old.first + 1)
    return [place for place, *_ in found if place <= old.offset + old.last]


def _write_again(scribe: Scribe, message: Stored) -> None:
    device = topics.parse(message.topic).device
    records = decode(message.payload, device).records
    if device:
        readings = [one.reading for one in records if one.reading]
        scribe.readings(device, records[0].birth, readings)
        return
    for one in records:
        body = dict(one.body)
        if one.kind == "gone":
            body.setdefault("epoch", message.epoch)
        scribe.record(one.kind, one.device, body, orjson.loads(one.form)["at"])
