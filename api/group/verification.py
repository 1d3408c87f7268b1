"""Whether what the centre holds still is what the mills signed: nobody edits it above either."""

import zlib
from collections.abc import Iterator

from api.evidence.seal import Document
from api.group.configuration import Mill
from api.group.intake import unvouched
from api.group.rows import rows_of
from api.group.store import KeptSeal, Store
from collector.wire.problem import Problem, Refused


def verify(store: Store, mill: Mill) -> Iterator[Problem]:
    """What is wrong with the seals that are held of a mill, and with the rows that they name."""
    before = None
    for number, kept in enumerate(store.seals(mill.name), 1):
        where = f"{mill.name}  {kept.day}"
        try:
            document = store.document(mill.name, kept.number)
        except (ValueError, zlib.error) as fault:
            yield Problem("not-a-seal", where, values={"why": str(fault)})
            return  # nothing after it can be said to follow
        assert document is not None
        yield from unvouched(mill, document, before, where)
        if (number, document.seal.day.isoformat(), document.digest) != (
            kept.number,
            kept.day,
            kept.digest,
        ):
            values = {"number": str(kept.number), "day": kept.day}
            yield Problem("seal-misfiled", where, values=values)
        yield from _rows(store, mill, kept, document)
        before = document


def _rows(store: Store, mill: Mill, seal: KeptSeal, document: Document) -> Iterator[Problem]:
    """What is wrong with a seal's rows: each is read anew from the text that the mill signed."""
    where = f"{mill.name}  {seal.day}"
    try:
        kept = list(store.rows(mill.name, seal.number))
        read = list(rows_of(document, (one.form for one in kept), where))
    except Refused as refused:
        yield from refused.problems
    except zlib.error as fault:
        yield Problem("group-row-edited", where, values={"row": str(fault)})
    else:
        for one, signed in zip(kept, read, strict=True):
            if one != signed:
                yield Problem("group-row-edited", where, values={"row": signed.name})
