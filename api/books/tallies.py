"""Tallies: the physical side of each result, so that factors can price it anew."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import sqlalchemy as sa

from api.books import schema
from api.books.pages import in_pages
from api.ledger.tally import Intake, Tally, form_of, from_form, intakes_from_form


class Tallies:
    """The kept tallies; a batch's are numbered from 1."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def find(self, batch: str, number: int) -> Tally | None:
        """A tally of a batch."""
        return self.several([(batch, number)]).get((batch, number))

    def several(self, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Tally]:
        """Tallies by batch and number."""
        return {key: from_form(form) for key, form in self._forms(wanted)}

    def intakes(
        self, wanted: Iterable[tuple[str, int]]
    ) -> dict[tuple[str, int], tuple[Intake, ...]]:
        """What totals depend on, by batch and number of the tally."""
        return {key: intakes_from_form(form) for key, form in self._forms(wanted)}

    def _forms(self, wanted: Iterable[tuple[str, int]]) -> Iterator[tuple[tuple[str, int], Any]]:
        table = schema.tallies
        with self._engine.connect() as db:
            for some in in_pages(wanted):
                query = sa.select(table.c.batch, table.c.number, table.c.form).where(
                    sa.tuple_(table.c.batch, table.c.number).in_(some)
                )
                for batch, number, form in db.execute(query):
                    yield (batch, number), orjson.loads(zlib.decompress(form))

    def last(self, batch: str) -> int:
        """Number of a batch's last tally; 0 where it has none."""
        table = schema.tallies
        query = sa.select(sa.func.max(table.c.number)).where(table.c.batch == batch)
        with self._engine.connect() as db:
            return int(db.execute(query).scalar() or 0)


def packed(tally: Tally) -> bytes:
    """A tally as it is kept: about a kilobyte."""
    return zlib.compress(orjson.dumps(form_of(tally)), 1)
