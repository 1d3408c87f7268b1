"""The intake: looks at what a mill sends, and keeps it whole or not at all."""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa

from api.evidence.seal import Document, read_document
from api.evidence.series import Series, against_held, unsound
from api.evidence.signature import follows
from api.group.configuration import Mill
from api.group.rows import rows_of
from api.group.store import Store
from collector.wire.problem import Problem, Refused
from collector.wire.reading import stamp


class Intake:
    """Takes seals.

    Args:
        store: Where they are kept.
        now: The clock.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now
        self._one_at_a_time = threading.Lock()

    def take(self, mill: Mill, lines: Iterable[bytes]) -> Document:
        """Keep a seal with its rows; what is kept already is well, and changes nothing.

        Args:
            mill: Who sends.
            lines: The seal's file, then its rows.

        Raises:
            Refused: It is not signed by the mill, does not follow from the seal before, or brings
                what it does not name.
        """
        left = iter(lines)
        try:
            document = read_document(next(left, b""))
        except ValueError as fault:
            raise Refused(Problem("not-a-seal", mill.name, values={"why": str(fault)})) from fault
        where = f"{mill.name}  {document.seal.day}"
        with self._one_at_a_time:
            if not self._is_kept(mill, document, where):
                self._keep(mill, document, left, where)
        return document

    def _is_kept(self, mill: Mill, document: Document, where: str) -> bool:
        kept = self._store.document(mill.name, document.seal.number)
        found = [] if kept is None else against_held(document, kept, where)
        if found:
            raise Refused(*found)
        return kept is not None

    def _keep(self, mill: Mill, document: Document, left: Iterator[bytes], where: str) -> None:
        last = self._store.last(mill.name)
        before = self._store.document(mill.name, last.number) if last else None
        found = list(unvouched(mill, document, before, where))
        if found:
            raise Refused(*found)
        rows = rows_of(document, left, where)
        try:
            self._store.add(mill.name, document, rows, stamp(self._now()))
        except sa.exc.IntegrityError as fault:
            values = {"why": str(fault.orig)}
            raise Refused(Problem("group-row-again", where, values=values)) from fault


def unvouched(
    mill: Mill, document: Document, before: Document | None, where: str
) -> Iterator[Problem]:
    """Why a seal is not taken for the mill's next one."""
    seal = document.seal
    if seal.site != mill.site:
        values = {"site": seal.site, "own": mill.site}
        yield Problem("group-other-site", where, values=values)
    yield from unsound(document, where)
    if not any(follows(own, seal.key, seal.endorsements) for own in mill.seal_keys):
        yield Problem("group-seal-key", where, values={"key": seal.key, "mill": mill.name})
    # A key that nobody endorsed is trusted where the group itself has written it down.
    for problem in Series(before).take(document, where):
        if problem.code != "seal-key-changed":
            yield problem
