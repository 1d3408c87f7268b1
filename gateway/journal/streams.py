"""Streams: the epochs of every collector, and what of each is accounted for."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from collector.wire import chain
from collector.wire.acknowledgement import EpochAck
from gateway.journal.accounts import Accounted, Span, begun
from gateway.journal.store import Connection

_MOST_EPOCHS = 1000  # of one collector: whoever begins more is out of order, or hostile


@dataclass(slots=True)
class Stream:
    """One epoch of one collector, as the writer holds it in memory."""

    id: int
    collector: str
    epoch: str
    accounted: Accounted
    conflict: int

    @property
    def ack(self) -> EpochAck:
        """What the collector is told."""
        return self.accounted.ack(self.epoch, self.conflict)


class Streams:
    """The streams of a journal's file, for its writer."""

    def __init__(self, db: Connection, site: str) -> None:
        self._db, self._site = db, site
        self._streams: dict[tuple[str, str], Stream] = {}
        self._epochs: Counter[str] = Counter()
        rows = db.execute("SELECT id, collector, epoch, conflict FROM streams ORDER BY id")
        for number, collector, epoch, conflict in rows.fetchall():
            stream = Stream(number, collector, epoch, accounted_of(db, number), conflict)
            self._remember(stream)

    def __iter__(self) -> Iterator[Stream]:
        return iter(self._streams.values())

    def of(self, collector: str, epoch: str) -> Stream | None:
        """An epoch of a collector, begun where it is new; None where there are too many."""
        stream = self._streams.get((collector, epoch))
        if stream is None and self._epochs[collector] < _MOST_EPOCHS:
            accounted = begun(chain.genesis(self._site, collector, epoch))
            accounted.changed.add(0)
            (number,) = self._db.execute(
                "INSERT INTO streams (id, collector, epoch) "
                "VALUES ((SELECT coalesce(max(id), 0) + 1 FROM streams), ?, ?) RETURNING id",
                (collector, epoch),
            ).fetchone()
            stream = Stream(number, collector, epoch, accounted, 0)
            self._remember(stream)
        return stream

    def account(self, stream: Stream, span: Span) -> None:
        """Account for numbers that nothing was known of, and check them as links of the chain."""
        for seq in stream.accounted.take(span):
            self._db.execute(
                "INSERT INTO breaks VALUES (?, ?) ON CONFLICT DO NOTHING", (stream.id, seq)
            )
            self.mark_conflict(stream, seq)  # what does not follow is somebody else's

    def give_up(
        self, stream: Stream, first: int, last: int, why: str, h: bytes | None = None
    ) -> None:
        """Account for numbers that have no content, where nothing is accounted for yet."""
        for begins, ends in stream.accounted.holes(first, last):
            known = h if ends == last else None
            self.account(stream, Span(begins, ends, h=known))
            self._db.execute(
                "INSERT INTO gone VALUES (?, ?, ?, ?, ?)", (stream.id, begins, ends, known, why)
            )

    def is_given_up(self, stream: Stream, seq: int) -> bool:
        """Whether a number was accounted for without content."""
        row = self._db.execute(
            "SELECT last FROM gone WHERE stream = ? AND first <= ? ORDER BY first DESC LIMIT 1",
            (stream.id, seq),
        ).fetchone()
        return row is not None and seq <= row[0]

    def mark_conflict(self, stream: Stream, seq: int) -> None:
        """Two spools number under one epoch: remember the lowest number that shows it."""
        if not stream.conflict or seq < stream.conflict:
            stream.conflict = seq
            self._db.execute("UPDATE streams SET conflict = ? WHERE id = ?", (seq, stream.id))

    def keep(self) -> None:
        """Write down what has changed."""
        for stream in self._streams.values():
            changed = stream.accounted.changed
            if not changed:
                continue
            self._db.executemany(
                "DELETE FROM accounted WHERE stream = ? AND first = ?",
                [(stream.id, first) for first in changed],
            )
            self._db.executemany(
                "INSERT INTO accounted VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (stream.id, span.first, span.last, span.form, span.opening, span.h)
                    for span in stream.accounted.spans
                    if span.first in changed
                ],
            )
            changed.clear()

    def _remember(self, stream: Stream) -> None:
        self._streams[stream.collector, stream.epoch] = stream
        self._epochs[stream.collector] += 1


def accounted_of(db: Connection, stream: int) -> Accounted:
    """What of an epoch is accounted for, as the file says."""
    spans = db.execute(
        "SELECT first, last, form, opening, h FROM accounted WHERE stream = ? ORDER BY first",
        (stream,),
    )
    return Accounted(Span(*span) for span in spans)
