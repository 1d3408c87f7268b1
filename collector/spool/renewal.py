"""Renewal: what waits under numbers that somebody else has used is numbered anew.

Two spools number under one epoch where a card was cloned, or set back to an older state of
itself. What the journal then accounts for under our numbers is not ours.
"""

import orjson

from collector.spool.file import SpoolFile
from collector.spool.scribe import Head, Scribe
from collector.spool.window import Stored
from collector.wire import topics
from collector.wire.gone import GoneRange, gone_form
from collector.wire.message import decode
from collector.wire.reading import instant, stamp

_MOST_WINDOWS = 2**40


def renumber(file: SpoolFile, old: Head, first: int, scribe: Scribe) -> Head:
    """Commit again, within a transaction, what waits of an epoch from a number on.

    Args:
        file: The spool's file.
        old: Where the old epoch ended.
        first: The lowest number that may be somebody else's.
        scribe: Begins the new epoch.

    Returns:
        Where the new epoch stands.
    """
    newest = file.newest()
    newest_ms = newest.newest_ms if newest else 0
    if first > old.seq:
        return scribe.head
    body = gone_form("renumbered", [GoneRange(first, old.seq)], epoch=old.epoch)
    scribe.record("gone", "", body, stamp(instant(newest_ms)))
    site, collector = scribe.names
    found = file.headings(old.place - old.seq + first - 1, _MOST_WINDOWS)
    for place, *_ in found:
        window = next(file.after(place - 1, 1))
        messages = list(window.messages())
        kept = [message for message in messages if message.last < first]
        if kept:
            file.put(window.holding(kept))
        else:
            file.delete(place - 1, place)
        for message in messages[len(kept) :]:
            _write_again(scribe, message)
        file.put(scribe.window(base=1, newest_ms=window.newest_ms))
        scribe = Scribe(site, collector, scribe.head)
    if not found:
        file.put(scribe.window(base=1, newest_ms=newest_ms))
    return scribe.head


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
