"""Tallies: the physical side of each result, so that factors can price it anew."""

import zlib
from collections.abc import Iterable

import orjson
import sqlalchemy as sa

from api.books import schema
from api.ledger.tally import Tally, form_of, from_form

_FEW = 500


class Tallies:
    """The kept tallies; a batch's are numbered from 1."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def find(self, batch: str, number: int) -> Tally | None:
        """A tally of a batch."""
        return self.several([(batch, number)]).get((batch, number))

    def several(self, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Tally]:
        """Tallies by batch and number."""
        table, keys = schema.tallies, list(wanted)
        found: dict[tuple[str, int], Tally] = {}
        with self._engine.connect() as db:
            for first in range(0, len(keys), _FEW):
                some = keys[first : first + _FEW]
                query = sa.select(table.c.batch, table.c.number, table.c.form).where(
                    sa.tuple_(table.c.batch, table.c.number).in_(some)
                )
                for batch, number, form in db.execute(query):
                    found[batch, number] = unpacked(form)
        return found

    def last(self, batch: str) -> int:
        """Number of a batch's last tally; 0 where it has none."""
        table = schema.tallies
        query = sa.select(sa.func.max(table.c.number)).where(table.c.batch == batch)
        with self._engine.connect() as db:
            return int(db.execute(query).scalar() or 0)


def packed(tally: Tally) -> bytes:
    """A tally as it is kept: about a kilobyte."""
    return zlib.compress(orjson.dumps(form_of(tally)), 1)


def unpacked(form: bytes) -> Tally:
    """The tally that was packed."""
    return from_form(orjson.loads(zlib.decompress(form)))
