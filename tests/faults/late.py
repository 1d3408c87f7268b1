"""Row 9, through the real server: a month-old day arrives late, doubled and out of order.

Half of it is in the journal and packed; the rest comes afterwards.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from collector.spool import Spool
from collector.spool.window import Stored
from collector.wire.birth import Birth, Point
from collector.wire.reading import ClockState, Kind, Reading, stamp
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from tests.faults.answers import POINT
from tests.faults.hall import Hall, now_ms
from tests.faults.journal_file import epochs, watermarks
from tests.faults.layout import SITE, Layout
from tests.faults.publisher import publisher
from tests.faults.row import Dose, Row
from tests.faults.trial import hall, judged

_AGO, _EVERY, _INSTANTS = timedelta(days=30), timedelta(seconds=10), 720
_DEVICES = 3


def deliveries(dose: Dose) -> Row:
    """Row 9."""
    drawn, slowest_s, lost, doubled = dose.drawn(9), 0.0, 0, 0
    with hall(Layout(bound_s=dose.bound_s)) as one:
        for number in range(dose.times):
            sent = _month_old(one.folder / f"late-{number}.spool", f"late-{number}")
            first = set(drawn.sample(range(len(sent)), len(sent) // 2))
            _publish(one, [sent[place] for place in first], drawn)
            _pack(one)
            began_ms = now_ms()
            _publish(one, sent + drawn.sample(sent, len(sent) // 2), drawn)
            epoch, last = sent[-1].epoch, sent[-1].last
            one.until(lambda e=epoch, n=last: watermarks(one.journal).get(e) == n, "delivery")
            slowest_s = max(slowest_s, (now_ms() - began_ms) / 1000)
            links = [link for e in epochs(one.journal) if e.name == epoch for link in e.links]
            lost += last - len({link.seq for link in links})
            doubled += len(links) - len({link.seq for link in links})
        if lost or doubled:
            one.broken.append(f"of what came late {lost} are lost and {doubled} doubled")
        return judged(9, "month-old messages after packing", one, dose.times, slowest_s)


def _month_old(path: Path, collector: str) -> list[Stored]:
    point = Point(POINT, "kWh", Kind.COUNTER)
    devices = [f"{collector}-{number:02d}" for number in range(_DEVICES)]  # its own
    births = {name: Birth(name, "late", 1, 10_000, "1", "1", (point,)) for name in devices}
    spool = Spool(path, site=SITE, collector=collector, max_mb=100)
    start = datetime.now(UTC).replace(microsecond=0) - _AGO
    for number in range(_INSTANTS):
        at = start + number * _EVERY
        values = {POINT: 100 + number / 1000}
        s = ClockState.SYNCHRONISED
        window = [Reading(name, at, s, "b0", number * 10_000, values) for name in devices]
        spool.commit(window, births, stamp(at))
    found = spool.next_after(0, 10**6)
    spool.close()
    return found


def _publish(one: Hall, messages: list[Stored], drawn: Random) -> None:
    with publisher("127.0.0.1", one.ports.broker) as line:
        for message in drawn.sample(messages, len(messages)):
            line.send(message.topic, message.payload)


def _pack(one: Hall) -> None:
    """The server is down for a moment, and its journal is packed as it would be by the hour."""
    one.kill("server")
    writer = Writer(Sqlite(one.journal), site=SITE)
    writer.pack(datetime.now(UTC))
    writer.close()
    one.begin("server")
    one.arrived(now_ms())
