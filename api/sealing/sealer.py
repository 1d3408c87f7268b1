"""The sealer: gathers what is new since the last seal, and signs it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from api.books import Books
from api.books.sealed_rows import KIND as BOOKS
from api.calendar import day_of
from api.evidence.fold import Fold
from api.evidence.seal import (
    Document,
    Leaf,
    Seal,
    leaf_name,
    leaf_parts,
    seal_form,
    tree_root,
)
from api.evidence.signature import sign
from api.sealing.files import sealed_files
from api.sealing.key import SealKey
from collector.wire import chain
from collector.wire.reading import stamp
from gateway.journal import Chain, Journal

JOURNAL = "journal"
_DAY = timedelta(days=1)
_MOST_DAYS = 31
"""So many missed days are sealed at once; a clock that ran wild must not make thousands."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is sealed.

    Attributes:
        site: The site.
        timezone: Its time zone.
        folder: Its configuration folder.
        factors: The folder of factors.
        version: Version of the program.
    """

    site: str
    timezone: str
    folder: Path
    factors: Path
    version: str


class Sealer:
    """Makes the seals that are due. Not to be used from two threads at once."""

    def __init__(self, journal: Journal, books: Books, key: SealKey, what: Sealed) -> None:
        self._journal, self._books, self._key, self._what = journal, books, key, what

    def seal_due(self, now: datetime) -> list[Document]:
        """Seal every day of the site that is over and has no seal; the seals made.

        Before the first seal only yesterday is due. What came late is in the first of them:
        readings are sealed in the order of their numbers, not of their time.
        """
        last = self._books.seals.last()
        today = day_of(self._what.timezone, now)
        day = last.seal.day + _DAY if last else today - _DAY
        made = []
        for due in _days(max(day, today - _MOST_DAYS * _DAY), today):
            last = self._seal(due, now, last)
            made.append(last)
        return made

    def _seal(self, day: date, now: datetime, last: Document | None) -> Document:
        files = self._files()
        version = self._what.version
        leaves = [
            *self._journal_leaves(),
            *self._row_leaves(),
            *(Leaf(kind, name, _digest(body)) for (kind, name), body in files.items()),
            Leaf("software", version, _digest(version.encode())),
        ]
        leaves.sort()
        seal = Seal(
            site=self._what.site,
            day=day,
            number=last.seal.number + 1 if last else 1,
            made=stamp(now),
            previous=last.digest if last else "",
            leaves=len(leaves),
            root=tree_root(leaves),
            key=self._key.public,
            endorsements=self._key.endorsements,
        )
        form = seal_form(seal)
        document = Document(form, sign(self._key.private, form), tuple(leaves))
        self._books.seals.add(document, {_digest(body): body for body in files.values()})
        return document

    def _journal_leaves(self) -> Iterator[Leaf]:
        ends = {}
        for _, leaf in self._books.seals.leaves(JOURNAL):
            collector, epoch, span = leaf_parts(leaf.name)
            ends[collector, epoch] = int(span.partition("-")[2]), leaf.digest
        for found in self._journal.chains():
            end = ends.get((found.collector, found.ack.epoch))
            if found.ack.through > (end[0] if end else 0):
                yield self._range_leaf(found, end)

    def _range_leaf(self, found: Chain, end: tuple[int, bytes] | None) -> Leaf:
        collector, epoch, through = found.collector, found.ack.epoch, found.ack.through
        if end is None:
            start = chain.genesis(self._what.site, collector, epoch)
            fold = Fold(0, start, start)
        else:
            before = self._journal.evidence(collector, epoch, end[0], end[0])
            fold = Fold(*end, next((one.h for one in before), None))
        first = fold.at + 1
        for one in self._journal.evidence(collector, epoch, first, through):
            if one.seq > fold.at:
                fold.take(one.seq, one.form, one.h)
        return Leaf(JOURNAL, leaf_name(collector, epoch, f"{first}-{through}"), fold.value)

    def _row_leaves(self) -> Iterator[Leaf]:
        with self._books.seals.row_digests() as digest_of:
            for row in self._books.seals.rows():
                digest = digest_of(row.name) if row.seal is None else None
                if digest is not None:
                    yield Leaf(BOOKS, row.name, digest)

    def _files(self) -> dict[tuple[str, str], bytes]:
        found = sealed_files(self._what.folder, self._what.factors)
        return {(kind, name): path.read_bytes() for kind, name, path in found}


def _days(first: date, after: date) -> Iterator[date]:
    while first < after:
        yield first
        first += _DAY


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()
