"""The seals' part: each by itself, one after the other, and against what they say was kept."""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from api.books.sealed_rows import KIND as BOOKS
from api.books.sealed_rows import Standing
from api.books.seals import SealEntry, Seals
from api.evidence.seal import Document, Leaf, leaf_parts
from api.evidence.series import Series, against_held, unsound
from api.evidence.walk import MOST, Mark
from api.sealing.files import sealed_files
from api.sealing.sealer import JOURNAL
from collector.wire.problem import Problem
from collector.wire.reading import parse_stamp
from millprint.verification.held import Held

_FILES = ("config", "factors")
_SETTLED = timedelta(hours=1)
"""A row may stand in the books so long after the time that it says: it was computed meanwhile."""


class SealCheck:
    """Goes through the kept seals once, then through those that others hold.

    Args:
        seals: The kept seals.
        folder: The configuration folder.
        factors: The folder of factors.
        where: What findings call the books.
    """

    def __init__(self, seals: Seals, folder: Path, factors: Path, where: str) -> None:
        self._seals, self._folder, self._factors, self._where = seals, folder, factors, where
        self._series = Series()
        self._made: list[tuple[datetime, int]] = []
        self._last: Document | None = None
        self.marks: defaultdict[tuple[str, str], list[Mark]] = defaultdict(list)
        self.count = 0

    @property
    def keys(self) -> list[str]:
        """Public keys of the kept seals, the oldest first."""
        return self._series.keys

    @property
    def through(self) -> str:
        """The last sealed day."""
        return self._last.seal.day.isoformat() if self._last else ""

    def kept(self, public_keys: Sequence[str]) -> list[Problem]:
        """What is wrong with the kept seals, and with what they say of books and files."""
        if not self._seals.kept():
            return []
        findings: list[Problem] = []
        for entry in self._seals.entries():
            findings += self._kept(entry, f"{self._where}  seal {entry.day}")
        findings += self._unknown(public_keys)
        findings += islice(self._added_rows(), MOST)
        findings += islice(self._untold_batches(), MOST)
        findings += islice(self._untold_glances(), MOST)
        findings += islice(self._lost_proofs(), MOST)
        return [*findings, *self._present_files()]

    def held(self, held: Held) -> list[Problem]:
        """What is wrong where somebody else holds a seal."""
        document, where = held.document, str(held.path)
        kept = self._kept_document(document.seal.number)
        if found := unsound(document, where):
            return found  # then nobody vouches for what it says
        findings = against_held(document, kept, where)
        if findings:
            self._mark(document, where)
            findings += self._rows(document, where)
        return findings

    def _kept_document(self, number: int) -> Document | None:
        """A kept seal; None where there is none that can be read."""
        try:
            return self._seals.of_number(number) if self._seals.kept() else None
        except ValueError:
            return None

    def _kept(self, entry: SealEntry, where: str) -> list[Problem]:
        self.count += 1
        try:
            document = self._seals.of_number(entry.number)
            findings = self._series.take(document, where) if document else []
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            return [Problem("not-a-seal", where, values={"why": str(fault)})]
        if document is None or entry != _entry(document):
            values = {"number": str(entry.number), "day": entry.day}
            findings.append(Problem("seal-misfiled", where, values=values))
        if document is None:
            return findings
        self._last = document
        if found := unsound(document, where):
            return [*findings, *found]
        self._made.append((parse_stamp(document.seal.made), document.seal.number))
        self._mark(document, where)
        return [*findings, *self._rows(document, where), *self._kept_files(document, where)]

    def _mark(self, document: Document, where: str) -> None:
        for leaf in document.leaves:
            if leaf.kind == JOURNAL:
                collector, epoch, span = leaf_parts(leaf.name)
                first, _, last = span.partition("-")
                mark = Mark(int(first), int(last), leaf.digest, where)
                self.marks[collector, epoch].append(mark)

    def _rows(self, document: Document, where: str) -> list[Problem]:
        found: list[Problem] = []
        if not self._seals.kept():
            return found
        with self._seals.row_digests() as digest_of:
            for leaf in document.leaves:
                if leaf.kind == BOOKS and len(found) < MOST:
                    found += _compared(leaf, digest_of(leaf.name), where)
        return found

    def _kept_files(self, document: Document, where: str) -> list[Problem]:
        found = []
        for leaf in document.leaves:
            if leaf.kind in _FILES:
                body = self._seals.file(leaf.digest)
                if body is None or hashlib.sha256(body).digest() != leaf.digest:
                    values = {"file": f"{leaf.kind}/{leaf.name}"}
                    found.append(Problem("sealed-file-lost", where, values=values))
        return found

    def _unknown(self, public_keys: Sequence[str]) -> list[Problem]:
        if not self.keys:
            return []
        return [
            Problem("seal-key-unknown", self._where, values={"key": key, "kept": self.keys[-1]})
            for key in public_keys
            if key not in self.keys
        ]

    def _added_rows(self) -> Iterator[Problem]:
        """Rows that say they came before a seal that does not hold them."""
        self._made.sort()  # a clock may have been set back between two
        for row in self._seals.rows():
            if self._came_late(row):
                values = {"row": row.name, "since": row.since}
                yield Problem("row-added", self._where, values=values)

    def _untold_batches(self) -> Iterator[Problem]:
        for batch in self._seals.untold_batches():
            yield Problem("batch-untold", self._where, values={"batch": batch})

    def _untold_glances(self) -> Iterator[Problem]:
        for batch in self._seals.untold_glances():
            yield Problem("glance-untold", self._where, values={"batch": batch})

    def _lost_proofs(self) -> Iterator[Problem]:
        for digest in self._seals.lost_proofs():
            yield Problem("proof-lost", self._where, values={"sha256": digest})

    def _came_late(self, row: Standing) -> bool:
        try:
            settled = parse_stamp(row.since) + _SETTLED
        except ValueError:
            return True
        due = bisect_right(self._made, settled, key=lambda pair: pair[0])
        return due < len(self._made) and (row.seal is None or row.seal > self._made[due][1])

    def _present_files(self) -> list[Problem]:
        """Files as they are now, against the last seal."""
        if self._last is None:
            return []
        day = self._last.seal.day.isoformat()
        now = {
            (kind, name): hashlib.sha256(path.read_bytes()).digest()
            for kind, name, path in sealed_files(self._folder, self._factors)
        }
        found = []
        for leaf in self._last.leaves:
            present = now.get((leaf.kind, leaf.name))
            values = {"file": f"{leaf.kind}/{leaf.name}", "day": day}
            if leaf.kind in _FILES and present is None:
                found.append(Problem("file-removed", self._where, values=values))
            elif leaf.kind in _FILES and present != leaf.digest:
                found.append(Problem("file-changed", self._where, values=values))
        return found


def _entry(document: Document) -> SealEntry:
    seal = document.seal
    return SealEntry(seal.number, seal.day.isoformat(), seal.made)


def _compared(leaf: Leaf, digest: bytes | None, where: str) -> list[Problem]:
    values = {"row": leaf.name}
    if digest is None:
        return [Problem("sealed-row-removed", where, values=values)]
    if digest != leaf.digest:
        return [Problem("sealed-row-changed", where, values=values)]
    return []
